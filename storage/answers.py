"""Answers: one current answer per person and slot, with history; responses and their references."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from conversations.domain.lookups import Held, Response
from storage.database import Transaction, among, insert
from storage.references import new_reference
from storage.schema import answer_history, answer_picks, answers, responses

_KEPT = [column for column in answers.c if column.name != "id"]
_HELD = [answers.c[name] for name in (
    "person", "consultation", "slot", "aside", "picks", "words", "number", "skipped", "language"
)]  # fmt: skip
_HELD_BY = sa.select(*_HELD).where(among(answers.c.person, "people"))
_BEGUN = (
    sa.select(*(responses.c[name] for name in ("person", "consultation", "topic", "reference", "sent")))
    .where(among(responses.c.person, "people"))
    .order_by(responses.c.started)
)
_FORMER = sa.select(answers.c.id, answers.c.person, answers.c.consultation, answers.c.slot).where(
    *(among(answers.c[name], f"{name}s") for name in ("person", "consultation", "slot"))
)
_REPLACED = [column.name for column in _KEPT if column.name not in ("person", "consultation", "slot")]


@dataclass(frozen=True)
class Given:
    """An answer as its turn gives it, with the shape and wording of the document it was given to.

    `begins` says whether it may be the first on its topic, `former` whether its place may hold another: who knows that
    they are not spares a look.
    """

    person: str
    address: str
    consultation: str
    topic: str
    slot: Slot
    answer: Answer
    shape: int
    wording: int
    begins: bool = True
    former: bool = True


async def record_all(tx: Transaction, given: Sequence[Given]) -> None:
    """An answer each of several people: former ones go to history, a response begins with its first.

    The database refuses them (IntegrityError) from somebody who has not agreed to take part in this consultation.
    """
    if not given:
        return
    given = sorted(given, key=lambda each: (each.person, str(each.slot)))
    begun = [
        {"person": each.person, "consultation": each.consultation, "topic": each.topic, "address": each.address,
         "started": tx.now}
        for each in given if each.begins
    ]  # fmt: skip
    if begun:
        await tx.execute(_beginning(tx.on_sqlite), begun)
    await _put_by(tx, [each for each in given if each.former])
    stored = await tx.execute(_keeping(tx.on_sqlite), [_row(tx, each) for each in given])
    picks = {(each.person, str(each.slot)): each.answer.picks for each in given}
    picked = [{"answer": row.id, "pick": pick} for row in stored.all() for pick in picks[row.person, row.slot]]
    if picked:
        await tx.execute(_PICKING, picked)


_PICKING = sa.insert(answer_picks)


@cache
def _beginning(on_sqlite: bool) -> Any:
    return insert(responses, on_sqlite).on_conflict_do_nothing()


@cache
def _keeping(on_sqlite: bool) -> Any:
    row = insert(answers, on_sqlite)
    new = {name: row.excluded[name] for name in _REPLACED}
    kept = row.on_conflict_do_update(index_elements=["person", "consultation", "slot"], set_=new)
    return kept.returning(answers.c.id, answers.c.person, answers.c.slot)


def _row(tx: Transaction, given: Given) -> dict[str, Any]:
    answer, slot = given.answer, given.slot
    sealed = tx.keys.seal(answer.words, "answers", "words", place_of(given)) if answer.words else None
    return {
        "id": str(uuid.uuid4()), "person": given.person, "consultation": given.consultation, "topic": given.topic,
        "question": slot.question, "slot": str(slot), "picks": json.dumps(answer.picks),
        "number": None if answer.number is None else str(answer.number), "words": sealed, "skipped": answer.skipped,
        "aside": False, "shape": given.shape, "wording": given.wording, "language": answer.language, "given": tx.now,
    }  # fmt: skip


async def _put_by(tx: Transaction, given: Sequence[Given]) -> None:
    """Puts the answers that these take the place of into history."""
    if not given:
        return
    places = {(each.person, each.consultation, str(each.slot)) for each in given}
    people, consultations, slots = ({place[part] for place in places} for part in range(3))
    named = {"persons": list(people), "consultations": list(consultations), "slots": list(slots)}
    found = await tx.rows(_FORMER, named)
    former = [row.id for row in found if (row.person, row.consultation, row.slot) in places]
    if former:
        await _to_history(tx, answers.c.id.in_(former))
        await tx.execute(sa.delete(answer_picks).where(answer_picks.c.answer.in_(former)))


async def set_aside(tx: Transaction, person: str, consultation: str, slots: Iterable[Slot]) -> None:
    """Answers the route no longer passes: out of every count from now on."""
    where = sa.and_(_where(person, consultation, slots), sa.not_(answers.c.aside))
    await _to_history(tx, where)
    await tx.execute(sa.update(answers).where(where).values(aside=True, given=tx.now))


async def send(tx: Transaction, person: str, address: str, consultation: str, topic: str) -> None:
    """The response is sent. A second Send keeps the reference and the date of the first."""
    where = sa.and_(responses.c.person == person, responses.c.consultation == consultation, responses.c.topic == topic)
    unsent = sa.and_(where, responses.c.sent.is_(None))
    changed = {"reference": new_reference(topic), "sent": tx.now, "address": address}
    await tx.execute(sa.update(responses).where(unsent).values(**changed))


async def held_by(tx: Transaction, people: dict[str, str]) -> dict[str, Held]:
    """Everybody's answers in the consultation each is in: {person: consultation} to {person: held}."""
    found: dict[str, tuple[dict[Slot, Answer], dict[Slot, Answer]]] = {person: ({}, {}) for person in people}
    for row in await tx.rows(_HELD_BY, {"people": list(people)}):
        if row.consultation == people[row.person]:
            found[row.person][row.aside][Slot.read(row.slot)] = read_answer(tx, row)
    return {person: Held(current, aside) for person, (current, aside) in found.items()}


async def responses_of(tx: Transaction, people: Iterable[str]) -> dict[str, tuple[Response, ...]]:
    """The topics each person answered on."""
    wanted = list(people)
    found: dict[str, tuple[Response, ...]] = dict.fromkeys(wanted, ())
    for row in await tx.rows(_BEGUN, {"people": wanted}):
        found[row.person] += (Response(row.consultation, row.topic, row.reference or "", row.sent),)
    return found


def read_answer(tx: Transaction, row: Any) -> Answer:
    """The answer a row of `answers` or `answer_history` holds."""
    words = tx.keys.open(row.words, "answers", "words", place_of(row)) if row.words else ""
    number = None if row.number is None else Decimal(row.number)
    return Answer(_picks(row.picks), words, number, row.skipped, row.language)


@lru_cache(maxsize=4096)
def _picks(written: str) -> tuple[str, ...]:
    return tuple(json.loads(written))


def place_of(row: Any) -> str:
    """What names a row to the seal: history holds the same sealed bytes, so the row is its person and slot."""
    return f"{row.person}/{row.consultation}/{row.slot}"


def _where(person: str, consultation: str, slots: Iterable[Slot]) -> Any:
    named = [str(slot) for slot in slots]
    return sa.and_(answers.c.person == person, answers.c.consultation == consultation, answers.c.slot.in_(named))


async def _to_history(tx: Transaction, where: Any) -> None:
    names = [column.name for column in _KEPT] + ["replaced"]
    former = sa.select(*_KEPT, sa.literal(tx.now, type_=answer_history.c.replaced.type)).where(where)
    await tx.execute(sa.insert(answer_history).from_select(names, former))
