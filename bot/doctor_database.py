"""The doctor looks into the database: reached, of this release, its keys, how it keeps, what waits and what broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.finding import PATIENCE, Finding
from bot.opening import GONE, was_there, why
from bot.settings import BadSettings, Settings, has_keys, keys_for
from bot.turns import utc_now
from storage import health
from storage.database import (
    Database,
    Transaction,
    knows_revision,
    newest_revision,
    open_database,
    revision_of,
    sqlite_file,
    unreachable,
)
from storage.marks import noted
from storage.resealing import left, ring_is_older
from storage.sealing import RING, Keys, Unopenable

LATE = timedelta(minutes=15)
LATELY = timedelta(days=7)
OLD_BACKUP = timedelta(days=2)
CLOCKS_DIFFER = timedelta(seconds=2)
Look = Callable[[Transaction], Awaitable[Finding]]


async def database_findings(settings: Settings) -> AsyncIterator[Finding]:
    """Whether the database is there, and in order."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        if was_there(settings):
            yield Finding("wrong", GONE.format(file))
        else:
            yield Finding("look", f"Database: {file} is not there yet. The first start makes it.")
        return
    if not has_keys(settings):
        yield Finding(
            "wrong", "Keys: the file trial-keys is not beside the database. Put it back: nothing can be read."
        )
        return
    try:
        database = open_database(settings.database_url, keys_for(settings)[0])
    except (BadSettings, OSError) as error:
        yield Finding("wrong", f"Database: {error}")
        return
    try:
        async with asyncio.timeout(PATIENCE):
            async for each in _looked_into(settings, database):
                yield each
    except Exception as error:
        away = unreachable(error)
        todo = "Look at BIGCONVERSATION_DATABASE_URL, and whether it runs." if away else "Please report it."
        yield Finding("wrong", f"Database: cannot be used ({why(error) if away else type(error).__name__}). {todo}")
    finally:
        await database.close()


