"""Fan-out: an action is told to very many while the program is killed, and people say STOP, change their language and
link another address in between. Nobody is lost silently, told twice, or told another's words."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.bulk import most_in_hand
from bot.opening import opened
from bot.settings import Settings
from storage.schema import addresses, deliveries
from tests.fakes.botapi import BotApi
from tests.service import CANAL
from tests.torture.audience import cookie_of, gather, publish
from tests.torture.bugs import BUGS
from tests.torture.launcher import Plan
from tests.torture.people import NAMES
from tests.torture.program import Program, Stable, database_of, databases, settings_for
from tests.torture.verdict import Asked, Verdict

FULL = 100_000
PROMISE = "news to very many through kills, STOPs, changed languages and new links: 0 lost silently, 0 another's words"
MOST_KILLS, A_KILL_EVERY = 200, 500
FASTEST, SLOWEST = 300, 30
"""Messages a second: between them, about a second's work for each life of the program."""

LEASE, TURN_LEASE = 3.0, 0.5
LONGEST_LIFE = 4.0
STUCK = 20.0
FIRST, ELSEWHERE = 10_000, 5_000_000
"""The first number in Telegram, and where people's second numbers begin."""

LINKERS_EVERY = 50
ALL_LOOKED_AT = 5000
"""Up to so many people, every single row is looked at after each kill; of more, after every tenth."""

POINTS = (
    "claimed, not sent",
    "sent, not settled",
    "outcomes are known, none is written",
    "settled, not committed",
    "outcomes are committed",
    "taken over, not committed",
    "news is rendered, not committed",
    "a batch of news is in hand",
    "a round of news begins, what was accepted is not written",
    "a round of news is committed",
    "the lease of the news is taken",
)
SENDS = POINTS[:2]
FINAL = ("accepted", "refused", "unknown")
HEADLINES = {language: words["headline"] for language, words in CANAL.items()}


async def run(asked: Asked) -> Verdict:
    """One fan-out, however large: it is one round."""
    with databases(asked.database) as new:
        async with Stable() as stable:

            async def play(_place: int, size: int) -> Verdict:
                with TemporaryDirectory(prefix="bc-") as name:
                    return await FanOut(asked, Path(name), new, stable, size).play()

            return await asked.rounds([asked.size], play)


@dataclass
class Wish:
    """What somebody asked for while the news was going out: `stop`, or `cymraeg`. `life`: in which life of the
    program they were told that it is done."""

    what: str
    life: int | None = None


