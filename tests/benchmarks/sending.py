"""A message to many: our bulk lane and the peers, each in a process of its own, against a rule of so many a second."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.benchmarks import apart
from tests.benchmarks.lean_telegram import BotApi, Json

PEERS = Path(__file__).parent / "peers"
DELAY = 0.04
PATIENCE = 60.0
SILENCE = 15.0
SENDERS = {
    "ours": "our_sender.py",
    "python-telegram-bot, AIORateLimiter": "stock_sender.py",
    "aiogram, loop and sleep": "aiogram_sender.py",
    "bare aiohttp, bucket": "bare_sender.py",
}


@dataclass
class Carrier:
    """What the Bot API sees, and its rule: in no second more than `per_second` and a twentieth."""

    per_second: float
    at: list[float] = field(default_factory=list)
    told: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    _second: deque[float] = field(default_factory=deque)

    @property
    def is_silent(self) -> bool:
        return time.perf_counter() - self.at[-1] > SILENCE

    def hears(self, chat: int, _text: str) -> tuple[int, Json]:
        now = time.perf_counter()
        while self._second and self._second[0] < now - 1:
            self._second.popleft()
        if self.per_second and len(self._second) >= max(self.per_second * 1.05, self.per_second + 1):
            self.refused += 1
            return 429, {"parameters": {"retry_after": 1}}
        self._second.append(now)
        self.at.append(now)
        self.told[chat] += 1
        return 200, {}


@dataclass(frozen=True)
class Sending:
    """What one sending came to. `share` is of the rate the rule permits; `cpu_each` in microseconds."""

    sent: int
    rate: float
    share: float
    refused: int
    lost: int
    doubled: int
    cpu_each: float


async def told(name: str, folder: Path, database_url: str, count: int, per_second: float) -> Sending:
    """Has a sender tell `count` people, and looks at it from the carrier's side."""
    carrier = Carrier(per_second)
    async with BotApi(DELAY) as api, _sender(name, folder, database_url, api.url, count, per_second) as process:
        api.on_sent = carrier.hears
        async with asyncio.timeout(PATIENCE):
            while not carrier.at:  # it begins when it has made itself ready
                assert process.status() != psutil.STATUS_ZOMBIE, f"{name} ended by itself"
                await asyncio.sleep(0.005)
        used, began = _cpu(process), len(carrier.at)
        with contextlib.suppress(TimeoutError):  # who is slower than that has lost whom they did not tell
            async with asyncio.timeout(PATIENCE + 2 * count / (per_second or count)):
                while len(carrier.told) < count and not carrier.is_silent:  # noqa: ASYNC110 - it is looked at from outside
                    await asyncio.sleep(0.02)
        await asyncio.sleep(1.0)  # what is left to be written down is; what comes twice comes now
        cpu = _cpu(process) - used
    seconds = carrier.at[-1] - carrier.at[0]
    rate = (len(carrier.at) - 1) / seconds
    doubled = sum(times - 1 for times in carrier.told.values())
    lost = count - len(carrier.told)
    each = cpu / max(1, len(carrier.at) - began) * 1e6
    return Sending(len(carrier.at), rate, rate / (per_second or rate), carrier.refused, lost, doubled, each)


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        used = process.cpu_times()
        return float(used.user + used.system)
    return 0.0


@asynccontextmanager
async def _sender(
    name: str, folder: Path, database_url: str, api_url: str, count: int, per_second: float
) -> AsyncIterator[psutil.Process]:
    python = sys.executable if name == "ours" else str(apart.python())
    command = [python, str(PEERS / SENDERS[name]), api_url, str(count), str(per_second), database_url, str(folder)]
    with (folder / f"sender-{os.urandom(4).hex()}.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            yield psutil.Process(process.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await asyncio.wait_for(process.wait(), 30)
