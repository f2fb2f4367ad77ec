"""The database: opened, locked for writing the way each engine needs, brought up to date."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.disk import on_disk
from storage.sealing import Keys
from storage.sqlite_driver import connecting, existing

WAL_TRIES, WAL_PAUSE = 100, 0.02
ROWS_AT_ONCE = 16
"""Rows in one INSERT that returns some, on SQLite: each number of rows is a statement of its own, prepared and kept."""

_POOL = {"pool_size": 16, "max_overflow": 0, "hide_parameters": True}
"""Connections are kept, never opened for one moment of many people and closed again. Errors quote nobody."""


def insert(table: sa.Table, on_sqlite: bool) -> Any:
    """An INSERT of an engine's dialect. A statement that every turn runs is built once, with `cache`: building one
    costs as much as running it."""
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


def among(column: Any, name: str) -> Any:
    """That a column is one of the values given under this name, for a statement that is built once."""
    return column.in_(sa.bindparam(name, expanding=True))


def _filled_up(wanted: list[Any]) -> list[Any]:
    """As many values as the next power of two, the last one again and again: a statement is another one for each
    number of values, and each of them would be prepared and kept."""
    return wanted + wanted[-1:] * ((1 << (len(wanted) - 1).bit_length()) - len(wanted))


@dataclass(frozen=True)
class Transaction:
    """One transaction: its connection, the keys, and the instant it counts as. `direct` says that its statements
    need nothing to be waited for."""

    connection: AsyncConnection
    keys: Keys
    now: datetime
    direct: bool = False

    @property
    def on_sqlite(self) -> bool:
        return self.connection.dialect.name == "sqlite"

    def insert(self, table: sa.Table) -> Any:
        """An INSERT of this engine's dialect, which knows ON CONFLICT."""
        return insert(table, self.on_sqlite)

    async def execute(self, statement: Any, values: Any = None) -> Any:
        """Runs a statement; `values` may be a list for many rows at once."""
        if isinstance(values, dict):
            values = {name: _filled_up(each) if isinstance(each, list) else each for name, each in values.items()}
        if self.direct and (at_once := self.connection.sync_connection):
            return at_once.execute(statement, values)
        return await self.connection.execute(statement, values)

    async def rows(self, statement: Any, values: Any = None) -> list[Any]:
        """All rows of a query."""
        return list((await self.execute(statement, values)).all())

    async def first(self, statement: Any) -> Any:
        """The first row of a query, or None."""
        return (await self.execute(statement)).first()


