"""What those who booked are told: by night only what is urgent, the newest wording, nothing that is true no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.looking import look_to_draw
from bot.opening import opened as house_opened
from bot.stage_events import perform_of_events
from conversations.domain.effects import CallOffEvent, GiveUpSeat, MoveEvent, PublishReport
from conversations.domain.speech import PressedStanding
from conversations.domain.whens import When
from storage import arrivals, bookings, gatherings, people
from storage.gatherings import Actor
from storage.people import Person
from storage.schema import deliveries as ledger
from storage.schema import exit_answers
from tests.bot.test_sender import Clock, Post, posted, until
from tests.bot.test_turns import IN, take
from tests.conftest import trial
from tests.fakes.botapi import BotApi
from tests.storage.acts import met, opened

NIGHT = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
"""Half past ten in the evening in London."""


async def _guests(post: Post, api: BotApi, hours: float, seats: int = 5) -> tuple[str, list[Person]]:
    """An event that begins so many hours from now, and two who booked it."""
    start = (post.house.clock() + timedelta(hours=hours)).replace(tzinfo=None)
    async with post.house.database.write(post.house.clock()) as tx:
        event = await opened(tx, "999", start, seats)
        guests = [await met(tx, str(id_)) for id_ in (1, 2) if api.person(id_, known=True)]
        for guest in guests:
            await bookings.book(tx, guest.id, guest.address, event, wait=True)
    return event, guests


async def _does(post: Post, effect: MoveEvent | CallOffEvent | PublishReport) -> None:
    async with post.house.database.write(post.house.clock()) as tx:
        host = await gatherings.host_of(tx, effect.event)
        await perform_of_events(tx, Person(host, "", "telegram", "en", stopped=False), effect)
    post.sender.wake()


def _texts(api: BotApi, id_: int) -> list[str]:
    return [each.text for each in api.person(id_).messages]


async def _hear(api: BotApi, wanted: dict[int, int]) -> None:
    """Waits until so many messages have come to each."""
    await api.until(lambda: all(len(_texts(api, id_)) >= count for id_, count in wanted.items()), timeout=10)


async def _nothing_waits_that_is_due(post: Post) -> None:
    await until(lambda: post.rows(ledger.c.state.in_(["waiting", "claimed"]), ledger.c.not_before <= post.clock()), [])


async def _kept_for_the_morning(post: Post) -> int:
    return len(await post.rows(ledger.c.waits_for == "quiet"))


async def _refused(post: Post) -> list[str]:
    return [row.failure for row in await post.rows(ledger.c.state == "refused")]


@pytest.mark.parametrize(("hours", "at_night"), [(10, True), (60, False)])
async def test_by_night_only_what_begins_within_a_day_is_told(
    tmp_path: Path, bot_api: BotApi, hours: float, at_night: bool
) -> None:
    async with posted(tmp_path, bot_api, Clock(NIGHT), by_night=True) as post:
        event, _ = await _guests(post, bot_api, hours)
        await _does(post, CallOffEvent(event))
        if not at_night:
            await _nothing_waits_that_is_due(post)
            assert _texts(bot_api, 1) == []
            post.clock.go(hours=11)
        await _hear(bot_api, {1: 1, 2: 1})
        await _nothing_waits_that_is_due(post)
    for id_ in (1, 2):
        [told] = _texts(bot_api, id_)
        assert "An event you booked was called off." in told


async def test_the_morning_after_who_came_is_asked_once_and_a_press_under_it_answers(
    tmp_path: Path, bot_api: BotApi
) -> None:
    clock = Clock(NIGHT)
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        post.house.turns.nudge = post.sender.nudge
        event, guests = await _guests(post, bot_api, 20)
        for heard, value in product(IN, "12"):
            await take(post.house, heard, value=value)
        clock.go(hours=20.5)
        async with post.house.database.write(clock()) as tx:
            code = await bookings.code_of(tx, guests[0].id, event)
            assert await arrivals.check_in(tx, Actor(areas=frozenset({""})), event, code)
        clock.go(hours=13)
        post.sender.wake()
        await _nothing_waits_that_is_due(post)
        assert not any("three short questions" in text for text in _texts(bot_api, 1)), "by night nobody is asked"
        clock.go(hours=8)
        post.sender.wake()
        await bot_api.until(lambda: any("three short questions" in text for text in _texts(bot_api, 1)), timeout=10)
        [asks] = [each for each in bot_api.person(1).messages if "three short questions" in each.text]
        assert asks.buttons == ["Yes", "In part", "No"]
        for _ in range(2):
            press = PressedStanding("x", f"{event}/yes")
            await take(post.house, press, value="1")
        await take(post.house, PressedStanding("x", f"{event}/yes"), value="2")  # did not come
        await bot_api.until(lambda: any("told us that" in text for text in _texts(bot_api, 2)), timeout=10)
        found = await _rows(post, sa.select(exit_answers))
    assert any("Was it easy to get in" in text for text in _texts(bot_api, 1))
    assert [(row.question, row.answer) for row in found] == [("heard", "yes")]
    assert not any("three short questions" in text for text in _texts(bot_api, 2))


async def _rows(post: Post, query: sa.Select[Any]) -> list[Any]:
    async with post.house.database.read() as tx:
        return await tx.rows(query)


async def test_of_many_changes_the_newest_is_told_once(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock(NIGHT)
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        event, _ = await _guests(post, bot_api, 100)
        for day in (1, 2, 3):
            await _does(post, MoveEvent(event, When(datetime(2026, 12, day, 18, 30))))
        clock.go(hours=11)
        await _hear(bot_api, {1: 1, 2: 1})
        await _nothing_waits_that_is_due(post)
    for id_ in (1, 2):
        [told] = _texts(bot_api, id_)
        assert "Thursday 3 December 2026, 18:30" in told


async def test_whoever_stopped_or_gave_their_seat_up_is_told_nothing(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock(NIGHT)
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        event, (stopped, left) = await _guests(post, bot_api, 100)
        await _does(post, MoveEvent(event, When(datetime(2026, 12, 1, 18, 30))))
        async with post.house.database.write(clock()) as tx:
            await people.stop(tx, stopped.address)
            await perform_of_events(tx, left, GiveUpSeat(event))
        clock.go(hours=11)
        await until(lambda: _refused(post), ["stopped"])
        await _nothing_waits_that_is_due(post)
    assert _texts(bot_api, 1) == _texts(bot_api, 2) == []


async def test_a_reminder_of_next_month_holds_up_nothing(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock) as post:
        await post.somebody(1)
        await _guests(post, bot_api, 800)
        await post.publish()
        await _hear(bot_api, {1: 1})
    assert "More lights" in _texts(bot_api, 1)[0]


async def test_what_is_urgent_does_not_wait_behind_what_waits_for_the_morning(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock(NIGHT)
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        await post.somebody(1)
        event, _ = await _guests(post, bot_api, 10)
        await post.publish()
        await until(lambda: _kept_for_the_morning(post), 1)
        await _does(post, CallOffEvent(event))
        await _hear(bot_api, {1: 1})
        assert "called off" in _texts(bot_api, 1)[0]
        clock.go(hours=11)
        await _hear(bot_api, {1: 2})
    assert "More lights" in _texts(bot_api, 1)[1]


async def test_a_reminder_says_where_and_when_and_the_hosts_own_words(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        event, _ = await _guests(post, bot_api, 30)  # 18:00 on the day after
        async with post.house.database.write(clock()) as tx:
            who = await gatherings.actor(tx, await gatherings.host_of(tx, event))
            await gatherings.describe(tx, who, event, "reminder", "Bring a friend.")
        clock.go(hours=6, seconds=1)
        await _hear(bot_api, {1: 1, 2: 1})
        clock.go(hours=22, minutes=59, seconds=58)
        await _nothing_waits_that_is_due(post)
        assert len(_texts(bot_api, 1)) == 1
        clock.go(seconds=2)
        await _hear(bot_api, {1: 2, 2: 2})
    for told in _texts(bot_api, 1):
        assert "A reminder: you have a seat at this event." in told
        assert "Thursday 26 November 2026, 18:00" in told
        assert "Bring a friend." in told


async def test_the_report_is_told_to_those_who_had_a_seat(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        event, _ = await _guests(post, bot_api, 0.5, seats=1)  # the second of the two only waits
        clock.go(hours=4)
        async with post.house.database.write(clock()) as tx:
            who = await gatherings.actor(tx, await gatherings.host_of(tx, event))
            for what, value in (("came", 4), ("majority", "More lights")):
                await gatherings.describe(tx, who, event, what, value)
        await _does(post, PublishReport(event))
        await _hear(bot_api, {1: 1})
        await _nothing_waits_that_is_due(post)
    [told] = _texts(bot_api, 1)
    for words in ("This is what was said there.", "Fewer than ten people came.", "What most people said: More lights"):
        assert words in told
    assert _texts(bot_api, 2) == []


async def test_on_the_web_a_reminder_waits_until_its_hour_and_is_gone_once_it_is_over(tmp_path: Path) -> None:
    clock = Clock(datetime(2026, 11, 25, 12, 0, tzinfo=UTC))
    async with house_opened(trial(tmp_path), clock=clock) as house:
        async with house.database.write(clock()) as tx:
            event = await opened(tx, "999", datetime(2026, 11, 26, 18, 0), 5)
            guest = await met(tx, "cookie", "web")
            await bookings.book(tx, guest.id, guest.address, event, wait=False)
        assert await look_to_draw(house, guest.id, "web") == []
        clock.go(hours=7)
        for _ in range(2):  # a page that never arrived is drawn again
            [day] = await look_to_draw(house, guest.id, "web")
            assert "A reminder" in day.message.words
        clock.go(hours=24)
        assert await look_to_draw(house, guest.id, "web") == []
