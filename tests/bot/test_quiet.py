"""Quiet hours: eight in the evening to nine in the morning, where the person is, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.quiet import quiet_until

LONDON, BELFAST, MADRID = "Europe/London", "Europe/Belfast", "Europe/Madrid"


def at(zone: str, written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", [LONDON, BELFAST, MADRID, "Atlantic/Canary"])
@pytest.mark.parametrize("day", ["2026-07-01", "2026-12-31", "2028-02-28", "2028-02-29"])
def test_the_edges_of_the_night(zone: str, day: str) -> None:
    morning = at(zone, f"{day}T09:00")
    assert quiet_until(at(zone, f"{day}T08:59:59"), zone) == morning
    assert quiet_until(morning, zone) is None
    assert quiet_until(at(zone, f"{day}T19:59:59"), zone) is None
    assert quiet_until(at(zone, f"{day}T00:00"), zone) == morning
    next_day = (datetime.fromisoformat(day) + timedelta(days=1)).date()
    assert quiet_until(at(zone, f"{day}T20:00"), zone) == at(zone, f"{next_day}T09:00")


@pytest.mark.parametrize(
    ("evening", "morning_utc", "hours"),
    [
        ("2026-03-28T20:00", "2026-03-29T08:00+00:00", 12),  # the clocks go forward: a night of twelve hours
        ("2026-10-24T20:00", "2026-10-25T09:00+00:00", 14),  # and back
        ("2027-03-27T20:00", "2027-03-28T08:00+00:00", 12),
    ],
)
def test_a_night_when_the_clocks_change(evening: str, morning_utc: str, hours: int) -> None:
    begins = at(LONDON, evening)
    ends = quiet_until(begins, LONDON)
    assert ends == datetime.fromisoformat(morning_utc)
    assert ends - begins == timedelta(hours=hours)
    assert quiet_until(ends - timedelta(seconds=1), LONDON) == ends
    assert quiet_until(ends, LONDON) is None


def test_one_instant_is_night_in_one_place_and_day_in_another() -> None:
    now = at(LONDON, "2026-07-01T19:30")
    assert quiet_until(now, LONDON) is None
    assert quiet_until(now, MADRID) == at(MADRID, "2026-07-02T09:00")


@pytest.mark.parametrize("zone", ["", "Nowhere/At_All", "../etc/passwd", "Europe"])
def test_a_zone_nobody_knows_is_read_as_london(zone: str) -> None:
    assert quiet_until(at(LONDON, "2026-07-01T20:00"), zone) == at(LONDON, "2026-07-02T09:00")
