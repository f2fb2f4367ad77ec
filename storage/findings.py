"""Findings: each kind of lookup is one query for everybody in the batch who asked it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from conversations.domain.answers import Slot
from conversations.domain.broadcasts import Writer
from conversations.domain.figures import published
from conversations.domain.lookups import (
    AddedToHowItWas,
    AtTheDoor,
    Count,
    ErasureReceipt,
    EventOf,
    Follows,
    HowItWas,
    Lookup,
    MyAnswers,
    MyChannels,
    MyDraft,
    MyEvents,
    MyFollows,
    MyNews,
    MyRecord,
    MyResponses,
    MyTries,
    News,
    NextAfter,
    Place,
    PlacesLike,
    Record,
    ReturnCode,
    Tally,
    TallyOf,
    ToldNews,
    VisitOf,
    WhatsOn,
)
from conversations.domain.speech import Content
from storage import answers as kept
from storage import (
    arrivals,
    broadcasts,
    channels,
    exits,
    gatherings,
    members,
    next_steps,
    programme,
    subscriptions,
    visits,
)
from storage.database import Transaction
from storage.people import return_code
from storage.places import folded
from storage.schema import (
    action_versions,
    actions,
    answers,
    consent_history,
    deliveries,
    facts,
    persons,
    places,
    responses,
    standing_prompts,
    tallies,
)
from storage.unasked import UNASKED

MOST_TOLD = 10
Wanted = Mapping[str, tuple[str, str, tuple[Lookup[Any], ...]]]
"""Person to (consultation, channel, lookups)."""
Found = dict[str, dict[object, object]]
_OfEvents = WhatsOn | EventOf | AtTheDoor | HowItWas | AddedToHowItWas | VisitOf | NextAfter | MyDraft | MyEvents


async def find(tx: Transaction, wanted: Wanted) -> Found:
    """What every person's page needs, {person: {lookup: finding}}."""
    found: Found = {person: {} for person in wanted}
    await _answers(tx, wanted, found)
    await _responses(tx, wanted, found)
    for person, (consultation, channel, lookups) in wanted.items():
        for lookup in lookups:
            if lookup not in found[person]:
                found[person][lookup] = await _one(tx, person, consultation, channel, lookup)
    return found


def _asking(wanted: Wanted, lookup: Lookup[Any]) -> dict[str, str]:
    return {person: consultation for person, (consultation, _, lookups) in wanted.items() if lookup in lookups}


async def _answers(tx: Transaction, wanted: Wanted, found: Found) -> None:
    asking = _asking(wanted, MyAnswers())
    for person, held in (await kept.held_by(tx, asking)).items() if asking else ():
        found[person][MyAnswers()] = held


async def _responses(tx: Transaction, wanted: Wanted, found: Found) -> None:
    asking = _asking(wanted, MyResponses())
    for person, mine in (await kept.responses_of(tx, asking)).items() if asking else ():
        found[person][MyResponses()] = mine


async def _one(tx: Transaction, person: str, consultation: str, channel: str, lookup: Lookup[Any]) -> object:
    match lookup:
        case PlacesLike(words):
            return await places_like(tx, words)
        case TallyOf(topic):
            return await tally_of(tx, consultation, topic)
        case MyNews():
            return await _news(tx, person)
        case MyFollows() | MyTries() | MyChannels() | ToldNews():
            return await _of_follows(tx, person, lookup)
        case MyRecord():
            return await _record(tx, person)
        case ReturnCode():
            return return_code(tx, person) if channel == "web" else ""
        case ErasureReceipt():
            return ""
        case lookup if isinstance(lookup, _OfEvents):
            return await _of_events(tx, person, lookup)
        case _:
            raise LookupError(f"nothing finds {lookup}")


async def _of_follows(tx: Transaction, person: str, lookup: MyFollows | MyTries | MyChannels | ToldNews) -> object:
    match lookup:
        case MyFollows():
            return await _follows(tx, person)
        case MyTries():
            return await members.tries(tx, person)
        case MyChannels():
            return (await channels.of(tx, [person]))[person]
        case ToldNews():
            return await _told(tx, person)


async def _of_events(tx: Transaction, person: str, lookup: _OfEvents) -> object:
    match lookup:
        case WhatsOn():
            return await programme.whats_on_for(tx, person, lookup)
        case EventOf(id_):
            return await programme.as_seen_by(tx, person, id_)
        case NextAfter(token):
            return await next_steps.after(tx, person, token)
        case VisitOf(id_):
            return await visits.seen_by(tx, await gatherings.actor(tx, person), id_)
        case HowItWas(id_):
            return await exits.asked(tx, person, id_)
        case AddedToHowItWas(id_):
            return await exits.added_to(tx, await gatherings.actor(tx, person), id_)
        case AtTheDoor(id_, code):
            return await arrivals.at_the_door(tx, person, id_, code)
        case MyDraft():
            return await programme.drafted_by(tx, person)
        case MyEvents():
            return await programme.of_mine(tx, person)


