"""Strain: people answer in Telegram while news goes out to very many, and somebody outside looks at the program: how
long each press waits for its question, how much memory and how many handles and tasks it holds."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count

from bot.opening import opened
from bot.settings import Settings
from tests.benchmarks.crowd import story
from tests.fakes.botapi import BotApi
from tests.torture.audience import gather, publish
from tests.torture.people import NAMES, InTelegram
from tests.torture.verdict import Verdict

FIRST_TOLD, FIRST_PERSON = 10_000, 2_000_000
"""The first numbers in Telegram of those who are told, and of those who answer."""

STUCK = 20.0
TIDY_EVERY = 1.0
FORGOTTEN_AFTER = 60.0
"""Seconds after which whoever has come to the end is forgotten by our Telegram: what is still said to them arrived."""

PROMISED_WAIT = 0.3
LONG_WAIT, A_SPELL = 1.0, 10.0
"""Waits of so many seconds are told with when they were; those within so many of each other are one spell."""

Think = Callable[[], Awaitable[None]]


@dataclass
class _Timed(InTelegram):
    """Somebody who thinks after each thing they see; each wait is noted."""

    strain: Strain = field(kw_only=True)

    async def _until(self, sees: str) -> None:
        began = time.monotonic()
        await super()._until(sees)
        self.strain.seen_after(time.monotonic() - began)
        await self.strain.think()


@dataclass
class Strain:
    """People who answer one after the other in so many places, each thinking as `think` does, and an audience."""

    api: BotApi
    seed: int
    places: int
    think: Think
    told: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    long_waits: list[float] = field(default_factory=list)
    """When the long ones ended, in seconds from the first press."""

    broken: list[str] = field(default_factory=list)
    stories: int = 0
    last_told: float = 0.0
    _began: float = 0.0
    _over: bool = False
    _numbers: count[int] = field(default_factory=count)
    _gone: list[tuple[float, int]] = field(default_factory=list)

    async def gather(self, settings: Settings, size: int) -> None:
        """Puts an audience there and publishes to it. The program must not run yet."""
        told = range(FIRST_TOLD, FIRST_TOLD + size)
        for number in told:
            self.api.person(number, known=True)
        async with opened(settings) as house:
            await gather(house, told, set())
            _, audience = await publish(house)
        if audience != size:
            self.broken.append(f"{audience} of {size} are to be told")

    async def answer(self, lasts: Callable[[], bool]) -> float:
        """Has everybody answer for as long as `lasts` says so. The seconds it took until the first was told to stop."""
        self._began = time.monotonic()
        places = [asyncio.create_task(self._place()) for _ in range(self.places)]
        try:
            while lasts() and not any(each.done() for each in places):
                await asyncio.sleep(TIDY_EVERY / 4)
                self._tidy()
            seconds = time.monotonic() - self._began
            self._over = True
            done, stuck = await asyncio.wait(places, timeout=STUCK)
        finally:
            for each in places:
                each.cancel()
            await asyncio.gather(*places, return_exceptions=True)
        self.broken += [f"{each.get_name()} is stuck" for each in stuck]
        self.broken += [str(error) for each in done if (error := each.exception())]
        self._tidy()
        return seconds

    def seen_after(self, seconds: float) -> None:
        """Somebody saw their next question so many seconds after they pressed."""
        self.waits.append(seconds)
        if seconds > LONG_WAIT:
            self.long_waits.append(time.monotonic() - self._began)

    async def _place(self) -> None:
        await self.think()
        while not self._over:
            number = next(self._numbers)
            who = f"guest-1-{number}"
            _name_this_task(who)
            me = _Timed(who, self.api, FIRST_PERSON + number, strain=self)
            for act in (None, *story(random.Random(f"{self.seed} {who}"), who)):
                if self._over:
                    return
                await me.act(act)
            self.stories += 1
            self._gone.append((time.monotonic(), me.id))

    # What our Telegram saw

    def _tidy(self) -> None:
        """Reads what was said and refused, and forgets it: it would fill the memory of the observer, and slow it."""
        for message in self.api.sent:
            number = message.chat.chat_id
            if number < FIRST_PERSON:
                self._news(number, str(message.content.get("text", "")))
        self.broken += [f"Telegram refused {each.method}: {each.told}" for each in self.api.refusals]
        self.api.forget_what_is_over()
        while self._gone and self._gone[0][0] < time.monotonic() - FORGOTTEN_AFTER:
            self.api.forget_person(self._gone.pop(0)[1])

    def _news(self, number: int, text: str) -> None:
        self.told[number] += 1
        self.last_told = time.monotonic()
        if self.told[number] > 1:
            self.broken.append(f"guest-0-{number} was told twice")
        if set(NAMES.findall(text)) != {f"guest-0-{number}"}:
            self.broken.append(f"guest-0-{number} was told the words of {NAMES.findall(text)}")

    # The verdict

    def judge(self, verdict: Verdict, seconds: float) -> None:
        """What people saw, as figures; and the promise of how long they wait."""
        waits = sorted(self.waits) or [float("inf")]
        at = {f"{name}, ms": round(1000 * waits[int(share * (len(waits) - 1))]) for name, share in _SHARES.items()}
        verdict.figures |= {
            "updates": len(self.waits), "updates a second": round(len(self.waits) / seconds, 1), **at,
            "waits over 1 s, from second": self._spells(), "stories": self.stories, "told": len(self.told),
        }  # fmt: skip
        late = waits[int(0.95 * (len(waits) - 1))]
        verdict.must(late <= PROMISED_WAIT, f"p95 of press → next question is {late:.3f} s, not {PROMISED_WAIT}")
        verdict.broken += self.broken

    def _spells(self) -> str:
        """How many waited long, and when each spell of it began."""
        begins = [
            at
            for at, before in zip(self.long_waits, [-A_SPELL, *self.long_waits], strict=False)
            if at - before >= A_SPELL
        ]
        return ": ".join(filter(None, [str(len(self.long_waits)), ", ".join(f"{at:.0f}" for at in begins)]))


_SHARES = {"median": 0.5, "p95": 0.95, "p99": 0.99}


def _name_this_task(name: str) -> None:
    task = asyncio.current_task()
    assert task is not None
    task.set_name(name)
