"""Retention: what has served its purpose goes by itself."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import addresses, deliveries, events, joins, responses, sessions, sign_in_links

EVENTS_LIVE = timedelta(days=60)
"""Longer than any platform sends an event again (Telegram: 24 hours)."""
REPLIES_LIVE = timedelta(days=30)
"""How long the exact text of a reply is kept, sealed."""


async def sweep(tx: Transaction, ended: Collection[str]) -> None:
    """Removes old event keys, old replies and spent tokens; and, for consultations whose time of keeping has `ended`,
    the link between a person and their addresses. Answers stay, with nobody to trace them to."""
    settled = sa.and_(deliveries.c.lane == 0, deliveries.c.settled < tx.now - REPLIES_LIVE)
    await tx.execute(sa.delete(events).where(events.c.heard < tx.now - EVENTS_LIVE))
    await tx.execute(sa.delete(deliveries).where(settled))
    for table in (joins, sign_in_links, sessions):
        await tx.execute(sa.delete(table).where(table.c.expires < tx.now - timedelta(days=1)))
    if ended:
        gone = sa.select(addresses.c.id).where(_took_part_only_in(ended))
        unsent = sa.and_(deliveries.c.address.in_(gone), deliveries.c.settled.is_(None))
        await tx.execute(sa.update(deliveries).where(unsent).values(state="withdrawn", settled=tx.now))
        await tx.execute(sa.delete(addresses).where(_took_part_only_in(ended)))


def _took_part_only_in(ended: Collection[str]) -> sa.ColumnElement[bool]:
    """True of addresses whose people took part in ended consultations and in no other."""
    over, going_on = responses.alias("over"), responses.alias("going_on")
    was_there = sa.exists().where(over.c.person == addresses.c.person, over.c.consultation.in_(ended))
    still_there = sa.exists().where(going_on.c.person == addresses.c.person, going_on.c.consultation.not_in(ended))
    return sa.and_(was_there, sa.not_(still_there))
