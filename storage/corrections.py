"""Corrections: better words for a draft text, as readers sent them, for whoever looks after the language."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import corrections

AN_HOUR = timedelta(hours=1)
PARTS = ("now", "better", "why")


@dataclass(frozen=True)
class Correction:
    """What one reader sent: where, the words there now, better ones, and why."""

    sent: datetime
    language: str
    page: str
    now: str
    better: str
    why: str


async def keep(tx: Transaction, language: str, page: str, given: dict[str, str]) -> None:
    """Keeps what was sent; parts left empty are left out."""
    words = json.dumps({part: given[part] for part in PARTS if given[part]}, ensure_ascii=False)
    await tx.execute(sa.insert(corrections).values(language=language, page=page, words=words, sent=tx.now))


async def too_many(tx: Transaction, most: int) -> bool:
    """Whether more than so many came within the hour: the form is open to anyone."""
    query = sa.select(corrections.c.sent).order_by(corrections.c.seq.desc()).offset(most - 1).limit(1)
    row = await tx.first(query)
    return row is not None and row.sent > tx.now - AN_HOUR


async def every(tx: Transaction) -> list[Correction]:
    """All that is kept, oldest first."""
    rows = await tx.rows(sa.select(corrections).order_by(corrections.c.seq))
    return [
        Correction(row.sent, row.language, row.page, *(json.loads(row.words).get(part, "") for part in PARTS))
        for row in rows
    ]
