"""Notices on their way: rendered at send, in the person's language; one press ends them; STOP ends them all."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels.messages import Incoming
from conversations.domain.following import Subject, topic_subject
from conversations.domain.speech import Said
from storage import actions, people, subscriptions
from storage.schema import subscriptions as kept
from tests.bot.test_sender import HELD, TEXTS, TOPIC, Clock, Post, posted, until
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_people import Person
from tests.playing import TelegramPlayer, WebPlayer
from tests.service import serving

SAFE, SAFETY = topic_subject(HELD, TOPIC), Subject("commission", "safety")


@pytest.fixture
async def post(tmp_path: Path, bot_api: BotApi) -> Any:
    async with posted(tmp_path, bot_api, Clock()) as post:
        yield post


async def follower(post: Post, id_: int, *subjects: Subject, language: str = "en") -> Person:
    """Somebody in Telegram who follows these at once, and never answered."""
    async with post.house.database.write(post.clock()) as tx:
        [person] = await people.meet(tx, [("telegram", str(id_), language)])
        assert person is not None
        for subject in subjects:
            await subscriptions.follow(tx, person.id, person.address, subject, "at_once")
    return post.api.person(id_, known=True)


async def publish(post: Post, texts: Any = TEXTS) -> str:
    async with post.house.database.write(post.clock()) as tx:
        version = await actions.draft(tx, HELD, TOPIC, "done", ["F1"], texts, "Officer A")
        await actions.sign(tx, version, "Bea", alone=False)
        await actions.publish(tx, version, "safety")
    post.sender.wake()
    return version


async def test_each_hears_in_their_language_why_and_how_to_end_it(post: Post) -> None:
    english, welsh = await follower(post, 1, SAFETY), await follower(post, 2, SAFE, language="cy")
    await publish(post)
    [told] = await english.hears(1)
    assert told.text.startswith("More lights\n\nYou follow “The Safer Communities group”.\n\nWhat people said: words")
    assert told.text.endswith("Say FOLLOWS to change or end this.")
    assert told.buttons == ["Unfollow The Safer Communities group"]
    [told] = await welsh.hears(1)
    assert told.text.startswith("Mwy o oleuadau")


async def test_who_ends_or_stops_after_it_was_queued_is_not_told(tmp_path: Path, bot_api: BotApi) -> None:
    async with posted(tmp_path, bot_api, Clock()) as post:
        ended, stopped, stays = (
            await follower(post, 1, SAFE),
            await follower(post, 2, SAFE),
            await follower(post, 3, SAFE),
        )
        post.house.alive = lambda: False  # nothing is claimed
        await publish(post)
        async with post.house.database.write(post.clock()) as tx:
            for id_, act in ((1, "end"), (2, "stop")):
                person = await people.address_of(tx, "telegram", str(id_))
                assert person is not None
                if act == "end":
                    await subscriptions.end(tx, person.id, [SAFE])
                else:
                    await people.stop(tx, person.address)
        post.house.alive = lambda: True
        await stays.hears(1)
        await post.become("refused", "refused", "accepted")
        assert [row.failure for row in await post.rows()] == ["consent", "stopped", None]
        assert not ended.messages
        assert not stopped.messages


async def test_one_press_under_a_notice_ends_it_and_a_second_says_so(tmp_path: Path, bot_api: BotApi) -> None:
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as service:
        player = TelegramPlayer(bot_api)
        await player.start("follow-SAFE")
        await player.press(["Yes, follow it"])
        await player.press(["As soon as it happens"])
        await _publish(service)
        await player.news()
        await player.press(["Unfollow Safe streets"])
        assert 'Fine. You do not follow "Safe streets" any more.' in await player.sees()
        await player.press(["Unfollow Safe streets"])
        assert "You do not follow that any more." in await player.sees()
        async with service.house.database.read() as tx:
            assert await tx.rows(sa.select(kept)) == []
    assert bot_api.refusals == []


async def test_on_the_web_a_notice_is_a_card_whose_button_ends_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:
        player = WebPlayer(service.base, service.client)
        await player.start("follow-SAFE")
        await player.press(["Yes, follow it"])
        await player.press(["As soon as it happens"])
        await _publish(service)
        await player.start()
        assert 'You follow "Safe streets".' in await player.sees()
        await player.press(["Unfollow Safe streets"])
        assert 'Fine. You do not follow "Safe streets" any more.' in await player.sees()


async def _publish(service: Any) -> None:
    await service.desk.sign_in()
    await service.desk.write(HELD, TOPIC, ["F6"])
    await service.desk.sign_and_publish()


async def test_the_word_does_what_the_press_does_while_a_notice_waits(post: Post) -> None:
    """STOP said in a chat reaches every notice that has not left."""
    person = await follower(post, 5, SAFE)
    await post.house.turns.take(Incoming("telegram", "5", "e1", Said("hello")))
    await post.house.turns.take(Incoming("telegram", "5", "e2", Said("STOP")))
    await publish(post)
    assert [row for row in await post.rows() if row.kind == "notice"] == []
    assert all("More lights" not in each.text for each in person.messages)


async def test_no_notice_comes_by_night(tmp_path: Path, bot_api: BotApi) -> None:
    clock = Clock()
    clock.now = clock.now.replace(month=1, day=12, hour=21)  # London's clocks show what ours do
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        person = await follower(post, 1, SAFE)
        await publish(post)
        await until(lambda: _waits(post), [("quiet", clock.now.replace(hour=9, minute=0, second=0, microsecond=0))])
        clock.go(hours=12)
        await person.hears(1)


async def _waits(post: Post) -> list[tuple[str | None, Any]]:
    return [(row.waits_for, row.not_before - timedelta(days=1)) for row in await post.rows()]
