"""Dates: what the calendar of a consultation brings by itself. It opens and closes, which can be followed; and whoever
stopped midway, and agreed to be asked, is reminded once before it closes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.notices import subjects_of
from conversations.domain.consultation import Consultation
from storage import notices
from storage.database import Transaction
from storage.notices import DateKind

BEFORE_CLOSING = timedelta(days=3)
LATEST = timedelta(days=7)
"""What came longer ago is no news: nobody is told of it because the service was away, or has only just learnt of it."""

Coming = tuple[Consultation, DateKind, datetime]


def reached(held: Consultation, now: datetime) -> list[tuple[DateKind, datetime]]:
    """The dates of a consultation that have come, and are still worth telling."""
    opens, closes = held.calendar.opens, held.calendar.closes
    if held.calendar.withdrawn:
        return []
    reminds = closes - BEFORE_CLOSING
    dates: list[tuple[DateKind, datetime, datetime]] = [("opens", opens, closes), ("closes", closes, closes + LATEST)]
    if reminds > opens:
        dates.append(("closing", reminds, closes))
    return [(kind, at) for kind, at, over in dates if at <= now < min(over, at + LATEST)]


async def coming(tx: Transaction, consultations: Iterable[Consultation]) -> list[Coming]:
    """The dates that have come and are not noted yet: a look that writes nothing."""
    due = [(held, kind, at) for held in consultations for kind, at in reached(held, tx.now)]
    noted = await notices.noted(tx, [held.id for held, _, _ in due]) if due else set()
    return [each for each in due if (each[1], each[0].id) not in noted]


async def tell(tx: Transaction, dates: Sequence[Coming]) -> None:
    """Notes each date, once, and queues what is told of it."""
    for held, kind, at in dates:
        notice = await notices.note(tx, kind, held.id, at)
        if notice is None:
            continue
        if kind == "closing":
            await notices.remind_midway(tx, notice)
        else:
            await notices.tell_followers(tx, notice, subjects_of(held))
