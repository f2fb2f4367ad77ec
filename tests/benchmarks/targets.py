"""The targets: what each means, how it is measured, what was seen. Variants are run in turn and compared in pairs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import psutil
import sqlalchemy as sa

from bot.opening import opened
from bot.settings import Settings
from storage import actions, deliveries
from storage.database import Database
from storage.deliveries import Lane, Settlement
from storage.schema import deliveries as ledger
from storage.sealing import new_key
from tests.benchmarks.audience import HELD, TOPIC, publish, settle_in
from tests.benchmarks.bots import AIOGRAM, FLOOR, OURS, STOCK, Kind, Running, running
from tests.benchmarks.conversing import Cost, at_once, steadily
from tests.benchmarks.lean_telegram import FIRST_CHAT, BotApi, Webhook
from tests.benchmarks.sending import Sending, told
from tests.service import CANAL, free_port

PEOPLE = 100
ROOT = Path(__file__).resolve().parents[2]
NewDatabase = Callable[[], str]


@dataclass(frozen=True)
class Seen:
    """One line of the table. `kept` is whether the target is; `detail` the figures behind it."""

    target: str
    what: str
    wanted: str
    figure: str
    kept: bool
    detail: str


@dataclass
class Bench:
    """A place to measure in: a folder, an engine that makes fresh databases, how often pairs are repeated."""

    folder: Path
    new_database: NewDatabase
    pairs: int = 3
    people: int = PEOPLE
    steady_seconds: float = 20.0
    fan_out: int = 4000
    queued: int = 100_000
    grown: int = 1_000_000
    followers: int = 100_000
    events: int = 10_000
    broadcast: int = 100_000

    @asynccontextmanager
    async def talking(self, kind: Kind, delay: float = 0.0) -> AsyncIterator[tuple[Running, BotApi, Webhook]]:
        """A bot of this kind on a fresh database, warm."""
        url = self.new_database()
        async with BotApi(delay) as api, running(kind, self.folder, url, api.url) as bot:
            await asyncio.sleep(1)
            webhook = Webhook("127.0.0.1", bot.port, "/telegram")
            await webhook.open()
            try:
                await at_once(bot, api, webhook, 10)
                yield bot, api, webhook
            finally:
                webhook.close()

    async def crowd(self, kind: Kind, delay: float = 0.0) -> tuple[Cost, float]:
        """Everybody at once; what it cost, and the bot's memory afterwards."""
        async with self.talking(kind, delay) as (bot, api, webhook):
            return await at_once(bot, api, webhook, self.people), bot.memory()


def _median(numbers: list[float]) -> float:
    return statistics.median(numbers)


