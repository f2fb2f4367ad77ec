"""Exits: what those who came say of an event. Each answers each question once; an answer is nobody's."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from conversations.domain.exits import ASKED_FOR, QUESTIONS, ExitAnswer, ExitQuestion, Share, shares
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import ExitAsked
from storage import gatherings as kept
from storage.database import Transaction
from storage.schema import bookings, exit_answers, gatherings

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


async def said_of(tx: Transaction, id_: str) -> tuple[Share, ...]:
    """What those who came said of an event, as far as enough of them did."""
    people = sa.func.count().label("people")
    counts = sa.select(exit_answers.c.question, exit_answers.c.answer, people).where(exit_answers.c.gathering == id_)
    rows: list[Any] = await tx.rows(counts.group_by(exit_answers.c.question, exit_answers.c.answer))
    return shares({(row.question, row.answer): row.people for row in rows})
