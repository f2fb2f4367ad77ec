"""Health: what an operator wants to know of the whole database. Counts and ages, nothing of one person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.deliveries import CALLED_AT
from storage.schema import conversations, deliveries, leases, quarantine


async def ledger(tx: Transaction) -> dict[tuple[int, str], int]:
    """How many deliveries each lane has in each state."""
    query = sa.select(deliveries.c.lane, deliveries.c.state, sa.func.count().label("rows"))
    grouped = query.group_by(deliveries.c.lane, deliveries.c.state).order_by(deliveries.c.lane, deliveries.c.state)
    return {(row.lane, row.state): row.rows for row in await tx.rows(grouped)}


async def oldest_due(tx: Transaction) -> dict[int, datetime]:
    """For each lane, since when the oldest delivery could have gone out. What waits for its person is not late."""
    due = sa.and_(
        deliveries.c.state == "waiting",
        deliveries.c.channel.not_in(CALLED_AT),
        deliveries.c.not_before <= tx.now,
    )
    query = sa.select(deliveries.c.lane, sa.func.min(deliveries.c.not_before).label("since")).where(due)
    return {row.lane: row.since for row in await tx.rows(query.group_by(deliveries.c.lane))}


async def unknown_since(tx: Transaction, since: datetime) -> int:
    """How many sends since then may or may not have arrived."""
    return await _count(tx, deliveries, deliveries.c.state == "unknown", deliveries.c.settled >= since)


async def quarantined_since(tx: Transaction, since: datetime) -> int:
    """How many updates since then broke us."""
    return await _count(tx, quarantine, quarantine.c.heard >= since)


async def processes(tx: Transaction) -> int:
    """How many processes serve just now."""
    return await _count(tx, leases, leases.c.name.startswith("alive:"), leases.c.until >= tx.now)


async def last_turn(tx: Transaction) -> datetime | None:
    """When somebody was last heard."""
    row = await tx.first(sa.select(sa.func.max(conversations.c.turned).label("last")))
    return row.last if row else None


async def _count(tx: Transaction, table: sa.Table, *where: Any) -> int:
    return int((await tx.execute(sa.select(sa.func.count()).select_from(table).where(*where))).scalar_one())
