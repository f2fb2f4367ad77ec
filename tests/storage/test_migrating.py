"""Migrating beside processes that go on: nobody collides, nobody is held up for long."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from storage import database as module
from storage.database import Database, migrate, newest_revision, open_database, revision_of, worth_retrying
from storage.schema import marks
from storage.sealing import Keys
from tests.conftest import new_database
from tests.storage.acts import NOW

NEWEST = newest_revision()
NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "NEWEST"


def upgrade() -> None:
    op.add_column("marks", sa.Column("more", sa.String(8)))
"""


@pytest.fixture
async def postgres_only(postgres: str, keys: Keys) -> AsyncIterator[Database]:
    opened = open_database(new_database(postgres), keys)
    await migrate(opened)
    yield opened
    await opened.close()


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations of a release that has one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(module.__file__).parent / "migrations", folder)
    (folder / "versions" / "9999_more.py").write_text(NEXT.replace("NEWEST", NEWEST))
    monkeypatch.setattr(module, "_SCRIPTS", folder)
    monkeypatch.setattr(module, "GIVE_WAY", "200ms")
    monkeypatch.setattr(module, "GIVE_WAY_PAUSE", 0.2)


def test_each_script_is_named_after_its_revision() -> None:
    """What is known of migrations without loading the library is what the library reads in them."""
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == NEWEST
    assert [each.revision for each in scripts.walk_revisions()][::-1] == list(module._revisions())


def test_a_start_does_not_load_what_only_a_migration_needs() -> None:
    """A tenth of what a process holds."""
    told = "import sys, bot.commands, bot.serving; print([each for each in sys.modules if each.startswith('alembic')])"
    assert subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, text=True).stdout == "[]\n"


async def test_several_that_migrate_at_once_go_one_after_the_other(database_url: str, keys: Keys) -> None:
    opened = [open_database(database_url, keys) for _ in range(8)]
    await asyncio.gather(*(migrate(each) for each in opened))
    assert {await revision_of(each) for each in opened} == {NEWEST}
    for each in opened:
        await each.close()


@pytest.mark.postgres
async def test_a_migration_gives_way_to_a_busy_table_and_comes_again(
    postgres_only: Database, next_release: None
) -> None:
    database, waits = postgres_only, []

    async def old_release() -> None:
        """Keeps the table in use, and meanwhile writes to it from elsewhere."""
        async with database.write(NOW) as tx:
            await tx.execute(sa.insert(marks).values(name="busy", value="still"))
            for number in range(8):
                began = time.monotonic()
                async with database.write(NOW) as beside:
                    await beside.execute(sa.insert(marks).values(name=f"n{number}", value="x"))
                waits.append(time.monotonic() - began)
                await asyncio.sleep(0.1)

    await asyncio.gather(old_release(), migrate(database))
    assert max(waits) < 2, "nobody queues up behind the migration"
    async with database.read() as tx:
        assert len(await tx.rows(sa.select(marks))) == 9, "the old release reads what the new one has changed"
    assert await revision_of(database) == "9999"


@pytest.mark.postgres
async def test_a_migration_that_never_gets_its_turn_changes_nothing(
    postgres_only: Database, next_release: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIGRATION_TRIES", 2)
    async with postgres_only.write(NOW) as tx:
        await tx.execute(sa.insert(marks).values(name="busy", value="still"))
        with pytest.raises(sa.exc.DBAPIError) as told:
            await migrate(postgres_only)
    assert worth_retrying(told.value)
    assert await revision_of(postgres_only) == NEWEST
