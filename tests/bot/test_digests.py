"""Digests on their way: newest first, each thing once, never empty, and within the budget."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.digests import MOST_TOLD
from bot.looking import go_on, look_to_draw
from conversations.domain.following import Pace, Subject
from storage import people, subscriptions
from storage.schema import deliveries as ledger
from tests.bot.test_budget import accepted
from tests.bot.test_notices import SAFE, SAFETY, publish
from tests.bot.test_sender import TEXTS, Clock, Post, posted, until
from tests.fakes.botapi import BotApi
from tests.storage.acts import met


async def follows(post: Post, id_: int, subject: Subject, pace: Pace) -> None:
    async with post.house.database.write(post.clock()) as tx:
        [person] = await people.meet(tx, [("telegram", str(id_), "en")])
        assert person is not None
        await subscriptions.follow(tx, person.id, person.address, subject, pace)


async def happens(post: Post, headline: str) -> str:
    post.clock.go(seconds=1)
    texts: Any = {language: words | {"headline": headline} for language, words in TEXTS.items()}
    return await publish(post, texts)


async def digest_states(post: Post) -> list[str]:
    return [row.state for row in await post.rows(ledger.c.kind.in_(["daily", "weekly"]))]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_in_the_morning_everything_in_one_message_newest_first_and_never_again(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock, database_url) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "daily")
        await follows(post, 1, SAFETY, "weekly")
        for headline in ("First", "Second", "Third"):
            await happens(post, headline)
        assert await digest_states(post) == ["waiting"]
        clock.go(days=1)
        [told] = await person.hears(1)
        assert [line.rpartition(": ")[2] for line in told.text.split("\n\n")[1:-1]] == ["Third", "Second", "First"]
        assert told.buttons == ["Unfollow all of these"]
        await until(post.states, ["accepted"] * 4)
        clock.go(days=14)
        post.sender.wake()
        await happens(post, "Fourth")
        clock.go(days=1)
        [told] = await person.hears(1)
        assert "Fourth" in told.text
        assert "First" not in told.text


async def test_a_digest_that_waits_for_its_morning_holds_back_nothing_else(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "weekly")
        await happens(post, "First")
        await follows(post, 1, SAFE, "at_once")
        await happens(post, "Second")
        [told] = await person.hears(1)
        assert told.text.startswith("Second")
        assert await digest_states(post) == ["waiting"]


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_on_a_page_it_stands_until_its_person_goes_on_and_then_its_words_go(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock, database_url) as post:
        async with post.house.database.write(clock()) as tx:
            person = await met(tx, "cookie", "web")
            await subscriptions.follow(tx, person.id, person.address, SAFE, "daily")
        await happens(post, "First")
        clock.go(days=1)
        for _ in range(3):  # the first two never arrive
            [told] = await look_to_draw(post.house, person.id, "web")
            assert "First" in told.message.words
            clock.go(seconds=1)
        assert told.drawn is not None
        await go_on(post.house, person.id, "web", told.drawn - timedelta(seconds=1))
        assert await look_to_draw(post.house, person.id, "web") != [], "an older page was gone on from"
        await go_on(post.house, person.id, "web", told.drawn)
        assert await look_to_draw(post.house, person.id, "web") == []
        assert [row.body for row in await post.rows(ledger.c.kind == "daily")] == [None]


async def test_one_with_nothing_left_in_it_is_not_sent(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "daily")
        await happens(post, "First")
        async with post.house.database.write(clock()) as tx:
            known = await people.address_of(tx, "telegram", "1")
            assert known is not None
            await subscriptions.end(tx, known.id, [SAFE])
        clock.go(days=1)
        await until(post.states, ["withdrawn", "withdrawn"])
        assert not person.messages


async def test_after_stop_no_digest_comes_nor_what_was_in_it(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "daily")
        await happens(post, "First")
        async with post.house.database.write(clock()) as tx:
            known = await people.address_of(tx, "telegram", "1")
            assert known is not None
            await people.stop(tx, known.address)
        clock.go(days=1)
        await until(post.states, ["refused", "refused"])
        assert not person.messages


async def test_what_is_over_the_budget_joins_the_digest_of_whoever_has_one(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "at_once")
        await follows(post, 1, Subject("topic", "fair-future/VOTE"), "weekly")
        for headline in ("First", "Second", "Third"):
            await happens(post, headline)
        await until(lambda: accepted(post), 2)
        await until(lambda: digest_states(post), ["waiting"])
        clock.go(days=14)
        post.sender.wake()
        told = (await person.hears(3))[-1]
        assert told.text.startswith("This is new on what you follow.")
        assert "Third" in told.text
        assert "Second" not in told.text
        await until(post.states, ["accepted"] * 4)


async def test_a_digest_over_the_budget_waits_and_tells_what_came_meanwhile(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "daily")
        for day in range(4):
            await happens(post, f"Day {day}")
            clock.go(days=1)
            post.sender.wake()
            await until(lambda day=day: heard_or_waits(post, day), True)
        assert len(person.messages) == 2
        clock.go(days=7)
        told = (await person.hears(3))[-1]
        assert "Day 3" in told.text
        assert "Day 2" in told.text
        await until(lambda: digest_states(post), ["accepted", "accepted", "accepted", "withdrawn"])


async def heard_or_waits(post: Post, day: int) -> bool:
    """Whether that day's digest was sent, or waits for room."""
    found = await post.rows(ledger.c.kind == "daily")
    return len(found) > day and (found[day].state == "accepted" or found[day].waits_for == "budget")


async def test_a_very_long_digest_says_how_much_more_there_is(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        person = post.api.person(1, known=True)
        await follows(post, 1, SAFE, "daily")
        for number in range(MOST_TOLD + 3):
            await happens(post, f"Thing {number}.")
        clock.go(days=1)
        [told] = await person.hears(1)
        assert "And 3 things more." in told.text
        assert told.text.count("Thing ") == MOST_TOLD
        await until(post.states, ["accepted"] * (MOST_TOLD + 4))
