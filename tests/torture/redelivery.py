"""Redelivery: what people do comes one to five times, to any of three processes, which are killed and started again.

What one person does comes first in order, as Telegram promises; all else is shuffled: people, redeliveries, and a press
on an old button beside a text. Each thing said moves its person's conversation on by one step, so that one heard twice,
or out of turn, or not at all, leads it astray for good: the chain of words in the database must be the chain said.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from bot.doors.telegram import PATH, SECRET_HEADER
from storage import people
from storage.answers import read_answer
from storage.database import Database, Transaction
from storage.schema import answer_history, answers, events, quarantine
from tests.benchmarks.crowd import HELD
from tests.fakes.botapi import BotApi
from tests.torture.hostile_wire import Wire, posted
from tests.torture.launcher import Plan
from tests.torture.program import WEBHOOK_SECRET, Program, Stable, database_of, databases, settings_for
from tests.torture.verdict import Asked, Verdict

FULL = 100_000
PROMISE = "updates that come one to five times, to three processes that are killed: each counts once, in its order"
PROCESSES = {"sqlite": 1, "postgresql": 3}
RESTARTS = 20
CARRIERS = 48
ROUNDS = 15
"""How often each person changes their answer."""

OPENING = ("/start", "English", "yes", "Safe streets", "4", "Courts", "No")
SLOT, TO_IT = "F6", "4"
PRESSED_BESIDE, TWICE_AT_ONCE = 0.1, 0.1
FIRST_PERSON, FIRST_UPDATE = 300_000, 500_000_000


@dataclass
class Somebody:
    """A person and all they will do, in order; `said` are the words that must have counted."""

    id: int
    updates: deque[bytes]
    said: list[str]


@dataclass
class Post:
    """Telegram's side: carries updates to any of the processes, again and again until each has its 200."""

    programs: list[Program]
    dice: random.Random
    asked: Asked
    ready: list[Somebody] = field(default_factory=list)
    again: list[bytes] = field(default_factory=list)
    underway: int = 0
    first: int = 0
    deliveries: int = 0
    refused: int = 0

    async def carry(self) -> None:
        """One carrier: a person's next update, or any that was delivered before, until there are none left."""
        wires = {program.base: Wire(program.base) for program in self.programs}
        while self.ready or self.again or self.underway:
            if self.ready and (not self.again or self.dice.random() < 0.4):
                await self._go_on(wires, self.ready.pop(self.dice.randrange(len(self.ready))))
            elif self.again:
                place = self.dice.randrange(len(self.again))
                self.again[place], self.again[-1] = self.again[-1], self.again[place]
                await self._deliver(wires, self.again.pop())
            else:
                await asyncio.sleep(0.01)
        for wire in wires.values():
            await wire.close()

    async def _go_on(self, wires: dict[str, Wire], somebody: Somebody) -> None:
        update = somebody.updates.popleft()
        self.underway += 1
        twice = self.dice.random() < TWICE_AT_ONCE
        await asyncio.gather(*(self._deliver(wires, update, fresh=each > 0) for each in range(1 + twice)))
        self.underway -= 1
        self.first += 1
        self.again += [update] * self.dice.randint(0, 4 - twice)
        if somebody.updates:
            self.ready.append(somebody)

    async def _deliver(self, wires: dict[str, Wire], update: bytes, *, fresh: bool = False) -> None:
        """Until there is a 200. `fresh` takes a connection of its own: this one is in use."""
        headers = {SECRET_HEADER: WEBHOOK_SECRET, "Content-Type": "application/json"}
        while True:
            program = self.dice.choice(self.programs)
            wire = Wire(program.base) if fresh else wires[program.base]
            status, _ = await wire.ask(posted(PATH, update, headers))
            self.deliveries += 1
            if fresh:
                await wire.close()
            if status == 200:
                return
            self.refused += 1
            await asyncio.sleep(self.dice.uniform(0.02, 0.2))


def crowd_of(size: int, dice: random.Random) -> tuple[list[Somebody], int]:
    """People who together do about `size` things; and how many exactly."""
    each = len(OPENING) + 1 + 3 * (ROUNDS - 1)
    crowd, number = [], FIRST_UPDATE
    for place in range(max(1, round(size / (each * (1 + PRESSED_BESIDE))))):
        id_ = FIRST_PERSON + place
        said = [f"Answer {turn} of person {id_}" for turn in range(ROUNDS)]
        spoken = [*OPENING, said[0]] + [words for turn in said[1:] for words in ("change", TO_IT, turn)]
        updates: deque[bytes] = deque()
        for words in spoken:
            number += 1
            updates.append(_typed(number, id_, words))
            if len(updates) > 3 and dice.random() < PRESSED_BESIDE:
                number += 1
                updates.append(_pressed(number, id_))
        crowd.append(Somebody(id_, updates, said))
    return crowd, number - FIRST_UPDATE


