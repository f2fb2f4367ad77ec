"""People who answer ten questions, all at once or at a steady rate, and what it cost the bot."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.benchmarks.asked import QUESTIONS, answer, mark
from tests.benchmarks.bots import Running
from tests.benchmarks.lean_telegram import BotApi, Json, Webhook, said

PATIENCE = 60.0
_CHATS = itertools.count(100_000)


@dataclass
class Somebody:
    """One person: says something, and waits until the next question is seen and the update is acknowledged."""

    chat: int
    language: str
    webhook: Webhook
    _wanted: str = ""
    _seen: asyncio.Event = field(default_factory=asyncio.Event)

    def sees(self, text: str) -> None:
        if self._wanted in text:
            self._seen.set()

    async def say(self, words: str, wanted: str) -> float:
        """Says it; the seconds until `wanted` is in a message."""
        self._wanted = wanted
        self._seen.clear()
        began = time.perf_counter()
        status = await self.webhook.post(said(self.chat, words, self.language))
        assert status == 200, f"the webhook answered {status}"
        await asyncio.wait_for(self._seen.wait(), PATIENCE)
        return time.perf_counter() - began

    async def greet(self, greeting: Sequence[str]) -> None:
        """Comes to question one."""
        for words in greeting:
            await self.say(words, mark(1) if words == greeting[-1] else "")

    async def answer(self, number: int) -> float:
        """Answers question `number`; after the last, anything said will do."""
        return await self.say(answer(number), mark(number + 1) if number < QUESTIONS else "")


@dataclass(frozen=True)
class Cost:
    """What answers came to. `waits` are seconds, one an answer."""

    answers: int
    seconds: float
    cpu: float
    waits: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds

    @property
    def cpu_each(self) -> float:
        """Processor time of the bot for one answer, in microseconds."""
        return self.cpu / self.answers * 1e6

    def wait(self, share: float) -> float:
        """The wait that this share of all stays under."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def gathered(bot: Running, api: BotApi, webhook: Webhook, count: int) -> list[Somebody]:
    """So many new people at question one, every other one in Welsh."""
    people = new_people(webhook, count)
    known_to(api, people)
    await asyncio.gather(*(each.greet(bot.kind.greeting[each.language]) for each in people))
    return people


def new_people(webhook: Webhook, count: int) -> list[Somebody]:
    """People whom no bot has met, every other one in Welsh."""
    languages = itertools.cycle(("en", "cy"))
    return [Somebody(next(_CHATS), next(languages), webhook) for _ in range(count)]


def known_to(api: BotApi, people: Sequence[Somebody]) -> None:
    """Has each of them see what is said to them, and nobody else anything."""
    known = {each.chat: each for each in people}

    def sent(chat: int, text: str) -> tuple[int, Json]:
        if chat in known:
            known[chat].sees(text)
        return 200, {}

    api.on_sent = sent


async def at_once(bot: Running, api: BotApi, webhook: Webhook, people: int, waves: int = 1) -> Cost:
    """Everybody answers as fast as the bot asks; `waves` of fresh people one after the other."""
    seconds = cpu = 0.0
    waits: list[float] = []

    async def live(each: Somebody) -> None:
        for number in range(1, QUESTIONS + 1):
            waits.append(await each.answer(number))

    for _ in range(waves):
        everybody = await gathered(bot, api, webhook, people)
        await asyncio.sleep(0.2)  # what the greeting left to be written down is
        began, used = time.perf_counter(), bot.cpu()
        await asyncio.gather(*(live(each) for each in everybody))
        seconds += time.perf_counter() - began
        await asyncio.sleep(0.3)  # what answers leave to be written down counts as their cost
        cpu += bot.cpu() - used
    return Cost(len(waits), seconds, cpu, tuple(waits))


async def steadily(bot: Running, api: BotApi, webhook: Webhook, rate: float, seconds: float) -> Cost:
    """Answers come at a steady rate, whatever the bot does. A wait counts from when the answer was due."""
    return await answering(bot, await gathered(bot, api, webhook, round(rate * seconds / QUESTIONS)), rate)


async def answering(bot: Running, people: Sequence[Somebody], rate: float) -> Cost:
    """These people answer, so many answers a second between them."""
    await asyncio.sleep(1)  # what the greeting left to be written down is
    waits: list[float] = []
    began, used = time.perf_counter(), bot.cpu()

    async def live(place: int, each: Somebody) -> None:
        for number in range(1, QUESTIONS + 1):
            due = began + ((number - 1) * len(people) + place) / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            await each.answer(number)
            waits.append(time.perf_counter() - due)

    await asyncio.gather(*(live(place, each) for place, each in enumerate(people)))
    return Cost(len(waits), time.perf_counter() - began, bot.cpu() - used, tuple(waits))
