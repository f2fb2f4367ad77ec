"""Hours: when people may be written to unasked, where they are. Exact over clock changes: a day begins when it does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from conversations.domain.whens import zone_of

EVENING, MORNING = time(20), time(9)
"""Nothing unasked is sent between the two, where the person is."""
MONDAY = 0


def local(now: datetime, zone: str) -> datetime:
    """An instant as the clocks of a zone show it; where there is no such zone, as at home."""
    return now.astimezone(zone_of(zone))


def morning_of(day: date, here: datetime) -> datetime:
    """The first minute of a day at which people may be written to, where `here` is."""
    return datetime.combine(day, MORNING, here.tzinfo).astimezone(UTC)


def next_morning(now: datetime, zone: str, *, monday: bool = False) -> tuple[date, datetime]:
    """The next first open minute in a zone, with its day there; of a Monday where that is wanted."""
    here = local(now, zone)
    day = here.date() + timedelta(days=here.time() >= MORNING)
    if monday:
        day += timedelta(days=(MONDAY - day.weekday()) % 7)
    return day, morning_of(day, here)
