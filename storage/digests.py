"""Digests: what happened, gathered for people who want it once a day or once a week.

What is gathered is a row of the ledger, under the same unique key as everything that is told: nobody is told it twice,
in whatever way. A digest is one delivery for a person and period, queued only where there is something in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from conversations.domain.following import Pace
from conversations.domain.hours import next_morning
from storage import fan_out
from storage.database import Transaction, among
from storage.deliveries import Delivery, Lane
from storage.schema import action_versions, deliveries, persons
from storage.unasked import UNASKED

MARGIN = timedelta(minutes=5)
"""What is gathered so shortly before a morning goes with the next one: that morning's digest may be under way."""


@dataclass(frozen=True)
class Gathered:
    """One thing that waits for a person's digest: its own delivery, what it is from, and whose."""

    id: str
    source: str
    person: str
    pace: str


async def queue_due(tx: Transaction, source: str, pace: Pace) -> None:
    """Queues the next digest of everybody for whom this source was gathered, in their own morning."""
    mine = sa.and_(deliveries.c.source == source, deliveries.c.state == "gathered", deliveries.c.waits_for == pace)
    living = persons.alias("living")
    zones = sa.select(living.c.zone).distinct().join(deliveries, deliveries.c.person == living.c.id).where(mine)
    for zone in [row.zone for row in await tx.rows(zones)]:
        there = sa.exists().where(living.c.id == deliveries.c.person, living.c.zone == zone)
        audience = sa.select(deliveries.c.person, deliveries.c.address, deliveries.c.channel).where(mine, there)
        period, due = _next(tx, pace, zone)
        await fan_out.queue(tx, audience, deliveries.c.person, period, Lane.BROADCAST, pace, not_before=due)


def _next(tx: Transaction, pace: str, zone: str) -> tuple[str, Any]:
    """The name of a person's next period, which is the source of its digest, and when that is due."""
    day, due = next_morning(tx.now + MARGIN, zone, monday=pace == "weekly")
    return f"{pace}-{day.isoformat()}", due


async def join(tx: Transaction, joining: Sequence[tuple[Delivery, Pace]]) -> None:
    """Claimed notices that go into their people's next digest, instead of by themselves."""
    for each, pace in joining:
        loose = {"state": "gathered", "waits_for": pace, "holder": None, "lease_until": None}
        await tx.execute(sa.update(deliveries).where(deliveries.c.id == each.id).values(**loose))
        period, due = _next(tx, pace, each.zone)
        audience = sa.select(deliveries.c.person, deliveries.c.address, deliveries.c.channel)
        mine = audience.where(deliveries.c.id == each.id)
        await fan_out.queue(tx, mine, deliveries.c.person, period, Lane.BROADCAST, pace, not_before=due)


_HELD_BACK = sa.exists().where(action_versions.c.id == deliveries.c.source, action_versions.c.fan_out == "paused")
_GATHERED = sa.select(
    deliveries.c.id, deliveries.c.source, deliveries.c.person, deliveries.c.waits_for, deliveries.c.target
).where(UNASKED, among(deliveries.c.person, "people"), deliveries.c.state == "gathered", sa.not_(_HELD_BACK))


async def gathered(tx: Transaction, digests: Sequence[Delivery]) -> dict[str, list[Gathered]]:
    """What is in each of these digests, by their ids. What another one that is under way tells is not in it."""
    found: dict[str, list[Gathered]] = {each.id: [] for each in digests}
    whose = {(each.person, each.kind): each.id for each in digests}
    for row in await tx.rows(_GATHERED, {"people": list({each.person for each in digests})}):
        digest = whose.get((row.person, row.waits_for))
        if digest and row.target in (None, digest):
            found[digest].append(Gathered(row.id, row.source, row.person, row.waits_for))
    return found


async def put_in(tx: Transaction, chosen: Iterable[tuple[str, Gathered]]) -> None:
    """These, with the digest that tells each: they are told when it is."""
    rows = [{"row": each.id, "told_by": digest} for digest, each in chosen]
    if rows:
        await tx.execute(_PUT_IN, rows)


_ONE = deliveries.c.id == sa.bindparam("row")
_PUT_IN = sa.update(deliveries).where(_ONE).values(target=sa.bindparam("told_by"))


async def leave_out(tx: Transaction, others: Iterable[Gathered]) -> None:
    """These are not told: their people follow them no more, or there is nothing to say of them."""
    rows = [{"row": each.id} for each in others]
    if rows:
        await tx.execute(sa.update(deliveries).where(_ONE).values(state="withdrawn", settled=tx.now), rows)
