"""The Telegram door: nothing is acknowledged before it is committed, and nothing it hears stops it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web
from sqlalchemy.exc import DataError, OperationalError

from bot.channels.messages import Incoming, message
from bot.channels.telegram import TelegramChannel
from bot.doors import telegram
from bot.doors.telegram import TelegramDoor, webhook_routes
from bot.house import House
from bot.meters import Meters
from bot.settings import Settings
from bot.turns import Taken
from conversations.domain.speech import Pressed, Said, Started
from tests.fakes.botapi import BotApi

SECRET = "s3cret"


@dataclass
class FakeTurns:
    """Turns that commit when `gate` is open, unless `breaks` says how they fail."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    committed: list[Incoming] = field(default_factory=list)
    attempts: int = 0
    breaks: Callable[[Incoming], Exception | None] = lambda incoming: None
    shown: tuple[Any, ...] = ()
    meters: Meters = field(default_factory=Meters)

    def __post_init__(self) -> None:
        self.gate.set()

    async def take(self, incoming: Incoming) -> Taken:
        self.attempts += 1
        await self.gate.wait()
        error = self.breaks(incoming)
        if error is not None:
            raise error
        self.committed.append(incoming)
        return Taken(True, self.shown)

    @property
    def said(self) -> list[str]:
        return [each.heard.words for each in self.committed if isinstance(each.heard, Said)]


def down(_: Incoming) -> Exception:
    return OperationalError("INSERT", None, Exception("unable to open database file"))


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
def turns() -> FakeTurns:
    return FakeTurns()


def make_door(api: BotApi, turns: FakeTurns, *, public_url: str = "", token: str = "") -> TelegramDoor:
    secret = SECRET if public_url else ""
    settings = Settings(telegram_token=api.token, public_url=public_url, telegram_webhook_secret=secret)
    house = cast(House, SimpleNamespace(settings=settings, turns=turns, telegram_name=""))
    return TelegramDoor(house, TelegramChannel(token or api.token, api.url), first_pause=0.01)


@asynccontextmanager
async def opened(door: TelegramDoor) -> AsyncIterator[TelegramDoor]:
    await door.start()
    try:
        yield door
    finally:
        await door.stop()
        await door.channel.close()


@pytest.fixture
async def door(api: BotApi, turns: FakeTurns) -> AsyncIterator[TelegramDoor]:
    async with opened(make_door(api, turns)) as door:
        yield door


async def test_it_learns_its_name_and_introduces_itself(api: BotApi, door: TelegramDoor) -> None:
    assert door.house.telegram_name == "fake_consultation_bot"
    await api.until(lambda: api.count("setMyShortDescription", accepted=True))
    await api.until(lambda: api.updates.allowed)
    assert api.updates.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert api.refusals == []


async def test_what_is_said_is_confirmed_only_after_the_commit(
    api: BotApi, turns: FakeTurns, door: TelegramDoor
) -> None:
    turns.gate.clear()
    await api.person(7).say("one")
    await api.until(lambda: turns.attempts)
    polls = api.count("getUpdates")
    await asyncio.sleep(0.05)
    assert (len(api.updates.pending), api.count("getUpdates")) == (1, polls)
    turns.gate.set()
    await api.until(lambda: not api.updates.pending)
    assert turns.said == ["one"]


async def test_a_database_that_is_down_loses_nothing_and_keeps_the_order(
    api: BotApi, turns: FakeTurns, door: TelegramDoor, caplog: pytest.LogCaptureFixture
) -> None:
    turns.breaks = down
    for text in ("one", "two", "three"):
        await api.person(7).say(text)
    await api.until(lambda: turns.attempts >= 3)
    assert len(api.updates.pending) == 3
    turns.breaks = lambda _: None
    await api.until(lambda: not api.updates.pending)
    assert turns.said == ["one", "two", "three"]
    assert "database cannot be reached" in caplog.text


async def test_a_chat_keeps_its_order_when_its_first_words_meet_a_database_that_is_down(
    api: BotApi, turns: FakeTurns
) -> None:
    failures = [down(cast(Incoming, None))]
    turns.breaks = lambda incoming: failures.pop() if failures and incoming.heard == Said("one") else None
    door = make_door(api, turns)
    for text in ("one", "two"):
        await api.person(7).say(text)
    await api.person(8).say("other")
    async with opened(door):
        await api.until(lambda: not api.updates.pending)
    assert turns.said == ["other", "one", "two"]


async def test_a_page_is_taken_at_once_for_all_chats(api: BotApi, turns: FakeTurns) -> None:
    turns.gate.clear()
    for person in range(1, 21):
        await api.person(person).say("hello")
    async with opened(make_door(api, turns)):
        await api.until(lambda: turns.attempts == 20)
        turns.gate.set()
        await api.until(lambda: not api.updates.pending)


