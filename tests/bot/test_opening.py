"""Opening: a house that cannot be trusted does not open, says why, and changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.opening import NotReady, opened, prepare
from bot.settings import Settings
from storage import people, tombstones
from storage.database import make_file, newest_revision
from storage.schema import marks, persons
from storage.sealing import new_key
from tests.conftest import trial
from tests.fakes.botapi import BotApi
from tests.service import serving


def keyed(folder: Path, ring: str, lookup: str) -> Settings:
    return trial(folder, secret_keys=ring, lookup_key=lookup)


async def refused(settings: Settings) -> str:
    with pytest.raises(NotReady) as told:
        await prepare(settings)
    return str(told.value)


async def opens(settings: Settings) -> None:
    await (await prepare(settings)).close()


async def test_another_lookup_key_is_refused_in_plain_words(tmp_path: Path) -> None:
    ring, lookup = new_key(), new_key()
    await opens(keyed(tmp_path, ring, lookup))
    words = await refused(keyed(tmp_path, ring, new_key()))
    assert "BIGCONVERSATION_LOOKUP_KEY" in words
    assert "Nothing was changed" in words
    await opens(keyed(tmp_path, ring, lookup))


async def test_another_ring_is_refused_and_a_longer_one_is_not(tmp_path: Path) -> None:
    ring, lookup = new_key(), new_key()
    await opens(keyed(tmp_path, ring, lookup))
    assert "BIGCONVERSATION_SECRET_KEYS" in await refused(keyed(tmp_path, new_key(), lookup))
    await opens(keyed(tmp_path, f"{new_key()},{ring}", lookup))


async def test_a_trial_whose_key_file_is_gone_does_not_open_on_new_keys(tmp_path: Path) -> None:
    await opens(trial(tmp_path))
    (tmp_path / "trial-keys").rename(tmp_path / "kept")
    assert "trial-keys" in await refused(trial(tmp_path))
    (tmp_path / "kept").replace(tmp_path / "trial-keys")
    await opens(trial(tmp_path))


async def test_a_database_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    database = await prepare(trial(tmp_path))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    assert "newer release" in await refused(trial(tmp_path))


async def test_a_database_that_is_gone_is_told_and_not_begun_anew(tmp_path: Path) -> None:
    public = {"public_url": "https://talk.example.org", "secret_keys": new_key(), "lookup_key": new_key()}
    settings = trial(tmp_path, **public)
    await opens(settings)
    (tmp_path / "bc.db").unlink()
    words = await refused(settings)
    assert "bc.db is gone" in words
    assert "bigconversation migrate" in words
    assert "bc.db" not in os.listdir(tmp_path)
    make_file(tmp_path / "bc.db")  # as `migrate` does
    await opens(settings)


async def test_production_on_postgresql_is_migrated_by_hand(postgres: str) -> None:
    from tests.conftest import new_database

    more = {"host": "0.0.0.0", "secret_keys": new_key(), "lookup_key": new_key()}
    words = await refused(Settings(database_url=new_database(postgres), **more))
    assert "bigconversation migrate" in words
    assert (newest_revision() or "") in words


@pytest.mark.parametrize("where", ["/proc/nowhere/bc.db", "/dev/null/bc.db"])
async def test_a_folder_we_may_not_use_is_told(where: str) -> None:
    assert "BIGCONVERSATION_DATABASE_URL" in await refused(Settings(database_url=f"sqlite:///{where}"))


async def test_a_file_that_is_no_database_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "bc.db").write_text("something else entirely, of some length, kept for its own sake\n" * 20)
    assert "cannot be opened" in await refused(trial(tmp_path))
    assert (tmp_path / "bc.db").read_text().startswith("something else")


async def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    more = {"secret_keys": new_key(), "lookup_key": new_key()}
    words = await refused(Settings(database_url="postgresql://us:passw0rd@127.0.0.1:1/bc", **more))
    assert "cannot be opened" in words
    assert "passw0rd" not in words


async def test_whoever_was_erased_is_erased_again_before_a_restored_copy_opens(tmp_path: Path) -> None:
    settings = trial(tmp_path)
    async with opened(settings) as house:
        async with house.database.write(house.clock()) as tx:
            [person] = await people.meet(tx, [("telegram", "7", "en")])
        assert person is not None
        tombstones.bury(settings.tombstone_files, person.id)  # after the copy was taken
    async with opened(settings) as house, house.database.read() as tx:
        assert await tx.rows(sa.select(persons)) == []


async def test_opening_again_changes_no_mark(tmp_path: Path) -> None:
    async def found() -> list[tuple[str, str]]:
        database = await prepare(trial(tmp_path))
        async with database.read() as tx:
            rows = [tuple(row) for row in await tx.rows(sa.select(marks).order_by(marks.c.name))]
        await database.close()
        return rows

    assert await found() == await found() != []


async def test_an_operator_can_raise_the_pace(tmp_path: Path, bot_api: BotApi) -> None:
    telegram = {"telegram_token": bot_api.token, "telegram_api_url": bot_api.url}
    async with serving(tmp_path, **telegram, telegram_per_second=1000) as service:
        assert service.house.channels["telegram"].per_second == 1000
