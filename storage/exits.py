"""Exits: what those who came say of an event. Each answers each question once, and an answer is nobody's; words they
add are kept with their seat, and go with it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conversations.domain.exits import ASKED_FOR, FEWEST, QUESTIONS, ExitAnswer, ExitQuestion, Share, shares
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import ExitAsked
from conversations.domain.speech import Quoted
from storage import gatherings as kept
from storage.database import Transaction
from storage.gatherings import Actor
from storage.schema import bookings, exit_answers, gatherings, persons

_other = bookings.alias("other")
_SOMEBODY_CAME = sa.exists().where(_other.c.gathering == bookings.c.gathering, _other.c.came.is_not(None))
_MAY_SAY = sa.and_(bookings.c.state == "booked", sa.or_(bookings.c.came.is_not(None), sa.not_(_SOMEBODY_CAME)))
"""Who was checked in; where nobody was, whoever had a seat."""


async def asked(tx: Transaction, person: str, id_: str) -> ExitAsked | None:
    """What this person may say of an event; None where they may not, or not any more."""
    event = await kept.one(tx, id_)
    if event is None or not _is_asked_for(tx, event):
        return None
    mine = sa.and_(bookings.c.gathering == id_, bookings.c.person == person, _MAY_SAY)
    row = await tx.first(sa.select(bookings.c.answered).where(mine))
    return ExitAsked(event, row.answered) if row else None


def _is_asked_for(tx: Transaction, event: Gathering) -> bool:
    return event.standing(tx.now) == "over" and event.ends is not None and tx.now < event.ends + ASKED_FOR


async def asked_of(tx: Transaction, person: str) -> list[Gathering]:
    """The events of which this person may say how they were, and has not said all, the newest first."""
    mine = sa.and_(bookings.c.person == person, _MAY_SAY, bookings.c.answered < len(QUESTIONS))
    query = kept.selected().join(bookings, bookings.c.gathering == gatherings.c.id).where(mine)
    rows = await tx.rows(query.order_by(gatherings.c.starts.desc()))
    return [event for event in (kept.read(tx, row) for row in rows) if _is_asked_for(tx, event)]


async def record(tx: Transaction, person: str, id_: str, question: ExitQuestion, answer: ExitAnswer) -> None:
    """Counts an answer to the next question this person is asked, once."""
    place = QUESTIONS.index(question)
    if await asked(tx, person, id_) is None:
        return
    next_ = sa.and_(bookings.c.gathering == id_, bookings.c.person == person, bookings.c.answered == place)
    if (await tx.execute(sa.update(bookings).where(next_).values(answered=place + 1))).rowcount:
        await tx.execute(sa.insert(exit_answers).values(gathering=id_, question=question, answer=answer))


async def add_words(tx: Transaction, person: str, id_: str, words: str) -> None:
    """What this person adds in their own words once they have answered all questions, once; nothing where empty."""
    if await asked(tx, person, id_) is None:
        return
    mine = sa.and_(bookings.c.gathering == id_, bookings.c.person == person, bookings.c.answered == len(QUESTIONS))
    kept_as = tx.keys.seal(words, "bookings", "words", _place(id_, person)) if words else None
    await tx.execute(sa.update(bookings).where(mine).values(answered=len(QUESTIONS) + 1, words=kept_as))


def place_of(row: Any) -> str:
    """What names a booking to the seal of its words."""
    return _place(row.gathering, row.person)


def _place(gathering: str, person: str) -> str:
    return f"{gathering}:{person}"


def read_words(tx: Transaction, sealed: bytes | None, gathering: str, person: str) -> str:
    """What somebody added, as it is kept with their seat; empty where that is nothing."""
    return tx.keys.open(sealed, "bookings", "words", _place(gathering, person)) if sealed else ""


async def added_to(tx: Transaction, who: Actor, id_: str) -> tuple[Quoted, ...]:
    """What those who came added, for whoever runs the event, until its report is published. In the order of their
    seals, which says nothing of who wrote when. None while so few have come to where they are asked that who wrote
    could be guessed."""
    event = await kept.one(tx, id_)
    if event is None or event.report.published is not None or not await kept.runs(tx, who, event):
        return ()
    columns = (bookings.c.gathering, bookings.c.person, bookings.c.words, persons.c.language)
    came_so_far = sa.and_(bookings.c.gathering == id_, bookings.c.answered > len(QUESTIONS))
    rows = await tx.rows(sa.select(*columns).join(persons, persons.c.id == bookings.c.person).where(came_so_far))
    if len(rows) < FEWEST:
        return ()
    written = sorted((row for row in rows if row.words), key=lambda row: bytes(row.words))
    return tuple(Quoted(read_words(tx, row.words, id_, row.person), row.language) for row in written)


async def said_of(tx: Transaction, id_: str) -> tuple[Share, ...]:
    """What those who came said of an event, as far as enough of them did."""
    people = sa.func.count().label("people")
    counts = sa.select(exit_answers.c.question, exit_answers.c.answer, people).where(exit_answers.c.gathering == id_)
    rows: list[Any] = await tx.rows(counts.group_by(exit_answers.c.question, exit_answers.c.answer))
    return shares({(row.question, row.answer): row.people for row in rows})