@dataclass
class FanOut:
    """One publication, and all that is done to it. `window`: so many may be in hand when the program dies: on the
    wire, about to leave, or accepted and still to be written down."""

    asked: Asked
    folder: Path
    new: Callable[[Path], str]
    stable: Stable
    size: int
    verdict: Verdict = field(default_factory=Verdict)
    told: dict[int, list[str]] = field(default_factory=dict)
    wishes: dict[int, Wish] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    _read: int = 0
    _in_hand: int = 0

    async def play(self) -> Verdict:
        self.dice = self.asked.dice()
        self.numbers = range(FIRST, FIRST + self.size)
        self.linkers = list(self.numbers[::LINKERS_EVERY])
        self.kills = min(MOST_KILLS, max(self.size // A_KILL_EVERY, min(6, self.size // 40), 1))
        self.pace = min(FASTEST, max(SLOWEST, self.size // self.kills))
        self.window = most_in_hand(self.pace)
        settings = settings_for(self.folder, self.new(self.folder), telegram_per_second=str(self.pace))
        async with BotApi() as self.api, aiohttp.ClientSession() as self.session:
            settings |= {"telegram_token": self.api.token, "telegram_api_url": self.api.url}
            self.settings = settings
            self.program = Program(settings, self.folder / "log", self.stable)
            await self._prepare()
            try:
                await self._kill_and_kill()
            finally:
                await self.program.kill()
        self.verdict.broken += [f"refused by Telegram: {each.method} {each.code}" for each in self.api.refusals]
        self.verdict.broken += [f"the log: {line}" for line in self.program.complaints()[:3]]
        return self.verdict

    async def _prepare(self) -> None:
        self.asked.tell(f"gathering {self.size} people")
        for number in self.numbers:
            self.api.person(number, known=True)
            self.owners[number] = number
        async with opened(Settings(**self.settings)) as house:  # type: ignore[arg-type]
            await gather(house, self.numbers, set(self.linkers))
            self.version, self.audience = await publish(house)
        self.verdict.must(self.audience == self.size, f"{self.audience} of {self.size} are to be told")
        database = database_of(self.settings)
        async with database.read() as tx:
            rows = await tx.rows(sa.select(addresses.c.person, addresses.c.lookup))
            of_lookup = {row.lookup: row.person for row in rows}
            self.person_of = {of_lookup[tx.keys.find("telegram", str(number))]: number for number in self.numbers}
        await database.close()

    async def _kill_and_kill(self) -> None:
        for kill in range(self.kills):
            self.asked.tell(f"kill {kill + 1} of {self.kills}, {len(self.told)} of {self.size} are told")
            await self._one_kill()
            await self._look(every=self.size <= ALL_LOOKED_AT or kill % 10 == 0)
        began = time.monotonic()
        async with self.program.running(self._plan()):
            await self._until_all_is_settled()
        self.verdict.figures["last life, s"] = time.monotonic() - began
        await self._look(every=True)
        await self._account()

    async def _one_kill(self) -> None:
        chosen = BUGS[self.asked.bug].points if self.asked.bug else ()
        named = self.dice.choice(chosen or POINTS) if self.dice.random() < 0.7 else ""
        most = max(2, 2 * self.size // self.kills) if named in SENDS else 6
        await self.program.start(self._plan(named, self.dice.randint(1, most)))
        if await self.program.ready():
            people = asyncio.gather(*self._wishing())
            life = LONGEST_LIFE if named else self.dice.uniform(0.2, 2 * self.size / self.kills / self.pace)
            if await self.program.dies_within(life) and named:
                self.verdict.details[named] = self.verdict.details.get(named, 0) + 1
            await self.program.kill()
            await people
        self.verdict.count("kills")

    def _plan(self, point: str = "", passage: int = 1) -> Plan:
        return Plan(point, passage, self.asked.bug or "", LEASE, TURN_LEASE)

    # What people do meanwhile

    def _wishing(self) -> list[Coroutine[Any, Any, None]]:
        """Some of those who have not been told yet say STOP, or ask for Welsh, or link another address."""
        untold = [number for number in self.numbers if number not in self.told and number not in self.wishes]
        late = untold[len(untold) // 2 :]
        some = self.dice.sample(late, min(6, len(late)))
        acts = [
            asyncio.ensure_future(self._wish(number, ("stop", "cymraeg")[at % 2])) for at, number in enumerate(some)
        ]
        if self.linkers:
            acts.append(asyncio.ensure_future(self._link(self.linkers.pop())))
        return acts  # type: ignore[return-value]

    async def _wish(self, number: int, what: str) -> None:
        self.wishes[number] = Wish(what)
        await self.api.person(number).say(what)

    async def _link(self, number: int) -> None:
        """Goes on in Telegram under a second number; every other time, one that the program knows already."""
        there = f"{self.program.base}/chat/telegram"
        cookie = {"Cookie": f"chat={cookie_of(number)}"}
        try:
            async with self.session.get(there, headers=cookie, allow_redirects=False) as answer:
                link = answer.headers.get("Location", "")
        except (aiohttp.ClientError, OSError):
            return
        other = self.api.person(number + ELSEWHERE)
        self.owners[number + ELSEWHERE] = number
        if number % (2 * LINKERS_EVERY):
            await other.start()
        await other.start(link.partition("start=")[2])
        self.verdict.count("new links")

    # What is seen

    def _see(self) -> None:
        """Reads what was said in the life that has just ended."""
        life = self.program.lives
        confirmed = {}
        for message in self.api.sent[self._read :]:
            chat, text = message.chat.chat_id, str(message.content.get("text", ""))
            number = self.owners.get(chat, chat)
            language = next((each for each, headline in HEADLINES.items() if headline in text), "")
            others = {name for name in NAMES.findall(text) if name != f"guest-0-{number}"}
            self.verdict.must(not others, f"guest-0-{number} was told the words of {', '.join(others)}")
            if language and text.count("guest-0-"):
                self._news(number, language, life)
            elif number in self.wishes and self.wishes[number].life is None:
                confirmed[number] = life
        for number, in_life in confirmed.items():
            self.wishes[number].life = in_life
        self._read = len(self.api.sent)

    def _news(self, number: int, language: str, life: int) -> None:
        self.told.setdefault(number, []).append(language)
        wish = self.wishes.get(number)
        if wish is None or wish.life is None or wish.life >= life:
            return
        who = f"guest-0-{number}"
        self.verdict.must(wish.what != "stop", f"{who} was told after they had said STOP")
        self.verdict.must(wish.what != "cymraeg" or language == "cy", f"{who} was told in a language they had left")

    # The verdict

    async def _look(self, *, every: bool) -> None:
        """The ledger while the program is dead: it adds up, and no more is in doubt than was in hand."""
        await asyncio.sleep(0.02)  # until what was on the wire has arrived
        self._see()
        states = await self._ledger(deliveries.c.state, sa.func.count())
        counts = Counter(dict(states))
        self.verdict.must(counts.total() == self.audience, f"the ledger holds {counts.total()} of {self.audience}")
        in_hand = counts["claimed"] + counts["unknown"]
        fresh = in_hand - self._in_hand
        self.verdict.figures["most in hand at a kill"] = max(
            fresh, int(self.verdict.figures.get("most in hand at a kill", 0))
        )
        self.verdict.must(fresh <= self.window, f"{fresh} were in hand at one kill; {self.window} is promised")
        self._in_hand = in_hand
        if every:
            await self._compare()

    async def _ledger(self, *columns: Any) -> list[tuple[str, Any]]:
        database = database_of(self.settings)
        try:
            async with database.read() as tx:
                query = sa.select(*columns).where(deliveries.c.source == self.version)
                if columns[0] is deliveries.c.state:
                    query = query.group_by(deliveries.c.state)
                return [(row[0], row[1]) for row in await tx.rows(query)]
        finally:
            await database.close()

    async def _compare(self) -> None:
        """Each row beside what its person saw."""
        for person, state in await self._ledger(deliveries.c.person, deliveries.c.state):
            number = self.person_of[person]
            times = len(self.told.get(number, ()))
            who = f"guest-0-{number}"
            self.verdict.must(times or state != "accepted", f"{who} is noted as told and was not: lost silently")
            self.verdict.must(not times or state not in ("refused", "withdrawn"), f"{who} was told, and is {state}")
            self.verdict.must(not times or state != "waiting", f"{who} was told, and waits to be told again")

    async def _until_all_is_settled(self) -> None:
        seen, since = -1, time.monotonic()
        while True:
            await asyncio.sleep(0.3)
            counts = dict(await self._ledger(deliveries.c.state, sa.func.count()))
            if not {"waiting", "claimed", "paused"} & set(counts):
                await asyncio.sleep(0.3)  # what is still said to people in answer to STOP
                return
            if len(self.api.sent) != seen:
                seen, since = len(self.api.sent), time.monotonic()
                self.asked.tell(f"the last life, {len(self.api.sent)} said")
            if time.monotonic() - since > STUCK:
                self.verdict.broken.append(f"nothing is sent any more, and the ledger says {counts}")
                return

    async def _account(self) -> None:
        counts = dict(await self._ledger(deliveries.c.state, sa.func.count()))
        self.verdict.figures |= {name: counts.pop(name, 0) for name in FINAL}
        self.verdict.must(not counts, f"at the end the ledger also says {counts}")
        repeated = [number for number, times in self.told.items() if len(times) > 1]
        self.verdict.figures["told twice"] = len(repeated)
        self.verdict.broken += [f"guest-0-{number} was told {len(self.told[number])} times" for number in repeated]
        self.verdict.figures["unknown and told"] = len(self.told) - int(self.verdict.figures["accepted"])
        for what in ("stop", "cymraeg"):
            done = sum(wish.what == what and wish.life is not None for wish in self.wishes.values())
            self.verdict.figures[f"said {what}"] = done
