"""Reminding: when somebody who booked is reminded, and which hours are nobody's."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Literal

from conversations.domain.hours import EVENING, MORNING, local, morning_of
from conversations.domain.whens import instant, zone_of

LAST_MINUTE = time(19, 59)
Reminder = Literal["day", "hour"]
REMINDERS: tuple[Reminder, ...] = ("day", "hour")


def quiet(moment: datetime, zone: str) -> bool:
    """Whether it is quiet where somebody is."""
    return not MORNING <= moment.astimezone(zone_of(zone)).time() < EVENING


def due(which: Reminder, start: datetime, zone: str, where_they_are: str) -> datetime:
    """When a reminder is sent: at the same time by the clock on the wall the day before, or an hour before it begins.
    `start` is by that clock, in `zone`. One that falls into somebody's night is sent at the last open minute before."""
    day_before = instant(start - timedelta(days=1), zone)
    moment = day_before if which == "day" else instant(start, zone) - timedelta(hours=1)
    return last_open(moment, where_they_are)


def morning_after(ends: datetime, where_they_are: str) -> datetime:
    """When somebody is asked how it was: at the first open minute of the day after it ended, where they are."""
    here = local(ends, where_they_are)
    return morning_of(here.date() + timedelta(days=1), here)


def last_open(moment: datetime, zone: str) -> datetime:
    """The moment itself, or the last open minute before it where somebody is."""
    if not quiet(moment, zone):
        return moment
    here = local(moment, zone)
    day = here.date() if here.time() >= EVENING else here.date() - timedelta(days=1)
    return datetime.combine(day, LAST_MINUTE, zone_of(zone)).astimezone(UTC)
