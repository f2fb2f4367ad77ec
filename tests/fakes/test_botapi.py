"""The fake Telegram and our transport, tried against each other through the real `telegram.Bot`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from telegram import (
    Bot,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram_http import AiohttpRequest, MaybeSent, NotSent, is_unknown
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_texts import in_pieces


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with bot_for(api) as bot:
        yield bot


@asynccontextmanager
async def bot_for(api: BotApi, token: str = "") -> AsyncIterator[Bot]:
    requests = [AiohttpRequest(read_timeout=0.5) for _ in range(2)]
    bot = Bot(token or api.token, f"{api.url}/bot", request=requests[0], get_updates_request=requests[1])
    async with requests[0], requests[1]:
        yield bot


def keys(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=f"key:{label}")] for label in labels])


def everything_about(error: BaseException | None) -> str:
    """All the text of an error and of those behind it."""
    told = ""
    while error is not None:
        told += f"{error!s} {error!r} {error.args!r}"
        error = error.__cause__ or error.__context__
    return told


async def error_of(awaitable: Awaitable[Any]) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await awaitable
    return caught.value


# --- people and what they hear ---


async def test_a_person_starts_and_hears_an_answer_with_buttons(api: BotApi, bot: Bot) -> None:
    person = api.person(7, language_code="cy")
    await person.start("topic_3")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert (update.message.text, update.effective_user.language_code) == ("/start topic_3", "cy")  # type: ignore[union-attr]
    assert [entity.type for entity in update.message.entities] == ["bot_command"]
    await bot.send_message(
        7, "Croeso & <b>helô</b>".replace("&", "&amp;"), parse_mode="HTML", reply_markup=keys("Ie", "Na")
    )
    [heard] = await person.hears()
    assert (heard.text, heard.buttons, heard.edited) == ("Croeso & helô", ["Ie", "Na"], False)
    assert heard.entities == ({"type": "bold", "offset": 9, "length": 4},)


async def test_a_press_reaches_the_bot_and_its_answer_reaches_the_person(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    sent = await bot.send_message(7, "Bus or train?", reply_markup=keys("Bus", "Train"))
    press = await person.press("Train")
    [update] = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert query.data == "key:Train"
    assert query.message == sent
    await query.answer("Noted")
    await query.edit_message_text("Train it is")
    assert press.toast == "Noted"
    [_, edited] = await person.hears(2)
    assert (edited.text, edited.buttons, edited.edited) == ("Train it is", [], True)


async def test_an_old_button_can_still_be_pressed(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    sent = await bot.send_message(7, "Bus or train?", reply_markup=keys("Bus"))
    await bot.edit_message_reply_markup(7, sent.message_id)
    with pytest.raises(LookupError):
        await person.press("Bus")
    press = await person.press_old("Bus", 0)
    press.expired = True
    assert "Query is too old" in str(await error_of(bot.answer_callback_query(press.query_id)))


async def test_people_send_all_sorts_and_change_their_words(api: BotApi, bot: Bot) -> None:
    person = api.person(7)
    await person.say("hello")
    await person.edit("hello!")
    await person.send_photo("a bridge")
    await person.send_voice()
    await person.send_sticker()
    await person.send_location(52.4, -4.1)
    said, edited, *others = await bot.get_updates()
    assert said.message is not None
    assert edited.edited_message is not None
    assert edited.edited_message.text == "hello!"
    kinds = ["photo", "voice", "sticker", "location"]
    assert all(getattr(update.message, kind) for update, kind in zip(others, kinds, strict=True))


async def test_who_blocks_the_bot_is_out_of_reach_until_they_unblock(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    await person.block()
    assert str(await error_of(bot.send_message(7, "hello?"))) == "Forbidden: bot was blocked by the user"
    await person.unblock()
    await bot.send_message(7, "hello again")
    blocked, unblocked = [update.my_chat_member for update in await bot.get_updates()]
    assert blocked is not None
    assert unblocked is not None
    assert (blocked.new_chat_member.status, unblocked.new_chat_member.status) == ("kicked", "member")


async def test_strangers_cannot_be_written_to(api: BotApi, bot: Bot) -> None:
    api.person(8)
    for chat_id in (8, 9):
        assert str(await error_of(bot.send_message(chat_id, "hello"))) == "Chat not found"


async def test_in_a_group_the_bot_hears_commands_and_replies_only(api: BotApi, bot: Bot) -> None:
    member = api.person(7).in_group(-1001)
    question = await bot.send_message(-1001, "Any views?")
    await member.say("just chatting")
    await member.say("/status@somebody_else")
    await member.say("/status")
    await member.say("I have one", reply_to=member.messages[0])
    texts = [update.message.text for update in await bot.get_updates() if update.message]
    assert texts == ["/status", "I have one"]
    await member.remove_bot()
    assert "bot was kicked from the supergroup chat" in str(await error_of(question.reply_text("anyone?")))


async def test_silence_and_waiting_in_vain_are_told(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    await person.hears_nothing(0.01)
    with pytest.raises(AssertionError, match="waited"):
        await person.hears(timeout=0.01)
    await bot.send_message(7, "sorry I am late")
    with pytest.raises(AssertionError, match="sorry"):
        await person.hears_nothing(0.01)


# --- updates: polling and webhook ---


async def test_polling_keeps_an_update_until_a_higher_offset_confirms_it(api: BotApi, bot: Bot) -> None:
    first, second = [await api.person(7).say(text) for text in ("one", "two")]
    assert first is not None
    assert second is not None
    assert [u.update_id for u in await bot.get_updates()] == [first, second]
    assert [u.update_id for u in await bot.get_updates(offset=first + 1)] == [second]
    assert await bot.get_updates(offset=second + 1) == ()
    api.redeliver(first)
    assert [u.update_id for u in await bot.get_updates(offset=second + 1)] == [first]
    assert await bot.get_updates(offset=second + 1) == ()


async def test_a_long_poll_wakes_for_news_and_only_for_the_kinds_asked(api: BotApi, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=5, allowed_updates=["callback_query", "message"]))
    await api.until(lambda: api.updates.allowed)
    assert await api.person(7).block() is None
    await api.person(7).start()
    assert len(await asyncio.wait_for(poll, 2)) == 1


async def test_a_second_poller_ends_the_first_and_a_webhook_ends_both(api: BotApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await api.until(lambda: api.count("getUpdates") == 1)
    second = asyncio.create_task(bot.get_updates(timeout=5))
    assert "other getUpdates" in str(await error_of(first))
    await bot.set_webhook("http://127.0.0.1:9/telegram")
    assert "setWebhook" in str(await error_of(second))
    assert isinstance(await error_of(bot.get_updates()), Conflict)


@asynccontextmanager
async def webhook(answers: Callable[[dict[str, Any], web.Request], int]) -> AsyncIterator[str]:
    """A bot's own address; `answers` gives the status for each update."""

    async def receive(request: web.Request) -> web.Response:
        return web.Response(status=answers(await request.json(), request))

    runner = web.ServerRunner(web.Server(receive))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/telegram"
    await runner.cleanup()


