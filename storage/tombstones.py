"""Tombstones: the log of erasures, kept outside the database, so that a restored copy can be made to forget again."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.database import Database
from storage.people import forget
from storage.references import short_code


def make_ready(file: Path) -> None:
    """Makes sure that the log can be read and written. Raises OSError when nobody could be erased."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600))
    if new:
        _keep_name(file.parent)


def bury(file: Path, person: str) -> str:
    """Writes a tombstone, durable before this returns. Gives the receipt for the person."""
    receipt = f"DEL-{short_code(4)}-{short_code(4)}"
    line = json.dumps({"person": person, "receipt": receipt, "at": datetime.now(UTC).isoformat()})
    file.parent.mkdir(parents=True, exist_ok=True)
    new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        torn = end and os.pread(descriptor, 1, end - 1) != b"\n"  # a crash broke the last line off
        os.write(descriptor, (b"\n" if torn else b"") + line.encode() + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        _keep_name(file.parent)
    return receipt


def _keep_name(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def buried(file: Path) -> Iterator[str]:
    """The people whose tombstones are in the log. A line that a crash broke off was no receipt's yet."""
    if file.exists():
        for line in file.read_text().splitlines():
            try:
                yield json.loads(line)["person"]
            except ValueError:
                continue


def merge(source: Path, target: Path) -> int:
    """Adds to a log what another one knows and it does not; how many lines. Nothing is ever taken out of a log."""
    known = set(target.read_text().splitlines()) if target.exists() else set()
    lines = source.read_text().splitlines() if source.exists() else []
    fresh = [line for line in lines if line not in known and line.strip()]
    if fresh:
        make_ready(target)
        with target.open("a") as log:
            log.write("\n" + "\n".join(fresh) + "\n")
            log.flush()
            os.fsync(log.fileno())
    return len(fresh)


async def replay(file: Path, database: Database) -> int:
    """Forgets again whoever asked to be forgotten: done before a restored service opens."""
    people = list(buried(file))
    if people:
        async with database.write(datetime.now(UTC)) as tx:
            for person in people:
                await forget(tx, person)
    return len(people)
