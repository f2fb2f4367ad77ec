"""Marks: small facts about the database itself."""

from __future__ import annotations

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import marks


async def mark(tx: Transaction, name: str, value: str) -> str:
    """The mark of this name: the one that is there, else the value given, which is kept."""
    await tx.execute(tx.insert(marks).values(name=name, value=value).on_conflict_do_nothing())
    return str((await tx.execute(sa.select(marks.c.value).where(marks.c.name == name))).scalar_one())


async def note(tx: Transaction, name: str, value: str) -> None:
    """Writes a mark down, over the one that was there."""
    row = tx.insert(marks).values(name=name, value=value)
    await tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


async def noted(tx: Transaction, name: str) -> str:
    """The mark of this name, or an empty string."""
    row = await tx.first(sa.select(marks.c.value).where(marks.c.name == name))
    return str(row.value) if row else ""
