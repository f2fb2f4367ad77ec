"""What tests of broadcasts do again and again: a part of the country, who lives and follows what there, who writes."""

from __future__ import annotations

from conversations.domain.broadcasts import Audience, Broadcast, State, Writer
from conversations.domain.following import topic_subject
from storage import broadcasting, broadcasts, people, places, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Transaction
from storage.people import Person
from tests.storage.acts import TALK, TOPIC, met

SUBJECT = topic_subject(TALK, TOPIC)
IN_WALES = Writer("Sample organiser", areas=frozenset({"wales"}))
ALSO_IN_WALES = Writer("Another organiser", areas=frozenset({"wales"}))
IN_LONDON = Writer("Sample organiser of London", areas=frozenset({"london"}))
OFFICER = Writer("Sample officer", topics=frozenset({SUBJECT.id}))
OUTSIDER = Writer("Nobody in particular")
TEXTS = {"en": "The hall has a new door.", "cy": "Mae drws newydd i'r neuadd."}
FOLLOWERS = Audience(topic=SUBJECT.id)


async def lives(tx: Transaction, value: str, nation: str = "wales", *, follows: bool = True, **told: str) -> Person:
    """Somebody who told us where they live, and follows the topic unless said otherwise."""
    person = await met(tx, value)
    for fact, code in {"nation": nation, **told}.items():
        await people.tell_about(tx, person.id, fact, code)
    if follows:
        await subscriptions.follow(tx, person.id, person.address, SUBJECT, "at_once")
    return person


async def granted(tx: Transaction, *writers: Writer) -> None:
    """The desk knows them as the organisers they are."""
    await places.load_sample(tx)
    for who in writers:
        for area in who.areas:
            await staff.grant(tx, who.name, "organiser", area)


async def drafted(tx: Transaction, who: Writer = IN_WALES, audience: Audience = FOLLOWERS, area: str = "wales") -> str:
    return await broadcasts.draft(tx, who, "ordinary", audience, TEXTS, area)


async def found(tx: Transaction, id_: str) -> Broadcast:
    kept = await broadcasts.one(tx, id_)
    assert kept is not None
    return kept


async def sent(tx: Transaction, counted: int, rules: Rules | None = None) -> tuple[str, State]:
    """A broadcast to whoever follows the topic in Wales, sent just now."""
    id_ = await drafted(tx)
    return id_, await broadcasting.send(tx, IN_WALES, id_, counted, rules or Rules())
