"""Quiet hours: nothing unasked is sent between eight in the evening and nine in the morning, where the person is."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

EVENING, MORNING = time(20), time(9)


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """When quiet ends for somebody in this zone; None when it is not quiet."""
    try:
        here = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is no zone
        here = now.astimezone(ZoneInfo("Europe/London"))
    if MORNING <= here.time() < EVENING:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= EVENING else here.date()
    return datetime.combine(day, MORNING, here.tzinfo).astimezone(UTC)