def _typed(number: int, id_: int, words: str) -> bytes:
    chat, user = (
        {"id": id_, "type": "private"},
        {"id": id_, "is_bot": False, "first_name": "Person", "language_code": "en"},
    )
    message = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": user, "text": words}
    return json.dumps({"update_id": number, "message": message}).encode()


def _pressed(number: int, id_: int) -> bytes:
    """A press on a button of long ago: it changes nothing, whenever it comes."""
    user = {"id": id_, "is_bot": False, "first_name": "Person", "language_code": "en"}
    under = {"message_id": 1, "date": 0, "chat": {"id": id_, "type": "private"}}
    query = {"id": str(number), "from": user, "message": under, "chat_instance": "1", "data": "p:1:cy"}
    return json.dumps({"update_id": number, "callback_query": query}).encode()


async def run(asked: Asked) -> Verdict:
    with databases(asked.database) as new, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with BotApi() as api, Stable() as stable:
            settings = settings_for(folder, new(folder), api)
            count = PROCESSES[asked.database]
            programs = [Program(settings, folder / f"log{place}", stable, webhook=True) for place in range(count)]
            try:
                return await _played(asked, api, programs, dict(settings))
            finally:
                for program in programs:
                    await program.kill()


async def _played(asked: Asked, api: BotApi, programs: list[Program], settings: dict[str, str]) -> Verdict:
    plan = Plan(bug=asked.bug or "")
    for program in programs:
        await program.start(plan)
        await program.ready()
    crowd, count = crowd_of(asked.size, asked.dice("crowd"))
    for somebody in crowd:
        api.person(somebody.id, known=True)
    post = Post(programs, asked.dice("post"), asked, list(crowd))
    began = asyncio.get_running_loop().time()
    steering = asyncio.create_task(_restart(post, count, plan, api))
    try:
        async with asyncio.TaskGroup() as carriers:
            for _ in range(CARRIERS):
                carriers.create_task(post.carry())
        restarts = await steering
    finally:
        steering.cancel()
    seconds = asyncio.get_running_loop().time() - began
    for program in programs:
        await program.stop()
    verdict = Verdict(
        {"updates": count, "deliveries": post.deliveries, "without a 200": post.refused, "restarts": restarts,
         "processes": len(programs), "people": len(crowd), "updates a second": round(count / seconds)}
    )  # fmt: skip
    verdict.broken += [line for program in programs for line in program.complaints()][:20]
    database = database_of(settings)
    try:
        await _judge(database, crowd, count, verdict)
    finally:
        await database.close()
    return verdict


async def _restart(post: Post, count: int, plan: Plan, api: BotApi) -> int:
    """Kills a process, or asks it to stop, and starts it again: twenty times, evenly over the run."""
    wanted = min(RESTARTS, max(2, count // 100))
    for turn in range(wanted):
        while post.first < count * (turn + 1) / (wanted + 1):
            await asyncio.sleep(0.05)
            _tidy(api)
        program = post.dice.choice(post.programs)
        await (program.kill() if post.dice.random() < 0.7 else program.stop())
        await program.start(plan)
        await program.ready()
        post.asked.tell(f"{post.first:,} of {count:,} updates, {post.deliveries:,} deliveries, {turn + 1} restarts")
    return wanted


def _tidy(api: BotApi) -> None:
    """What was said to people is no part of this verdict, and would fill the memory."""
    if len(api.calls) > 2000:
        api.calls[:] = [call for call in api.calls if call.code is None]
        api.world.sent.clear()
        for chat in api.world.chats.values():
            chat.heard.clear()
            chat.messages.clear()


async def _judge(database: Database, crowd: list[Somebody], count: int, verdict: Verdict) -> None:
    async with database.read() as tx:
        heard = await tx.first(sa.select(sa.func.count()).select_from(events).where(events.c.channel == "telegram"))
        broken = await tx.rows(sa.select(quarantine.c.error))
        verdict.figures["events"] = heard[0] if heard else 0
        if verdict.figures["events"] != count:
            verdict.broken.append(f"{count} updates were made, {verdict.figures['events']} are noted as heard")
        verdict.broken += [f"set apart: {row.error[:200]}" for row in broken]
        stored = 0
        for somebody in crowd:
            chain = await _chain(tx, somebody)
            stored += len(chain)
            if chain != somebody.said:
                verdict.broken.append(
                    f"person {somebody.id} was led astray: stored is {chain}, said was {somebody.said}"[:400]
                )
        verdict.figures["answers"] = stored


async def _chain(tx: Transaction, somebody: Somebody) -> list[str]:
    """Everything somebody's answer ever was, in the order in which it was given."""
    person = await people.address_of(tx, "telegram", str(somebody.id))
    if person is None:
        return []
    found: list[str] = []
    for table, order in ((answer_history, answer_history.c.seq), (answers, answers.c.slot)):
        where = (table.c.person == person.id, table.c.consultation == HELD, table.c.slot == SLOT)
        found += [read_answer(tx, row).words for row in await tx.rows(sa.select(table).where(*where).order_by(order))]
    return found
