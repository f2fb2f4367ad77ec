"""The real program as processes, and a load balancer before them that knows nothing."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.service import free_port

ROOT = Path(__file__).resolve().parents[1]
START_PATIENCE = 60.0


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """What a process finds around it: nothing of ours but these settings."""
    given = {f"BIGCONVERSATION_{name.upper()}": str(value) for name, value in settings.items()}
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **given}


@dataclass
class Process:
    """One `bigconversation serve`."""

    base: str
    running: asyncio.subprocess.Process
    log: Path

    async def kill(self) -> None:
        """Ends it at once, as a power cut does: no farewell."""
        self.running.send_signal(signal.SIGKILL)
        await self.running.wait()

    async def ready(self) -> None:
        """Waits until it says that it is ready."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(START_PATIENCE):
            while self.running.returncode is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{self.base}/readyz") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise AssertionError(f"it ended:\n{self.log.read_text()}")


@asynccontextmanager
async def process(folder: Path, **settings: object) -> AsyncIterator[Process]:
    """Serves in a process of its own until the end of the block."""
    port = int(str(settings.setdefault("port", free_port())))
    log = folder / f"serve-{port}.log"
    with log.open("w") as out:
        around: Any = {"cwd": folder, "env": environment(folder, **settings), "stdout": out, "stderr": out}
        running = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "serve", **around)
    try:
        started = Process(f"http://127.0.0.1:{port}", running, log)
        await started.ready()
        yield started
    finally:
        if running.returncode is None:
            running.terminate()
            await asyncio.wait_for(running.wait(), 20)


@dataclass
class Balancer:
    """Gives each request to the next process that takes it. No sticky sessions, no health checks."""

    base: str
    behind: list[Process] = field(default_factory=list)
    _turn: Any = field(default_factory=itertools.count)

    async def carry(self, request: web.Request) -> web.Response:
        body, number = await request.read(), next(self._turn)
        headers = {name: request.headers[name] for name in request.headers if name not in {"Host", "Content-Length"}}
        async with aiohttp.ClientSession() as session:
            for place in range(len(self.behind)):
                chosen = self.behind[(number + place) % len(self.behind)]
                with contextlib.suppress(aiohttp.ClientError):
                    url = f"{chosen.base}{request.path_qs}"
                    async with session.request(request.method, url, data=body, headers=headers) as answer:
                        return web.Response(status=answer.status, body=await answer.read())
        return web.Response(status=502)


@asynccontextmanager
async def balancing() -> AsyncIterator[Balancer]:
    """A load balancer on loopback."""
    balancer, port = Balancer(""), free_port()
    balancer.base = f"http://127.0.0.1:{port}"
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", balancer.carry)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield balancer
    finally:
        await runner.cleanup()
