"""The budget: two unasked messages a week, whoever sends them; what is over it waits, and is told apart."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.doors.desk_live import delivered
from storage import actions, budget, people, subscriptions
from storage.schema import deliveries as ledger
from tests.bot.test_no_scans import _listen, _scans
from tests.bot.test_notices import SAFE, follower, publish
from tests.bot.test_sender import Clock, Post, posted, until
from tests.fakes.botapi import BotApi

WEEK = timedelta(days=7)


async def accepted(post: Post) -> int:
    return (await post.states()).count("accepted")


async def waiting(post: Post) -> list[str | None]:
    return [row.waits_for for row in await post.rows(ledger.c.state == "waiting")]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_what_is_over_the_budget_waits_until_there_is_room(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock, database_url) as post:
        person = await follower(post, 1, SAFE)
        await publish(post)
        await person.hears(1)
        await until(lambda: accepted(post), 1)
        clock.go(days=1)
        for _ in range(3):
            await publish(post)
        await until(lambda: waiting(post), ["budget", "budget"])
        assert await accepted(post) == 2
        first, *_ = await post.rows(ledger.c.state == "accepted")
        assert {row.not_before for row in await post.rows(ledger.c.state == "waiting")} == {first.settled + WEEK}
        clock.now = first.settled + WEEK + timedelta(seconds=1)
        await until(lambda: accepted(post), 3)
        assert await waiting(post) == ["budget"]
        assert len(person.messages) == 3


async def test_feedback_and_replies_are_free(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        person = await post.somebody(1)
        for _ in range(4):
            await publish(post)
        await until(lambda: accepted(post), 4)
        await post.reply(1, "Hello")
        await person.hears(5)
        async with post.house.database.read(post.clock()) as tx:
            known = await people.address_of(tx, "telegram", "1")
            assert known is not None
            assert await budget.spent(tx, [known.id], []) == {known.id: []}


async def test_one_person_at_two_addresses_has_one_budget(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        person = await follower(post, 1, SAFE)
        for _ in range(2):
            await publish(post)
        await until(lambda: accepted(post), 2)
        async with post.house.database.write(post.clock()) as tx:
            known = await people.address_of(tx, "telegram", "1")
            assert known is not None
            assert await people.give_address(tx, "telegram", "2", known.id)
            other = await people.address_of(tx, "telegram", "2")
            assert other is not None
            await subscriptions.bring(tx, known.id, other.address, [SAFE])
        await publish(post)
        await until(lambda: waiting(post), ["budget"])
        assert len(person.messages) == 2


async def test_a_message_that_waits_for_room_holds_back_no_reply_and_no_feedback(
    tmp_path: Path, bot_api: BotApi
) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        person = await follower(post, 1, SAFE)
        for _ in range(3):
            await publish(post)
        await until(lambda: waiting(post), ["budget"])
        await post.somebody(1)
        await post.publish()
        await post.reply(1, "Hello")
        await asyncio.wait_for(person.hears(4), 5)
        assert await waiting(post) == ["budget"]


async def test_the_desk_tells_what_waits_for_the_budget_apart(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        await follower(post, 1, SAFE)
        for _ in range(2):
            await publish(post)
        await until(lambda: accepted(post), 2)
        version = await publish(post)
        await until(lambda: waiting(post), ["budget"])
        async with post.house.database.read() as tx:
            counts = await actions.progress(tx, version)
        told = delivered("running", counts)
        assert (told["budget"], told["waiting"], told["state"]) == (1, 0, "going")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_budget_is_looked_up_by_an_index_of_nothing_else(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        told = _listen(post.house)
        person = await follower(post, 1, SAFE)
        await publish(post)
        await person.hears(1)
    looked = [each for each in told if "deliveries.settled > ?" in each]
    with closing(sqlite3.connect(tmp_path / "bc.db")) as connection:
        for statement in looked:
            values = [None] * statement.count("?")
            plan = str(connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())
            assert "ix_deliveries_unasked" in plan, plan
    assert looked
    claimed_first = "SCAN due: "
    assert [each for each in _scans(tmp_path / "bc.db", told) if not each.startswith(claimed_first)] == []
