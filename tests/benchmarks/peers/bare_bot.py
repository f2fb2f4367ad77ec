"""The floor: bare aiohttp, raw SQL by the driver, one commit an answer, the next question POSTed by aiohttp.

    python bare_bot.py PORT API_URL DATABASE

It checks nothing, knows no library of Telegram's and keeps a conversation as a number.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any, Protocol

import aiohttp
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.benchmarks.asked import ENDING, QUESTIONS, plain_question
from tests.benchmarks.lean_telegram import SECRET, TOKEN

port, api_url, database = int(sys.argv[1]), sys.argv[2], sys.argv[3]
CREATE = (
    "CREATE TABLE IF NOT EXISTS people (id BIGINT PRIMARY KEY, step INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS answers (person BIGINT, question INTEGER, words TEXT, given DOUBLE PRECISION)",
)


class Store(Protocol):
    async def answered(self, person: int, words: str) -> int: ...

    """Stores an answer; the number of the next question."""


class Sqlite:
    def __init__(self, file: str) -> None:
        self.connection = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL"):
            self.connection.execute(f"PRAGMA {pragma}")
        for statement in CREATE:
            self.connection.execute(statement)

    async def answered(self, person: int, words: str) -> int:
        run = self.connection.execute
        run("BEGIN IMMEDIATE")
        row = run("SELECT step FROM people WHERE id = ?", (person,)).fetchone()
        step = row[0] if row else 0
        if words == "/start":
            run("INSERT INTO people VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET step = 1", (person,))
            step = 0
        else:
            run("INSERT INTO answers VALUES (?, ?, ?, ?)", (person, step, words, time.time()))
            run("UPDATE people SET step = ? WHERE id = ?", (step + 1, person))
        run("COMMIT")
        return step + 1


class Postgres:
    def __init__(self, pool: Any) -> None:
        self.pool = pool

    async def answered(self, person: int, words: str) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            step = await connection.fetchval("SELECT step FROM people WHERE id = $1", person) or 0
            if words == "/start":
                await connection.execute(
                    "INSERT INTO people VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET step = 1", person
                )
                return 1
            await connection.execute("INSERT INTO answers VALUES ($1, $2, $3, $4)", person, step, words, time.time())
            await connection.execute("UPDATE people SET step = $2 WHERE id = $1", person, step + 1)
            return int(step) + 1


async def opened() -> Store:
    if "://" not in database:
        return Sqlite(database)
    import asyncpg

    pool = await asyncpg.create_pool(database, min_size=10, max_size=10)
    for statement in CREATE:
        await pool.execute(statement)
    return Postgres(pool)


async def main() -> None:
    store, session = await opened(), aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256))
    sending: set[asyncio.Task[None]] = set()

    async def send(chat: int, text: str) -> None:
        said = json.dumps({"chat_id": chat, "text": text}).encode()
        kind = {"Content-Type": "application/json"}
        async with session.post(f"{api_url}/bot{TOKEN}/sendMessage", data=said, headers=kind) as answer:
            await answer.read()

    async def receive(request: web.Request) -> web.Response:
        if request.headers.get("X-Telegram-Bot-Api-Secret-Token") != SECRET:
            return web.Response(status=403)
        said = json.loads(await request.read())["message"]
        chat = said["chat"]["id"]
        step = await store.answered(chat, said["text"])
        task = asyncio.create_task(send(chat, plain_question(step) if step <= QUESTIONS else ENDING))
        sending.add(task)
        task.add_done_callback(sending.discard)
        return web.Response()

    app = web.Application()
    app.router.add_post("/telegram", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


asyncio.run(main())
