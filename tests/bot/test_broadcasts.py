"""Broadcasts on their way: worded for each, held back and stopped in time, and never to anybody who said STOP."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import broadcast_wording as wording
from bot.bulk import most_in_hand
from bot.channels.messages import Incoming
from bot.steward import Steward
from conversations.domain.broadcasts import Audience, State, Writer
from conversations.domain.following import topic_subject
from conversations.domain.speech import Said
from storage import audiences, bookings, broadcasting, broadcasts, people, places, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Transaction
from tests.bot.test_sender import HELD, TOPIC, Clock, Post, posted, until
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_people import Person
from tests.storage.acts import met, opened, organiser

SAFE = topic_subject(HELD, TOPIC)
IN_WALES = Writer("Sample organiser", areas=frozenset({"wales"}))
TEXTS = {"en": "The hall in {place} has a new door.", "cy": "Mae drws newydd i'r neuadd yn {place}."}
AT_ONCE = Rules(cooling=timedelta(0), alone=True)
NEWS = "new door"
FAST = 400.0


@dataclass
class Running(Clock):
    """From noon on time goes by."""

    began: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.now + timedelta(seconds=time.monotonic() - self.began)


async def follower(post: Post, id_: int, language: str = "en", *, told: bool = True) -> Person:
    """Somebody in Telegram who follows the topic, and told us that they live in Wales."""
    async with post.house.database.write(post.clock()) as tx:
        [person] = await people.meet(tx, [("telegram", str(id_), language)])
        assert person is not None
        await subscriptions.follow(tx, person.id, person.address, SAFE, "at_once")
        await people.tell_about(tx, person.id, "nation", "wales")
        if told:
            await people.tell_about(tx, person.id, "constituency", "W-SAMPLE-13")
    return post.api.person(id_, known=True)


async def send(post: Post, texts: dict[str, str] | None = None, rules: Rules = AT_ONCE) -> str:
    """A broadcast to everybody who follows the topic in Wales, sent by its author."""
    async with post.house.database.write(post.clock()) as tx:
        await places.load_sample(tx)
        made = await broadcasts.draft(tx, IN_WALES, "ordinary", Audience(topic=SAFE.id), texts or TEXTS, "wales")
        kept = await broadcasts.one(tx, made)
        assert kept is not None
        await broadcasting.send(tx, IN_WALES, made, await audiences.count(tx, kept), rules)
    return made


async def state_of(post: Post, id_: str) -> State:
    async with post.house.database.read() as tx:
        found = await broadcasts.one(tx, id_)
    assert found is not None
    return found.state


async def steer(post: Post, id_: str, to: str) -> None:
    async with post.house.database.write(post.clock()) as tx:
        await broadcasting.steer(tx, IN_WALES, id_, to)  # type: ignore[arg-type]


@asynccontextmanager
async def stewarded(
    folder: Path,
    api: BotApi,
    url: str = "",
    *,
    clock: Clock | None = None,
    per_second: float = FAST,
    by_night: bool = False,
) -> AsyncIterator[tuple[Post, Steward]]:
    async with posted(folder, api, clock or Clock(), url, per_second=per_second, by_night=by_night) as post:
        yield post, Steward(post.house)


async def test_each_reads_it_in_their_language_with_who_writes_and_how_to_stop(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, steward):
        english, welsh = await follower(post, 1), await follower(post, 2, "cy", told=False)
        made = await send(post)
        assert await state_of(post, made) == "cooling"
        await steward.round()
        await english.hears(1)
        await welsh.hears(1)
        assert english.messages[-1].text.split("\n\n") == [
            "Sample organiser wrote this, for the organisers in Wales.",
            "The hall in Cardiff South and Penarth has a new door.",
            "You get this because you follow “Safe streets”.",
            "Say FOLLOWS to change or end this.",
            "Say STOP to end our messages.",
        ]
        assert "Mae drws newydd i'r neuadd yn Cymru." in welsh.messages[-1].text
        await post.become("accepted", "accepted")
        assert [(row.source, bool(row.digest)) for row in await post.rows()] == [(made, True)] * 2
        await steward.round()
        assert await state_of(post, made) == "done"


async def test_samples_are_what_people_will_read(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, _):
        await follower(post, 1)
        made = await send(post, rules=Rules())
        async with post.house.database.read(post.clock()) as tx:
            kept = await broadcasts.one(tx, made)
            assert kept is not None
            [sample] = await wording.samples(tx, kept, post.house.library)
        assert "The hall in Cardiff South and Penarth has a new door." in sample.words


async def test_what_is_not_known_reads_well_all_the_same(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, _):
        async with post.house.database.write(post.clock()) as tx:
            event = await opened(tx, "host", (post.clock() + timedelta(days=9)).replace(tzinfo=None))
            guest = await met(tx, "1")
            await bookings.book(tx, guest.id, guest.address, event, wait=True)
            host = await people.address_of(tx, "telegram", "host")
            assert host is not None
            own = Writer(person=host.id)
            text = {"en": "{event} in {place} on {when}: bring a chair."}
            made = await broadcasts.draft(tx, own, "event", Audience(event=event), text)
            assert await broadcasting.send(tx, own, made, None, Rules()) == "running"
        person = post.api.person(1, known=True)
        post.sender.wake()
        await person.hears(1)
        told = person.messages[-1].text
        assert "This comes from whoever runs “A talk about lights”." in told
        assert "A talk about lights in your area on" in told
        assert "{" not in told


async def test_who_ends_or_stops_after_it_was_queued_is_not_sent_it(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, steward):
        ended, stopped, moved, stays = [await follower(post, id_) for id_ in range(1, 5)]
        post.house.alive = lambda: False  # nothing is claimed
        await send(post)
        await steward.round()
        async with post.house.database.write(post.clock()) as tx:
            await subscriptions.end(tx, (await _met(tx, 1)).id, [SAFE])
            await people.stop(tx, (await _met(tx, 2)).address)
            for fact in ("nation", "constituency"):
                await people.tell_about(tx, (await _met(tx, 3)).id, fact, "")
        post.house.alive = lambda: True
        await stays.hears(1)
        await until(lambda: _settled(post), True)
        failures = {row.failure or row.state for row in await post.rows()}
        assert failures == {"consent", "stopped", "accepted"}
        assert not any(each.messages for each in (ended, stopped, moved))


async def _met(tx: Transaction, id_: int) -> people.Person:
    person = await people.address_of(tx, "telegram", str(id_))
    assert person is not None
    return person


async def test_paused_it_stands_still_and_goes_on_and_what_is_stopped_stays(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, steward):
        for id_ in range(1, 4):
            await follower(post, id_)
        post.house.alive = lambda: False
        made = await send(post)
        await steward.round()
        await steer(post, made, "paused")
        post.house.alive = lambda: True  # the sender looks before the ledger has followed
        await post.become("paused", "paused", "paused")
        await steward.round()
        assert not bot_api.count("sendMessage")
        await steer(post, made, "running")
        post.house.alive = lambda: False
        await steward.round()
        await post.become("waiting", "waiting", "waiting")
        await steer(post, made, "stopped")
        post.house.alive = lambda: True
        await post.become("withdrawn", "withdrawn", "withdrawn")
        assert not bot_api.count("sendMessage")


async def test_a_test_says_so_and_goes_to_nobody_else(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api) as (post, _):
        other = await follower(post, 1)
        async with post.house.database.write(post.clock()) as tx:
            await places.load_sample(tx)
            me = await organiser(tx, "7", "wales")
            name, areas = await staff.organiser(tx, me.id)
            who = Writer(name, me.id, areas)
            made = await broadcasts.draft(tx, who, "ordinary", Audience(topic=SAFE.id), TEXTS, "wales")
            await broadcasting.try_out(tx, who, made)
        author = post.api.person(7, known=True)
        post.sender.wake()
        await author.hears(1)
        assert author.messages[-1].text.startswith("This is a test. Nobody else gets it.\n\n")
        assert not other.messages
        assert await state_of(post, made) == "draft"


async def test_a_broadcast_is_unasked_and_keeps_to_the_budget_and_the_night(tmp_path: Path, bot_api: BotApi) -> None:
    async with stewarded(tmp_path, bot_api, by_night=True) as (post, steward):
        person = await follower(post, 1)
        await post_many(post, steward, 3)
        await person.hears(2)
        await until(lambda: _waits(post), [None, None, "budget"])
        post.clock.go(days=8, hours=9)
        await send(post, {"en": "By night"})
        await steward.round()
        await until(lambda: _waits(post), [None, None, "quiet", "quiet"])


async def post_many(post: Post, steward: Steward, many: int) -> None:
    for number in range(many):
        await send(post, {"en": f"News number {number}."})
        await steward.round()


async def _waits(post: Post) -> list[str | None]:
    return [row.waits_for for row in await post.rows()]


@pytest.mark.parametrize("seed", range(3))
async def test_stopped_at_any_moment_at_most_what_was_in_hand_goes_out(
    tmp_path: Path, bot_api: BotApi, seed: int
) -> None:
    async with stewarded(tmp_path, bot_api) as (post, steward):
        for id_ in range(1, 121):
            await follower(post, id_)
        made = await send(post)
        await steward.round()
        await asyncio.sleep(random.Random(seed).uniform(0.0, 0.25))
        await steer(post, made, "stopped")
        sent = bot_api.count("sendMessage")
        await steward.round()
        await until(lambda: _settled(post), True)
        assert bot_api.count("sendMessage") - sent <= most_in_hand(FAST)
        assert await state_of(post, made) == "stopped"


async def _settled(post: Post) -> bool:
    return not {"waiting", "claimed", "paused"} & set(await post.states())


async def test_nothing_begins_after_stop_was_confirmed(tmp_path: Path, bot_api: BotApi, database_url: str) -> None:
    async with stewarded(tmp_path, bot_api, database_url, clock=Running(), per_second=100.0) as (post, steward):
        post.house.turns.nudge = post.sender.nudge
        persons = {id_: await follower(post, id_) for id_ in range(1, 61)}
        hello = (Incoming("telegram", str(id_), f"hello-{id_}", Said("hello")) for id_ in persons)
        await asyncio.gather(*(post.house.turns.take(each) for each in hello))
        await bot_api.until(lambda: all(person.messages for person in persons.values()))
        await send(post)
        await steward.round()

        async def stop(id_: int) -> None:
            await asyncio.sleep(random.Random(id_).uniform(0.0, 0.6))
            await post.house.turns.take(Incoming("telegram", str(id_), f"stop-{id_}", Said("STOP")))

        await asyncio.gather(*(stop(id_) for id_ in persons))
        await until(lambda: _settled(post), True, seconds=20)
        told = [[NEWS in each.text for each in person.messages[1:]] for person in persons.values()]
        assert {tuple(each) for each in told} == {(True, False), (False,)}, "the confirmation is the last they hear"
