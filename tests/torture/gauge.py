"""The program seen from outside: what memory, handles and tasks it holds, and how busy its machine is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import psutil

from tests.torture.program import Program

_TASKS = re.compile(r"^bigconversation_tasks (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Sample:
    """What the program holds at one moment: resident memory in MiB, open handles, asyncio tasks."""

    memory: float
    handles: int
    tasks: int


def nothing() -> float:
    return 0.0


@dataclass
class Gauge:
    """Looks at the program every so many seconds. `beside` is memory in MiB that counts as the program's."""

    program: Program
    every: float
    beside: Callable[[], float] = nothing
    samples: list[Sample] = field(default_factory=list)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Gauge]:
        task = asyncio.create_task(self._watch())
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                await asyncio.sleep(self.every)
                async with session.get(f"{self.program.base}/metrics") as answer:
                    tasks = _TASKS.search(await answer.text())
                assert tasks is not None, "/metrics tells no tasks"
                pid = self.program.pid
                self.samples.append(
                    Sample(memory_of(pid) + self.beside(), len(os.listdir(f"/proc/{pid}/fd")), int(tasks[1]))
                )


@dataclass
class Cores:
    """How many cores were busy for us, for the program, and for anybody: a figure of a machine that had other work says
    little. Seconds of processor time, from when it was made."""

    program: int
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._before = self._used()

    def told(self) -> str:
        """For the table of figures."""
        seconds = time.monotonic() - self._began
        program, ours, everybody = (
            (now - then) / seconds for now, then in zip(self._used(), self._before, strict=True)
        )
        return f"{program:.2f}, observer {ours:.2f}, whole machine {everybody:.2f} of {psutil.cpu_count()}"

    def _used(self) -> tuple[float, float, float]:
        everybody = psutil.cpu_times()
        busy = sum(everybody) - everybody.idle - everybody.iowait
        return _seconds_of(psutil.Process(self.program)), _seconds_of(psutil.Process()), busy


def _seconds_of(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def memory_of(pid: int, what: str = "VmRSS") -> float:
    """Memory of a process as the system counts it, in MiB; `VmHWM` is the most it ever was."""
    with open(f"/proc/{pid}/status") as status:
        found = re.search(rf"^{what}:\s+(\d+) kB", status.read(), re.MULTILINE)
    assert found is not None, f"/proc tells no {what}"
    return int(found[1]) / 1024
