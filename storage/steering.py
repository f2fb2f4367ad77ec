"""Steering: what is told to many is paused, resumed and stopped, and its rows in the ledger follow.

Those of an action follow in the act. The state of a broadcast holds at once, because the sender looks at it before it
sends; its rows follow a part at a time, so that nobody waits behind a hundred thousand of them, and from where they
were after a crash.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import action_versions, broadcasts, deliveries

AT_ONCE = 2000
LATELY = timedelta(days=1)
"""How long after it was stopped a broadcast is looked after."""


def held_back_by_the_desk() -> Any:
    """That a delivery is of a version that the desk paused or stopped."""
    return sa.exists().where(
        action_versions.c.id == deliveries.c.source, action_versions.c.fan_out.in_(["paused", "stopped"])
    )


def waiting_again() -> Any:
    """Back to waiting; unless what it tells was paused or stopped while it was on its way."""
    steered = (
        sa.select(sa.case({"paused": "paused", "stopped": "withdrawn"}, value=steering, else_="waiting"))
        .where(id_ == deliveries.c.source)
        .scalar_subquery()
        for id_, steering in ((action_versions.c.id, action_versions.c.fan_out), (broadcasts.c.id, broadcasts.c.state))
    )
    return sa.func.coalesce(*steered, "waiting")


# Broadcasts

_FOLLOWS = {"paused": ("waiting", "paused"), "running": ("paused", "waiting"), "stopped": ("waiting", "withdrawn")}
"""For each state of a broadcast, which rows of it are out of step, and what they become."""


async def anything(tx: Transaction) -> bool:
    """Whether any broadcast cools off, is on its way, or was so a short while ago."""
    return await tx.first(sa.select(broadcasts.c.id).where(_lively(tx)).limit(1)) is not None


def _lively(tx: Transaction) -> Any:
    stopped = sa.and_(broadcasts.c.state == "stopped", broadcasts.c.ended > tx.now - LATELY)
    return sa.or_(broadcasts.c.state.in_(["cooling", "running", "paused"]), stopped)


async def out_of_step(tx: Transaction) -> list[tuple[str, str]]:
    """Broadcasts with rows that do not follow their state yet, and that state: a look that writes nothing."""
    found: list[tuple[str, str]] = []
    for state, before in _STEPS:
        behind = sa.exists().where(deliveries.c.source == broadcasts.c.id, deliveries.c.state == before)
        query = sa.select(broadcasts.c.id).where(broadcasts.c.state == state, _lively(tx), behind)
        found += [(row.id, state) for row in await tx.rows(query)]
    return list(dict.fromkeys(found))


_STEPS = (*((state, before) for state, (before, _) in _FOLLOWS.items()), ("stopped", "paused"))


async def bring_in_step(tx: Transaction, id_: str, state: str) -> int:
    """Moves some of the rows of a broadcast; how many. Nothing, where its state is another one by now."""
    stands = sa.select(broadcasts.c.state).where(broadcasts.c.id == id_)
    row = await tx.first(stands if tx.on_sqlite else stands.with_for_update(read=True))
    if row is None or row.state != state:
        return 0
    behind = [before for each, before in _STEPS if each == state]
    some = sa.select(deliveries.c.seq).where(deliveries.c.source == id_, deliveries.c.state.in_(behind)).limit(AT_ONCE)
    if not tx.on_sqlite:
        some = some.with_for_update(skip_locked=True)
    values: dict[str, Any] = {"state": _FOLLOWS[state][1]}
    if state == "stopped":
        values["settled"] = tx.now
    moved = await tx.execute(sa.update(deliveries).where(deliveries.c.seq.in_(some)).values(**values))
    return int(moved.rowcount)


async def finish(tx: Transaction) -> None:
    """A broadcast of which nothing is on its way any more is done."""
    left = sa.exists().where(
        deliveries.c.source == broadcasts.c.id, deliveries.c.state.in_(["waiting", "claimed", "paused"])
    )
    over = sa.and_(broadcasts.c.state == "running", sa.not_(left))
    await tx.execute(sa.update(broadcasts).where(over).values(state="done", ended=tx.now))
