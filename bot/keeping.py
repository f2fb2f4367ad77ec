"""Keeping: commands that look after the database itself. It is migrated, sealed again, copied, and brought back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import DBAPIError

from bot.command_line import OPERATOR, do, fail
from bot.opening import NotReady, cannot_be_opened, prepare
from bot.resealing import reseal
from bot.settings import Settings, keys_for, read_settings
from bot.turns import utc_now
from storage import backups, health, staff, tombstones
from storage.database import migrate, newest_revision, open_database, sqlite_file, unreachable, worth_retrying
from storage.marks import note

keeping = typer.Typer()


@keeping.command("migrate")
def migrate_database() -> None:
    """Bring the database to the form this release needs."""
    settings = read_settings()

    async def work() -> None:
        database = open_database(settings.database_url, keys_for(settings)[0])
        try:
            await migrate(database)
        except DBAPIError as error:
            if worth_retrying(error):
                fail("The database is too busy to be changed just now. Nothing was changed. Run it again in a while.")
            if unreachable(error):
                raise cannot_be_opened(error) from None
            raise
        finally:
            await database.close()
        print(f"The database is at {newest_revision()}.")

    do(work())


@keeping.command("reseal")
def reseal_all() -> None:
    """Seal again, with the first key of the ring, what older keys sealed; the service may run. Can be stopped."""

    async def work() -> None:
        database = await prepare(read_settings())
        try:
            async with database.write(utc_now()) as tx:
                await staff.note(tx, OPERATOR, "reseal", "")
            result = await reseal(database, utc_now, lambda told: print(told, flush=True))
        except DBAPIError as error:
            if unreachable(error):
                fail("The database went away. What was sealed again stays so. Run it again to go on.")
            raise
        finally:
            await database.close()
        print(f"{result.done} sealed again. {result.left} still need an older key.")
        if result.unopenable:
            print(f"{result.unopenable} open with no key at all: they were damaged, and were left as they are.")
        if result.left:
            fail("Somebody held them, or still seals with an older key. Run it again; `doctor` says when it is over.")

    do(work())


@keeping.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="Where copies are kept: another disk is best.", show_default=False)],
    keep: Annotated[int, typer.Option(help="Remove copies older than so many days.", min=1)] = 35,
) -> None:
    """Copy the database, while it runs, and the log of erasures. Never the keys: keep those apart."""
    settings = read_settings()

    async def work() -> None:
        database = await prepare(settings)
        now = utc_now()
        try:
            copy = await asyncio.to_thread(
                backups.back_up, settings.database_url, settings.tombstone_files, folder, now
            )
            async with database.write(now) as tx:
                await note(tx, "backed_up_at", now.isoformat())
        finally:
            await database.close()
        gone = backups.drop_older(folder, timedelta(days=keep), now)
        print(f"Copied to {copy} ({copy.stat().st_size} bytes). {len(gone)} older than {keep} days removed.")

    _copying(work())


@keeping.command()
def restore(file: Annotated[Path, typer.Argument(help="A copy that `backup` made.", show_default=False)]) -> None:
    """Put a copy in the place of the database, and forget again whoever asked to be forgotten since."""
    settings = read_settings()
    if not file.is_file():
        fail(f"{file} is not there. Nothing was changed.")

    async def work() -> None:
        if await _serving(settings):
            fail("A process serves from this database. Stop it first. Nothing was changed.")
        aside = backups.bring_back(settings.database_url, settings.tombstone_files, file, utc_now())
        try:
            database = await prepare(settings)
        except NotReady:
            if aside is not None:
                backups.put_back(settings.database_url, aside)
            raise
        await database.close()
        forgotten = len(set(tombstones.buried(settings.tombstone_files)))
        print(f"{file} is the database now. {forgotten} people who asked to be forgotten are in it no more.")
        if aside is not None:
            print(f"What was there before is kept as {aside}. It may hold people who asked to be forgotten: remove it.")

    _copying(work())


async def _serving(settings: Settings) -> bool:
    """Whether a living process says that it serves from the database. One that cannot be read has none."""
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        return False
    database = open_database(settings.database_url, keys_for(settings)[0])
    try:
        async with database.read(utc_now()) as tx:
            return await health.processes(tx) > 0
    except DBAPIError:
        return False
    finally:
        await database.close()


def _copying(work: Coroutine[Any, Any, None]) -> None:
    try:
        do(work)
    except backups.NotBackedUp as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}.")
