"""Whens: a day and an hour read from plain typed words, as the clock on the wall shows them.

"Sat 5 Dec 7pm", "6/12 19:00-21:00", "tomorrow at noon", "Sad 5 Rhag 7yh". The year is worked out; what cannot be meant
is named, so that we can ask kindly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import chain
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from conversations.domain.languages import LANGUAGES, Language
from conversations.domain.words import plain

DEFAULT_ZONE = "Europe/London"
USUAL_MINUTES = 120
FARTHEST = timedelta(days=731)
SHORTEST_NAME = 3


@dataclass(frozen=True)
class When:
    """A start by the clock on the wall, and how many minutes it lasts."""

    start: datetime
    minutes: int = USUAL_MINUTES


Trouble = Literal["no_day", "no_hour", "no_such_day", "other_weekday", "which_half", "no_such_hour", "past", "too_far"]


@dataclass(frozen=True)
class Misread:
    """Why words name no start. `day` is the day they seem to name, where they do."""

    why: Trouble
    day: date | None = None


def zone_of(name: str) -> ZoneInfo:
    """A zone by its IANA name; London's for one that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is no zone
        return ZoneInfo(DEFAULT_ZONE)


def instant(start: datetime, zone: str) -> datetime:
    """The instant of a wall clock's time; the first of the two when clocks go back."""
    return start.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def read_when(words: str, now: datetime, zone: str) -> When | Misread:
    """The start that these words name, seen from this moment in this zone."""
    local = now.astimezone(zone_of(zone)).replace(tzinfo=None)
    found = _find_day(plain(words), local.date())
    if isinstance(found, Misread):
        return found
    day, rest = found
    read = _find_hours(rest)
    if isinstance(read, Misread):
        return Misread(read.why, day)
    return _possible(day, *read, local, zone)


def read_day(words: str, today: date) -> date | None:
    """The day that these words name, and nothing else with it; None when they name none."""
    found = _find_day(plain(words), today)
    if isinstance(found, Misread) or re.search(r"\w", found[1]):
        return None
    return found[0]


def read_due(words: str, today: date) -> date | None:
    """The day that is named among these words, from today on; None when there is none."""
    found = _find_day(plain(words), today)
    return None if isinstance(found, Misread) or found[0] < today else found[0]


def _possible(day: date, starts: time, ends: time | None, local: datetime, zone: str) -> When | Misread:
    start = datetime.combine(day, starts)
    if start <= local:
        return Misread("past", day)
    if start - local > FARTHEST:
        return Misread("too_far", day)
    if instant(start, zone).astimezone(zone_of(zone)).replace(tzinfo=None) != start:
        return Misread("no_such_hour", day)
    return When(start, _minutes(start, ends))


def _minutes(start: datetime, ends: time | None) -> int:
    if ends is None:
        return USUAL_MINUTES
    end = datetime.combine(start.date(), ends)
    end += timedelta(days=1) if end <= start else timedelta()
    return int((end - start).total_seconds()) // 60


# The day

_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_FIGURES = re.compile(r"\b(?P<day>\d{1,2})/(?P<month>\d{1,2})(?:/(?P<year>\d{4}|\d{2}))?\b")
_DOTTED = re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})\b")
_ORDINAL = r"(?:st|nd|rd|th|af|ail|ydd|fed|ed|eg|ain)?"
Found = tuple[date, str]


def _find_day(words: str, today: date) -> Found | Misread:
    """The day, and the words without it."""
    for look in (_in_figures, _with_a_month, _relative, _by_weekday):
        found = look(words, today)
        if found is not None:
            return found
    return Misread("no_day")


def _in_figures(words: str, today: date) -> Found | Misread | None:
    for pattern in (_ISO, _FIGURES, _DOTTED):
        if found := pattern.search(words):
            day = _dated(int(found["day"]), int(found["month"]), found["year"] or "", today)
            return _with_weekday(day, _without(words, found))
    return None


@cache
def _named_months() -> tuple[re.Pattern[str], ...]:
    """A month after its day, and before it: "dydd Mawrth 1 Rhagfyr" holds both, and the first is meant."""
    month = rf"(?P<month>{'|'.join(_any_name(each.months) for each in LANGUAGES.values())})"
    day, year = rf"(?P<day>\d{{1,2}}){_ORDINAL}", r"(?:,?\s+(?P<year>\d{4}))?\b"
    return re.compile(rf"\b{day}\s+(?:of\s+|o\s+)?{month}{year}"), re.compile(rf"\b{month}\s+{day}{year}")


def _with_a_month(words: str, today: date) -> Found | Misread | None:
    for pattern in _named_months():
        if found := pattern.search(words):
            month = _place(found["month"], lambda each: each.months) + 1
            day = _dated(int(found["day"]), month, found["year"] or "", today)
            return _with_weekday(day, _without(words, found))
    return None


def _relative(words: str, today: date) -> Found | Misread | None:
    spoken = LANGUAGES.values()
    for ahead, names in enumerate(([each.today for each in spoken], [each.tomorrow for each in spoken])):
        if found := re.search(rf"\b(?:{_either(chain.from_iterable(names))})\b", words):
            return today + timedelta(days=ahead), _without(words, found)
    return None


