"""Days and moments as they are written in a document: `2027-01-12`, `today`, `in 12 weeks`, `in 24 months`."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_MORNING, _NIGHT = time(0, 0), time(23, 59, 59)
_AHEAD = re.compile(r"in (\d{1,3}) (week|month)s?")


def day(written: str, today: date) -> date | None:
    """The day that is written, or None when it cannot be read."""
    bare = written.strip().casefold()
    if bare == "today":
        return today
    ahead = _AHEAD.fullmatch(bare)
    if ahead:
        return _later(today, int(ahead[1]), ahead[2])
    try:
        return date.fromisoformat(bare) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", bare) else None
    except ValueError:
        return None


def opening(written: str, today: date) -> datetime | None:
    """The moment a consultation opens: the start of the day in London; `today` has begun wherever you are."""
    if written.strip().casefold() == "today":
        return datetime.combine(today, _MORNING, UTC)
    return _moment(written, today, _MORNING)


def closing(written: str, today: date) -> datetime | None:
    """The moment it closes: the end of the day in London, unless a time is written."""
    return _moment(written, today, _NIGHT)


def _moment(written: str, today: date, usual: time) -> datetime | None:
    found = day(written, today)
    try:
        if found:
            return datetime.combine(found, usual, LONDON).astimezone(UTC)
        if not re.match(r"\d{4}-\d{2}-\d{2}[ T]\d", written.strip()):
            return None
        exact = datetime.fromisoformat(written.strip())
        return (exact if exact.tzinfo else exact.replace(tzinfo=LONDON)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _later(today: date, count: int, unit: str) -> date | None:
    try:
        if unit == "week":
            return today + timedelta(weeks=count)
        years, month = divmod(today.month - 1 + count, 12)
        last = calendar.monthrange(today.year + years, month + 1)[1]
        return today.replace(year=today.year + years, month=month + 1, day=min(today.day, last))
    except (ValueError, OverflowError):
        return None
