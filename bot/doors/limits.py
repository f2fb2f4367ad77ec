"""Limits: how often one place or person may ask for what costs us something, and how many pages may wait for news."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiohttp import web

from bot.access import Rate
from bot.buckets import Buckets
from bot.doors.pages import client_address, hung_up
from bot.settings import is_loopback

MOST_STREAMS = 12
"""Pages that wait for news, of one person: a telephone, a tablet, and more tabs than anybody looks at."""


@dataclass
class Streams:
    """Open pages that wait for news, by whose they are. Each holds a connection, and some look at the database."""

    _open: dict[str, list[web.Request]] = field(default_factory=lambda: defaultdict(list))

    @contextlib.contextmanager
    def one_more(self, request: web.Request, who: str) -> Iterator[None]:
        """Holds one of the few places of a person. Raises HTTPTooManyRequests when all are taken by pages that are
        still there: one that was left is noticed only when something is said to it."""
        if sum(not hung_up(each) for each in self._open[who]) >= MOST_STREAMS:
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
        self._open[who].append(request)
        try:
            yield
        finally:
            self._open[who].remove(request)
            if not self._open[who]:
                del self._open[who]


STREAMS: web.AppKey[Streams] = web.AppKey("streams", Streams)
LIMITS: web.AppKey[Buckets] = web.AppKey("limits", Buckets)


def insist(request: web.Request, what: str, rate: Rate, who: str = "") -> None:
    """Raises HTTPTooManyRequests when it was asked too often: by `who`, or else from where it was asked.

    Whoever asks from this machine is not counted, unless they guess: behind a proxy that was not named to us everybody
    would be one place.
    """
    place = client_address(request)
    if is_loopback(place) and not rate.guesses:
        return
    if not request.app[LIMITS].take(what, who or place, rate):
        raise web.HTTPTooManyRequests(headers={"Retry-After": str(max(1, round(1 / rate.per_second)))})
