"""Visits: what was noted of an event for the organisers of its area, and what is to be done next until it is done."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from typing import Any

import sqlalchemy as sa

from conversations.domain.gatherings import Visit
from conversations.domain.lookups import Visited
from storage import gatherings as kept
from storage import staff
from storage.database import Transaction
from storage.gatherings import Actor
from storage.schema import gatherings, visits

IN_WORDS = ("who", "heard", "follow_up")


async def note(tx: Transaction, who: Actor, id_: str, what: str, words: str, due: date | None) -> None:
    """Something noted by whoever runs an event that has begun. What was to be done is open again when it changes."""
    event = await kept.one(tx, id_)
    if event is None or not event.begun(tx.now) or not await kept.runs(tx, who, event):
        return
    before = await _of(tx, id_) or Visit()
    said = json.dumps({name: getattr(before, name) for name in IN_WORDS} | {what: words}, ensure_ascii=False)
    values: dict[str, Any] = {"words": tx.keys.seal(said, "visits", "words", id_)}
    if what == "follow_up":
        values |= {"due": due, "done": None, "done_by": None}
    row = tx.insert(visits).values(gathering=id_, person=who.person or None, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["gathering"], set_=values))


async def tick_off(tx: Transaction, who: Actor, id_: str) -> bool:
    """An organiser of the area says that it is done. False when it was not theirs to say, or done already."""
    event = await kept.one(tx, id_)
    if event is None or not who.organises(event):
        return False
    open_ = sa.and_(visits.c.gathering == id_, visits.c.due.is_not(None), visits.c.done.is_(None))
    done = await tx.execute(sa.update(visits).where(open_).values(done=tx.now, done_by=who.name))
    if done.rowcount:
        await staff.note(tx, who.name, "tick off", id_)
    return bool(done.rowcount)


async def seen_by(tx: Transaction, who: Actor, id_: str) -> Visited | None:
    """What was noted of an event, for whoever runs it; None for anybody else."""
    event = await kept.one(tx, id_)
    if event is None or not await kept.runs(tx, who, event):
        return None
    return Visited(event, await _of(tx, id_) or Visit(), who.organises(event))


async def due(tx: Transaction, areas: Collection[str], most: int = 10) -> list[Visited]:
    """What is to be done in these areas, the first due first."""
    if not areas:
        return []
    query = _selected().where(visits.c.done.is_(None), visits.c.due.is_not(None)).order_by(visits.c.due)
    if "" not in areas:
        named = (gatherings.c.nation, gatherings.c.region, gatherings.c.constituency)
        query = query.where(sa.or_(*(column.in_(areas) for column in named)))
    return [_visited(tx, row, organises=True) for row in await tx.rows(query.limit(most))]


async def noted_by(tx: Transaction, person: str) -> list[Visited]:
    """Everything that this person noted."""
    return [_visited(tx, row) for row in await tx.rows(_selected().where(visits.c.person == person))]


def _selected() -> sa.Select[Any]:
    noted = (visits.c.words.label("noted"), visits.c.due, visits.c.done, visits.c.done_by)
    return kept.selected().join(visits, visits.c.gathering == gatherings.c.id).add_columns(*noted)


def _visited(tx: Transaction, row: Any, *, organises: bool = False) -> Visited:
    return Visited(kept.read(tx, row), _read(tx, row.id, row.noted, row), organises)


async def _of(tx: Transaction, id_: str) -> Visit | None:
    row = await tx.first(sa.select(visits).where(visits.c.gathering == id_))
    return _read(tx, id_, row.words, row) if row else None


def _read(tx: Transaction, id_: str, words: bytes, row: Any) -> Visit:
    said = json.loads(tx.keys.open(words, "visits", "words", id_))
    words_ = {name: said.get(name, "") for name in IN_WORDS}
    return Visit(**words_, due=row.due, done=row.done, done_by=row.done_by or "")
