"""People who answer while something goes wrong: what each said and when, what they then saw and when.

They come one after another, in several lanes, and do what people do: one whose page fails sends it again, one who hears
nothing for a while asks where they are. `seen` is what a person may rely on: the next question was in front of them.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import aiohttp

from bot.house import House
from conversations.domain.answers import Answer, Slot
from storage import answers, people
from tests.benchmarks.crowd import HELD, Act, TelegramGuest, WebGuest, story
from tests.fakes.botapi import BotApi
from tests.playing import squeezed
from tests.service import OWN_PAGE

PATIENCE = 90.0
"""Seconds after which somebody counts as stuck."""

ASKS_AGAIN = 12.0
"""Seconds of silence in a chat after which a person presses Start again, to see where they are."""

THE_END = "That is all. Thank you."
"""Said once: whoever asks where they are afterwards is told so in other words."""

Person = tuple[str, str]
"""A channel and the address on it."""


class Stuck(Exception):
    """Somebody never saw the next question."""


@dataclass
class Answered:
    """An answer somebody gave. Moments are monotonic seconds; `seen` is infinite until the next question was there."""

    who: Person
    slot: Slot
    picks: tuple[str, ...]
    words: str
    said: float
    seen: float = math.inf


@dataclass(frozen=True)
class Wait:
    """From an act until its answer was in front of the person."""

    channel: str
    value: str
    began: float
    ended: float


class PatientTelegramGuest(TelegramGuest):
    """In Telegram; after a long silence they press Start, and look again."""

    async def _until(self, sees: str) -> None:
        begun, asked_again = time.monotonic(), False
        while True:
            try:
                [message] = await self.person.hears(1, timeout=ASKS_AGAIN)
            except AssertionError:
                if time.monotonic() - begun > PATIENCE:
                    raise Stuck(f"telegram {self.id} never saw {sees!r}") from None
                await self.person.start()
                asked_again = True
                continue
            if asked_again and sees == THE_END:
                return
            if sees in squeezed(message.text + "".join(f" [{label}]" for label in message.buttons)):
                return


class PatientWebGuest(WebGuest):
    """At the web chat; a page that fails is sent again, as it stands."""

    async def act(self, act: Act | None) -> None:
        begun = time.monotonic()
        while True:
            try:
                return await super().act(act)
            except (AssertionError, aiohttp.ClientError, TimeoutError) as error:
                if time.monotonic() - begun > PATIENCE:
                    raise Stuck(f"web: {str(error)[:300]}") from None
                await asyncio.sleep(0.25)


@dataclass
class People:
    """Everybody of one run. `first` is the number of the first person in Telegram."""

    base: str
    api: BotApi
    seed: int
    think: tuple[float, float] = (0.0, 0.1)
    first: int = 10_000
    answered: list[Answered] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    finished: int = 0
    _in_hand: dict[int, float] = field(default_factory=dict)
    _met: int = 0
    _stopping: bool = False

    async def answer(self, telegram: int, web: int) -> None:
        """Answers in so many lanes, until stopped and the act in hand is over."""
        async with asyncio.TaskGroup() as lanes:
            for place in range(telegram + web):
                lanes.create_task(self._lane(place >= telegram))

    def stop(self) -> None:
        """Nobody does anything more once the act in hand is answered."""
        self._stopping = True

    async def have_seen(self, count: int) -> None:
        """Waits until so many answers were followed by the next question."""
        while sum(each.seen < math.inf for each in self.answered) < count:  # noqa: ASYNC110 - anybody's
            await asyncio.sleep(0.02)

    async def caught_up(self, moment: float) -> None:
        """Waits until everybody who was waiting at that moment has their next question."""
        while any(began <= moment for began in self._in_hand.values()):  # noqa: ASYNC110 - a lane each
            await asyncio.sleep(0.01)

    async def _lane(self, on_the_web: bool) -> None:
        while not self._stopping:
            self._met += 1
            number = self._met
            async with AsyncExitStack() as stack:
                guest: TelegramGuest | WebGuest = PatientTelegramGuest(self.api, self.first + number)
                if on_the_web:
                    jar, patience = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=60)
                    session = aiohttp.ClientSession(cookie_jar=jar, timeout=patience, headers=OWN_PAGE)
                    guest = PatientWebGuest(self.base, await stack.enter_async_context(session))
                try:
                    await self._live(guest, number)
                except Stuck as error:
                    self.stuck.append(str(error))

    async def _live(self, guest: TelegramGuest | WebGuest, number: int) -> None:
        dice = random.Random(repr((self.seed, number)))
        for act in (None, *story(dice, f"person {number}")):
            await asyncio.sleep(dice.uniform(*self.think))
            if self._stopping:
                return
            began = self._in_hand[number] = time.monotonic()
            given = Answered(("", ""), Slot(act.says[0]), act.says[1], act.words, began) if act and act.says else None
            if given is not None:
                given.who = (guest.channel, await guest.address())
                self.answered.append(given)
            try:
                await guest.act(act)
            finally:
                del self._in_hand[number]
            ended = time.monotonic()
            value = str(guest.id) if isinstance(guest, TelegramGuest) else ""
            self.waits.append(Wait(guest.channel, value, began, ended))
            if given is not None:
                given.seen = ended
        self.finished += 1


@dataclass
class Comparison:
    """What was said, beside what is stored."""

    missing: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    kept: int = 0


async def compare(house: House, said: Sequence[Answered], until: float = math.inf) -> Comparison:
    """Every answer whose next question was seen by `until` must be stored as it was said; another may be there or
    not; one that nobody said may not. `said` may grow in the meantime."""
    found = Comparison()
    everybody = {each.who for each in said}
    async with house.database.read() as tx:
        known = {who: await people.address_of(tx, *who) for who in everybody}
        held = await answers.held_by(tx, {person.id: HELD for person in known.values() if person})
    for who, person in known.items():
        stored = dict(held[person.id].current) if person else {}
        for each in said:
            if each.who == who:
                _compare_one(found, each, stored.pop(each.slot, None), until)
        found.invented += [f"{who[0]}: {slot} is stored and was never said" for slot in stored]
    return found


def _compare_one(found: Comparison, each: Answered, stored: Answer | None, until: float) -> None:
    right = stored is not None and (sorted(stored.picks), stored.words) == (sorted(each.picks), each.words)
    told = f"{each.who[0]}: {each.slot} was answered {each.picks}, stored is {stored and stored.picks}"
    if right:
        found.kept += each.seen <= until
    elif each.seen <= until:
        found.missing.append(told)
    elif stored is not None:
        found.invented.append(told)
