"""A disk under the real program that forgets: what was written but not yet synced may be gone after a power cut.

`disk.c` is preloaded under the program and writes down, in order, all it asks of the disk for one folder. From that
record a `Disk` rebuilds what a power cut at any moment may leave: everything that was synced, and of everything written
since a random part, torn at sectors. Names are kept apart from contents: a new file is there for sure only when its
folder was synced.
"""

from __future__ import annotations

import os
import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

INSTALL = "a C compiler is needed: apt-get install gcc libc6-dev"
SECTORS = (512, 4096)
_HEAD = struct.Struct("=cxxxIQQQQ")


class NoCompiler(Exception):
    """The shim cannot be made here; the message says what to install."""


@dataclass(frozen=True)
class Shim:
    """The shim under a program. While `full` or `readonly` is set, the files of the folder cannot grow, or change."""

    library: Path
    folder: Path
    record: Path
    state: Path

    @classmethod
    def make(cls, folder: Path, beside: Path) -> Shim:
        """Compiles the shim for the files in `folder`, its own files in `beside`. Raises NoCompiler."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            raise NoCompiler(INSTALL)
        beside = beside.resolve()
        made = cls(beside / "disk.so", folder.resolve(), beside / "disk.record", beside / "disk.state")
        source = Path(__file__).with_name("disk.c")
        told = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-o", str(made.library), str(source), "-ldl"],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            raise NoCompiler(f"{INSTALL} ({told.stderr.strip()[-200:]})")
        for each in (made.folder, made.state):
            each.mkdir(parents=True, exist_ok=True)
        for each in (beside, made.state):
            each.chmod(0o755)  # a database server runs as somebody else
        return made

    def environment(self, *, recording: bool = True) -> dict[str, str]:
        """What a program is started with, so that it runs on this disk."""
        given = {"LD_PRELOAD": str(self.library), "TORTURE_DISK_FOLDER": str(self.folder)}
        given["TORTURE_DISK_STATE"] = str(self.state)
        return given | ({"TORTURE_DISK_LOG": str(self.record)} if recording else {})

    def set(self, what: str, *, so: bool) -> None:
        """Makes the disk `full` or `readonly`, or well again."""
        flag = self.state / what
        if so:
            flag.touch()
        else:
            flag.unlink(missing_ok=True)


@dataclass(frozen=True)
class Act:
    """One thing asked of the disk: Create, Write, Truncate, Sync, Directory sync, Unlink. `at` is monotonic seconds."""

    kind: str
    file: int
    offset: int
    at: float
    path: str
    data: bytes


def acts(record: Path) -> Iterator[Act]:
    """What was recorded, oldest first. A record that a kill broke off is left out."""
    raw, place = memoryview(record.read_bytes()), 0
    while place + _HEAD.size <= len(raw):
        kind, path, file, offset, size, at = _HEAD.unpack_from(raw, place)
        begin = place + _HEAD.size
        place = begin + path + size
        if place > len(raw):
            return
        name = os.fsdecode(bytes(raw[begin : begin + path]))
        yield Act(kind.decode(), file, offset, at / 1e9, name, bytes(raw[begin + path : place]))


@dataclass
class _File:
    """What is on the platter for sure, and what was asked since."""

    durable: bytearray = field(default_factory=bytearray)
    since: list[Act] = field(default_factory=list)

    def sync(self) -> None:
        for act in self.since:
            _apply(self.durable, act)
        self.since.clear()

    def after_a_cut(self, dice: random.Random, share: float, sector: int) -> bytearray:
        left = bytearray(self.durable)
        for act in self.since:
            if act.kind == "T":
                if dice.random() < share:
                    _apply(left, act)
                continue
            for piece in _pieces(act, sector):
                if dice.random() < share:
                    _apply(left, piece)
        return left


def _apply(content: bytearray, act: Act) -> None:
    if act.kind == "T":
        del content[act.offset :]
        content.extend(bytes(act.offset - len(content)))
        return
    if len(content) < act.offset:
        content.extend(bytes(act.offset - len(content)))
    content[act.offset : act.offset + len(act.data)] = act.data


def _pieces(act: Act, sector: int) -> Iterator[Act]:
    """A write, broken at the sectors of the disk."""
    begin, end = act.offset, act.offset + len(act.data)
    while begin < end:
        stop = min(end, (begin // sector + 1) * sector)
        yield Act("W", act.file, begin, act.at, "", act.data[begin - act.offset : stop - act.offset])
        begin = stop


@dataclass
class Disk:
    """The folder as the disk has it. Feed it acts in order; `after_a_cut` may be asked at any moment between two."""

    _files: dict[int, _File] = field(default_factory=dict)
    _names: dict[str, _File] = field(default_factory=dict)
    _names_since: list[tuple[str, _File | None]] = field(default_factory=list)
    syncs: int = 0

    def do(self, act: Act) -> None:
        """The next act of the record."""
        match act.kind:
            case "C":
                self._files[act.file] = _File()
                self._names_since.append((act.path, self._files[act.file]))
            case "U":
                self._names_since.append((act.path, None))
            case "D":
                self._settle_names(len(self._names_since))
            case "S":
                self.syncs += 1
                self._files[act.file].sync()
            case _:
                self._files[act.file].since.append(act)

    def _settle_names(self, count: int) -> None:
        _rename(self._names, self._names_since[:count])
        del self._names_since[:count]

    @property
    def unsynced(self) -> int:
        """How many bytes a cut just now may take away."""
        return sum(len(act.data) for file in self._files.values() for act in file.since)

    def after_a_cut(self, dice: random.Random, folder: Path) -> None:
        """Writes what is left into an empty folder. The shared memory beside SQLite's log is memory, not disk."""
        names = dict(self._names)
        _rename(names, self._names_since[: dice.randint(0, len(self._names_since))])
        share, sector = dice.choice((0.0, 0.5, 0.9, 1.0)), dice.choice(SECTORS)
        for path, file in names.items():
            if not path.endswith("-shm"):
                (folder / Path(path).name).write_bytes(file.after_a_cut(dice, share, sector))


def _rename(names: dict[str, _File], changes: list[tuple[str, _File | None]]) -> None:
    for path, file in changes:
        if file is None:
            names.pop(path, None)
        else:
            names[path] = file