async def test_a_webhook_gets_the_secret_and_the_same_update_until_it_says_200(api: BotApi, bot: Bot) -> None:
    got: list[str] = []

    def answers(update: dict[str, Any], request: web.Request) -> int:
        assert request.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret"
        got.append(update["message"]["text"])
        return 503 if len(got) < 4 else 200

    await api.person(7).say("one")
    async with webhook(answers) as url:
        await bot.set_webhook(url, secret_token="s3cret")
        await api.person(7).say("two")
        await api.until(lambda: not api.updates.pending)
        assert got == ["one"] * 4 + ["two"]
        info = await bot.get_webhook_info()
        assert (info.url, info.last_error_message) == (url, "Wrong response from the webhook: 503 Service Unavailable")
        await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_a_webhook_keeps_order_within_a_person_not_between_people(api: BotApi, bot: Bot) -> None:
    got: list[str] = []

    def answers(update: dict[str, Any], _: web.Request) -> int:
        got.append(update["message"]["text"])
        return 500 if got[-1] == "stuck" and got.count("stuck") < 4 else 200

    async with webhook(answers) as url:
        await bot.set_webhook(url)
        for person, text in ((1, "stuck"), (1, "after"), (2, "other")):
            await api.person(person).say(text)
        await api.until(lambda: not api.updates.pending)
        await bot.delete_webhook()
    assert got.index("other") < got.index("after")
    assert [text for text in got if text != "other"] == ["stuck"] * 4 + ["after"]


# --- strictness ---


