"""Backups: a whole copy of a running database, with the log of erasures beside it; and its way back.

SQLite is copied by its own online backup, PostgreSQL by its own `pg_dump` and `pg_restore`. A copy appears under its
name only once it is whole and on the disk.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from storage.database import sqlite_file
from storage.disk import on_disk
from storage.sqlite_driver import existing
from storage.tombstones import mend

PREFIX = "bigconversation-"
LOG = "erased.log"


class NotBackedUp(Exception):
    """A copy could not be made or brought back; the message says what to do."""


def back_up(url: str, tombstones: Sequence[Path], folder: Path, now: datetime) -> Path:
    """Copies the database and the log of erasures into a folder. Returns the copy. Raises NotBackedUp or OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = sqlite_file(url)
    copy = folder / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}{'.db' if file else '.dump'}"
    part = copy.with_suffix(".part")
    part.touch(mode=0o600)
    try:
        if file:
            _copy_sqlite(file, part)
        else:
            _postgres("pg_dump", url, "--format=custom", "--no-owner", f"--file={part}")
        on_disk(part)
        part.replace(copy)
    finally:
        part.unlink(missing_ok=True)
    mend([folder / LOG], knowing=tombstones)
    on_disk(folder)
    return copy


def drop_older(folder: Path, keep: timedelta, now: datetime) -> list[Path]:
    """Removes copies older than what may be kept; the newest always stays."""
    copies = sorted(each for each in folder.glob(f"{PREFIX}*") if each.suffix in {".db", ".dump"})
    old = [each for each in copies[:-1] if each.stat().st_mtime < (now - keep).timestamp()]
    for each in old:
        each.unlink()
    return old


def bring_back(url: str, tombstones: Sequence[Path], copy: Path, now: datetime) -> Path | None:
    """Puts a copy in the place of the database, which on SQLite is kept aside: where, is returned. What the copy's log
    of erasures knows is added to ours, never taken from it. Nobody is forgotten yet: opening does that."""
    file = sqlite_file(url)
    mend(tombstones, knowing=[copy.with_name(LOG)])
    if file is None:
        _postgres("pg_restore", url, "--clean", "--if-exists", "--single-transaction", "--no-owner", str(copy))
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    _copy_sqlite(copy, part)
    on_disk(part)
    aside = _set_aside(file, now)
    part.replace(file)
    on_disk(file.parent)
    return aside


def put_back(url: str, aside: Path) -> None:
    """Undoes `bring_back` on SQLite: what was kept aside is the database again."""
    file = sqlite_file(url)
    assert file is not None
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    _move(aside, file)


def _set_aside(file: Path, now: datetime) -> Path | None:
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.replaced-{now:%Y%m%dT%H%M%SZ}")
    _move(file, aside)
    return aside


def _move(file: Path, to: Path) -> None:
    """A database with what belongs to it; its journal first, so that it is never found without."""
    for ending in ("-wal", "-shm", ""):
        part = file.with_name(file.name + ending)
        if part.exists():
            part.replace(to.with_name(to.name + ending))


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise NotBackedUp(f"{source} is not there.")
    try:
        with closing(sqlite3.connect(existing(source), uri=True)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there, pages=2048, sleep=0.01)
            there.execute("PRAGMA journal_mode=DELETE")
            [(told,)] = there.execute("PRAGMA quick_check(1)")
    except sqlite3.Error as error:
        raise NotBackedUp(f"{source} cannot be copied: {error}.") from None
    if told != "ok":
        raise NotBackedUp(f"{source} is damaged. Take another copy.")


def _postgres(tool: str, url: str, *words: str) -> None:
    """Runs one of PostgreSQL's own tools; the password goes by the environment, where no list of processes shows it."""
    if shutil.which(tool) is None:
        raise NotBackedUp(f"{tool} is not installed. On Debian: apt install postgresql-client")
    address = make_url(url).set(drivername="postgresql")
    around = os.environ | ({"PGPASSWORD": str(address.password)} if address.password else {})
    plain = address._replace(password=None).render_as_string()
    ran = subprocess.run([tool, f"--dbname={plain}", *words], env=around, check=False, capture_output=True, text=True)
    if ran.returncode != 0:
        raise NotBackedUp(f"{tool} could not do it: {' '.join(ran.stderr.split())[-300:]}")