def _by_weekday(words: str, today: date) -> Found | Misread | None:
    """A weekday alone is the next one, and never today: whoever means today says so."""
    found = _weekdays().search(words)
    if found is None:
        return None
    ahead = (_weekday(found) - today.weekday() - 1) % 7 + 1
    return today + timedelta(days=ahead), _without(words, found)


def _dated(day: int, month: int, year: str, today: date) -> date | Misread:
    """A date; without a year, the next there is."""
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this = date(today.year, month, day)
        return this if this >= today else date(today.year + 1, month, day)
    except ValueError:
        return _leap(day, month, today) if not year else Misread("no_such_day")


def _leap(day: int, month: int, today: date) -> date | Misread:
    coming = (year for year in (today.year, today.year + 1, today.year + 2) if year % 4 == 0)
    leap = next(coming, None)
    return date(leap, 2, 29) if (day, month) == (29, 2) and leap else Misread("no_such_day")


def _with_weekday(day: date | Misread, rest: str) -> Found | Misread:
    """The day, once a weekday said beside it agrees."""
    if isinstance(day, Misread):
        return day
    found = _weekdays().search(rest)
    if found is None:
        return day, rest
    return Misread("other_weekday", day) if _weekday(found) != day.weekday() else (day, _without(rest, found))


@cache
def _weekdays() -> re.Pattern[str]:
    names = "|".join(_any_name(each.weekdays) for each in LANGUAGES.values())
    return re.compile(rf"\b(?:dydd\s+|nos\s+|on\s+)?(?P<weekday>{names})\b,?")


def _weekday(found: re.Match[str]) -> int:
    return _place(found["weekday"], lambda each: each.weekdays)


def _place(written: str, names: Callable[[Language], tuple[str, ...]]) -> int:
    """Which month or weekday these letters begin."""
    every = ((place, name) for each in LANGUAGES.values() for place, name in enumerate(names(each)))
    return next(place for place, name in every if name.startswith(written.rstrip(".")))


def _any_name(names: Iterable[str]) -> str:
    """A pattern for each name and every beginning of it from three letters on, the longest first."""
    cuts = {name[:length] for name in names for length in range(min(SHORTEST_NAME, len(name)), len(name) + 1)}
    return _either(cuts)


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))


def _without(words: str, found: re.Match[str]) -> str:
    return f"{words[: found.start()]} {words[found.end() :]}".strip(" ,;")


# The hours

_LONGEST_HOURS = 2


@cache
def _one_hour() -> str:
    spoken = LANGUAGES.values()
    noon = _either(chain.from_iterable(each.noon for each in spoken))
    return (
        rf"(?:(?P<noon{{0}}>{noon})|(?P<hour{{0}}>\d{{{{1,2}}}})(?:[:.](?P<minute{{0}}>\d{{{{2}}}}))?"
        rf"(?:\s*(?:(?P<early{{0}}>{_half('morning')})|(?P<late{{0}}>{_half('evening')}))\b\.?)?)"
    )


def _half(name: Literal["morning", "evening"]) -> str:
    return _either(chain.from_iterable(getattr(each, name) for each in LANGUAGES.values()))


@cache
def _hours() -> re.Pattern[str]:
    until = _either(chain.from_iterable(each.until for each in LANGUAGES.values()))
    first, second = _one_hour().format(1), _one_hour().format(2)
    return re.compile(rf"\b{first}(?:\s*(?:-|–|\b(?:{until})\b)\s*{second})?(?!\w)")


def _find_hours(rest: str) -> tuple[time, time | None] | Misread:
    """When it starts and, if that is said, when it ends."""
    found = _hours().search(rest)
    if found is None:
        return Misread("no_hour")
    ends = _clock(found, 2, "") if found["noon2"] or found["hour2"] else None
    starts = _clock(found, 1, _which_half(found))
    if isinstance(starts, Misread):
        return starts
    return (starts, None) if ends is None else ends if isinstance(ends, Misread) else (starts, ends)


def _which_half(found: re.Match[str]) -> str:
    """In "7-9pm" the half that is said last is meant for both; in "11-1pm" it is not."""
    if found["early1"] or found["late1"] or not found["hour2"] or not (found["early2"] or found["late2"]):
        return ""
    same = int(found["hour1"] or 0) % 12 < int(found["hour2"]) % 12
    return "late" if bool(found["late2"]) == same else "early"


def _clock(found: re.Match[str], which: int, assumed: str) -> time | Misread:
    if found[f"noon{which}"]:
        return time(12)
    written, minute = found[f"hour{which}"], int(found[f"minute{which}"] or 0)
    half = "early" if found[f"early{which}"] else "late" if found[f"late{which}"] else assumed
    hour = int(written)
    if half and not 1 <= hour <= 12:
        half = ""
    if half:
        hour = hour % 12 + (12 if half == "late" else 0)
    elif len(written) < _LONGEST_HOURS or not found[f"minute{which}"]:
        return Misread("which_half" if 1 <= hour <= 12 else "no_hour")
    return time(hour, minute) if hour < 24 and minute < 60 else Misread("no_hour")
