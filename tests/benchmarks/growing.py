"""A5: what a turn takes among very many people and their answers, beside what it takes among few."""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.asked import QUESTIONS
from tests.benchmarks.bots import OURS, Running, new_keys, running
from tests.benchmarks.conversing import Somebody, gathered, known_to, new_people
from tests.benchmarks.filling import fill
from tests.benchmarks.lean_telegram import BotApi, Webhook
from tests.benchmarks.metronome import Metronome
from tests.benchmarks.targets import Bench, Seen

FEW = 1000
EACH_TIME = 25
"""So many people who were there before all the others, and so many new ones, answer at a time."""

PER_SECOND = 20.0
SETTLING = 3.0
"""Seconds from the start to the first turn: what a start has to do is not measured here."""


@dataclass
class _Place:
    """A database with so many people in it, and those among them who have begun to answer and not gone on."""

    bench: Bench
    people: int
    url: str
    keys: dict[str, str] = field(default_factory=new_keys)
    waiting: list[Somebody] = field(default_factory=list)

    async def settle(self) -> None:
        """Those who will be old ones come first; then everybody else is written in."""
        async with self._service() as (bot, api, webhook):
            self.waiting = await gathered(bot, api, webhook, EACH_TIME * self.bench.pairs)
        await fill(self.url, self.people)

    async def p95(self) -> float:
        """Of turns of old and new people, at a rate that nobody has to wait for, in seconds."""
        async with self._service() as (bot, api, webhook):
            old = [self.waiting.pop() for _ in range(EACH_TIME)]
            for each in old:
                each.webhook = webhook
            await asyncio.sleep(SETTLING)
            new = new_people(webhook, EACH_TIME)
            known_to(api, [*old, *new])
            metronome = Metronome(PER_SECOND)
            waits = await asyncio.gather(*(_live(each, metronome, bot, each in new) for each in [*old, *new]))
        ordered = sorted(itertools.chain.from_iterable(waits))
        return ordered[int(0.95 * len(ordered))]

    @asynccontextmanager
    async def _service(self) -> AsyncIterator[tuple[Running, BotApi, Webhook]]:
        async with BotApi() as api, running(OURS, self.bench.folder, self.url, api.url, self.keys) as bot:
            webhook = Webhook("127.0.0.1", bot.port, "/telegram")
            await webhook.open()
            try:
                yield bot, api, webhook
            finally:
                webhook.close()


async def _live(somebody: Somebody, metronome: Metronome, bot: Running, new: bool) -> list[float]:
    """A person's way to the end; the wait for each turn."""
    waits = []
    if new:
        await metronome.beat()
        await somebody.greet(bot.kind.greeting[somebody.language])
    for number in range(1, QUESTIONS + 1):
        await metronome.beat()
        waits.append(await somebody.answer(number))
    return waits


async def growing(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """Few and very many, one after the other, as often as pairs are asked for."""
    places = []
    for people in (FEW, bench.grown):
        place = _Place(bench, people, bench.new_database())
        began = time.perf_counter()
        await place.settle()
        places.append(place)
        tell(f"{people:,} people are in after {time.perf_counter() - began:.0f} s")
    pairs = []
    for _ in range(bench.pairs):
        few, many = [await place.p95() for place in places]
        pairs.append((few, many))
        tell(f"p95 {few * 1000:.1f} ms among {FEW:,}, {many * 1000:.1f} ms among {bench.grown:,}")
    times = statistics.median(many / few for few, many in pairs)
    what = f"p95 turn among {bench.grown:,} people and {bench.grown * QUESTIONS:,} answers, × among {FEW:,}"
    detail = "; ".join(f"{many * 1000:.0f} against {few * 1000:.0f} ms" for few, many in pairs)
    return [Seen("A5", what, "≤ 1.2", f"{times:.2f}", times <= 1.2, detail)]
