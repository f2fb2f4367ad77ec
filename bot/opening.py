"""Opening: settings become an open house. The database is brought up to date, its keys checked, erasures replayed."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from bot.channels.sending import Channel
from bot.house import House
from bot.library import Library, load, sample_text
from bot.settings import Settings, keys_for
from bot.stage import Performer
from bot.turns import Turns, utc_now
from bot.watching import Watch
from conversations.broadcast_view import LINKED
from storage import places, tombstones
from storage.database import (
    Database,
    copy_before_migration,
    disk_full,
    knows_revision,
    make_file,
    migrate,
    newest_revision,
    open_database,
    revision_of,
    sqlite_file,
    unreachable,
)
from storage.marks import mark
from storage.sealing import RING, Unopenable

log = logging.getLogger(__name__)


class NotReady(Exception):
    """The service cannot start; the message says what to do."""


async def prepare(settings: Settings) -> Database:
    """An open, up-to-date database. SQLite is migrated here, after copying the file; elsewhere by `migrate`."""
    if was_there(settings):
        raise NotReady(f"{GONE.format(sqlite_file(settings.database_url))} Nothing was changed.")
    try:
        keys, made = keys_for(settings)
        database = open_database(settings.database_url, keys)
        if file := sqlite_file(settings.database_url):
            make_file(file)
    except OSError as error:
        raise NotReady(f"The database's folder cannot be used: {error.strerror}. {_WHERE}") from None
    if made:
        log.warning("Keys were made beside the database. Without them nothing in it can be read: keep a copy apart.")
    try:
        _can_forget(settings)
        await _up_to_date(settings, database)
        await tombstones.replay(settings.tombstone_files, database)
        await _same_keys(database)
    except BaseException as error:
        await database.close()
        if isinstance(error, Exception) and unreachable(error):
            raise cannot_be_opened(error) from None
        raise
    return database


def was_there(settings: Settings) -> bool:
    """Whether the file of the database is gone: its log of erasures, which its first start made, is there without it.
    A trial may begin anew."""
    file = sqlite_file(settings.database_url)
    if settings.trial or file is None or file.exists():
        return False
    return any(log.exists() for log in settings.tombstone_files)


GONE = (
    "The database {} is gone: its log of erasures is there without it. Put the file back, or restore a copy. To begin "
    "with an empty one run: bigconversation migrate."
)


def _can_forget(settings: Settings) -> None:
    """The log of erasures can be written, and each copy of it knows what any other does."""
    try:
        tombstones.make_ready(settings.tombstone_files)
        tombstones.mend(settings.tombstone_files)
    except OSError as error:
        raise NotReady(
            f"The log of erasures {error.filename} cannot be written: {error.strerror}. Without it nobody could be "
            "forgotten. Look at BIGCONVERSATION_TOMBSTONES, and at who may write there."
        ) from None


def cannot_be_opened(error: Exception) -> NotReady:
    """What to say of a database that is away."""
    if disk_full(error):
        return NotReady("The disk of the database is full. Nothing was changed. Make room, and start again.")
    return NotReady(f"The database cannot be opened ({why(error)}). Nothing was changed. {_WHERE}")


_WHERE = "Look at BIGCONVERSATION_DATABASE_URL, and at who may write there."


def why(error: Exception) -> str:
    """The engine's own reason in a few words, never the address with its password."""
    return str(getattr(error, "orig", None) or getattr(error, "strerror", None) or type(error).__name__)[:200]


async def _up_to_date(settings: Settings, database: Database) -> None:
    at, newest = await revision_of(database), newest_revision()
    if at == newest:
        return
    file = sqlite_file(settings.database_url)
    if at is not None and not knows_revision(at):
        raise NotReady(
            f"The database is at {at}, which this release does not know: it is of a newer release, or of a build "
            "before the first. Nothing was changed. Install what it belongs to, or move it away to begin anew."
        )
    if file is None and at is None and settings.trial:
        await migrate(database)
    elif file is None:
        raise NotReady(
            f"The database is at {at or 'nothing'}, this release needs {newest}. Run: bigconversation migrate"
        )
    else:
        copy_before_migration(file, newest)
        await migrate(database)


async def _same_keys(database: Database) -> None:
    """Refuses to run with keys that are not this database's: with another look-up key nobody would be found and
    everybody doubled; with another ring nothing could be read or sent."""
    keys = database.keys
    async with database.write(utc_now()) as tx:
        found = await mark(tx, "keys", keys.check()) == keys.check()
        sealed = bytes.fromhex(await mark(tx, "ring", keys.seal("ring", *RING).hex()))
    if not found:
        raise NotReady(_OTHER_KEYS.format("BIGCONVERSATION_LOOKUP_KEY"))
    try:
        keys.open(sealed, *RING)
    except Unopenable:
        raise NotReady(_OTHER_KEYS.format("BIGCONVERSATION_SECRET_KEYS (old keys stay in it, after the new)")) from None


_OTHER_KEYS = (
    "The keys are not the ones this database was made with. Nothing was changed. "
    "Put the right {} in place, or in a trial the right file trial-keys beside the database, and start again."
)


async def load_sample(database: Database, settings: Settings) -> None:
    """A trial's first start loads the sample, which opens today and closes in twelve weeks."""
    async with database.write(utc_now()) as tx:
        await places.load_sample(tx)
    library = Library()
    await library.refresh(database)
    if settings.trial and not library.all():
        async with database.write(utc_now()) as tx:
            await load(tx, sample_text(), utc_now().date(), production=False)


def build_house(
    settings: Settings, database: Database, channels: dict[str, Channel], clock: Callable[[], datetime] = utc_now
) -> House:
    """The house, with nothing running in it yet."""
    library, holder = Library(production=not settings.trial), uuid.uuid4().hex
    base = settings.base_url
    links = {"site": base, "chat": f"{base}/chat", "privacy": f"{base}/privacy"}
    rules = settings.broadcast_rules
    links[LINKED] = " ".join(rules.link_domains)
    performer = Performer(lambda person: tombstones.bury(settings.tombstone_files, person), links, library.all, rules)
    turns = Turns(database, library, performer, holder, clock=clock)
    return House(settings, database, library, turns, Watch(database, clock), holder, channels, clock=clock)


@asynccontextmanager
async def opened(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[House]:
    """A house that can take turns, without doors or sender: for the terminal and for commands."""
    database = await prepare(settings)
    try:
        await load_sample(database, settings)
        house = build_house(settings, database, {}, clock)
        await house.library.refresh(database)
        yield house
        await house.turns.close()
    finally:
        await database.close()
