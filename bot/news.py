"""News: whatever is told to people unasked is prepared here when it is sent, each kind by its own module."""

from __future__ import annotations

from collections.abc import Sequence

from bot import event_news, feedback
from bot.feedback import Prepared
from bot.library import Library
from storage.database import Transaction
from storage.deliveries import Delivery
from storage.reminders import read_source


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library, site: str) -> list[Prepared]:
    """Renders claimed news for each person as they are now, in the order in which it was claimed."""
    of_events = [each for each in claimed if read_source(each.source)]
    if not of_events:
        return await feedback.prepare(tx, claimed, library)
    of_actions = [each for each in claimed if not read_source(each.source)]
    ready = [*await feedback.prepare(tx, of_actions, library), *await event_news.prepare(tx, of_events, site)]
    return sorted(ready, key=lambda each: each.delivery.seq)
