"""What storage tests do again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from conversations.domain.gatherings import Area
from conversations.domain.whens import When
from storage import actions, answers, gatherings, people, staff
from storage.actions import ActionVersion
from storage.database import Database, Transaction
from storage.people import Person
from storage.schema import persons

NOW = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
TALK, TOPIC = "talk", "SAFE"
F1 = Slot("F1")
TEXTS = {"en": {"headline": "More lights"}, "cy": {"headline": "Mwy o oleuadau"}}


async def met(tx: Transaction, value: str, channel: str = "telegram") -> Person:
    """Somebody heard on a channel."""
    [person] = await people.meet(tx, [(channel, value, "en")])
    assert person is not None
    return person


async def says(tx: Transaction, person: Person, answer: Answer, slot: Slot = F1, **more: int) -> None:
    """Records an answer of somebody who agreed to take part."""
    await people.record_consent(tx, person.id, TALK, "take_part", "yes", "w1")
    numbers = {"shape": 1, "wording": 1} | more
    await answers.record_all(tx, [answers.Given(person.id, person.address, TALK, TOPIC, slot, answer, **numbers)])


async def took_part(tx: Transaction, value: str, choice: str = "with_words", channel: str = "telegram") -> Person:
    """Somebody who answered F1 and said whether to tell them."""
    person = await met(tx, value, channel)
    await says(tx, person, Answer(picks=("2",), language="en"))
    await people.record_consent(tx, person.id, TALK, "outcome", choice, "w1")
    return person


async def published(tx: Transaction, kind: str = "done") -> ActionVersion:
    """A signed, published action on F1."""
    version = await actions.draft(tx, TALK, TOPIC, kind, ["F1"], TEXTS, "Officer A")
    return await publish(tx, version)


async def publish(tx: Transaction, version: str) -> ActionVersion:
    await actions.sign(tx, version, "Bea", alone=False)
    await actions.publish(tx, version)
    found = await actions.version_of(tx, version)
    assert found is not None
    return found


async def rows(database: Database, query: Any) -> list[Any]:
    """What a query finds just now."""
    async with database.read(NOW) as tx:
        return await tx.rows(query)


async def count(database: Database, table: sa.Table) -> int:
    async with database.read(NOW) as tx:
        return int((await tx.execute(sa.select(sa.func.count()).select_from(table))).scalar_one())


async def organiser(tx: Transaction, value: str, *areas: str) -> Person:
    """Somebody of the chat who is an organiser of these areas."""
    person = await met(tx, value)
    name = f"Organiser {value}"
    for area in areas:
        await staff.grant(tx, name, "organiser", area)
    row = await tx.first(sa.select(persons.c.pseudonym).where(persons.c.id == person.id))
    assert await staff.tie(tx, name, row.pseudonym)
    return person


async def described(tx: Transaction, host: Person, start: datetime, seats: int = 2, **more: Any) -> str:
    """The draft of an event in Wales with its five answers; its id."""
    await gatherings.begin(tx, host.id, host.address, "en", "A talk about lights")
    draft = await gatherings.draft_of(tx, host.id)
    assert draft is not None
    told = {"place": "Sample hall", "area": Area("wales"), "when": When(start), "seats": seats, "step_free": "yes"}
    who = await gatherings.actor(tx, host.id)
    for what, value in (told | more).items():
        await gatherings.describe(tx, who, draft.id, what, value)
    return draft.id


async def opened(tx: Transaction, value: str, start: datetime, seats: int = 2, **more: Any) -> str:
    """An open event of an organiser of every area; its id."""
    host = await organiser(tx, value, "")
    made = await described(tx, host, start, seats, **more)
    await gatherings.offer(tx, await gatherings.actor(tx, host.id))
    return made
