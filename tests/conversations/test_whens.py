"""Whens: what people type for a day and an hour is what the clock on the wall will show."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.domain.whens import Misread, When, instant, read_day, read_when

NOW = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)  # a Sunday
LONDON = "Europe/London"


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute)


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("Sat 5 Dec 7pm", at(2026, 12, 5, 19)),
        ("Saturday 5th of December 2026 at 7.30 pm", at(2026, 12, 5, 19, 30)),
        ("5 December, 7:30 p.m.", at(2026, 12, 5, 19, 30)),
        ("6/12 19:00", at(2026, 12, 6, 19)),
        ("6/12/26 at 07:15", at(2026, 12, 6, 7, 15)),
        ("6.12.2026 19.00", at(2026, 12, 6, 19)),
        ("2026-12-06 19:00", at(2026, 12, 6, 19)),
        ("Dec 6, 7 in the evening", at(2026, 12, 6, 19)),
        ("19:00 on 6 dec", at(2026, 12, 6, 19)),
        ("1 Feb 10am", at(2027, 2, 1, 10)),
        ("29 Feb 10am", at(2028, 2, 29, 10)),
        ("tomorrow at noon", at(2026, 11, 23, 12)),
        ("tonight 8pm", at(2026, 11, 22, 20)),
        ("today 12:30", at(2026, 11, 22, 12, 30)),
        ("Thursday 6pm", at(2026, 11, 26, 18)),
        ("Sunday 6pm", at(2026, 11, 29, 18)),
        ("12am 6/12", at(2026, 12, 6, 0)),
        ("Sad 5 Rhag 7yh", at(2026, 12, 5, 19)),
        ("Dydd Mawrth 1 Rhagfyr 19:00", at(2026, 12, 1, 19)),
        ("2 Mawrth 10yb", at(2027, 3, 2, 10)),
        ("nos Fawrth 24/11 19:00", at(2026, 11, 24, 19)),
        ("yfory hanner dydd", at(2026, 11, 23, 12)),
        ("Mai 5ed 10yb", at(2027, 5, 5, 10)),
    ],
)
def test_a_day_and_an_hour_are_read(words: str, start: datetime) -> None:
    read = read_when(words, NOW, LONDON)
    assert isinstance(read, When), read
    assert read.start == start


@pytest.mark.parametrize(
    ("words", "minutes"),
    [
        ("5 Dec 7pm", 120),
        ("5 Dec 7-9pm", 120),
        ("5 Dec 11-1pm", 120),
        ("5 Dec 19:00 to 20:30", 90),
        ("5 Dec 10am until noon", 120),
        ("5 Dec 10pm-1am", 180),
        ("5 Rhag 7yh tan 8yh", 60),
    ],
)
def test_its_end_is_read_or_two_hours_later(words: str, minutes: int) -> None:
    read = read_when(words, NOW, LONDON)
    assert isinstance(read, When), read
    assert read.minutes == minutes


@pytest.mark.parametrize(
    ("words", "why", "day"),
    [
        ("soon", "no_day", None),
        ("", "no_day", None),
        ("7pm", "no_day", None),
        ("5 Dec", "no_hour", date(2026, 12, 5)),
        ("5 Dec 25:00", "no_hour", date(2026, 12, 5)),
        ("31 Nov 7pm", "no_such_day", None),
        ("99/99 7pm", "no_such_day", None),
        ("Fri 5 Dec 7pm", "other_weekday", date(2026, 12, 5)),
        ("5 Dec at 7", "which_half", date(2026, 12, 5)),
        ("5 Dec 7:30", "which_half", date(2026, 12, 5)),
        ("28 March 2027 01:30", "no_such_hour", date(2027, 3, 28)),
        ("today 07:00", "past", date(2026, 11, 22)),
        ("5 Dec 2020 7pm", "past", date(2020, 12, 5)),
        ("5 Dec 2040 7pm", "too_far", date(2040, 12, 5)),
    ],
)
def test_what_cannot_be_meant_is_named(words: str, why: str, day: date | None) -> None:
    assert read_when(words, NOW, LONDON) == Misread(why, day)  # type: ignore[arg-type]


@given(st.text(max_size=60))
def test_no_words_break_it(words: str) -> None:
    read_when(words, NOW, LONDON)
    read_day(words, NOW.date())


@given(st.datetimes(NOW.replace(tzinfo=None) + timedelta(days=1), datetime(2028, 11, 1)))
def test_every_start_written_out_is_read_back(start: datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    read = read_when(f"{start:%a %d %b %Y %H:%M}", NOW, "Asia/Kolkata")
    assert read == When(start)


def test_a_day_alone_is_a_day_and_a_place_is_none() -> None:
    today = NOW.date()
    assert read_day("6 Dec", today) == date(2026, 12, 6)
    assert read_day("tomorrow", today) == date(2026, 11, 23)
    assert read_day("Sunderland", today) is None
    assert read_day("Mayfield", today) is None
    assert read_day("5 December Road", today) is None


@pytest.mark.parametrize("zone", [LONDON, "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"])
def test_what_the_clock_on_the_wall_shows_is_what_was_typed(zone: str) -> None:
    read = read_when("1 April 2027 7pm", NOW, zone)
    assert isinstance(read, When)
    assert instant(read.start, zone).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == at(2027, 4, 1, 19)


def test_a_zone_that_is_none_is_london() -> None:
    assert instant(at(2027, 7, 1, 19), "Nowhere/Else") == datetime(2027, 7, 1, 18, tzinfo=UTC)
    assert instant(at(2027, 7, 1, 19), "Europe") == datetime(2027, 7, 1, 18, tzinfo=UTC)