@pytest.mark.parametrize(
    ("text", "options", "refusal"),
    [
        (" ", {}, "Message text is empty"),
        ("😀" * 2049, {}, "Message is too long"),
        ("<b>x", {"parse_mode": "HTML"}, "Can't parse entities"),
        ("<h1>x</h1>", {"parse_mode": "HTML"}, 'Unsupported start tag "h1"'.lower()),
        ("x", {"api_kwargs": {"chatid": 7}}, "unknown parameter"),
        ("x", {"api_kwargs": {"protect_content": "maybe"}}, "must be a boolean"),
        ("half \ud83d", {}, "surrogate"),
        ("x", {"reply_markup": keys("é" * 31)}, "Button_data_invalid"),
        ("x", {"reply_markup": keys(*"ab" * 51)}, "Reply markup is too long"),
        ("x", {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("?")]])}, "Text buttons are unallowed"),
        ("x", {"reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("?", "http://localhost/")]])}, "Wrong http"),
        ("x", {"reply_to_message_id": 5}, "Message to be replied not found"),
    ],
)
async def test_a_message_telegram_would_not_carry(
    api: BotApi, bot: Bot, text: str, options: dict[str, Any], refusal: str
) -> None:
    api.person(7, known=True)
    error = await error_of(bot.send_message(7, text, **options))
    assert isinstance(error, BadRequest)
    assert refusal.lower() in str(error).lower()
    assert not is_unknown(error)
    assert not api.sent


async def test_the_longest_text_and_the_fullest_keyboard_are_carried(api: BotApi, bot: Bot) -> None:
    api.person(7, known=True)
    await bot.send_message(7, "<i>" + "😀" * 2048 + "</i>", parse_mode="HTML", reply_markup=keys(*map(str, range(100))))
    await bot.send_message(7, "Or type", reply_markup=ReplyKeyboardMarkup([["Yes", "No"]]))
    assert [len(message.buttons) for message in api.person(7).messages] == [100, 2]
    assert [len(piece) for piece in in_pieces("😀" * 4096)] == [2048, 2048]
    assert api.refusals == []


