"""Consultation documents as they were loaded, each load numbered; what changed is numbered apart."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import documents

_COUNT = sa.select(sa.func.count()).select_from(documents)


@dataclass(frozen=True)
class StoredDocument:
    """One load of one document. `today` is the day its relative dates count from."""

    consultation: str
    number: int
    shape: int
    words: int
    calendar: int
    digests: dict[str, str]
    text: str
    today: date


async def all_loaded(tx: Transaction) -> list[StoredDocument]:
    """Every load of every document, oldest first."""
    query = sa.select(documents).order_by(documents.c.consultation, documents.c.number)
    return [
        StoredDocument(
            row.consultation,
            row.number,
            row.shape,
            row.words,
            row.calendar,
            json.loads(row.digests),
            row.text,
            row.today,
        )
        for row in await tx.rows(query)
    ]


async def count(tx: Transaction) -> int:
    """How many loads there have been; cheap, so that every batch of turns can ask."""
    return int((await tx.execute(_COUNT)).scalar_one())


async def store(tx: Transaction, consultation: str, text: str, digests: dict[str, str], today: date) -> StoredDocument:
    """Stores a load. A part whose digest did not change keeps its number; nothing changed at all stores nothing."""
    before = [each for each in await all_loaded(tx) if each.consultation == consultation]
    last = before[-1] if before else None
    if last and last.digests == digests:
        return last
    numbers = {part: _number(before, part, digests[part]) for part in ("shape", "words", "calendar")}
    made = StoredDocument(
        consultation, last.number + 1 if last else 1, **numbers, digests=digests, text=text, today=today
    )
    values = {**made.__dict__, "digests": json.dumps(digests), "loaded": tx.now}
    await tx.execute(sa.insert(documents).values(**values))
    return made


def _number(before: list[StoredDocument], part: str, digest: str) -> int:
    same = next((getattr(each, part) for each in before if each.digests[part] == digest), None)
    return int(same) if same else max((getattr(each, part) for each in before), default=0) + 1
