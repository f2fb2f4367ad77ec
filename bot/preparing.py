"""Preparing: whatever is rendered when it is sent. What a delivery is says who renders it; there is one sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from bot import closing, digests, feedback, notices
from bot.feedback import Prepared
from bot.library import Library
from storage.database import Transaction
from storage.deliveries import Delivery
from storage.unasked import DIGESTS

Renderer = Callable[[Transaction, Sequence[Delivery], Library], Awaitable[list[Prepared]]]
RENDERERS: Mapping[str, Renderer] = {
    "message": feedback.prepare,
    "notice": notices.prepare,
    "closing": closing.prepare,
    **dict.fromkeys(DIGESTS, digests.prepare),
}
"""By the kind of a delivery that holds no text."""


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """What was claimed, rendered for each person as they are now, in the order given."""
    ready: dict[str, Prepared] = {}
    for render in dict.fromkeys(RENDERERS.values()):
        if mine := [each for each in claimed if RENDERERS[each.kind] is render]:
            ready |= {each.delivery.id: each for each in await render(tx, mine, library)}
    return [ready[each.id] for each in claimed]
