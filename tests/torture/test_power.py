"""Short forms of the power cuts."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.torture import disk, power
from tests.torture.disk import Disk, Shim, acts
from tests.torture.verdict import Asked, Engine

compiled = pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc")), reason=disk.INSTALL)

WRITER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("PRAGMA synchronous=" + sys.argv[2])
connection.execute("CREATE TABLE said (number, words)")
for number in range(300):
    connection.execute("INSERT INTO said VALUES (?, ?)", (number, "x" * 2000))
    print(time.monotonic())
"""


def _lost_by_cuts(folder: Path, how: str) -> list[int]:
    """How many rows are missing after each of some cuts, all of which came just after a commit."""
    folder.mkdir()
    shim = Shim.make(folder / "data", folder)
    file = shim.folder / "said.db"
    command, given = [sys.executable, "-c", WRITER, str(file), how], os.environ | shim.environment()
    told = subprocess.run(command, env=given, check=True, capture_output=True, text=True).stdout.split()
    cuts, watched, lost = list(enumerate(map(float, told), 1))[::30], Disk(), []
    for act in acts(shim.record):
        while cuts and act.at > cuts[0][1]:
            committed, _ = cuts.pop(0)
            left = folder / f"left-{committed}"
            left.mkdir()
            watched.after_a_cut(random.Random(committed), left)
            lost.append(committed - _rows(left / file.name))
        watched.do(act)
    return lost


def _rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'said'").fetchall():
            return 0
        [(count,)] = connection.execute("SELECT count(*) FROM said").fetchall()
        return int(count)


@compiled
def test_a_disk_that_forgets_keeps_what_was_synced_and_only_that(tmp_path: Path) -> None:
    assert _lost_by_cuts(tmp_path / "full", "FULL") == [0] * 10
    assert sum(lost > 0 for lost in _lost_by_cuts(tmp_path / "normal", "NORMAL")) > 3


@compiled
@pytest.mark.parametrize("what", ["full", "readonly"])
def test_a_disk_that_is_full_or_read_only_says_so(tmp_path: Path, what: str) -> None:
    shim = Shim.make(tmp_path / "data", tmp_path)
    shim.set(what, so=True)
    code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text('words')"
    command, given = [sys.executable, "-c", code, str(shim.folder / "file")], os.environ | shim.environment()
    told = subprocess.run(command, env=given, check=False, capture_output=True, text=True)
    assert ("No space left" if what == "full" else "Read-only file system") in told.stderr
    shim.set(what, so=False)
    subprocess.run(command, env=given, check=True)
    assert (shim.folder / "file").read_text() == "words"


ENGINES = [pytest.param("sqlite", marks=compiled), pytest.param("postgresql", marks=pytest.mark.postgres)]


@compiled
async def test_power_cuts_on_sqlite_lose_nothing() -> None:
    verdict = await power.run(Asked("power", "sqlite", seed=1, size=3))
    assert verdict.broken in ([], [power.UNPROVED]), "three cuts are few for the control"
    assert verdict.figures["cuts"] == 3


@compiled
async def test_a_cut_after_the_last_thing_written_is_a_cut_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    late = [time.monotonic() + 3600]
    monkeypatch.setattr(power, "_moments", lambda *_: late)
    verdict = await power.run(Asked("power", "sqlite", seed=1, size=1))
    assert verdict.broken in ([], [power.UNPROVED])
    assert verdict.figures["cuts"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
async def test_power_cuts_lose_nothing_and_the_control_loses(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power, "BACK", 60.0)  # others share the cores
    size = 12 if engine == "sqlite" else 3
    verdict = await power.run(Asked("power", engine, seed=1, size=size))
    assert verdict.broken == []
    assert verdict.figures["cuts"] == size
    assert verdict.figures["the control lost"]
