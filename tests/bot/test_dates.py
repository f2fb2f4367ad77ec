"""What the calendar brings: told once, by whoever comes first; one reminder, to those alone who agreed to be asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import dates
from bot.schedule import Schedule
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Calendar, Consultation
from conversations.domain.speech import PressedStanding
from storage import answers, dialogues, midway, people
from storage.dialogues import Stored
from storage.schema import consents
from storage.schema import notices as notices_table
from tests.bot.test_budget import accepted
from tests.bot.test_notices import SAFE, follower
from tests.bot.test_sender import HELD, Clock, Post, posted, until
from tests.bot.test_turns import take
from tests.conversations.somebody import sample
from tests.fakes.botapi import BotApi

OPENS, CLOSES = datetime(2026, 5, 1, 8, tzinfo=UTC), datetime(2026, 6, 1, 22, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def held(**more: bool) -> Consultation:
    return replace(sample("fair_future"), calendar=Calendar(OPENS, CLOSES, **more))


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (OPENS - HOUR, []),
        (OPENS, ["opens"]),
        (OPENS + 8 * DAY, []),
        (CLOSES - 3 * DAY - HOUR, []),
        (CLOSES - 3 * DAY, ["closing"]),
        (CLOSES - HOUR, ["closing"]),
        (CLOSES, ["closes"]),
        (CLOSES + 8 * DAY, []),
    ],
)
def test_a_date_is_told_when_it_comes_and_not_long_after(now: datetime, kinds: list[str]) -> None:
    assert [kind for kind, _ in dates.reached(held(), now)] == kinds
    assert dates.reached(held(withdrawn=True), now) == []


def test_what_is_open_for_less_than_three_days_has_no_reminder() -> None:
    short = replace(held(), calendar=Calendar(CLOSES - DAY, CLOSES))
    assert [kind for kind, _ in dates.reached(short, CLOSES - HOUR)] == ["opens"]


async def round_(post: Post) -> None:
    """A round of the schedule, as every process runs it."""
    await Schedule(post.house)._round(60)


async def begins(post: Post, id_: int, *, again: str = "yes", sent: bool = False) -> None:
    """Somebody who began on a topic, the day before yesterday."""
    async with post.house.database.write(post.clock() - 2 * DAY) as tx:
        [person] = await people.meet(tx, [("telegram", str(id_), "en")])
        assert person is not None
        for purpose, choice in (("take_part", "yes"), ("ask_again", again)):
            await people.record_consent(tx, person.id, HELD, purpose, choice, "w1")
        given = answers.Given(person.id, person.address, HELD, "SAFE", Slot("F1"), Answer(picks=("2",)), 1, 1)
        await answers.record_all(tx, [given])
        if sent:
            await answers.send(tx, person.id, person.address, HELD, "SAFE")
        await dialogues.save(tx, {person.id: Stored(HELD, 1, '{"stack": [], "prompt": 1}')})


async def near_the_end(post: Post) -> None:
    """Two days before it closes."""
    await post.house.library.refresh(post.house.database)
    closes = post.house.library.all()[0].calendar.closes
    post.clock.now = (closes - 2 * DAY).replace(hour=12)


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_one_reminder_to_whoever_stopped_midway_and_agreed(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        await near_the_end(post)
        person = post.api.person(1, known=True)
        await begins(post, 1)
        for id_, again, sent in ((2, "no", False), (3, "skipped", False), (4, "yes", True)):
            await begins(post, id_, again=again, sent=sent)
        await begins(post, 5)
        async with post.house.database.write(post.clock()) as tx:
            stopped = await people.address_of(tx, "telegram", "5")
            assert stopped is not None
            await people.stop(tx, stopped.address)
        await asyncio.gather(*(_noted(post) for _ in range(4)))
        post.sender.wake()
        [told] = await person.hears(1)
        assert told.text.startswith("“A fair future: have your say” closes on")
        assert told.buttons == ["Do not remind me again"]
        post.clock.go(days=1)
        await round_(post)
        await until(post.states, ["accepted"])
        async with post.house.database.read() as tx:
            kinds = {row.kind for row in await tx.rows(sa.select(notices_table.c.kind))}
        assert kinds == {"closing"}, "what opened long ago is no news"


async def _noted(post: Post) -> None:
    """What the schedule does of a date; in several processes at once where a lease ran out."""
    async with post.house.database.write(post.clock()) as tx:
        await dates.tell(tx, await dates.coming(tx, post.house.library.all()))


async def test_who_is_answering_just_now_has_not_stopped(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        await near_the_end(post)
        await begins(post, 1)
        async with post.house.database.write(post.clock()) as tx:
            person = await people.address_of(tx, "telegram", "1")
            assert person is not None
            await dialogues.save(tx, {person.id: Stored(HELD, 1, "{}")})
        await round_(post)
        assert await post.rows() == []


@pytest.mark.parametrize("meanwhile", ["closed", "sent", "no"])
async def test_what_happened_before_it_left_is_looked_at(tmp_path: Path, bot_api: BotApi, meanwhile: str) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        await near_the_end(post)
        await begins(post, 1)
        post.house.alive = lambda: False  # nothing is claimed
        await round_(post)
        assert await post.states() == ["waiting"]
        async with post.house.database.write(post.clock()) as tx:
            person = await people.address_of(tx, "telegram", "1")
            assert person is not None
            if meanwhile == "sent":
                await answers.send(tx, person.id, person.address, HELD, "SAFE")
            elif meanwhile == "no":
                await people.record_consent(tx, person.id, "another", "ask_again", "no", "w1")
        if meanwhile == "closed":
            post.clock.go(days=30)
        post.house.alive = lambda: True
        await until(post.states, ["refused" if meanwhile == "no" else "withdrawn"])
        assert post.api.sent == []


async def test_the_button_under_it_says_no_for_ever(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        post.api.person(1, known=True)
        await take(post.house, PressedStanding("f", "again"), value="1")  # the first thing heard only opens
        await take(post.house, PressedStanding("f", "again"), value="1")
        async with post.house.database.read() as tx:
            [kept] = await tx.rows(sa.select(consents.c.purpose, consents.c.choice))
        assert tuple(kept) == ("ask_again", "no")


async def test_whoever_follows_hears_that_it_closed_once(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        await near_the_end(post)
        person = await follower(post, 1, SAFE)
        post.clock.go(days=4)
        for _ in range(2):
            await round_(post)
        [told] = await person.hears(1)
        assert "closed on" in told.text
        await until(lambda: accepted(post), 1)


def test_no_reminder_is_chosen_by_answers() -> None:
    """It reads who began, and who agreed; never what they said."""
    read = {each.name for each in sa.sql.visitors.iterate(midway.audience(HELD, OPENS)) if isinstance(each, sa.Table)}
    assert read == {"responses", "addresses", "conversations", "consents", "channel_choices"}
