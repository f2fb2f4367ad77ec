"""Tombstones: the log of erasures, kept outside the database, so that a restored copy can be made to forget again."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from storage.database import Database
from storage.disk import on_disk
from storage.people import forget
from storage.references import short_code

log = logging.getLogger(__name__)


class NotDurable(Exception):
    """A tombstone could not be made safe everywhere, so nothing may be deleted and no receipt given."""


def make_ready(files: Sequence[Path]) -> None:
    """Makes sure that the log and its copies can be read and written. Raises OSError when nobody could be erased."""
    for file in files:
        _append(file, b"")


def bury(files: Sequence[Path], person: str) -> str:
    """Writes a tombstone to the log and its copies, durable in all before this returns. Gives the receipt.

    Raises NotDurable, which is this person's trouble alone: nobody else waits for that disk.
    """
    receipt = f"DEL-{short_code(4)}-{short_code(4)}"
    line = json.dumps({"person": person, "receipt": receipt, "at": datetime.now(UTC).isoformat()})
    try:
        for file in files:
            _append(file, line.encode() + b"\n")
    except OSError as error:
        log.error("the log of erasures cannot be written, so nobody is deleted: %s", error.strerror)
        raise NotDurable from None
    return receipt


def _append(file: Path, lines: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        torn = end and os.pread(descriptor, 1, end - 1) != b"\n"  # a crash broke the last line off
        os.write(descriptor, (b"\n" if torn else b"") + lines)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        on_disk(file.parent)


def buried(files: Sequence[Path]) -> Iterator[str]:
    """The people whose tombstones are in the log or any copy. A line that a crash broke off was no receipt's yet."""
    for line in dict.fromkeys(line for file in files for line in _lines(file)):
        yield json.loads(line)["person"]


def _lines(file: Path) -> list[str]:
    """The whole lines of a log, as they were written."""
    return [line for line in file.read_text().splitlines() if _whole(line)] if file.exists() else []


def _whole(line: str) -> bool:
    try:
        return "person" in json.loads(line)
    except (ValueError, TypeError):
        return False


def mend(files: Sequence[Path], *, knowing: Sequence[Path] = ()) -> None:
    """Gives each file the lines that another of them, or of `knowing`, has and it lacks: after a lost disk, or one
    that was away. Nothing is ever taken out of a log."""
    everything = dict.fromkeys(line for file in (*files, *knowing) for line in _lines(file))
    for file in files:
        known = set(_lines(file))
        missing = "".join(f"{line}\n" for line in everything if line not in known)
        if missing:
            _append(file, missing.encode())


async def replay(files: Sequence[Path], database: Database) -> int:
    """Forgets again whoever asked to be forgotten: done before a restored service opens."""
    people = list(buried(files))
    if people:
        async with database.write(datetime.now(UTC)) as tx:
            for person in people:
                await forget(tx, person)
    return len(people)