@dataclass(frozen=True)
class Database:
    """An open database and the keys to what is sealed in it."""

    engine: AsyncEngine
    keys: Keys
    _writer: AsyncEngine = field(init=False)
    _turnstile: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_writer", self.engine.execution_options(bc_write=True))

    @asynccontextmanager
    async def write(self, now: datetime, *, brief: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that may write. On SQLite it takes the write lock at once, so it never fails half way; and
        the writers of a process go one after the other, because SQLite itself lets whoever is lucky go first.

        A `brief` one touches a few rows by their keys; on SQLite its statements change no threads."""
        turn = self._turnstile if self._on_sqlite else contextlib.nullcontext()
        async with turn, self._writer.connect() as connection, connection.begin():
            with await self._brief(connection) if brief else contextlib.nullcontext():
                yield Transaction(connection, self.keys, now, brief and self._on_sqlite)

    @asynccontextmanager
    async def read(self, now: datetime | None = None, *, brief: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that only reads: one consistent view. `brief` as for `write`."""
        async with self.engine.connect() as connection:
            with await self._brief(connection) if brief else contextlib.nullcontext():
                async with connection.begin():
                    yield Transaction(connection, self.keys, now or datetime.now(UTC), brief and self._on_sqlite)

    @property
    def _on_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    async def _brief(self, connection: AsyncConnection) -> contextlib.AbstractContextManager[None]:
        if not self._on_sqlite:
            return contextlib.nullcontext()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        brief: contextlib.AbstractContextManager[None] = driver.brief()
        return brief

    async def close(self) -> None:
        """Closes every connection; a process that does not would wait for their threads."""
        await self.engine.dispose()


def with_driver(url: str) -> URL:
    """The address of a database with the async driver we use. Raises ValueError for an engine we do not know."""
    parsed = make_url(url)
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    base = parsed.drivername.split("+")[0]
    if base not in drivers:
        raise ValueError(f"DATABASE_URL starts with {base!r}; use sqlite:///… or postgresql://…")
    return parsed.set(drivername=drivers[base])


def sqlite_file(url: str | URL) -> Path | None:
    """The file of an SQLite database; None for another engine."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.drivername.startswith("sqlite") and parsed.database else None


def open_database(url: str, keys: Keys) -> Database:
    """A database ready for use; nothing is read, written or made yet."""
    address, file = with_driver(url), sqlite_file(url)
    if file is not None:
        sized = {"pool_size": 5, "pool_reset_on_return": None, "insertmanyvalues_page_size": ROWS_AT_ONCE}
        engine = create_async_engine(address, **(_POOL | sized))
        sa.event.listen(engine.sync_engine, "do_connect", connecting(file))
        sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    else:
        statements = {"prepared_statement_cache_size": 1000}
        engine = create_async_engine(address, connect_args=statements, pool_pre_ping=True, **_POOL)
    return Database(engine, keys)


def make_file(file: Path) -> None:
    """Makes the empty file of a new SQLite database, if it is not there; its name is durable when this returns.
    Nothing else does: a connection to a file that is away fails. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        return
    file.touch()
    on_disk(file.parent)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Durable, checked and erased-for-good; we say BEGIN ourselves, so the driver must not."""
    connection.isolation_level = None
    cursor = connection.cursor()
    _write_ahead(cursor)
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Several that open a new file at once all change its journal, and for that SQLite does not wait by itself."""
    for attempt in range(WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or attempt == WAL_TRIES - 1:
                raise
            time.sleep(WAL_PAUSE)


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("bc_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# What an error means

_SQLITE_FULL = 13
_SQLITE_AWAY = {5, 6, 8, 10, 11, 13, 14, 15, 26}
"""Result codes: busy, locked, read-only, input or output, corrupt, full, cannot open, protocol, not a database."""
_POSTGRES_AWAY = ("08", "25006", "28", "3D", "53", "57", "58")
"""SQLSTATE: connection lost, read-only, not let in, no such database, out of resources, shut down, system error."""
_AGAIN = {"40P01", "40001", "55P03"}


def unreachable(error: BaseException) -> bool:
    """Whether the database could not be reached or could not write at all: then nothing was done, and it is nobody's
    fault who was in the transaction."""
    if isinstance(error, sa.exc.DBAPIError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or (code or 0) & 0xFF in _SQLITE_AWAY or state.startswith(_POSTGRES_AWAY)
    return isinstance(error, OSError | sa.exc.TimeoutError)


def disk_full(error: BaseException) -> bool:
    """Whether there is no room left to write: SQLITE_FULL, disk_full of PostgreSQL, or the system's own word."""
    origin = getattr(error, "orig", None)
    codes = (getattr(origin, "sqlite_errorcode", None), getattr(origin, "sqlstate", None))
    return codes[0] == _SQLITE_FULL or codes[1] == "53100" or getattr(error, "errno", None) == errno.ENOSPC


def worth_retrying(error: BaseException) -> bool:
    """Deadlocks and serialization failures: the same transaction may succeed when it is tried again."""
    return isinstance(error, sa.exc.DBAPIError) and getattr(error.orig, "sqlstate", None) in _AGAIN


# Migrations

_MIGRATING = 0x62635F6D
"""The number of the lock that whoever migrates a PostgreSQL database holds: "bc_m"."""
MIGRATION_TRIES, GIVE_WAY, GIVE_WAY_PAUSE = 20, "2s", 1.0
_SCRIPTS = resources.files("storage") / "migrations"
_NUMBERED = re.compile(r"(\d{4})_\w+\.py")


def _revisions() -> tuple[str, ...]:
    """Every revision of this release, oldest first: each script's name begins with its own. Alembic, a tenth of a
    process's memory, is loaded only where something is to be migrated."""
    found = (_NUMBERED.fullmatch(script.name) for script in (_SCRIPTS / "versions").iterdir())
    return tuple(sorted(each[1] for each in found if each))


def newest_revision() -> str:
    """The revision this release brings a database to."""
    return _revisions()[-1]


def knows_revision(revision: str) -> bool:
    """Whether this release has a way from that revision to its own."""
    return revision in _revisions()


async def revision_of(database: Database) -> str | None:
    """The revision a database is at; None when it is empty."""
    async with database.engine.connect() as connection:
        if not await connection.run_sync(lambda sync: sa.inspect(sync).has_table("alembic_version")):
            return None
        return (await connection.execute(sa.text("SELECT version_num FROM alembic_version"))).scalar()


async def migrate(database: Database) -> None:
    """Brings a database to the newest revision, beside processes that go on using it.

    Two that migrate at once go one after the other. On PostgreSQL a change that has to wait for a busy table gives way
    soon, so that nobody queues up behind it, and is tried again. Raises what the database raises if that has no end.
    The file of a new SQLite database is made here.
    """
    if file := sqlite_file(database.engine.url):
        make_file(file)

    for attempt in range(MIGRATION_TRIES):
        try:
            async with database._writer.begin() as connection:
                if connection.dialect.name == "postgresql":
                    await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
                    await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{GIVE_WAY}'")
                await connection.run_sync(_upgrade)
            return
        except sa.exc.DBAPIError as error:
            if not worth_retrying(error) or attempt == MIGRATION_TRIES - 1:
                raise
            await asyncio.sleep(GIVE_WAY_PAUSE)


def _upgrade(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def copy_before_migration(file: Path, revision: str) -> Path | None:
    """Copies an SQLite database beside itself before it is changed; None when there is nothing to copy, or when another
    process has changed it by now: that one made the copy, which this one would write over."""
    if not file.exists() or file.stat().st_size == 0:
        return None
    copy = file.with_name(f"{file.name}.before-{revision}")
    part = copy.with_name(f"{copy.name}.{os.getpid()}.part")
    try:
        part.touch(mode=0o600)
        with closing(sqlite3.connect(existing(file), uri=True)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
            is_changed = _revision_in(target) == revision
        if is_changed:
            return None
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
    return copy


def _revision_in(connection: sqlite3.Connection) -> str | None:
    """The revision a copy is at; None for one that was never migrated."""
    try:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return str(found[0]) if found else None
