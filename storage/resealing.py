"""Resealing: what older keys of the ring sealed is sealed again with the first, beside processes that go on working.

A batch locks only rows that nobody else holds, changes them and lets go, so nobody waits for it but the rows in hand.
It can be stopped after any batch and begun again: a value tells by its first bytes which key sealed it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage import answers as told
from storage import exits
from storage.database import Transaction
from storage.marks import note, noted
from storage.schema import (
    Sealed,
    addresses,
    answer_history,
    answers,
    bookings,
    broadcasts,
    conversations,
    deliveries,
    gatherings,
    standing_prompts,
    visits,
)
from storage.sealing import MARK, RING, Keys, Unopenable


@dataclass(frozen=True)
class Shelf:
    """One column of sealed values: `key` tells its rows apart, and `place` names each to the seal.

    `table` is the table a value was first sealed for: history holds the bytes of the answers it was made of.
    """

    column: sa.Column[Any]
    key: sa.Column[Any]
    place: Callable[[Any], str]
    table: str

    @property
    def name(self) -> str:
        return f"{self.column.table.name}.{self.column.name}"


SHELVES = (
    Shelf(addresses.c.sealed, addresses.c.id, lambda row: str(row.id), "addresses"),
    Shelf(conversations.c.state, conversations.c.person, lambda row: str(row.person), "conversations"),
    Shelf(answers.c.words, answers.c.id, told.place_of, "answers"),
    Shelf(answer_history.c.words, answer_history.c.seq, told.place_of, "answers"),
    Shelf(deliveries.c.body, deliveries.c.seq, lambda row: str(row.id), "deliveries"),
    Shelf(bookings.c.words, bookings.c.seq, exits.place_of, "bookings"),
    Shelf(broadcasts.c.words, broadcasts.c.id, lambda row: str(row.id), "broadcasts"),
    Shelf(gatherings.c.words, gatherings.c.id, lambda row: str(row.id), "gatherings"),
    Shelf(standing_prompts.c.words, standing_prompts.c.token, lambda row: str(row.token), "standing_prompts"),
    Shelf(visits.c.words, visits.c.gathering, lambda row: str(row.gathering), "visits"),
)
"""Everything sealed that is kept in rows."""


@dataclass(frozen=True)
class Batch:
    """What became of one batch: how many were sealed again, how many no key opens, and the last row it looked at."""

    resealed: int
    unopenable: int
    last: Any


async def last_row(tx: Transaction, shelf: Shelf) -> Any:
    """The key of the shelf's last row just now; None when it is empty."""
    return (await tx.execute(sa.select(sa.func.max(shelf.key)))).scalar_one()


async def next_batch(tx: Transaction, shelf: Shelf, after: Any, end: Any, most: int) -> Batch | None:
    """Seals again the next values behind `after`, up to `end`, that nobody else holds. None when there is none."""
    if end is None:
        return None
    between = shelf.key <= end if after is None else sa.and_(shelf.key > after, shelf.key <= end)
    query = sa.select(shelf.column.table).where(_under_older_keys(shelf, tx.keys), between).order_by(shelf.key)
    rows = await tx.rows(query.limit(most).with_for_update(skip_locked=True))
    if not rows:
        return None
    changed = [each for row in rows if (each := _resealed(tx.keys, shelf, row)) is not None]
    if changed:
        was = shelf.key == sa.bindparam("of")
        await tx.execute(sa.update(shelf.column.table).where(was).values({shelf.column: sa.bindparam("anew")}), changed)
    return Batch(len(changed), len(rows) - len(changed), rows[-1]._mapping[shelf.key])


def _resealed(keys: Keys, shelf: Shelf, row: Any) -> dict[str, Any] | None:
    place = (shelf.table, shelf.column.name, shelf.place(row))
    try:
        plain = keys.open(row._mapping[shelf.column], *place)
    except Unopenable:
        return None
    return {"of": row._mapping[shelf.key], "anew": keys.seal(plain, *place)}


def _under_older_keys(shelf: Shelf, keys: Keys) -> sa.ColumnElement[bool]:
    return sa.func.substr(shelf.column, 1, MARK, type_=Sealed).in_(keys.older_marks)


async def left(tx: Transaction) -> int:
    """How many values are sealed under older keys of the ring; a whole look through what is sealed."""
    count = 0
    for shelf in SHELVES:
        query = sa.select(sa.func.count()).where(_under_older_keys(shelf, tx.keys))
        count += int((await tx.execute(query.select_from(shelf.column.table))).scalar_one())
    return count


async def ring_is_older(tx: Transaction) -> bool:
    """Whether the value that tries the ring at every start needs an older key."""
    return bytes.fromhex(await noted(tx, "ring"))[:MARK] in tx.keys.older_marks


async def renew_ring(tx: Transaction) -> None:
    """Seals the value that tries the ring anew: from now on a start goes without the older keys, and before it does
    not. So it is the last to be sealed."""
    await note(tx, "ring", tx.keys.seal("ring", *RING).hex())
