"""Buckets: how often somebody may do what costs others something. Counted in memory for a moment, and kept nowhere."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.access import Rate

MOST_REMEMBERED = 50_000


@dataclass
class Buckets:
    """A bucket for every (what, who): it holds `burst` at first, and is filled again at so many a second.

    One that is full again is as good as none, and is forgotten: what is remembered is how many come at a time, not how
    many came.
    """

    now: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[tuple[str, str], tuple[float, float, float]] = field(default_factory=OrderedDict)

    def take(self, what: str, who: str, rate: Rate) -> bool:
        """Whether one more is within the rate. Whoever was not seen for longest is forgotten first."""
        now = self.now()
        left, then, _ = self._buckets.pop((what, who), (float(rate.burst), now, now))
        left = min(rate.burst, left + (now - then) * rate.per_second)
        allowed = left >= 1
        self._keep((what, who), left - 1 if allowed else left, now, rate)
        for _ in range(2):
            _, _, full = next(iter(self._buckets.values()))
            if full <= now or len(self._buckets) > MOST_REMEMBERED:
                self._buckets.popitem(last=False)
        return allowed

    def give_back(self, what: str, who: str, rate: Rate) -> None:
        """One that was taken was not used."""
        if (what, who) in self._buckets:
            left, then, _ = self._buckets[what, who]
            self._keep((what, who), min(rate.burst, left + 1), then, rate)

    def _keep(self, key: tuple[str, str], left: float, then: float, rate: Rate) -> None:
        self._buckets[key] = (left, then, then + (rate.burst - left) / rate.per_second)
