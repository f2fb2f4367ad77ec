"""SQLite's driver: what is brief runs where it is called, and everything else keeps the event loop free."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.database import Database, Transaction, migrate, open_database
from storage.schema import marks
from storage.sealing import Keys, new_key
from storage.sqlite_driver import BUSY_SECONDS

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path}/bc.db", Keys.read(new_key(), new_key()))
    sa.event.listen(opened.engine.sync_engine, "connect", _telling_its_thread)
    await migrate(opened)
    yield opened
    await opened.close()


def _telling_its_thread(connection: Any, _record: Any) -> None:
    connection.create_function("thread", 0, threading.get_ident)


async def _thread(tx: Transaction) -> int:
    return int((await tx.execute(sa.text("SELECT thread()"))).scalar_one())


async def test_only_what_is_brief_runs_where_it_is_called(database: Database) -> None:
    here = threading.get_ident()
    async with database.read(brief=True) as tx:
        assert await _thread(tx) == here
    async with database.write(NOW, brief=True) as tx:
        assert await _thread(tx) == here
    async with database.read() as tx:
        assert await _thread(tx) != here
    async with database.write(NOW) as tx:
        assert await _thread(tx) != here


async def test_a_brief_transaction_that_breaks_leaves_nothing_and_its_connection_is_as_before(
    database: Database,
) -> None:
    async def half() -> None:
        async with database.write(NOW, brief=True) as tx:
            await tx.execute(sa.insert(marks).values(name="half", value="done"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half()
    async with database.write(NOW) as tx:
        assert await tx.rows(sa.select(marks)) == []
        assert await _thread(tx) != threading.get_ident()


async def test_a_write_that_is_broken_off_keeps_nobody_out(database: Database) -> None:
    """The service stops while a statement that returns rows is under way: whoever writes next does not wait."""
    begun, goes_on = threading.Event(), threading.Event()

    def held() -> str:
        begun.set()
        goes_on.wait()
        return "held"

    def with_held(connection: Any, _record: Any) -> None:
        connection.create_function("held", 0, held)

    sa.event.listen(database.engine.sync_engine, "connect", with_held)
    await database.engine.dispose()

    async def writes() -> None:
        async with database.write(NOW) as tx:
            await tx.rows(sa.text("INSERT INTO marks (name, value) VALUES (held(), 'x'), ('b', 'x') RETURNING name"))

    task = asyncio.create_task(writes())
    await asyncio.to_thread(begun.wait)
    task.cancel()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError) as broken:
        await task
    async with asyncio.timeout(BUSY_SECONDS / 2), database.write(NOW) as tx:
        assert await tx.rows(sa.select(marks)) == []
    assert broken.value  # its traceback holds the statement for as long as somebody looks at it