async def test_updates_that_break_us_stop_nobody(
    api: BotApi, turns: FakeTurns, door: TelegramDoor, caplog: pytest.LogCaptureFixture
) -> None:
    poison = api.inject("message", {"chat": {"id": 7}, "text": "secret words"})
    turns.breaks = lambda each: DataError("INSERT", {"a": "x"}, Exception("x")) if each.heard == Said("bad") else None
    await api.person(7).say("bad")
    await api.person(7).say("good")
    await api.until(lambda: not api.updates.pending)
    assert turns.said == ["good"]
    assert f"update {poison} from Telegram cannot be read" in caplog.text
    assert "broke us" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_press_is_answered_at_once_and_too_late_is_no_matter(
    api: BotApi, turns: FakeTurns, door: TelegramDoor
) -> None:
    person = api.person(7, known=True)
    turns.gate.clear()
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "p:1:yes"}]]}
    await door.channel.bot.send_message(7, "Well?", api_kwargs={"reply_markup": keys})
    press = await person.press("Yes")
    await api.until(lambda: press.answers)
    late = await person.press("Yes")
    late.expired = True
    turns.gate.set()
    await api.until(lambda: not api.updates.pending)
    assert [each.heard for each in turns.committed] == [Pressed(1, "yes")] * 2
    assert turns.committed[0].pressed == str(person.messages[0].message_id)
    assert len(press.answers) == 1


async def test_what_is_in_no_ledger_is_shown(api: BotApi, turns: FakeTurns, door: TelegramDoor) -> None:
    turns.shown = (message("Done. Everything is deleted.", "en"),)
    person = api.person(7)
    await person.say("delete")
    [heard] = await person.hears()
    assert heard.text == "Done. Everything is deleted."


async def test_a_group_gets_a_link_once_and_nothing_said_there_is_taken(
    api: BotApi, turns: FakeTurns, door: TelegramDoor
) -> None:
    member = api.person(7).in_group(-1001)
    await member.add_bot()
    await member.say("/start")
    [heard] = await member.hears()
    assert "https://t.me/fake_consultation_bot" in heard.text
    await member.say("/start")
    await api.until(lambda: not api.updates.pending)
    await member.hears_nothing(0.05)
    assert turns.attempts == 0


async def test_another_poller_is_told_of_and_outlived(
    api: BotApi, turns: FakeTurns, door: TelegramDoor, caplog: pytest.LogCaptureFixture
) -> None:
    await api.until(lambda: api.updates.allowed)
    api.updates.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
    await api.until(lambda: "Another process asks Telegram" in caplog.text)
    await api.person(7).say("still here")
    await api.until(lambda: not api.updates.pending)
    assert turns.said == ["still here"]


async def test_trouble_with_telegram_is_waited_out(
    api: BotApi, turns: FakeTurns, door: TelegramDoor, caplog: pytest.LogCaptureFixture
) -> None:
    await api.until(lambda: api.updates.allowed)
    api.fail("getUpdates", code=502)
    api.reset_before_accept("getUpdates")
    api.fail("getUpdates", retry_after=0, parameters={"retry_after": 1})
    await api.person(7).say("one")
    async with api.refusing_connections():
        await api.until(lambda: "cannot be reached just now" in caplog.text)
    await api.until(lambda: not api.updates.pending)
    assert turns.said == ["one"]
    assert api.token.partition(":")[2] not in caplog.text


