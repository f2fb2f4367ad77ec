"""Quiet hours: nothing unasked is sent between eight in the evening and nine in the morning, where the person is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conversations.domain.reminding import EVENING, MORNING
from conversations.domain.whens import zone_of


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """When quiet ends for somebody in this zone; None when it is not quiet."""
    here = now.astimezone(zone_of(zone))
    if MORNING <= here.time() < EVENING:
        return None
    day = here.date() + timedelta(days=1) if here.time() >= EVENING else here.date()
    return datetime.combine(day, MORNING, here.tzinfo).astimezone(UTC)
