"""Quiet hours: nothing unasked is sent between eight in the evening and nine in the morning, where the person is."""

from __future__ import annotations

from datetime import datetime, timedelta

from conversations.domain.hours import EVENING, MORNING, local, morning_of


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """When quiet ends for somebody in this zone; None when it is not quiet."""
    here = local(now, zone)
    if MORNING <= here.time() < EVENING:
        return None
    return morning_of(here.date() + timedelta(days=here.time() >= EVENING), here)
