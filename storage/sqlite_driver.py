"""SQLite for asyncio: what may take long runs in the connection's own thread, what is brief runs where it is called.

Handing one statement to a thread and back costs more than a statement that touches a few indexed rows, and while the
event loop is busy the thread waits for it each time: 87 answers a second against 1,000 and more.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection, AsyncAdapt_aiosqlite_cursor
from sqlalchemy.util import await_only

BUSY_SECONDS = 30
_STATEMENTS_KEPT = 512


class _File(sqlite3.Connection):
    """A connection whose end is the end of its transaction. A statement that was broken off, with rows nobody fetched,
    would keep SQLite's own connection alive after it was closed, and the write lock with it."""

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):  # closed already
            self.rollback()
        super().close()


class Connection(aiosqlite.Connection):
    """A connection on which, for the length of `brief`, nothing changes threads."""

    is_brief = False

    @contextlib.contextmanager
    def brief(self) -> Iterator[None]:
        """Whatever runs in this block must be short: the event loop waits for it. Not a write lock, not a commit."""
        self.is_brief = True
        try:
            yield
        finally:
            self.is_brief = False

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.is_brief:
            return fn(*args, **kwargs)
        return await super()._execute(fn, *args, **kwargs)  # type: ignore[no-untyped-call]


class _Handle(aiosqlite.Cursor):
    """A cursor whose statements and rows come from the thread. It opens without, and closes when nobody holds it any
    more: all rows are read by then, or the statement was broken off and may still run."""

    async def close(self) -> None:
        pass


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Handle(connection, connection._conn.cursor())

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor


class _Adapted(AsyncAdapt_aiosqlite_connection):
    """A connection as SQLAlchemy sees it. While it is brief its cursors are SQLite's own, so that a statement is a
    plain call: through the adapter each costs twice as much."""

    __slots__ = ()
    _cursor_cls = _Cursor

    def cursor(self, server_side: bool = False) -> Any:
        return self._connection._conn.cursor() if self._connection.is_brief else super().cursor(server_side)


def existing(file: Path) -> str:
    """The address of a file that has to be there: SQLite by itself would make an empty one, and nobody would notice."""
    return f"{file.absolute().as_uri()}?mode=rw"


def connecting(file: Path) -> Callable[..., AsyncAdapt_aiosqlite_connection]:
    """What opens a connection to a file that is there, as SQLAlchemy's event `do_connect` asks for it. It may be used
    from any thread, one at a time."""
    address = existing(file)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            address, uri=True, factory=_File, timeout=BUSY_SECONDS, check_same_thread=False,
            cached_statements=_STATEMENTS_KEPT,
        )  # fmt: skip

    def opened(dialect: Any, *_asked: object) -> _Adapted:
        connection: Any = Connection(connect, iter_chunk_size=64)
        connection._thread.daemon = True  # as SQLAlchemy has it: a process that breaks off does not wait for threads
        return _Adapted(dialect.dbapi, await_only(connection))

    return opened
