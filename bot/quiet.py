"""Quiet hours: nothing unasked is sent between eight in the evening and nine in the morning, where the person is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from conversations.domain.hours import EVENING, MORNING, local, morning_of
from storage.deliveries import Delivery, Settlement


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """When quiet ends for somebody in this zone; None when it is not quiet."""
    here = local(now, zone)
    if MORNING <= here.time() < EVENING:
        return None
    return morning_of(here.date() + timedelta(days=here.time() >= EVENING), here)


def by_the_clock(claimed: Sequence[Delivery], now: datetime) -> tuple[list[Delivery], list[Settlement]]:
    """Who may be written to now, and who is asleep: until nine in the morning where they are. Urgent news wakes."""
    awake, asleep = [], []
    for each in claimed:
        until = None if each.urgent else quiet_until(now, each.zone)
        if until is None:
            awake.append(each)
        else:
            asleep.append(Settlement(each.id, "again", not_before=until, waits_for="quiet"))
    return awake, asleep
