"""Audiences: whom a broadcast reaches, found by what people follow, booked, told us of where they live, and do here.

Nothing here can see an answer. Who is written to did something to be: they follow what it is about, booked the event,
or organise. Somebody who only told us where they live is written to because of where they live if they follow anything
at all: that is the consent to hear from us unasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from conversations.domain.broadcasts import Audience, Broadcast, Writer
from conversations.domain.channels import MessageKind
from storage import gatherings as events
from storage import programme
from storage.channels import can_be_reached
from storage.database import Transaction, among
from storage.deliveries import CALLED_AT
from storage.gatherings import Actor
from storage.places import REGIONS
from storage.schema import addresses, bookings, deliveries, facts, grants, persons, places, staff, subscriptions

LIVES = ("constituency", "region", "nation")
FOLLOWED = ("area", "topic", "commission")
MEMBERS = "members"
SAMPLES = 5


@dataclass(frozen=True)
class Reader:
    """Somebody a broadcast is worded for: their language, and where they live as they told us, as a code and, of a
    constituency, a name."""

    language: str
    place: str = ""
    place_name: str = ""


async def allowed(tx: Transaction, who: Writer, kind: str, audience: Audience, area: str) -> bool:
    """Whether somebody may write to this audience, bounded by this area of theirs. Those who received a broadcast are
    written to by correcting it, and in no other way. Members are written to as members of a place and as nothing more:
    counted with who booked or follows something, they would say who of those is one."""
    if audience.received or (audience.members and audience != Audience(audience.place, members=True)):
        return False
    if audience.event and not await _may_write_of(tx, who, audience.event, kind):
        return False
    if kind == "event":
        return audience == Audience(event=audience.event) and bool(audience.event)
    if not who.name or not audience:
        return False
    if area in who.areas:
        return not audience.place or not area or await _within(tx, audience.place, frozenset({area}))
    return area == "" and audience.topic in who.topics and not audience.event and not audience.organisers


async def covers(tx: Transaction, who: Writer, broadcast: Broadcast) -> bool:
    """Whether a broadcast is in what somebody is responsible for: their own event, their area, or a topic of theirs."""
    if broadcast.kind == "event":
        return await _may_write_of(tx, who, broadcast.audience.event, "event")
    if broadcast.audience.topic in who.topics:
        return True
    return "" in who.areas or (bool(broadcast.area) and await _within(tx, broadcast.area, who.areas))


async def _may_write_of(tx: Transaction, who: Writer, event: str, kind: str) -> bool:
    """The host tells of their event what has changed; whatever else is written to those who booked is an organiser's
    of its area."""
    found = await events.one(tx, event)
    actor = Actor(who.person, who.name, who.areas)
    if found is None or found.state not in events.PUBLIC:
        return False
    return await events.runs(tx, actor, found) if kind == "event" else actor.organises(found)


async def _within(tx: Transaction, place: str, areas: frozenset[str]) -> bool:
    found = await programme.area_of(tx, place)
    return bool(found) and place in (found.constituency, found.region, found.nation) and found.within(areas)


def kind_of(broadcast: Broadcast) -> MessageKind:
    """Which kind of message it is to its readers: news of an event they booked, or what organisers write to many."""
    return "events" if broadcast.kind == "event" else "many"


async def chosen(tx: Transaction, broadcast: Broadcast, *, of_people: bool = False) -> sa.Select[Any]:
    """A query of persons, addresses and channels: everybody a broadcast reaches now, once each; or those of the people
    the query is given. Who said STOP, or cannot be written to, is not among them."""
    audience = broadcast.audience
    where = await _codes(tx, audience.place or ("" if audience.event or audience.received else broadcast.area))
    return _query(audience, tuple(where), kind_of(broadcast), of_people)


@lru_cache(maxsize=64)
def _query(audience: Audience, where: tuple[str, ...], kind: MessageKind, of_people: bool) -> sa.Select[Any]:
    """Built once for all the rounds in which a broadcast goes out: building it takes longer than it runs."""
    base, person, address, conditions = _base(audience, where)
    reachable = can_be_reached(addresses, kind)
    given = among(person, "people") if of_people else sa.true()
    inner = (
        sa.select(person.label("person"), sa.func.min(addresses.c.id).label("address"))
        .select_from(base.join(addresses, addresses.c.id == address))
        .where(*conditions, reachable, given)
        .group_by(person)
        .subquery("reached")
    )
    return sa.select(inner.c.person, inner.c.address, addresses.c.channel).join(
        addresses, addresses.c.id == inner.c.address
    )


_Base = tuple[Any, Any, Any, list[Any]]
"""Tables, their columns of persons and addresses, and what is true of whom it reaches."""


def _base(audience: Audience, where: Sequence[str]) -> _Base:
    """The first that is named says who and at which address; the others narrow it down."""
    if audience.received:
        told = [deliveries.c.source == audience.received, deliveries.c.state.in_(["accepted", "unknown"])]
        return deliveries, deliveries.c.person, deliveries.c.address, told
    if audience.event:
        booked, person = bookings.c.gathering == audience.event, bookings.c.person
        return bookings, person, bookings.c.address, [booked, *_also(audience, where, person, but="event")]
    if audience.topic:
        person = subscriptions.c.person
        return (
            subscriptions,
            person,
            subscriptions.c.address,
            [_follows(audience.topic), *_also(audience, where, person)],
        )
    if audience.members:
        return subscriptions, subscriptions.c.person, subscriptions.c.address, [_confirmed(where)]
    if audience.organisers:
        tables = grants.join(staff, staff.c.id == grants.c.staff)
        return tables, staff.c.person, _reached_at(staff.c.person), [_organises(where)]
    tables = facts.join(subscriptions, subscriptions.c.person == facts.c.person)
    living = [_told(where), subscriptions.c.kind.in_(FOLLOWED)]
    return tables, facts.c.person, subscriptions.c.address, living


def _also(audience: Audience, where: Sequence[str], person: Any, but: str = "topic") -> list[Any]:
    """What else has to be true of a person: of an audience of organisers, the place is what they organise."""
    conditions: list[Any] = []
    if audience.topic and but != "topic":
        conditions.append(sa.exists().where(subscriptions.c.person == person, _follows(audience.topic)))
    if audience.organisers:
        mine = sa.and_(staff.c.id == grants.c.staff, staff.c.person == person)
        conditions.append(sa.exists().where(mine, _organises(where)))
    elif where:
        conditions.append(sa.exists().where(facts.c.person == person, _told(where)))
    return conditions


def _follows(topic: str) -> Any:
    return sa.and_(subscriptions.c.kind == "topic", subscriptions.c.subject == topic)


def _confirmed(where: Sequence[str]) -> Any:
    of_members = subscriptions.c.kind == MEMBERS
    return sa.and_(of_members, subscriptions.c.subject.in_(where)) if where else of_members


def _told(where: Sequence[str]) -> Any:
    return sa.and_(facts.c.value.in_(where), facts.c.fact.in_(LIVES))


def _organises(where: Sequence[str]) -> Any:
    organiser = grants.c.role == "organiser"
    return sa.and_(organiser, grants.c.commission.in_(where)) if where else organiser


def reached(person: str) -> sa.Select[Any]:
    """A query of one person, where we write to them."""
    at = sa.and_(addresses.c.person == person, addresses.c.id == _reached_at(addresses.c.person))
    return sa.select(addresses.c.person, addresses.c.id.label("address"), addresses.c.channel).where(at)


def _reached_at(person: Any) -> Any:
    """Where we write to somebody who chose no address for it: one that is pushed to, the oldest first."""
    found = addresses.alias("of_theirs")
    theirs = sa.and_(found.c.person == person, found.c.stopped_at.is_(None), found.c.silent.is_(None))
    order = (found.c.channel.in_(CALLED_AT), found.c.created)
    return sa.select(found.c.id).where(theirs).order_by(*order).limit(1).scalar_subquery()


async def _codes(tx: Transaction, place: str) -> list[str]:
    """An area and every area in it; nothing for everywhere."""
    if not place:
        return []
    inside = sa.or_(places.c.code == place, places.c.region == place, places.c.nation == place)
    coded = [row.code for row in await tx.rows(sa.select(places.c.code).where(inside))]
    regions = list(REGIONS.values()) if place == "england" else []
    return list(dict.fromkeys([place, *regions, *coded]))


async def count(tx: Transaction, broadcast: Broadcast) -> int:
    """How many people a broadcast reaches now."""
    query = sa.select(sa.func.count()).select_from((await chosen(tx, broadcast)).subquery())
    return int((await tx.execute(query)).scalar_one())


async def still_in(tx: Transaction, broadcast: Broadcast, people: Sequence[str]) -> set[str]:
    """Those of these people whom a broadcast still reaches."""
    query = await chosen(tx, broadcast, of_people=True)
    return {row.person for row in await tx.rows(query, {"people": list(people)})}


async def samples(tx: Transaction, broadcast: Broadcast) -> list[Reader]:
    """A few of those it reaches, as far as it is worded for them."""
    some = [row.person for row in await tx.rows((await chosen(tx, broadcast)).limit(SAMPLES))]
    return list((await readers(tx, some)).values())


async def readers(tx: Transaction, people: Sequence[str]) -> dict[str, Reader]:
    """What a broadcast is worded by, of these people."""
    if not people:
        return {}
    given, lives = {"people": list(people)}, dict[str, dict[str, Any]]()
    speaking = await tx.rows(_SPEAKING, given)
    for row in await tx.rows(_TOLD, given):
        lives.setdefault(row.person, {})[row.fact] = (row.value, row.name or "")
    return {row.id: Reader(row.language, *_closest(lives.get(row.id, {}))) for row in speaking}


def _closest(told: dict[str, Any]) -> tuple[str, str]:
    return next((told[fact] for fact in LIVES if fact in told), ("", ""))


_SPEAKING = sa.select(persons.c.id, persons.c.language).where(among(persons.c.id, "people"))
_TOLD = (
    sa.select(facts.c.person, facts.c.fact, facts.c.value, places.c.name)
    .outerjoin(places, places.c.code == facts.c.value)
    .where(among(facts.c.person, "people"), facts.c.fact.in_(LIVES), facts.c.value != "")
)
