"""Restraint: nobody is written to more often than they can bear, whatever is published and however often. Replies to
what they do themselves are not counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.access import Rate
from bot.buckets import Buckets

UNASKED = Rate(5, 1 / 12)
"""News to one person: never more than ten in any minute, nor more than five a minute for longer."""
LATER = timedelta(seconds=1 / UNASKED.per_second + 1)


class Restraint:
    """Counts what is sent to each person unasked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._buckets = Buckets(lambda: clock().timestamp())

    def until(self, person: str) -> datetime | None:
        """None when one more may go to this person now, which counts as sent; else when to try again."""
        return None if self._buckets.take("unasked", person, UNASKED) else self._clock() + LATER
