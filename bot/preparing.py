"""Preparing: whatever is rendered when it is sent. What a delivery is says who renders it; there is one sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial

from bot import broadcasts, closing, digests, event_news, feedback, notices, staff_news
from bot.feedback import Prepared
from bot.library import Library
from storage import staff_news as of_staff
from storage.broadcasting import KIND as BROADCAST
from storage.database import Transaction
from storage.deliveries import Delivery
from storage.reminders import KIND
from storage.unasked import DIGESTS

Renderer = Callable[[Transaction, Sequence[Delivery]], Awaitable[list[Prepared]]]


def _renderers(library: Library, site: str) -> Iterator[tuple[tuple[str, ...], Renderer]]:
    """Who renders which kinds of delivery that hold no text."""
    yield ("message",), partial(feedback.prepare, library=library)
    yield ("notice",), partial(notices.prepare, library=library, site=site)
    yield ("closing",), partial(closing.prepare, library=library)
    yield DIGESTS, partial(digests.prepare, library=library)
    yield (BROADCAST,), partial(broadcasts.prepare, library=library)
    yield (KIND,), partial(event_news.prepare, site=site)
    yield (of_staff.KIND,), staff_news.prepare


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library, site: str) -> list[Prepared]:
    """What was claimed, rendered for each person as they are now, in the order given. `site` is the address of the
    public pages."""
    ready: dict[str, Prepared] = {}
    for kinds, render in _renderers(library, site):
        if mine := [each for each in claimed if each.kind in kinds]:
            ready |= {each.delivery.id: each for each in await render(tx, mine)}
    return [ready[each.id] for each in claimed]
