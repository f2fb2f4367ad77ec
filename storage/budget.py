"""The budget: when people were last written to unasked. Found by an index that holds nothing but what was unasked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.database import Transaction, among
from storage.deliveries import CALLED_AT
from storage.schema import deliveries
from storage.unasked import UNASKED

PERIOD = timedelta(days=7)

_SPENT = sa.select(deliveries.c.id, deliveries.c.person, deliveries.c.state, deliveries.c.settled).where(
    UNASKED,
    among(deliveries.c.person, "people"),
    deliveries.c.state.in_(["accepted", "unknown", "claimed"]),
    sa.or_(
        deliveries.c.state == "claimed", deliveries.c.settled > sa.bindparam("since", type_=deliveries.c.settled.type)
    ),
    deliveries.c.channel.not_in(CALLED_AT),
    deliveries.c.target.is_(None),  # what a digest told is in the digest
)


async def spent(tx: Transaction, people: Collection[str], but: Collection[str]) -> dict[str, list[datetime]]:
    """When each of these people was written to unasked in the last seven days, on whatever channel.

    What is on its way now, or may have arrived, counts too; `but` are the ids of deliveries that do not.
    """
    found: dict[str, list[datetime]] = {person: [] for person in people}
    for row in await tx.rows(_SPENT, {"people": list(found), "since": tx.now - PERIOD}):
        if row.id not in but:
            found[row.person].append(tx.now if row.state == "claimed" else row.settled)
    return found
