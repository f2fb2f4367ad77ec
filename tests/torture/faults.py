"""The database is locked, full, read-only, gone; Telegram fails one call in five. Nobody is told what is not so, and
everybody is well again within ten seconds.

People answer all the while, in Telegram by webhook and at the web chat. Full and read-only are made by the disk under
the program that stores (`disk.py`): no privilege is needed, and root is refused like anybody else. On PostgreSQL
read-only is what a failover leaves: connections broken off, then a server that takes no writes. Gone is the files moved
away and back, and the server killed and started.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import asyncpg
import sqlalchemy as sa

from bot.house import House
from bot.opening import opened
from bot.settings import Settings
from storage.schema import addresses
from storage.schema import deliveries as ledger
from storage.sealing import new_key
from tests.benchmarks.crowd import HEADLINE, HELD, TOPIC
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_faults import Call, Fault
from tests.fakes.botapi_rules import Refused, too_many
from tests.service import OWN_PAGE, Service
from tests.torture.answering import People, compare
from tests.torture.disk import Shim
from tests.torture.postgres import Postgres, postgres
from tests.torture.program import Program, settings_for
from tests.torture.verdict import Asked, Verdict

FULL = 5
PROMISE = "with a database or a Telegram that fails nobody is told what is not so, and all is well ten seconds later"
TELEGRAM, WEB = 5, 3
HELD_FOR = 4.0
"""Seconds that a fault lasts."""

NOTICED, UNNOTICED = ("full", "read-only"), 30.0
"""Faults that somebody must meet, or nothing is proved: they last until then, but no longer than so many seconds."""

BACK, P95 = 10.0, 2.0
SHARE = 0.2
ANSWERS = 60
"""Answers given under a failing Telegram, for each round asked for."""

DRAINED = 60.0
REMEMBERED = 15.0
"""So long a call that was struck may hold up the next ones of its chat."""


@dataclass
class Scene:
    """The service with people talking to it."""

    asked: Asked
    api: BotApi
    program: Program
    people: People
    settings: Settings


Trouble = Callable[[], contextlib.AbstractAsyncContextManager[None]]


@dataclass
class Place:
    """A database, what the program is started with, and what can be done to the two."""

    url: str
    troubles: dict[str, Trouble]
    environment: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=lambda: {"secret_keys": new_key(), "lookup_key": new_key()})


async def run(asked: Asked) -> Verdict:
    """Each fault of the database strikes `size` times, then Telegram fails for `size` rounds."""
    with place_of(asked) as place:
        verdict = Verdict()
        async with talking(asked, place) as scene:
            for name, trouble in [*place.troubles.items()] * asked.size:
                verdict.add(await strike(scene, name, trouble))
                asked.tell(f"{name}, {len(verdict.broken)} broken")
            verdict.add(await _failing_telegram(scene))
        async with opened(scene.settings) as house:
            found = await compare(house, scene.people.answered)
        verdict.add(Verdict({"answers compared": found.kept}, [*found.missing, *found.invented, *scene.people.stuck]))
    return verdict


@asynccontextmanager
async def talking(asked: Asked, place: Place) -> AsyncIterator[Scene]:
    with tempfile.TemporaryDirectory(prefix="bc-") as name:
        async with BotApi() as api:
            given = settings_for(Path(name), place.url, api, **place.keys)
            program = Program(given, Path(name) / "serve.log", webhook=True, environment=place.environment)
            async with program.running(), asyncio.TaskGroup() as group:
                people = People(program.base, api, asked.seed, (0.1, 0.5))
                group.create_task(people.answer(TELEGRAM, WEB))
                await people.have_seen(5)
                yield Scene(asked, api, program, people, Settings(**given))  # type: ignore[arg-type]
                people.stop()


# The database


async def strike(scene: Scene, name: str, trouble: Trouble) -> Verdict:
    attempts = scene.api.webhook.attempts
    await asyncio.sleep(0.5)
    async with trouble():
        before = len(attempts)
        await asyncio.sleep(HELD_FOR)
        if name in NOTICED:
            with contextlib.suppress(TimeoutError):
                await scene.api.until(lambda: _refused(attempts[before:]), timeout=UNNOTICED)
        meanwhile = attempts[before:]
    ended = time.monotonic()
    await scene.people.caught_up(ended)
    back = time.monotonic() - ended
    refused = _refused(meanwhile)
    verdict = Verdict({f"{name}, refused": refused, f"{name}, back after s": back})
    if back > BACK:
        verdict.broken.append(f"{name}: somebody waited {back:.1f} s after it was over; {BACK:.0f} s is promised")
    answered = Counter(status for _, status in meanwhile)
    if set(answered) - {0, 200, 503}:
        verdict.broken.append(f"{name}: the webhook answered {dict(answered)}")
    if name in NOTICED and not refused:
        verdict.broken.append(f"{name}: nobody noticed, so nothing is proved")
    async with opened(scene.settings) as house:
        found = await compare(house, scene.people.answered, ended)
    verdict.broken += [f"{name}: {each}" for each in [*found.missing, *found.invented]]
    return verdict


def _refused(attempts: Sequence[tuple[int, int]]) -> int:
    return sum(status != 200 for _, status in attempts)


@contextmanager
def place_of(asked: Asked) -> Iterator[Place]:
    if asked.database == "postgresql":
        with postgres({}, disk=True) as server:
            url = server.new_database()
            database = sa.make_url(url).database or ""
            troubles: dict[str, Trouble] = {
                "locked": lambda: _tables_locked(url),
                "full": lambda: _disk(server.disk, "full"),
                "read-only": lambda: _failed_over(server, database),
                "gone": lambda: _without_server(server),
            }
            yield Place(url, troubles)
        return
    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as name:
        shim = Shim.make(Path(name) / "data", Path(name))
        file = shim.folder / "bc.db"
        troubles = {
            "locked": lambda: _file_locked(file),
            "full": lambda: _disk(shim, "full", file),
            "read-only": lambda: _disk(shim, "readonly"),
            "gone": lambda: _moved_away(file),
        }
        yield Place(f"sqlite:///{file}", troubles, shim.environment(recording=False))


@asynccontextmanager
async def _disk(shim: Shim | None, what: str, file: Path | None = None) -> AsyncIterator[None]:
    """Full: an SQLite log that has room in itself is emptied first, so that every commit needs the disk to grow."""
    assert shim is not None
    if file is not None:
        with closing(sqlite3.connect(file, timeout=10)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shim.set(what, so=True)
    try:
        yield
    finally:
        shim.set(what, so=False)


@asynccontextmanager
async def _file_locked(file: Path) -> AsyncIterator[None]:
    with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@asynccontextmanager
async def _moved_away(file: Path) -> AsyncIterator[None]:
    """All its files go elsewhere on the same disk, and come back. What was open stays open, and writes there."""
    away = file.parent / "away"
    away.mkdir()
    for each in file.parent.glob(f"{file.name}*"):
        each.rename(away / each.name)
    try:
        yield
    finally:
        for each in away.iterdir():
            each.rename(file.parent / each.name)
        away.rmdir()


@asynccontextmanager
async def _tables_locked(url: str) -> AsyncIterator[None]:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE events, deliveries IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@asynccontextmanager
async def _failed_over(server: Postgres, database: str) -> AsyncIterator[None]:
    def turn(words: str) -> None:
        server.execute(f"ALTER DATABASE {database} {words};")
        server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}';")

    await asyncio.to_thread(turn, "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        await asyncio.to_thread(turn, "RESET default_transaction_read_only")


@asynccontextmanager
async def _without_server(server: Postgres) -> AsyncIterator[None]:
    server.cut()
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


# Telegram


async def _failing_telegram(scene: Scene) -> Verdict:
    """One call in five fails, one way or another; in the middle the token is revoked for a while and news is told."""
    dice, api, people = scene.asked.dice("telegram"), scene.api, scene.people
    kinds = {
        "429": lambda: Fault("refuse", answer=too_many(dice.randint(1, 3))),
        "5xx": lambda: Fault("refuse", answer=Refused(dice.choice((500, 502, 504)), "Internal Server Error")),
        "5xx after accepting": lambda: Fault("refuse", accepts=True, answer=Refused(502, "Bad Gateway")),
        "reset after accepting": lambda: Fault("reset", accepts=True),
        "reset": lambda: Fault("reset"),
        "silence after accepting": lambda: Fault("hang", accepts=True),
        "silence": lambda: Fault("hang"),
    }

    def choose(call: Call) -> Fault | None:
        concerns = call.method.startswith(("send", "edit", "answer"))
        return kinds[dice.choice([*kinds])]() if concerns and dice.random() < SHARE else None

    seen, began = sum(each.seen < math.inf for each in people.answered), time.monotonic()
    api.choose_fault = choose
    await people.have_seen(seen + ANSWERS * scene.asked.size // 2)
    api.choose_fault = lambda call: Fault("refuse", answer=Refused(401, "Unauthorized"))
    await asyncio.sleep(HELD_FOR)
    api.choose_fault = choose
    async with opened(scene.settings) as house:
        await _publish(scene, house)
        await people.have_seen(seen + ANSWERS * scene.asked.size)
        people.stop()
        await people.caught_up(time.monotonic())
        api.no_more_faults()
        verdict = _measured(scene, began)
        await _close_accounts(scene, house, verdict)
    return verdict


async def _publish(scene: Scene, house: House) -> None:
    async with AsyncExitStack() as stack:
        jar = aiohttp.CookieJar(unsafe=True)
        client = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE))
        desk = Service(house, scene.program.base, client).desk
        await desk.sign_in()
        await desk.write(HELD, TOPIC, ["F6"])
        await desk.sign_and_publish()


def _measured(scene: Scene, since: float) -> Verdict:
    """How long people waited: those of whom no call was struck, and all of them."""
    struck = [(call.parameters.get("chat_id"), call.at) for call in scene.api.calls if call.fault]
    waits = [each for each in scene.people.waits if each.channel == "telegram" and each.began > since]

    def hit(value: str, began: float, ended: float) -> bool:
        return any(str(chat) == value and began - REMEMBERED < at < ended for chat, at in struck)

    spared = sorted(each.ended - each.began for each in waits if not hit(each.value, each.began, each.ended))
    everybody = sorted(each.ended - each.began for each in waits)
    verdict = Verdict({"calls struck": len(struck), "calls": len(scene.api.calls), "waits not struck": len(spared)})
    verdict.figures |= {"their p95, s": _p95(spared), "p95 of all, s": _p95(everybody)}
    if _p95(spared) > P95:
        verdict.broken.append(f"p95 of replies that nothing struck was {_p95(spared):.1f} s; {P95:.0f} s is promised")
    return verdict


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * (len(ordered) - 1))] if ordered else 0.0


async def _close_accounts(scene: Scene, house: House, verdict: Verdict) -> None:
    """Every delivery comes to an outcome, and the outcomes agree with what Telegram truly took."""
    began, query = time.monotonic(), sa.select(ledger).where(ledger.c.channel == "telegram")
    while True:
        async with house.database.read() as tx:
            rows = await tx.rows(query)
            values = {row.id: tx.keys.open(row.sealed, "addresses", "sealed", row.id)
                      for row in await tx.rows(sa.select(addresses))}  # fmt: skip
        states = Counter(row.state for row in rows)
        if not states.keys() & {"waiting", "claimed"} or time.monotonic() - began > DRAINED:
            break
        await asyncio.sleep(0.2)
    for state, count in sorted(states.items()):
        verdict.figures[f"deliveries {state}"] = count
    if left := states["waiting"] + states["claimed"]:
        verdict.broken.append(f"{left} deliveries have no outcome after {DRAINED:.0f} s")
    verdict.broken += _against_the_truth(scene, rows, values)


def _against_the_truth(scene: Scene, rows: list[sa.Row[tuple[object, ...]]], values: dict[str, str]) -> list[str]:
    told = Counter(str(each.chat.chat_id) for each in scene.api.sent if HEADLINE in str(each.content.get("text", "")))
    broken = []
    news = [row for row in rows if row.lane > 0]
    for row in news:
        times, most = told[values[row.address]], 1 if row.state in ("accepted", "unknown") else 0
        if not (row.state == "accepted") <= times <= most:
            broken.append(f"news is {row.state} in the ledger, and was told {times} times")
    sends = [call for call in scene.api.calls if call.method in ("sendMessage", "editMessageText")]
    clear = sum(call.accepted and call.fault is None for call in sends)
    unchanged = sum(call.code == 400 and call.fault is None for call in sends)
    accepted = sum(row.state == "accepted" for row in rows)
    if not clear <= accepted <= clear + unchanged:
        broken.append(f"Telegram said yes {clear} times, the ledger has it {accepted} times")
    if not news:
        broken.append("nobody was told any news, so nothing is proved of it")
    return broken