async def test_a_slip_of_ours_in_the_loop_does_not_end_it(
    api: BotApi, turns: FakeTurns, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    door = make_door(api, turns)
    slips = [RuntimeError("secret words")]
    ask = door.channel.updates

    async def slipping(offset: int, seconds: int, limit: int = 100) -> list[object]:
        if slips:
            raise slips.pop()
        return await ask(offset, seconds, limit)

    monkeypatch.setattr(door.channel, "updates", slipping)
    await api.person(7).say("one")
    async with opened(door):
        await api.until(lambda: not api.updates.pending)
    assert turns.said == ["one"]
    assert "begins again (RuntimeError" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_refused_token_is_told_to_the_operator_and_stops_only_the_polling(
    api: BotApi, turns: FakeTurns, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(make_door(api, turns, token="1:wrong")) as door:
        assert door.refused
        assert "Telegram refused the token (401). Nothing is lost" in caplog.text
        assert "1:wrong" not in caplog.text


async def test_a_token_refused_later_ends_the_polling_too(api: BotApi, turns: FakeTurns, door: TelegramDoor) -> None:
    await api.until(lambda: api.updates.allowed)
    api.fail("getUpdates", code=401)
    await api.person(7).say("one")
    await api.person(7).say("two")
    await api.until(lambda: door.refused)


async def test_telegram_being_away_at_the_start_is_waited_for(
    api: BotApi, turns: FakeTurns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram, "ARRIVAL_PATIENCE", 0.05)
    async with api.refusing_connections():
        door = make_door(api, turns)
        await door.start()
        assert door.house.telegram_name == ""
    await api.until(lambda: door.house.telegram_name)
    await door.stop()
    await door.channel.close()


async def test_stopping_finishes_the_turns_in_hand_and_confirms_them(api: BotApi, turns: FakeTurns) -> None:
    door = make_door(api, turns)
    await door.start()
    turns.gate.clear()
    await api.person(7).say("last words")
    await api.until(lambda: turns.attempts)
    stopping = asyncio.create_task(door.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    turns.gate.set()
    await asyncio.wait_for(stopping, 2)
    await door.channel.close()
    assert turns.said == ["last words"]
    assert not api.updates.pending


async def test_stopping_while_the_database_is_down_leaves_it_to_telegram(api: BotApi, turns: FakeTurns) -> None:
    door = make_door(api, turns)
    await door.start()
    turns.breaks = down
    await api.person(7).say("later")
    await api.until(lambda: turns.attempts)
    await asyncio.wait_for(door.stop(), 2)
    await door.channel.close()
    assert len(api.updates.pending) == 1


# Webhook


@asynccontextmanager
async def serving(api: BotApi, turns: FakeTurns) -> AsyncIterator[tuple[str, TelegramDoor]]:
    app = web.Application()
    runner = web.AppRunner(app)
    door = make_door(api, turns, public_url="http://127.0.0.1:1")
    app.router.add_routes(webhook_routes(door))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    door.house.settings.public_url = url
    async with opened(door):
        yield f"{url}/telegram", door
    await runner.cleanup()


async def post(url: str, body: bytes, secret: str | None = SECRET) -> int:
    headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_a_webhook_brings_what_is_said(api: BotApi, turns: FakeTurns) -> None:
    async with serving(api, turns) as (url, _):
        await api.person(7).start("vote")
        await api.until(lambda: not api.updates.pending)
        assert api.webhook.address is not None
        assert (api.webhook.address.url, api.webhook.address.secret) == (url, SECRET)
        assert api.updates.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]
    assert [each.heard for each in turns.committed] == [Started("vote")]
    assert api.count("getUpdates") == 0


async def test_a_webhook_says_200_only_after_the_commit_and_503_while_the_database_is_down(
    api: BotApi, turns: FakeTurns
) -> None:
    async with serving(api, turns) as (url, _):
        turns.gate.clear()
        chat = b'{"id": 7, "type": "private"}'
        body = b'{"update_id": 5, "message": {"message_id": 1, "date": 1, "text": "x", "chat": ' + chat + b"}}"
        asking = asyncio.create_task(post(url, body))
        await api.until(lambda: turns.attempts)
        await asyncio.sleep(0.03)
        assert not asking.done()
        turns.gate.set()
        assert await asking == 200
        turns.breaks = down
        assert await post(url, body) == 503
        turns.breaks = lambda _: DataError("INSERT", None, Exception("x"))
        assert await post(url, body) == 200


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (b"{}", None, 403),
        (b"{}", "S3cret", 403),
        (b"{}", "ŵ", 403),
        (b"not json", SECRET, 400),
        (b"[" * 100_000, SECRET, 400),
        (b"[]", SECRET, 400),
        (b"{" + b" " * 1_100_000 + b"}", SECRET, 413),
        (b'{"update_id": 1, "message": {"chat": 3}}', SECRET, 200),
        (b'{"nonsense": true}', SECRET, 200),
        (b'{"update_id": 1, "message": 5}', SECRET, 200),
        (b'{"update_id": 1, "strange_kind": {}}' + b" " * 300_000, SECRET, 200),
    ],
)
async def test_what_a_webhook_is_given(
    api: BotApi, turns: FakeTurns, body: bytes, secret: str | None, status: int
) -> None:
    async with serving(api, turns) as (url, _):
        assert await post(url, body, secret) == status
    assert turns.attempts == 0


async def test_without_a_secret_of_ours_nobody_is_heard(api: BotApi, turns: FakeTurns) -> None:
    async with serving(api, turns) as (url, door):
        door.house.settings.telegram_webhook_secret = ""
        assert await post(url, b"{}", "") == 403


async def test_leaving_the_webhook_for_polling(api: BotApi, turns: FakeTurns) -> None:
    async with serving(api, turns):
        pass
    api.webhook.between_settings = 0
    async with opened(make_door(api, turns)):
        await api.person(7).say("polled")
        await api.until(lambda: not api.updates.pending)
    assert turns.said == ["polled"]
