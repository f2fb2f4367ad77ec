"""Kills: fifty people answer while the program is killed, at random and at every named point. What somebody had reason
to take for saved is stored, once; and everybody can go on to the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa

from conversations.domain.answers import Slot
from storage import answers, people
from storage.database import Transaction
from storage.schema import answer_history, conversations, quarantine, responses
from storage.schema import answers as answer_rows
from tests.benchmarks.crowd import HELD, story
from tests.fakes.botapi import BotApi
from tests.service import OWN_PAGE
from tests.torture.bugs import BUGS
from tests.torture.journal import Answered, Journal
from tests.torture.launcher import NEWS_POINTS, POINTS, Plan
from tests.torture.people import AtTheWebChat, InTelegram, Somebody, live
from tests.torture.program import Program, Stable, database_of, databases, settings_for
from tests.torture.verdict import Asked, Verdict, in_rounds

FULL = 500
PROMISE = "fifty people answer through kills: every answer whose next question was seen is stored, once; nobody stuck"
PEOPLE, WEB_EVERY = 50, 6
"""How many there are at a time; every sixth is at the web chat, the others are in Telegram."""

A_ROUND = 25
LEASE = 1.0
"""Seconds; 60 in production. It is how long somebody waits for a reply that its process took to the grave."""

LONGEST_LIFE = 2.0
"""Seconds from ready to dead."""

AT_A_POINT = 0.7
"""Of the kills, so many are at a named point; the others come at any moment, starting included."""

STUCK = 30.0
"""Seconds of nobody coming on, once the killing is over, after which those who are not at the end are stuck."""

REACHABLE = tuple(name for name in POINTS if name not in NEWS_POINTS)


async def run(asked: Asked) -> Verdict:
    """Kills in rounds, each with new people on an empty database."""
    with databases(asked.database) as new:
        async with Stable() as stable:

            async def play(place: int, kills: int) -> Verdict:
                with tempfile.TemporaryDirectory(prefix="bc-") as name:
                    killing = Killing(asked, Path(name), new, stable, place, crowd=min(PEOPLE, 2 * asked.size))
                    return await killing.play(kills)

            verdict = await asked.rounds(in_rounds(asked.size, A_ROUND), play)
    reached = [name for name in REACHABLE if verdict.details.get(name)]
    verdict.figures["named points"] = f"{len(reached)} of {len(REACHABLE)}"
    if asked.size >= FULL and len(reached) < len(REACHABLE):
        verdict.broken.append(f"never killed at: {', '.join(sorted(set(REACHABLE) - {*reached}))}")
    return verdict


@dataclass
class Killing:
    """One round: fifty places, each taken by one person after the other until the killing is over."""

    asked: Asked
    folder: Path
    new: Callable[[Path], str]
    stable: Stable
    place: int
    crowd: int
    verdict: Verdict = field(default_factory=Verdict)
    met: list[Somebody] = field(default_factory=list)
    over: bool = False
    _numbers: Iterator[int] = field(default_factory=count)

    async def play(self, kills: int) -> Verdict:
        self.journal = Journal(self.folder / "journal.jsonl")
        self.dice = self.asked.dice(self.place)
        self.settings = settings_for(self.folder, self.new(self.folder), rollup_seconds="1")
        async with BotApi() as self.api, AsyncExitStack() as self.stack:
            self.api.webhook.between_settings, self.api.webhook.longest_pause = 0, 0.2
            self.settings |= {"telegram_token": self.api.token, "telegram_api_url": self.api.url}
            self.program = Program(self.settings, self.folder / "log", self.stable)
            self.stack.push_async_callback(self.program.kill)
            living = [asyncio.create_task(self._place(at)) for at in range(self.crowd)]
            try:
                await self._kill_and_kill(kills, living)
            finally:
                for each in living:
                    each.cancel()
                await asyncio.gather(*living, return_exceptions=True)
        refused = [each for each in self.api.refusals if each.method != "editMessageText"]  # the same edit once more
        self.verdict.broken += [f"refused by Telegram: {each.method} {each.code}" for each in refused]
        self.verdict.broken += [f"the log: {line}" for line in self.program.complaints()[:3]]
        self._keep_what_is_broken()
        return self.verdict

    async def _kill_and_kill(self, kills: int, living: list[asyncio.Task[None]]) -> None:
        points = cycle(self.asked.dice(self.place, "points").sample(REACHABLE, len(REACHABLE)))
        for kill in range(kills):
            self.asked.tell(f"round {self.place + 1}, kill {kill + 1} of {kills}, {len(self.met)} people")
            await self._one_kill(points)
            fresh = [each for each in self.journal.answers if each.seen and not each.found]
            await self._look(f"after kill {kill + 1}", fresh)
        self.over = True
        async with self.program.running(self._plan()):
            began = time.monotonic()
            done, stuck = await self._all_at_the_end(living)
            self.verdict.figures["longest way to the end, s"] = time.monotonic() - began
            await asyncio.sleep(0.2)  # what is on the wire is settled
        self.verdict.broken += [f"{each.get_name()} is stuck" for each in stuck]
        self.verdict.broken += [f"{error}" for each in done if (error := each.exception())]
        await self._look("at the end", self.journal.answers)
        await self._account()

    async def _all_at_the_end(self, living: list[asyncio.Task[None]]) -> tuple[set[Any], set[Any]]:
        """Waits as long as anybody still comes on. Who is at the end, and who is stuck."""
        self.journal.note("", "the killing is over")
        while True:
            done, going = await asyncio.wait(living, timeout=1)
            if not going or self.journal.silence > STUCK:
                return done, going

    async def _one_kill(self, points: Iterator[str]) -> None:
        named = self._points() or (next(points) if self.dice.random() < AT_A_POINT else "")
        self.program.webhook = self.dice.random() < 0.5
        if "webhook" in named or "offset" in named:
            self.program.webhook = "webhook" in named
        await self.program.start(self._plan(named, self.dice.randint(1, 4)))
        if named and (not await self.program.ready() or await self.program.dies_within(LONGEST_LIFE)):
            self.verdict.details[named] = self.verdict.details.get(named, 0) + 1
            self.verdict.count("at named points")
        else:
            await self.program.dies_within(0 if named else self.dice.uniform(0.0, LONGEST_LIFE))
            await self.program.kill()
        self.verdict.count("kills")

    def _points(self) -> str:
        """Where a seeded bug is to be seen soonest."""
        chosen = BUGS[self.asked.bug].points if self.asked.bug else ()
        return self.dice.choice(chosen) if chosen and self.dice.random() < AT_A_POINT else ""

    def _plan(self, point: str = "", passage: int = 1) -> Plan:
        return Plan(point, passage, self.asked.bug or "", LEASE)

    # People

    async def _place(self, at: int) -> None:
        """One person after the other."""
        while not self.over:
            number = next(self._numbers)
            who = f"guest-{self.place}-{number}"
            me = await self._somebody(who, number, at)
            self.met.append(me)
            task = asyncio.current_task()
            assert task is not None
            task.set_name(who)
            await live(me, story(random.Random(f"{self.asked.seed} {who}"), who), self.journal)
            self.verdict.count("stories")

    async def _somebody(self, who: str, number: int, at: int) -> Somebody:
        if at % WEB_EVERY:
            return InTelegram(who, self.api, 1000 + number)
        jar = aiohttp.CookieJar(unsafe=True)
        session = await self.stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE))
        return AtTheWebChat(who, self.program.base, session)

    # The verdict

    async def _look(self, when: str, wanted: list[Answered]) -> None:
        """Lays the journal beside the database."""
        said: dict[str, list[Answered]] = {}
        for each in wanted:
            said.setdefault(each.who, []).append(each)
        database = database_of(self.settings)
        try:
            async with database.read() as tx:
                for person in self.met:
                    if person.who in said:
                        await self._compare(tx, when, person, said[person.who])
        finally:
            await database.close()

    async def _compare(self, tx: Transaction, when: str, person: Somebody, said: list[Answered]) -> None:
        found = await people.address_of(tx, person.channel, person.address())
        held = (await answers.held_by(tx, {found.id: HELD}))[found.id].current if found else {}
        for each in said:
            stored = held.get(Slot(each.slot))
            each.found = True
            if stored is None:
                self.verdict.broken.append(f"{when}: {each.slot} of {each.who} is not stored")
            elif (set(stored.picks), stored.words) != (set(each.picks), each.words):
                self.verdict.broken.append(f"{when}: {each.slot} of {each.who} is stored as {stored}")

    async def _account(self) -> None:
        """Nothing twice, nothing set apart, nobody half done."""
        database = database_of(self.settings)
        try:
            async with database.read() as tx:
                await self._count(tx)
                for person in self.met:
                    await self._turns(tx, person)
        finally:
            await database.close()

    async def _count(self, tx: Transaction) -> None:
        async def how_many(query: sa.Select[int]) -> int:
            return int((await tx.execute(query)).scalar_one())

        counted = sa.select(sa.func.count())
        stored = await how_many(counted.select_from(answer_rows))
        again = await how_many(counted.select_from(answer_history))
        apart = await how_many(counted.select_from(quarantine))
        sent = await how_many(counted.select_from(responses).where(responses.c.sent.is_not(None)))
        said = len(self.journal.answers)
        self.verdict.figures |= {"answers seen": sum(each.seen for each in self.journal.answers), "stored": stored}
        self.verdict.figures["replies repeated"] = self._repeated()
        self.verdict.must(stored == said, f"{said} answers were given and {stored} are stored")
        self.verdict.must(not again, f"{again} answers were taken twice")
        self.verdict.must(not apart, f"{apart} updates were set apart")
        self.verdict.must(sent == len(self.met), f"{len(self.met)} people sent their answers and {sent} are noted")

    async def _turns(self, tx: Transaction, person: Somebody) -> None:
        """As many turns as things said: each was heard, and none twice."""
        found = await people.address_of(tx, person.channel, person.address())
        if found is None:
            return
        query = sa.select(conversations.c.revision).where(conversations.c.person == found.id)
        turned = int((await tx.execute(query)).scalar_one())
        self.verdict.must(
            turned == person.turns, f"{person.who} did {person.turns} things and was heard {turned} times"
        )

    def _repeated(self) -> int:
        """Replies that were said more than once: their outcome died with the process."""
        said = {(each.chat.chat_id, json.dumps([each.content, each.keyboards[:1]])) for each in self.api.sent}
        return len(self.api.sent) - len(said)

    def _keep_what_is_broken(self) -> None:
        """For whoever looks into it: the journal and the log."""
        if self.verdict.broken and self.asked.kept is not None:
            kept = self.asked.kept.with_suffix("") / f"round-{self.place + 1}"
            kept.mkdir(parents=True, exist_ok=True)
            for name in ("journal.jsonl", "log"):
                with contextlib.suppress(FileNotFoundError):
                    shutil.copy(self.folder / name, kept / name)