async def conversations(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """A1, A2, A4 and C2: rounds of all variants, one after the other, and the median of each round's ratios."""
    rounds: list[dict[str, tuple[Cost, float]]] = []
    for number in range(bench.pairs):
        seen = {}
        for name, kind, delay in (
            ("ours", OURS, 0.0), ("stock", STOCK, 0.0), ("aiogram", AIOGRAM, 0.0), ("floor", FLOOR, 0.0),
            ("slow", OURS, 0.05),
        ):  # fmt: skip
            seen[name] = await bench.crowd(kind, delay)
            cost = seen[name][0]
            tell(f"round {number + 1}: {name} {cost.rate:.0f}/s, {cost.cpu_each:.0f} µs")
        rounds.append(seen)

    def of(name: str, what: Callable[[Cost], float]) -> list[float]:
        return [what(each[name][0]) for each in rounds]

    def ratio(over: str, under: str, what: Callable[[Cost], float]) -> float:
        return _median([a / b for a, b in zip(of(over, what), of(under, what), strict=True)])

    rate, cpu = (lambda cost: cost.rate), (lambda cost: cost.cpu_each)
    names = ("ours", "stock", "aiogram", "floor", "slow")
    rates = ", ".join(f"{name} {_median(of(name, rate)):.0f}/s at {_median(of(name, cpu)):.0f} µs" for name in names)
    stock, aio, floor = ratio("ours", "stock", rate), ratio("ours", "aiogram", rate), ratio("ours", "floor", cpu)
    slow, memory = ratio("slow", "ours", rate), max(each["ours"][1] for each in rounds)
    return [
        Seen("A1", "answers/s, × python-telegram-bot", "≥ 8", f"{stock:.1f}", stock >= 8, rates),
        Seen("A1", "answers/s, × aiogram", "≥ 6", f"{aio:.1f}", aio >= 6, ""),
        Seen("A2", "CPU an answer, × bare aiohttp", "≤ 1.6", f"{floor:.2f}", floor <= 1.6, ""),
        Seen("A4", "rate with a 50 ms Bot API, × without", "≥ 0.85", f"{slow:.2f}", slow >= 0.85, ""),
        Seen("C2", "memory under A1, MiB", "≤ 120", f"{memory:.0f}", memory <= 120, ""),
    ]


async def steady(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """A3: a hundred updates a second, whatever the bot does."""
    ratios, waits = [], []
    for _ in range(max(1, bench.pairs - 1)):
        pair = []
        for kind in (OURS, STOCK):
            async with bench.talking(kind) as (bot, api, webhook):
                cost = await steadily(bot, api, webhook, 100, bench.steady_seconds)
            pair.append(cost.wait(0.99))
            tell(f"100 updates/s: {kind.name} p99 {pair[-1] * 1000:.0f} ms")
        ratios.append(pair[0] / pair[1])
        waits.append(f"{pair[0] * 1000:.0f} against {pair[1] * 1000:.0f} ms")
    figure = _median(ratios)
    what = "p99 at 100 updates/s, × python-telegram-bot"
    return [Seen("A3", what, "≤ 0.5", f"{figure:.2f}", figure <= 0.5, "; ".join(waits))]


async def sending(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """B1 and B2: 30 and 1,000 a second with a Bot API that takes 40 ms."""
    seen: list[Seen] = []
    peers = ("python-telegram-bot, AIORateLimiter", "aiogram, loop and sleep")
    for per_second, count in ((30.0, 300), (1000.0, bench.fan_out)):
        sent: dict[str, Sending] = {}
        for name in ("ours", "bare aiohttp, bucket", *peers):
            some = count if name not in peers else min(count, 600)
            sent[name] = await told(name, bench.folder, bench.new_database(), some, per_second)
            tell(f"{per_second:.0f}/s: {name} {sent[name].share:.1%}, {sent[name].cpu_each:.0f} µs")
        ours = sent["ours"]
        exact = not (ours.refused or ours.lost or ours.doubled)
        detail = "; ".join(f"{name} {each.share:.1%} ({each.refused} × 429)" for name, each in sent.items())
        what = f"share of {per_second:.0f}/s; 0 × 429, 0 lost, 0 doubled"
        seen.append(Seen("B1", what, "≥ 99.5 %", f"{ours.share:.1%}", ours.share >= 0.995 and exact, detail))
    cpu = ours.cpu_each / sent["bare aiohttp, bucket"].cpu_each
    costs = ", ".join(f"{name} {each.cpu_each:.0f} µs" for name, each in sent.items())
    seen.append(
        Seen("B2", "CPU a message, × bare aiohttp without a database", "≤ 1.6", f"{cpu:.1f}", cpu <= 1.6, costs)
    )
    return seen


@asynccontextmanager
async def _audience(bench: Bench) -> AsyncIterator[Database]:
    settings = Settings(
        database_url=bench.new_database(), secret_keys=new_key(), lookup_key=new_key(),
        tombstones=str(bench.folder / "erased.log"),
    )  # fmt: skip
    async with opened(settings) as house:
        await settle_in(house.database, bench.queued, FIRST_CHAT)
        yield house.database


async def queueing(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """B3 and B4: a publication queued, then claimed and settled by 500."""
    async with _audience(bench) as database:
        bare = await _timed(lambda: _bare_queue(database))
        tell(f"bare INSERT … SELECT of {bench.queued:,}: {bare:.2f} s")
        before = _own_memory()
        ours = await _timed(lambda: publish(database))
        grown = _own_memory() - before
        tell(f"publishing to {bench.queued:,}: {ours:.2f} s")
        claimed = await _claimed_and_settled(database)
        raw = await _raw_claimed_and_settled(database)
    times, share = ours / bare, claimed / raw
    size = f"{bench.queued:,} people"
    return [
        Seen("B3", f"queueing {size}, × one bare INSERT … SELECT", "≤ 1.4", f"{times:.1f}", times <= 1.4,
             f"{ours:.2f} s, standing prompts with it, against {bare:.2f} s"),
        Seen("B3", "memory of queueing, MiB", "≤ 5", f"{grown:.1f}", grown <= 5, ""),
        Seen("B4", "claim and settle a message by 500, × raw SQL", "≤ 2", f"{share:.1f}", share <= 2,
             f"{claimed:.0f} against {raw:.0f} µs"),
    ]  # fmt: skip


async def _timed(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def _own_memory() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


async def _bare_queue(database: Database) -> None:
    """The least that queues an audience: one statement, keys and indexes as they are; then it is taken away."""
    async with database.write(datetime.now(UTC)) as tx:
        version = await actions.draft(tx, HELD, TOPIC, "done", ["F9"], CANAL, "Sample officer")
        unique = "lower(hex(randomblob(16)))" if tx.on_sqlite else "replace(gen_random_uuid()::text, '-', '')"
        no = "0" if tx.on_sqlite else "false"
        queue = (
            "INSERT INTO deliveries (id, lane, person, address, channel, kind, source, token, is_prompt, state,"
            " attempts, not_before, created)"
            f" SELECT {unique}, 1, r.person, r.address, 'telegram', 'message', '{version}',"
            f" substr({unique}, 1, 18), {no}, 'parked', 0, r.started, r.started FROM responses r"
        )
        await tx.execute(sa.text(queue))
    async with database.write(datetime.now(UTC)) as tx:
        await tx.execute(sa.delete(ledger).where(ledger.c.source == version))


async def _claimed_and_settled(database: Database, batch: int = 500, batches: int = 6) -> float:
    """Microseconds a message, by our own claim and settle."""
    began = time.perf_counter()
    for _ in range(batches):
        async with database.write(datetime.now(UTC), brief=True) as tx:
            mine = await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "bench", batch)
        done = [Settlement(each.id, "accepted", "1", language="en", catalogue="c", digest="d") for each in mine]
        async with database.write(datetime.now(UTC), brief=True) as tx:
            await deliveries.settle(tx, done, "bench")
    return (time.perf_counter() - began) / batch / batches * 1e6


async def _raw_claimed_and_settled(database: Database, batch: int = 500, batches: int = 6) -> float:
    """The same by the driver's own SQL: one UPDATE … RETURNING that claims, one executemany that settles."""
    claim = (
        "UPDATE deliveries SET state = 'claimed', holder = 'raw', attempts = attempts + 1 WHERE seq IN (SELECT seq FROM"
        " deliveries WHERE state = 'waiting' AND lane = 1 AND channel = 'telegram'"
        f" ORDER BY not_before, seq LIMIT {batch})"
        " RETURNING id"
    )
    settle = "UPDATE deliveries SET state = 'accepted', holder = NULL, remote = '1' WHERE id = {}"
    began = time.perf_counter()
    for _ in range(batches):
        async with database.write(datetime.now(UTC)) as tx:
            raw = (await tx.connection.get_raw_connection()).driver_connection
            assert raw is not None
            if tx.on_sqlite:
                rows = await (await raw.execute(claim)).fetchall()
                await raw.executemany(settle.format("?"), rows)
            else:
                rows = await raw.fetch(claim)
                await raw.executemany(settle.format("$1"), [tuple(row) for row in rows])
    return (time.perf_counter() - began) / batch / batches * 1e6


async def starting(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """C1 and C2: from the command to the first page that answers, on a database that is there already."""
    async with BotApi() as api, running(OURS, bench.folder, bench.new_database(), api.url) as bot:
        await asyncio.sleep(3)
        idle = bot.memory()
    folder = bench.folder / "second"
    folder.mkdir(exist_ok=True)
    await _first_answer(folder)
    seconds = _median([await _first_answer(folder) for _ in range(bench.pairs)])
    tell(f"second start {seconds:.2f} s, idle {idle:.0f} MiB")
    return [
        Seen("C1", "`make run` to a first answer, second start, seconds", "≤ 2", f"{seconds:.2f}", seconds <= 2, ""),
        Seen("C2", "memory idle, MiB", "≤ 120", f"{idle:.0f}", idle <= 120, ""),
    ]


async def _first_answer(folder: Path) -> float:
    """Seconds from `make run` to a page. Make has nothing to install by now: the benchmarks came through it."""
    port = free_port()
    environment = os.environ | {"BIGCONVERSATION_DATABASE_URL": f"sqlite:///{folder}/bc.db"}
    began = time.perf_counter()
    with (folder / "log").open("w") as log:
        command = ("make", "--no-print-directory", "run", f"PORT={port}", f"VENV={sys.prefix}")
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(60):
            while process.returncode is None:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/chat") as answer:
                        assert answer.status == 200
                        return time.perf_counter() - began
                except aiohttp.ClientError:
                    await asyncio.sleep(0.01)
        raise RuntimeError((folder / "log").read_text()[-500:])
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