async def places_like(tx: Transaction, words: str) -> tuple[Place, ...]:
    """At most five constituencies: names that begin with the words first, then those that contain them."""
    wanted = folded(words)
    if not wanted:
        return ()
    begins = places.c.folded.startswith(wanted, autoescape=True)
    contains = places.c.folded.contains(wanted, autoescape=True)
    query = sa.select(places).where(contains).order_by(sa.case((begins, 0), else_=1), places.c.name).limit(5)
    return tuple(Place(row.code, row.name, row.region, row.nation) for row in await tx.rows(query))


async def tally_of(tx: Transaction, consultation: str, topic: str) -> Tally:
    """A topic's published counts, from the roll-up: below ten people nothing, in steps of ten above."""
    where = sa.and_(tallies.c.consultation == consultation, tallies.c.topic == topic)
    rows = await tx.rows(sa.select(tallies).where(where))
    people = next((row.people for row in rows if row.slot == "#" and row.pick == "answered"), 0)
    if published(people) is None:
        return Tally()
    counts = tuple(Count(Slot.read(row.slot), row.pick, published(row.people)) for row in rows if row.slot != "#")
    return Tally(published(people), counts)


async def _news(tx: Transaction, person: str) -> tuple[News, ...]:
    others = action_versions.alias("others")
    newest = sa.select(sa.func.max(others.c.version)).where(
        others.c.action == actions.c.id, others.c.published.is_not(None)
    )
    query = (
        sa.select(actions.c.topic, action_versions.c.texts, action_versions.c.published)
        .join(action_versions, action_versions.c.action == actions.c.id)
        .join(
            responses,
            sa.and_(responses.c.consultation == actions.c.consultation, responses.c.topic == actions.c.topic),
        )
        .where(responses.c.person == person, action_versions.c.version == newest.scalar_subquery())
        .order_by(action_versions.c.published.desc())
    )
    return _read_news(await tx.rows(query))


async def _told(tx: Transaction, person: str) -> tuple[News, ...]:
    query = (
        sa.select(actions.c.topic, action_versions.c.texts, action_versions.c.published)
        .join(action_versions, action_versions.c.action == actions.c.id)
        .join(deliveries, deliveries.c.source == action_versions.c.id)
        .where(UNASKED, deliveries.c.person == person, deliveries.c.state == "accepted")
        .order_by(action_versions.c.published.desc())
        .limit(MOST_TOLD)
    )
    return _read_news(await tx.rows(query))


def _read_news(rows: Iterable[Any]) -> tuple[News, ...]:
    return tuple(News(row.topic, _headline(row.texts), row.published.date()) for row in rows)


def _headline(texts: str) -> Content:
    return Content({language: words["headline"] for language, words in json.loads(texts).items()})


async def _follows(tx: Transaction, person: str) -> Follows:
    near = await tx.first(_places_of(person))
    place = Place(near.code, near.name, near.region, near.nation) if near else None
    return Follows((await subscriptions.of(tx, [person]))[person], place)


def _places_of(person: str) -> Any:
    """The constituency a person told us, by name."""
    told = sa.select(facts.c.value).where(facts.c.person == person, facts.c.fact == "constituency")
    return sa.select(places).where(places.c.code.in_(told))


async def _record(tx: Transaction, person: str) -> Record:
    since = await tx.first(sa.select(persons.c.created, persons.c.pseudonym).where(persons.c.id == person))
    about = await tx.rows(sa.select(facts).where(facts.c.person == person))
    named = {row.code: row.name for row in await tx.rows(_places_of(person))}
    consents = await tx.rows(sa.select(consent_history).where(consent_history.c.person == person))
    given = await tx.rows(sa.select(answers).where(answers.c.person == person).order_by(answers.c.given))
    replies = await tx.rows(
        sa.select(standing_prompts).where(standing_prompts.c.person == person, standing_prompts.c.verdict.is_not(None))
    )
    mine = (await kept.responses_of(tx, [person]))[person]
    return Record(
        since.pseudonym,
        since.created.date(),
        {row.fact: named.get(row.value, row.value) for row in about},
        tuple((row.purpose, row.choice, row.given.date()) for row in consents),
        tuple((row.topic, Slot.read(row.slot), kept.read_answer(tx, row), row.given.date()) for row in given),
        tuple((row.verdict, _words(tx, row), row.replied.date()) for row in replies),
        mine,
        (await subscriptions.of(tx, [person]))[person],
        *(await programme.kept_of(tx, person)),
        tuple(await visits.noted_by(tx, person)),
        tuple(await broadcasts.of_author(tx, Writer(person=person))),
        (await channels.of(tx, [person]))[person],
    )


def _words(tx: Transaction, row: Any) -> str:
    return tx.keys.open(row.words, "standing_prompts", "words", row.token) if row.words else ""
