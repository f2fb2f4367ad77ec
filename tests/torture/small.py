"""A small machine: one core and 1 GB for the program, and on PostgreSQL for its database too; people and our Telegram
are on the other cores. A hundred people answer, half a second to two between each look and press, while news goes out.

What is on its core is held there by its affinity. The program may ask for 1 GB and no more; what it and PostgreSQL's
processes hold together (each page once) is looked at all the while, and must stay under 1 GB as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bot.settings import Settings
from tests.fakes.botapi import BotApi
from tests.torture.gauge import Cores, Gauge, memory_of, nothing
from tests.torture.launcher import Plan
from tests.torture.postgres import Postgres, postgres
from tests.torture.program import Program, settings_for
from tests.torture.strain import Strain
from tests.torture.verdict import Asked, Verdict

FULL = 10_000
PROMISE = "one core and 1 GB: a hundred people answer while so many are told; press → next question p95 ≤ 300 ms"
PEOPLE = 100
THINK = (0.5, 2.0)
"""Seconds."""

MEMORY = 1024
"""MiB."""

LOOK_EVERY = 1.0
SLOWEST_NEWS, STARTING = 0.8, 10.0
"""Of the pace that is set, at least so much is kept up, once it has begun."""


async def run(asked: Asked) -> Verdict:
    """One publication to `size` people: it is one round."""

    async def play(_place: int, size: int) -> Verdict:
        with tempfile.TemporaryDirectory(prefix="bc-") as name, _apart() as core:
            folder = Path(name)
            if asked.database == "sqlite":
                return await _small(asked, folder, f"sqlite:///{folder}/bc.db", size, core, nothing)
            with postgres({}) as server:
                _pin(server, core)
                url = server.new_database()
                return await _small(asked, folder, url, size, core, lambda: _held_by(server))

    return await asked.rounds([asked.size], play)


@contextmanager
def _apart() -> Iterator[int]:
    """We ourselves keep off one core, which is named; where there is only one, it is shared."""
    ours = os.sched_getaffinity(0)
    core = max(ours)
    os.sched_setaffinity(0, ours - {core} or ours)
    try:
        yield core
    finally:
        os.sched_setaffinity(0, ours)


def _processes(server: Postgres) -> list[psutil.Process]:
    postmaster = psutil.Process(server.server.get_postmaster_info().pid)
    return [postmaster, *postmaster.children(recursive=True)]


def _pin(server: Postgres, core: int) -> None:
    """Those it starts later are on the same core."""
    for each in _processes(server):
        os.sched_setaffinity(each.pid, {core})


def _held_by(server: Postgres) -> float:
    """Memory of a PostgreSQL server in MiB, what its processes share counted once."""
    held = 0.0
    for each in _processes(server):
        with contextlib.suppress(psutil.NoSuchProcess):
            held += each.memory_full_info().pss / 2**20
    return held


async def _small(
    asked: Asked, folder: Path, database_url: str, size: int, core: int, beside: Callable[[], float]
) -> Verdict:
    """`beside` tells the memory of what else is on that machine."""
    verdict, dice = Verdict(), asked.dice("thinking")
    async with BotApi() as api:
        given = settings_for(folder, database_url, api)
        settings = Settings(**given)  # type: ignore[arg-type]
        strain = Strain(api, asked.seed, PEOPLE, lambda: asyncio.sleep(dice.uniform(*THINK)))
        asked.tell("gathering those who are told")
        await strain.gather(settings, size)
        program = Program(given, folder / "log", webhook=True)
        async with program.running(Plan(core=core, memory=MEMORY * 2**20)):
            verdict.must(os.sched_getaffinity(program.pid) == {core}, "the program is not held on its core")
            gauge, cores = Gauge(program, LOOK_EVERY, beside), Cores(program.pid)
            async with gauge.watching():
                longest = size / settings.telegram_per_second / SLOWEST_NEWS + STARTING
                took = await strain.answer(_until_all_are_told(asked, strain, size, longest))
                verdict.figures["cores, program"] = cores.told()
            most = max([memory_of(program.pid, "VmHWM"), *(each.memory for each in gauge.samples)])
    strain.judge(verdict, took)
    verdict.figures |= {"told a second": round(len(strain.told) / took, 1), "most memory, MiB": round(most)}
    verdict.must(len(strain.told) == size, f"only {len(strain.told)} of {size} were told within {took:.0f} s")
    verdict.must(most < MEMORY, f"{most:.0f} MiB were held, of {MEMORY}")
    verdict.broken += [f"the log: {line}" for line in program.complaints()[:3]]
    return verdict


def _until_all_are_told(asked: Asked, strain: Strain, size: int, longest: float) -> Callable[[], bool]:
    began = time.monotonic()

    def lasts() -> bool:
        asked.tell(f"{len(strain.told):,} of {size:,} told, {len(strain.waits):,} updates")
        return len(strain.told) < size and time.monotonic() - began < longest

    return lasts
