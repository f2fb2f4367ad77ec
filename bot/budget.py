"""The budget: so many unasked messages a week for each person, whoever sends them. What is over it waits for room.

Replies, feedback that somebody asked for, and reminders of what they booked are in other lanes, and free.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage import budget, digests, subscriptions
from storage.budget import PERIOD
from storage.database import Transaction
from storage.deliveries import Delivery, Lane, Settlement

_Over = tuple[Delivery, datetime]
"""What is over the budget, and the moment there is room for it."""


async def within(tx: Transaction, claimed: Sequence[Delivery], most: int) -> tuple[list[Delivery], list[_Over]]:
    """Those of a whole round that may go now; and those that are over the budget, with the moment there is room."""
    unasked = [each for each in claimed if each.lane == Lane.BROADCAST]
    if not unasked:
        return list(claimed), []
    spent = await budget.spent(tx, {each.person for each in unasked}, {each.id for each in unasked})
    go: list[Delivery] = []
    over: list[_Over] = []
    for each in claimed:
        told = spent.get(each.person, [])
        if each.lane != Lane.BROADCAST:
            go.append(each)
        elif len(told) < most:
            told.append(tx.now)
            go.append(each)
        else:
            over.append((each, sorted(told)[-most] + PERIOD))
    return go, over


async def join_digests(tx: Transaction, over: Sequence[_Over]) -> list[_Over]:
    """Notices over the budget of people who have a digest go into it; the others are given back, to wait."""
    notices = {each.person for each, _ in over if each.kind == "notice"}
    paces = await subscriptions.digest_of(tx, notices) if notices else {}
    joining = [(each, paces[each.person]) for each, _ in over if each.kind == "notice" and each.person in paces]
    await digests.join(tx, joining)
    joined = {each.id for each, _ in joining}
    return [(each, until) for each, until in over if each.id not in joined]


def waiting(over: Sequence[_Over]) -> list[Settlement]:
    """What is over the budget waits until there is room."""
    return [Settlement(each.id, "again", not_before=until, waits_for="budget") for each, until in over]
