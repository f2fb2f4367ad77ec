"""The power goes: a hundred times, at random moments and at the worst ones. Whoever saw the next question must find the
answer before it stored.

On SQLite the real program runs on a disk that is recorded (`disk.py`): what a cut leaves is rebuilt from the record,
and opened as the program opens it. On PostgreSQL every process of the server is killed. That takes its memory and
leaves the system's, so of the disk itself it proves nothing: there PostgreSQL's own word is taken. Each has a control,
which must lose: the same program, planted with SQLite's `synchronous=NORMAL` and PostgreSQL's `synchronous_commit=off`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import sqlite3
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from bot.opening import opened
from bot.settings import Settings
from tests.fakes.botapi import BotApi
from tests.torture.answering import Answered, Comparison, People, compare
from tests.torture.disk import Act, Disk, Shim, acts
from tests.torture.launcher import Plan
from tests.torture.postgres import Postgres, postgres
from tests.torture.program import Program, settings_for
from tests.torture.verdict import Asked, Verdict, in_rounds

FULL = 100
PROMISE = "after a power cut every answer whose next question was seen is stored"
CONTROL = "disk"
UNPROVED = "the control lost nothing either: these cuts prove nothing"
ROUND, CONTROL_CUTS = 25, 10
TELEGRAM, WEB = 6, 4
SEEN_FIRST = 10
"""Answers that are to be seen before the first cut: what nobody saw cannot be lost."""

SLEEPY = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB", "wal_buffers": "16MB"}
"""PostgreSQL's WAL writer sleeps long, so that what only it would write is lost; what a commit waited for is not."""

BACK = 10.0
"""Seconds in which the service is to be back once the database is."""


async def run(asked: Asked) -> Verdict:
    """`size` cuts, then the control, which has to show a loss: otherwise nothing was proved."""
    if asked.database == "sqlite":
        return await _run(asked, partial(_sqlite_round, asked))
    with postgres(SLEEPY) as server:
        return await _run(asked, partial(_postgres_round, asked, server))


async def _run(asked: Asked, one_round: Callable[[int, int, str | None], Awaitable[Verdict]]) -> Verdict:
    sizes = in_rounds(asked.size, ROUND)
    verdict = await asked.rounds(sizes, lambda place, size: one_round(place, size, asked.bug))
    if asked.bug is None:
        control = await one_round(-1, min(CONTROL_CUTS, asked.size), CONTROL)
        verdict.figures["the control lost"] = control.figures["lost"]
        if not control.figures["lost"]:
            verdict.broken.append(UNPROVED)
    return verdict


def _judged(found: Comparison, seed: object) -> Verdict:
    broken = [f"lost, {seed}: {each}" for each in found.missing]
    broken += [f"invented, {seed}: {each}" for each in found.invented]
    return Verdict({"cuts": 1, "answers compared": found.kept, "lost": len(found.missing)}, broken)


# SQLite


async def _sqlite_round(asked: Asked, place: int, size: int, bug: str | None) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shim = Shim.make(folder / "data", folder)
        settings, said = await _recorded(asked, shim, folder, SEEN_FIRST + 6 * size, place, bug)
        record = list(acts(shim.record))
        moments = _moments(asked.dice("cuts", place), said, record, size)
        return await _cut(asked, record, settings, said, moments, place)


async def _recorded(
    asked: Asked, shim: Shim, folder: Path, count: int, place: int, bug: str | None
) -> tuple[Mapping[str, str], list[Answered]]:
    """People give so many answers; what they said, and the settings of the service they said it to."""
    async with BotApi() as api:
        settings = settings_for(shim.folder, f"sqlite:///{shim.folder}/bc.db", api)
        program = Program(settings, folder / "serve.log", environment=shim.environment())
        async with program.running(Plan(bug=bug) if bug else None):
            people = People(program.base, api, asked.dice("people", place).randrange(10**6))
            async with asyncio.TaskGroup() as group:
                group.create_task(people.answer(TELEGRAM, WEB))
                await people.have_seen(count)
                people.stop()
        if people.stuck:
            raise RuntimeError(f"people were stuck with nothing cut yet: {people.stuck}")
    return settings, people.answered


def _moments(dice: random.Random, said: list[Answered], record: list[Act], count: int) -> list[float]:
    """A third of them anywhere, a third in the midst of writing, a third just when somebody saw the next question."""
    seen = [each.seen for each in said if each.seen < math.inf]
    first, last = min(seen), max(seen)
    writing = [act.at for act in record if act.kind == "W" and first < act.at < last]
    third = count // 3
    anywhere = [dice.uniform(first, last) for _ in range(count - 2 * third)]
    return sorted([*anywhere, *dice.choices(writing, k=third), *dice.choices(seen, k=third)])


