"""Erasure is for good: through a lost disk, an older backup, a crash half way, and in the middle of a fan-out."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from bot import stage
from bot.channels.messages import Incoming
from bot.house import House
from bot.opening import NotReady, opened, prepare
from bot.settings import Settings
from bot.turns import Taken
from conversations.domain.speech import Chose, Heard, Said, Started
from storage import people, tombstones
from storage.database import sqlite_file, with_driver
from storage.schema import deliveries, metadata, persons
from storage.sealing import new_key
from tests.bot.test_sender import Clock, Post, posted, until
from tests.conftest import trial
from tests.fakes.botapi import BotApi

ANSWERED = (Started("SAFE"), Chose("en"), Chose("agree"), Chose("4"))
DELETE = (Said("DELETE"), Chose("delete"))


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """The database and a log on one disk, a copy of the log on another; the keys are in neither."""
    disk = tmp_path / "disk"
    disk.mkdir()
    url = f"sqlite:///{disk}/bc.db" if database_url.startswith("sqlite") else database_url
    logs = f"{disk}/erased.log, {tmp_path}/other/erased.log"
    return trial(tmp_path, database_url=url, tombstones=logs, secret_keys=new_key(), lookup_key=new_key())


async def copied(url: str, name: str) -> str:
    """A copy of a database that nobody has open; its address."""
    if file := sqlite_file(url):
        copy = file.parent.parent / f"{name}.db"
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return f"sqlite:///{copy}"
    address, made = with_driver(url), f"{name}_{uuid.uuid4().hex[:8]}"
    engine = create_async_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.exec_driver_sql(f'CREATE DATABASE "{made}" TEMPLATE "{address.database}"')
    await engine.dispose()
    return address.set(database=made, drivername="postgresql").render_as_string(hide_password=False)


async def take(house: House, value: str, *heard: Heard) -> Taken:
    for each in heard:
        taken = await house.turns.take(Incoming("telegram", value, uuid.uuid4().hex, each))
    return taken


async def everybody(settings: Settings) -> set[str]:
    """Who is in the database once the service has opened on it."""
    async with opened(settings) as house, house.database.read() as tx:
        return {row.id for row in await tx.rows(sa.select(persons.c.id))}


async def two_people(settings: Settings) -> tuple[str, str]:
    async with opened(settings) as house:
        return (await take(house, "1", *ANSWERED)).person, (await take(house, "2", *ANSWERED)).person


# The disk is lost, an older backup is restored


async def test_a_lost_disk_and_an_older_backup_bring_nobody_back(settings: Settings, tmp_path: Path) -> None:
    gone, stays = await two_people(settings)
    backup = await copied(settings.database_url, "backup")
    async with opened(settings) as house:
        assert "DEL-" in (await take(house, "1", *DELETE)).shown[0].words
    shutil.rmtree(tmp_path / "disk")
    for restored in ("first", "second"):  # the same old backup, twice
        again = settings.model_copy(update={"database_url": await copied(backup, restored)})
        assert await everybody(again) == {stays}
        database = await prepare(again)
        async with database.read() as tx:
            for table in metadata.sorted_tables:
                if "person" in table.c:
                    assert not await tx.rows(sa.select(table).where(table.c.person == gone)), table.name
        await database.close()
    assert list(tombstones.buried([tmp_path / "disk" / "erased.log"])) == [gone], "the new disk has its log again"


async def test_logs_that_differ_are_made_alike_and_no_line_is_there_twice(settings: Settings) -> None:
    here, there = settings.tombstone_files
    tombstones.bury([here], "one")
    tombstones.bury([there], "two")
    tombstones.bury([here, there], "three")
    with there.open("a") as out:
        out.write('{"person": "torn')
    for _ in range(2):
        tombstones.mend(settings.tombstone_files)
    assert sorted(tombstones.buried([here])) == sorted(tombstones.buried([there])) == ["one", "three", "two"]
    assert len(here.read_text().splitlines()) == 3


async def test_a_log_that_cannot_be_used_keeps_the_service_shut(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("a file where a folder should be")
    tombstones.bury(settings.tombstone_files[:1], "somebody")
    with pytest.raises(NotReady, match="BIGCONVERSATION_TOMBSTONES"):
        await prepare(settings)


# Durable before the receipt


async def test_without_a_durable_tombstone_there_is_no_receipt_and_nobody_else_waits(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    await two_people(settings)
    async with opened(settings) as house:
        await take(house, "1", DELETE[0])
        with monkeypatch.context() as patched:
            patched.setattr(tombstones.os, "fsync", full)
            sorry, neighbour = await asyncio.gather(take(house, "1", DELETE[1]), take(house, "2", Chose("lights")))
        assert "DEL-" not in sorry.shown[0].words
        assert "Sorry" in sorry.shown[0].words
        assert neighbour.fresh
        async with house.database.read() as tx:
            assert len(await tx.rows(sa.select(persons))) == 2
        assert "DEL-" in (await take(house, "1", DELETE[1])).shown[0].words


async def test_every_log_is_on_its_disk_before_anything_is_deleted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, forget = os.fsync, people.forget
    monkeypatch.setattr(tombstones.os, "fsync", lambda descriptor: (fsync(descriptor), done.append("durable")))
    async with opened(settings) as house:
        await take(house, "1", *ANSWERED, DELETE[0])

        async def noted(*given: object) -> None:
            done.append("deleted")
            await forget(*given)  # type: ignore[arg-type]

        monkeypatch.setattr(stage.people, "forget", noted)
        await take(house, "1", DELETE[1])
    assert done.index("deleted") >= len(settings.tombstone_files)
    assert "durable" not in done[done.index("deleted") :]


async def test_a_crash_between_tombstone_and_deletion_ends_in_deletion(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: object) -> None:
        raise RuntimeError("here the power goes")

    gone, stays = await two_people(settings)
    async with opened(settings) as house:
        await take(house, "1", DELETE[0])
        with monkeypatch.context() as patched:
            patched.setattr(stage.people, "forget", crash)
            assert "DEL-" not in (await take(house, "1", DELETE[1])).shown[0].words
        async with house.database.read() as tx:
            assert {row.id for row in await tx.rows(sa.select(persons.c.id))} == {gone, stays}
    assert await everybody(settings) == {stays}


# While people are being told


@pytest.fixture
async def post(tmp_path: Path, bot_api: BotApi, database_url: str) -> AsyncIterator[Post]:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        yield post


async def test_delete_in_the_middle_of_a_fan_out(post: Post) -> None:
    told = {id_: await post.somebody(id_) for id_ in range(1, 31)}
    leaving = range(25, 31)  # the last in the queue
    for id_ in leaving:
        await take(post.house, str(id_), Started(), DELETE[0])
    asked = {id_: len(told[id_].messages) for id_ in told}
    post.api.latency = 0.5
    await post.publish()
    await post.api.until(lambda: any(len(told[id_].messages) > asked[id_] for id_ in told))
    gone = await asyncio.gather(*(take(post.house, str(id_), DELETE[1]) for id_ in leaving))
    assert all("DEL-" in each.shown[0].words for each in gone)
    news = {id_: sum("More lights" in each.text for each in person.messages) for id_, person in told.items()}
    assert not any(news[id_] for id_ in leaving), "they left while others were being told"
    await post.api.until(lambda: len(post.api.sent) >= 24 + sum(asked.values()), timeout=20)
    await until(lambda: _unsettled(post), 0)
    news = {id_: sum("More lights" in each.text for each in person.messages) for id_, person in told.items()}
    assert news == {id_: int(id_ not in leaving) for id_ in told}


async def _unsettled(post: Post) -> int:
    return len([state for state in await post.states() if state in ("waiting", "claimed")])


async def test_delete_at_the_moment_of_publishing(post: Post) -> None:
    for id_ in range(1, 21):
        await post.somebody(id_)
        await take(post.house, str(id_), Started(), DELETE[0])

    async def leave(id_: int) -> None:
        assert "DEL-" in (await take(post.house, str(id_), DELETE[1])).shown[0].words

    await asyncio.gather(*(leave(id_) for id_ in range(1, 6)), post.publish(), *(leave(id_) for id_ in range(6, 11)))
    async with post.house.database.read() as tx:
        left = {row.id for row in await tx.rows(sa.select(persons.c.id))}
        news = {row.person for row in await tx.rows(sa.select(deliveries.c.person).where(deliveries.c.lane == 1))}
    assert len(left) == 10
    assert news == left