async def test_edits_and_deletions_follow_the_rules(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    sent = await bot.send_message(7, "hello", reply_markup=keys("A"))
    assert "not modified" in str(await error_of(sent.edit_text("hello", reply_markup=keys("A"))))
    assert "not found" in str(await error_of(bot.edit_message_text("x", 7, sent.message_id + 1)))
    await person.say("mine")
    own = (await bot.get_updates())[0].message
    assert own is not None
    assert "can't be edited" in str(await error_of(own.edit_text("not yours")))
    await sent.delete()
    assert person.messages == []
    assert "to delete not found" in str(await error_of(sent.delete()))


async def test_commands_and_descriptions(api: BotApi, bot: Bot) -> None:
    scope = BotCommandScopeAllPrivateChats()
    await bot.set_my_commands([("help", "Help"), ("my_data", "My data")], scope=scope, language_code="cy")
    assert [command["command"] for command in api.world.commands["all_private_chats", "cy"]] == ["help", "my_data"]
    assert "Bot_command_invalid" in str(await error_of(bot.set_my_commands([("Help", "Help")])))
    await bot.set_my_description("What it does")
    await bot.set_my_short_description("Briefly", language_code="cy")
    assert (api.world.descriptions, api.world.short_descriptions) == ({"": "What it does"}, {"cy": "Briefly"})
    assert isinstance(await error_of(bot.set_my_short_description("x" * 121)), BadRequest)


async def test_a_stranger_leaves_no_trace_and_an_unknown_method_is_refused(api: BotApi, bot: Bot) -> None:
    async with bot_for(api, "1:wrong") as stranger:
        assert isinstance(await error_of(stranger.get_me()), InvalidToken)
    await bot.initialize()
    assert isinstance(await error_of(bot.do_api_request("makeCoffee")), EndPointNotFound)
    assert [call.code for call in api.calls] == [200, 404]
    assert len(api.refusals) == 1
    assert bot.bot.is_bot


async def test_a_document_goes_up_and_arrives_whole(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    content = bytes(range(256)) * 8192
    sent = await bot.send_document(
        7, content, filename="atebion ŵ.csv", caption="Your answers", reply_markup=keys("Ok")
    )
    [heard] = await person.hears()
    assert heard.document is not None
    assert (heard.document.name, heard.document.content) == ("atebion ŵ.csv", content)
    assert (heard.text, heard.buttons) == ("Your answers", ["Ok"])
    assert sent.document is not None
    await bot.send_document(7, sent.document.file_id)
    await bot.send_chat_action(7, "typing")


def png(width: int, height: int) -> bytes:
    """The beginning of a PNG with these sides."""
    return b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big")


async def test_a_photo_is_a_picture_of_sides_that_telegram_takes(api: BotApi, bot: Bot) -> None:
    person = api.person(7, known=True)
    sent = await bot.send_photo(7, png(200, 200), caption="A code")
    [heard] = await person.hears()
    assert (heard.text, sent.photo[0].width) == ("A code", 200)
    for wrong in (b"no picture", png(10, 201), png(5001, 5000), png(200, 200) + b"0" * 10_000_000):
        assert isinstance(await error_of(bot.send_photo(7, wrong)), BadRequest)
    assert isinstance(await error_of(bot.send_photo(7, png(9, 9), caption="x" * 1025)), BadRequest)


# --- faults, and whether the sender can tell what became of a call ---


async def test_refusals_on_command(api: BotApi, bot: Bot) -> None:
    api.person(7, known=True)
    api.fail("sendMessage", retry_after=10072)
    api.fail("sendMessage", code=403, chat_id=7)
    api.fail("sendMessage", code=400, parameters={"migrate_to_chat_id": -1009})
    errors = [await error_of(bot.send_message(7, "x")) for _ in range(3)]
    assert [type(error) for error in errors] == [RetryAfter, Forbidden, ChatMigrated]
    assert not any(map(is_unknown, errors))
    await bot.send_message(7, "at last")
    assert [call.accepted for call in api.calls] == [False, False, False, True]
    assert api.refusals == []


@pytest.mark.parametrize("code", [500, 502])
async def test_a_broken_server_leaves_it_unknown(api: BotApi, bot: Bot, code: int) -> None:
    api.person(7, known=True)
    api.fail("sendMessage", code=code, accepts=True)
    error = await error_of(bot.send_message(7, "x"))
    assert type(error) is NetworkError
    assert is_unknown(error)
    assert len(api.sent) == 1


async def test_silence_and_a_reset_may_have_been_sent(api: BotApi, bot: Bot) -> None:
    api.person(7, known=True)
    api.hang("sendMessage")
    api.reset_after_accept("sendMessage")
    api.reset_before_accept("sendMessage")
    errors = [await error_of(bot.send_message(7, str(n), read_timeout=0.1)) for n in range(3)]
    assert [type(error) for error in errors] == [MaybeSent] * 3
    assert all(map(is_unknown, errors))
    assert [message.content["text"] for message in api.sent] == ["1"]


async def test_a_closed_door_is_certainly_not_sent(api: BotApi, bot: Bot) -> None:
    api.person(7, known=True)
    await bot.send_message(7, "before")
    async with api.refusing_connections():
        error = await error_of(bot.send_message(7, "during"))
    assert type(error) is NotSent
    assert not is_unknown(error)
    await bot.send_message(7, "after")
    assert [message.content["text"] for message in api.sent] == ["before", "after"]


async def test_a_full_pool_is_certainly_not_sent(api: BotApi) -> None:
    async with AiohttpRequest(connections=1, connect_timeout=0.1, pool_timeout=0.1, read_timeout=0.5) as request:
        bot = Bot(api.token, f"{api.url}/bot", request=request)
        api.hang("getMe")
        occupying = asyncio.create_task(error_of(bot.get_me()))
        await api.until(lambda: api.count("getMe"))
        left_outside = await error_of(bot.get_me())
        assert type(left_outside) is NotSent
        assert "<token>" in str(left_outside)
        assert api.token.partition(":")[2] not in everything_about(left_outside)
        assert type(await occupying) is MaybeSent


async def test_no_error_holds_the_token(api: BotApi, bot: Bot) -> None:
    api.hang("getMe")
    api.reset_after_accept("getMe")
    api.fail("getMe", code=502, description=f"no route to /bot{api.token}/getMe")
    errors = [await error_of(bot.get_me(read_timeout=0.1)) for _ in range(3)]
    async with api.refusing_connections():
        errors.append(await error_of(bot.get_me()))
    for error in errors:
        assert api.token.partition(":")[2] not in everything_about(error)


async def test_a_flood_is_held_back_as_by_telegram(api: BotApi, bot: Bot) -> None:
    for person in (1, 2):
        api.person(person, known=True)
    api.flood_limit(3, per_chat=2)
    for person in (1, 1, 2):
        await bot.send_message(person, "x")
    error = await error_of(bot.send_message(2, "x"))
    assert isinstance(error, RetryAfter)
    assert error.retry_after == 1
    api.flood_limit(None)
    await bot.send_message(2, "x")
    assert (api.count("sendMessage"), api.count("sendMessage", accepted=True)) == (5, 4)
