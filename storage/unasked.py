"""What is unasked: its lane, which has an index of its own, and the digests in it, which tell what was gathered."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import deliveries

UNASKED_LANE = 2
UNASKED = deliveries.c.lane == sa.literal_column(str(UNASKED_LANE))
"""That a delivery is unasked, written so that the index of those, and nothing else, is read."""
DIGESTS = ("daily", "weekly")
"""Kinds of delivery that tell what was gathered."""

_digest = deliveries.alias("digest")
_WHOSE = sa.select(_digest.c.person).where(_digest.c.id == sa.bindparam("row")).scalar_subquery()
_CARRY = (
    sa.update(deliveries)
    .where(
        UNASKED,
        deliveries.c.person == _WHOSE,
        deliveries.c.state == "gathered",
        deliveries.c.target == sa.bindparam("row"),
    )
    .values(
        state=sa.bindparam("became", type_=deliveries.c.state.type),
        settled=sa.bindparam("at", type_=deliveries.c.settled.type),
    )
)


async def carry(tx: Transaction, became: Iterable[tuple[str, str]]) -> None:
    """All that was gathered in these digests became what they became, given as (digest, state)."""
    rows = [{"row": digest, "became": state, "at": tx.now} for digest, state in became]
    if rows:
        await tx.execute(_CARRY, rows)