async def _cut(
    asked: Asked, record: list[Act], settings: Mapping[str, str], said: list[Answered], moments: list[float], place: int
) -> Verdict:
    """Replays the record up to each moment. One after its last act finds the disk as the record left it: a record that
    ended too early shows as a loss."""
    disk, verdict, acts_left = Disk(), Verdict(), deque(record)
    for count, moment in enumerate(moments, 1):
        while acts_left and acts_left[0].at < moment:
            disk.do(acts_left.popleft())
        verdict.add(await _after_one_cut(asked, disk, settings, said, moment, place))
        asked.tell(f"{count} of {len(moments)} cuts, {len(verdict.broken)} broken")
    if not disk.syncs:
        verdict.broken.append("the recorder saw nothing synced")
    return verdict


async def _after_one_cut(
    asked: Asked, disk: Disk, settings: Mapping[str, str], said: list[Answered], moment: float, place: int
) -> Verdict:
    """What is left is opened as the program opens it, and compared."""
    seed = f"round {place}, cut at {moment:.6f}"
    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        disk.after_a_cut(asked.dice("disk", place, moment), folder)
        with closing(sqlite3.connect(folder / "bc.db")) as connection:
            [(told,)] = connection.execute("PRAGMA integrity_check").fetchall()[:1]
        if told != "ok":
            return Verdict({"cuts": 1, "lost": 0, "corrupted": 1}, [f"corrupted, {seed}: {told}"])
        here = {"database_url": f"sqlite:///{folder}/bc.db", "tombstones": f"{folder}/erased.log"}
        async with opened(Settings(**(dict(settings) | here))) as house:  # type: ignore[arg-type]
            verdict = _judged(await compare(house, said, moment), seed)
    verdict.figures |= {"corrupted": 0, "unsynced at a cut, KiB": disk.unsynced / 1024}
    return verdict


# PostgreSQL


async def _postgres_round(asked: Asked, server: Postgres, place: int, size: int, bug: str | None) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="bc-") as name:
        folder = Path(name)
        async with BotApi() as api:
            settings = settings_for(folder, server.new_database(), api)
            program = Program(settings, folder / "serve.log")
            async with program.running(Plan(bug=bug) if bug else None):
                lose = _lose_everything if bug else _lose_power
                return await lose(asked, server, settings, People(program.base, api, asked.seed + place), size)


async def _lose_power(
    asked: Asked, server: Postgres, settings: Mapping[str, str], people: People, size: int
) -> Verdict:
    """Cut after cut under the same service and the same people, who go on."""
    dice, verdict, slowest = asked.dice("moments", people.seed), Verdict(), 0.0
    async with asyncio.TaskGroup() as group:
        group.create_task(people.answer(TELEGRAM, WEB))
        for count in range(size):
            await asyncio.sleep(dice.uniform(0.2, 1.5))
            moment = server.cut()
            await asyncio.to_thread(server.start)
            started = time.monotonic()
            await people.caught_up(started)
            slowest = max(slowest, time.monotonic() - started)
            verdict.add(await _compared(settings, people, moment))
            asked.tell(f"{count + 1} of {size} cuts, {len(verdict.broken)} broken")
        people.stop()
    verdict.figures["everybody had their next question after, s"] = slowest
    verdict.broken += people.stuck
    if slowest > BACK:
        verdict.broken.append(f"somebody waited {slowest:.1f} s for a database that was back; {BACK} s is promised")
    return verdict


async def _lose_everything(
    asked: Asked, server: Postgres, settings: Mapping[str, str], people: People, size: int
) -> Verdict:
    """The control: after each cut new people come, for those before may never see what they wait for."""
    dice, verdict = asked.dice("control", people.seed), Verdict()
    for _ in range(size):
        answering = asyncio.create_task(people.answer(TELEGRAM, WEB))
        await people.have_seen(SEEN_FIRST)
        await asyncio.sleep(dice.random())
        moment = server.cut()
        answering.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answering
        await asyncio.to_thread(server.start)
        verdict.add(await _compared(settings, people, moment))
        people = People(people.base, people.api, people.seed + 1, first=people.first + 1000)
    return verdict


async def _compared(settings: Mapping[str, str], people: People, moment: float) -> Verdict:
    async with opened(Settings(**settings)) as house:  # type: ignore[arg-type]
        return _judged(await compare(house, people.answered, moment), f"people {people.seed}, cut at {moment:.6f}")