async def _looked_into(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    at, newest = await revision_of(database), newest_revision()
    if at != newest:
        yield _behind(at, newest, sqlite_file(settings.database_url) is not None)
        return
    yield Finding("ok", f"Database: reached, at revision {at}.")
    looks = _KEPT_SQLITE if sqlite_file(settings.database_url) else _KEPT_POSTGRES
    for look in (_keys, *looks, _clock, _processes, _waiting, _unknown, _quarantine, _backup):
        async with database.read(utc_now()) as tx:
            yield await look(tx)


def _behind(at: str | None, newest: str | None, on_sqlite: bool) -> Finding:
    if at is not None and not knows_revision(at):
        return Finding(
            "wrong", f"Database: at {at}, which this release ({newest}) does not know. Install what it belongs to."
        )
    if on_sqlite:
        return Finding("look", f"Database: at {at or 'nothing'}; the next start brings it to {newest}, after a copy.")
    return Finding(
        "wrong", f"Database: at {at or 'nothing'}; this release needs {newest}. Run: bigconversation migrate"
    )


async def _keys(tx: Transaction) -> Finding:
    keys, lookup, ring = tx.keys, await noted(tx, "keys"), await noted(tx, "ring")
    if not lookup:
        return Finding("look", "Keys: the database has not been opened with any yet. The first start notes them.")
    if lookup != keys.check():
        return Finding("wrong", "Keys: LOOKUP_KEY is not this database's. Put the right one in place.")
    if not _opens(keys, ring):
        return Finding("wrong", "Keys: no key of SECRET_KEYS is this database's. Put the old keys after the new one.")
    if len(keys.ring) > 1:
        return await _older_keys(tx)
    return Finding("ok", "Keys: they are this database's. Keep a copy apart from the backups.")


async def _older_keys(tx: Transaction) -> Finding:
    """Whether anything still needs the keys behind the first."""
    if count := await left(tx):
        return Finding("look", f"Keys: {count} values need an older key of the ring. Run: bigconversation reseal")
    if await ring_is_older(tx):
        return Finding("look", "Keys: older ones are in the ring, and may still be needed. Run: bigconversation reseal")
    return Finding(
        "ok", "Keys: nothing here needs an older one. When every process was started with the new one in front, they "
        "may leave the ring. Keep them with the backups made before."
    )  # fmt: skip


def _opens(keys: Keys, sealed: str) -> bool:
    try:
        keys.open(bytes.fromhex(sealed), *RING)
    except (Unopenable, ValueError):
        return False
    return True


async def _kept_sqlite(tx: Transaction) -> Finding:
    said = {}
    for name in ("journal_mode", "synchronous", "quick_check(1)"):
        said[name] = str((await tx.connection.exec_driver_sql(f"PRAGMA {name}")).scalar())
    if said["quick_check(1)"] != "ok":
        return Finding("wrong", "SQLite: the file is damaged. Stop the service and restore the newest backup.")
    if (said["journal_mode"], said["synchronous"]) != ("wal", "2"):
        return Finding("wrong", f"SQLite: {said}; it should be wal and 2. Is the file on a network disk? Move it off.")
    return Finding("ok", "SQLite: WAL, synchronous=FULL, the file is whole.")


async def _kept_postgres(tx: Transaction) -> Finding:
    said = {}
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        said[name] = str((await tx.connection.exec_driver_sql(f"SHOW {name}")).scalar())
    off = [name for name, value in said.items() if value in {"off", "local"}]
    if off:
        return Finding("wrong", f"PostgreSQL: {', '.join(off)} off: what we call saved can be lost. Turn it on.")
    return Finding("ok", "PostgreSQL: what is committed is on its disk.")


async def _clocks_agree(tx: Transaction) -> Finding:
    theirs = (await tx.connection.exec_driver_sql("SELECT clock_timestamp()")).scalar_one()
    apart = abs(theirs - datetime.now(UTC))
    if apart > CLOCKS_DIFFER:
        return Finding("wrong", f"Clocks: the database's is {apart.total_seconds():.0f} s from ours. Set both by NTP.")
    return Finding("ok", "Clocks: ours and the database's agree.")


_KEPT_SQLITE: tuple[Look, ...] = (_kept_sqlite,)
_KEPT_POSTGRES: tuple[Look, ...] = (_kept_postgres, _clocks_agree)


async def _clock(tx: Transaction) -> Finding:
    last = await health.last_turn(tx)
    if last is not None and last > tx.now + timedelta(minutes=1):
        return Finding("wrong", f"Clock: somebody was heard at {last:%Y-%m-%d %H:%M}, which is still to come. Set it.")
    return Finding("ok", f"Clock: {tx.now:%Y-%m-%d %H:%M} UTC.")


async def _processes(tx: Transaction) -> Finding:
    count = await health.processes(tx)
    if count > 1 and tx.on_sqlite:
        return Finding("wrong", f"Processes: {count} serve from one SQLite file. Stop all but one, or use PostgreSQL.")
    return Finding("ok" if count else "look", f"Processes: {count} serve from this database.")


async def _waiting(tx: Transaction) -> Finding:
    due = await health.oldest_due(tx)
    late = tx.now - min(due.values(), default=tx.now)
    if late > LATE:
        return Finding("look", f"Sending: the oldest waits for {late.total_seconds() / 60:.0f} minutes. Read the log.")
    return Finding("ok", "Sending: nothing waits for long.")


async def _unknown(tx: Transaction) -> Finding:
    count = await health.unknown_since(tx, tx.now - LATELY)
    told = f"Unknown: {count} sends of the last seven days may or may not have arrived."
    return (
        Finding("look", f"{told} The desk shows which; a correction reaches them too.")
        if count
        else Finding("ok", told)
    )


async def _quarantine(tx: Transaction) -> Finding:
    count = await health.quarantined_since(tx, tx.now - LATELY)
    told = f"Quarantine: {count} updates of the last seven days broke us."
    return Finding("look", f"{told} Please report them: table quarantine.") if count else Finding("ok", told)


async def _backup(tx: Transaction) -> Finding:
    last = await noted(tx, "backed_up_at")
    if not last:
        return Finding(
            "look", "Backup: none was made with `bigconversation backup`. Make one every day, and keep it elsewhere."
        )
    age = tx.now - datetime.fromisoformat(last)
    told = f"Backup: the last was made {age.total_seconds() / 3600:.0f} hours ago."
    return Finding("look", f"{told} Is the daily one still made?") if age > OLD_BACKUP else Finding("ok", told)
