"""The sum of migrations is the schema, and a busy or absent database is known for what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from storage.database import (
    Database,
    copy_before_migration,
    make_file,
    migrate,
    newest_revision,
    open_database,
    revision_of,
    unreachable,
    with_driver,
    worth_retrying,
)
from storage.schema import marks, metadata
from storage.sealing import Keys
from tests.storage.acts import NOW, count


async def test_migrations_add_up_to_the_schema(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await revision_of(database) == newest_revision()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    async with database.write(NOW) as tx:
        await tx.execute(sa.insert(marks).values(name="here", value="still"))
    await migrate(database)
    assert await count(database, marks) == 1


async def test_a_copy_is_made_before_a_migration(tmp_path: Path, keys: Keys) -> None:
    file = tmp_path / "bc.db"
    assert copy_before_migration(file, "9999") is None
    opened = open_database(f"sqlite:///{file}", keys)
    await migrate(opened)
    await opened.close()
    copy = copy_before_migration(file, "9999")
    assert copy is not None
    assert (copy.name, copy.stat().st_mode & 0o777) == ("bc.db.before-9999", 0o600)


async def test_who_comes_after_a_migration_leaves_the_copy_of_before_alone(tmp_path: Path, keys: Keys) -> None:
    file, newest = tmp_path / "bc.db", newest_revision() or ""
    opened = open_database(f"sqlite:///{file}", keys)
    await migrate(opened)
    async with opened.write(NOW) as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = 'older'"))
    copy = copy_before_migration(file, newest)
    assert copy is not None
    before = copy.read_bytes()
    async with opened.write(NOW) as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = :newest").bindparams(newest=newest))
    assert copy_before_migration(file, newest) is None, "another process was faster"
    await opened.close()
    assert copy.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["bc.db", copy.name]


async def test_sqlite_is_durable_and_checks_what_belongs_together(tmp_path: Path, keys: Keys) -> None:
    make_file(tmp_path / "bc.db")
    opened = open_database(f"sqlite:///{tmp_path}/bc.db", keys)
    async with opened.engine.connect() as connection:
        found = [
            (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        ]
    await opened.close()
    assert found == ["wal", 2, 1, 1]


@pytest.mark.parametrize("name", ["bc.db", "50% of #1, Sir Fôn.db"])
async def test_a_file_that_is_away_is_never_made_anew(tmp_path: Path, keys: Keys, name: str) -> None:
    file = tmp_path / name
    opened = open_database(f"sqlite:///{file}", keys)
    await migrate(opened)
    async with opened.read():
        file.rename(tmp_path / "away")
        with pytest.raises(sa.exc.OperationalError) as refused:
            async with opened.write(NOW):  # another connection than the one in hand
                pass
    assert unreachable(refused.value)
    assert not file.exists()
    (tmp_path / "away").rename(file)
    assert await revision_of(opened) == newest_revision()
    await opened.close()


def test_an_engine_we_do_not_know_is_named() -> None:
    with pytest.raises(ValueError, match="mysql"):
        with_driver("mysql://localhost/x")
    assert with_driver("postgres://h/x").drivername == "postgresql+asyncpg"


async def test_a_database_that_is_away_is_told_from_one_that_refuses(tmp_path: Path, keys: Keys) -> None:
    away = open_database("postgresql://x:y@127.0.0.1:1/z", keys)
    with pytest.raises(OSError) as refused:  # noqa: PT011 - which one depends on the system
        async with away.read():
            pass
    assert unreachable(refused.value)
    make_file(tmp_path / "bc.db")
    opened = open_database(f"sqlite:///{tmp_path}/bc.db", keys)
    with pytest.raises(sa.exc.OperationalError) as broken:
        async with opened.read() as tx:
            await tx.execute(sa.text("SELECT nothing FROM nowhere"))
    await opened.close()
    assert not unreachable(broken.value)


class _FromServer(Exception):
    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "away", "again"),
    [
        ("57P03", True, False),  # starting up
        ("53100", True, False),  # disk full
        ("25006", True, False),  # a standby
        ("40P01", False, True),
        ("40001", False, True),
        ("23505", False, False),
        ("22021", False, False),
    ],
)
def test_what_postgresql_says_is_understood(sqlstate: str, away: bool, again: bool) -> None:
    error = sa.exc.DBAPIError("INSERT", None, _FromServer(sqlstate))
    assert (unreachable(error), worth_retrying(error)) == (away, again)


async def test_an_error_does_not_quote_what_was_said(database: Database) -> None:
    row = sa.insert(marks).values(name="twice", value="something private")
    async with database.write(NOW) as tx:
        await tx.execute(row)
    with pytest.raises(sa.exc.DBAPIError) as broken:
        async with database.write(NOW) as tx:
            await tx.execute(row)
    assert "something private" not in str(broken.value)
