"""The bots that are measured: ours as `serve` runs it, and the peers, each a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import psutil

from storage.sealing import new_key
from tests.benchmarks import apart
from tests.benchmarks.asked import TOPIC, document
from tests.benchmarks.lean_telegram import SECRET, TOKEN
from tests.service import free_port

PATIENCE = 60.0
PEERS = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Kind:
    """A bot to measure. `greeting` brings somebody to question one, in English or in Welsh."""

    name: str
    program: str = ""
    greeting: dict[str, tuple[str, ...]] = field(default_factory=lambda: {"en": ("/start",), "cy": ("/start",)})


_AGREED = "Yes, I am 16 or over and I agree"
OURS = Kind(
    "ours",
    greeting={
        "en": (f"/start {TOPIC}", "English", _AGREED),
        "cy": (f"/start {TOPIC}", "Cymraeg", _AGREED),
    },
)
STOCK = Kind("python-telegram-bot", "stock_bot.py")
AIOGRAM = Kind("aiogram", "aiogram_bot.py")
FLOOR = Kind("bare aiohttp", "bare_bot.py")


@dataclass
class Running:
    """A bot at work, at a port of this machine."""

    kind: Kind
    port: int
    process: psutil.Process

    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def memory(self) -> float:
        """Resident memory, in MiB."""
        return float(self.process.memory_info().rss) / 2**20


@asynccontextmanager
async def running(
    kind: Kind, folder: Path, database_url: str, api_url: str, keys: Mapping[str, str] | None = None
) -> AsyncIterator[Running]:
    """The bot, ready to be written to; told to stop, and waited for, at the end. `keys` are those of a database that
    ours opens again."""
    port, folder = free_port(), folder / f"{kind.name}-{os.urandom(4).hex()}"
    folder.mkdir()
    if kind is OURS:
        environment = _our_settings(folder, database_url, api_url, port, keys or new_keys())
        await _load(folder, environment)
        command = [sys.executable, "-m", "bot", "serve"]
    else:
        environment = dict(os.environ)
        program = str(PEERS / kind.program)
        command = [str(apart.python()), program, str(port), api_url, database_url.replace("sqlite:///", "")]
    with (folder / "log").open("w") as log:
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
        try:
            await _listening(port, process, folder / "log")
            yield Running(kind, port, psutil.Process(process.pid))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await asyncio.wait_for(process.wait(), PATIENCE)


def new_keys() -> dict[str, str]:
    """Keys as settings."""
    return {"secret_keys": new_key(), "lookup_key": new_key()}


def _our_settings(folder: Path, database_url: str, api_url: str, port: int, keys: Mapping[str, str]) -> dict[str, str]:
    given = {
        "database_url": database_url,
        "port": str(port),
        "public_url": f"http://127.0.0.1:{port}",
        **keys,
        "telegram_token": TOKEN,
        "telegram_api_url": api_url,
        "telegram_webhook_secret": SECRET,
        "tombstones": str(folder / "erased.log"),
    }
    return os.environ | {f"BIGCONVERSATION_{name.upper()}": value for name, value in given.items()}


async def _load(folder: Path, environment: dict[str, str]) -> None:
    """Has our program load the ten questions."""
    file = folder / "ten.yaml"
    file.write_text(document(date.today()), encoding="utf-8")
    command = (sys.executable, "-m", "bot", "load", str(file))
    with (folder / "load.log").open("w") as log:
        loading = await asyncio.create_subprocess_exec(*command, env=environment, stdout=log, stderr=log)
    if await loading.wait():
        raise RuntimeError((folder / "load.log").read_text())


async def _listening(port: int, process: asyncio.subprocess.Process, log: Path) -> None:
    async with asyncio.timeout(PATIENCE):
        while process.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)
    raise RuntimeError(f"the bot did not start; see {log}")
