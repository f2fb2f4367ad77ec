"""The Telegram channel against the fake Bot API: what is sent, edited and refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.channels import telegram
from bot.channels.messages import Asked, Label, Message
from bot.channels.sending import Failed, Failure, Sent
from bot.channels.telegram import TelegramChannel, failed
from bot.rendering import Run
from conversations.domain.languages import LANGUAGES, SOURCE
from conversations.domain.speech import Code
from tests.fakes.botapi import BotApi
from tests.scanning import scanned_png


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(api.token, api.url)
    yield channel
    await channel.close()


CHOICES = (Label("bus", "Bus", "en"), Label("train", "Train", "en"))
SEVERAL = Asked(3, "several", "", "", CHOICES, (), (), 2, False)


def said(*paragraphs: str, asked: Asked | None = None) -> Message:
    return Message(tuple((Run(words, "en"),) for words in paragraphs), "en", asked)


async def test_a_prompt_arrives_with_its_buttons_and_plain_text_stays_plain(
    api: BotApi, channel: TelegramChannel
) -> None:
    person = api.person(7, known=True)
    sent = await channel.send("7", said("*Bus* <b>or</b>\ntrain & tram?", asked=replace(SEVERAL, ask="one")), None)
    [heard] = await person.hears()
    assert (heard.text, heard.buttons) == ("*Bus* <b>or</b>\ntrain & tram?", ["Bus", "Train"])
    assert sent == Sent(str(heard.message_id))
    assert api.calls[-1].parameters["link_preview_options"] == {"is_disabled": True}


async def test_messages_sent_at_once_each_keep_their_own_id(api: BotApi, channel: TelegramChannel) -> None:
    people = {id_: api.person(id_, known=True) for id_ in range(1, 31)}
    sent = await asyncio.gather(*(channel.send(str(id_), said(f"For {id_}"), None) for id_ in people))
    assert sent == [Sent(str(each.messages[-1].message_id)) for each in people.values()]
    assert len(set(sent)) == 30


async def test_toggles_edit_the_message_and_pressing_twice_is_no_failure(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    first = await channel.send("7", said("Pick.", asked=SEVERAL), None)
    assert isinstance(first, Sent)
    picked = said("Pick.", asked=replace(SEVERAL, picked=("train",)))
    for _ in range(2):
        assert await channel.send("7", picked, first.remote) == first
    [message] = person.messages
    assert (message.buttons, message.edited) == (["Bus", "✓ Train", "Done"], True)


async def test_an_edit_of_a_message_that_is_gone_is_sent_anew(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    await person.say("mine")
    mine = str(person.chat.last_from(7).message_id)
    for target in ("99999", mine, "no number"):
        sent = await channel.send("7", said("Pick.", asked=SEVERAL), target)
        assert sent == Sent(str(person.messages[-1].message_id))
    assert len(person.messages) == 3


async def test_only_the_last_text_of_a_long_prompt_is_edited(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    first = await channel.send("7", said("a" * 4094, "Pick.", asked=SEVERAL), None)
    assert isinstance(first, Sent)
    await channel.send("7", said("a" * 4094, "Pick.", asked=replace(SEVERAL, picked=("bus",))), first.remote)
    assert [(len(each.text), each.edited) for each in person.messages] == [(4094, False), (5, True)]


async def test_a_long_text_goes_on_where_it_broke_off(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    long = said("a" * 4000, "b" * 4000, "c" * 4000)
    api.flood_limit(None, per_chat=2)
    first = await channel.send("7", long, None)
    assert first == Failed(Failure.SLOW_DOWN, 1.0, "too many requests")
    api.flood_limit(None)
    assert isinstance(await channel.send("7", long, None), Sent)
    assert [each.text[0] for each in person.messages] == ["a", "b", "c"]
    assert isinstance(await channel.send("7", long, None), Sent)
    assert len(person.messages) == 6


Plan = Callable[[BotApi], object]


@pytest.mark.parametrize(
    ("plan", "failure"),
    [
        (lambda api: api.fail("sendMessage", retry_after=10072), Failure.SLOW_DOWN),
        (lambda api: api.fail("sendMessage", code=403), Failure.BLOCKED),
        (lambda api: api.fail("sendMessage", code=403, description="Forbidden: user is deactivated"), Failure.GONE),
        (lambda api: api.fail("sendMessage", code=400, description="Bad Request: chat not found"), Failure.GONE),
        (lambda api: api.fail("sendMessage", code=401), Failure.REFUSED_TOKEN),
        (lambda api: api.fail("sendMessage", code=400), Failure.BAD_MESSAGE),
        (lambda api: api.fail("sendMessage", code=500, accepts=True), Failure.UNKNOWN),
        (lambda api: api.fail("sendMessage", code=502), Failure.UNKNOWN),
        (lambda api: api.reset_after_accept("sendMessage"), Failure.UNKNOWN),
    ],
)
async def test_refusals_are_a_closed_list(api: BotApi, channel: TelegramChannel, plan: Plan, failure: Failure) -> None:
    api.person(7, known=True)
    plan(api)
    sent = await channel.send("7", said("words nobody may log"), None)
    assert isinstance(sent, Failed)
    assert sent.failure is failure
    assert sent.retry_after == (10072 if failure is Failure.SLOW_DOWN else None)
    assert api.token not in sent.detail
    assert "nobody" not in sent.detail


async def test_what_never_left_is_known_not_to_have(api: BotApi, channel: TelegramChannel) -> None:
    api.person(7, known=True)
    async with api.refusing_connections():
        sent = await channel.send("7", said("x"), None)
    assert isinstance(sent, Failed)
    assert sent.failure is Failure.NOT_SENT
    assert api.token.partition(":")[2] not in sent.detail
    assert isinstance(await channel.send("7", said("x"), None), Sent)


def test_rarer_refusals() -> None:
    assert failed(ChatMigrated(-1001)).failure is Failure.GONE
    assert failed(Forbidden("Forbidden: bot can't initiate conversation with a user")).failure is Failure.BLOCKED
    assert failed(BadRequest("Too Many Requests: wait")).failure is Failure.SLOW_DOWN


async def test_what_cannot_be_laid_out_is_said_so_and_sends_nothing(api: BotApi, channel: TelegramChannel) -> None:
    api.person(7, known=True)
    wide = replace(SEVERAL, choices=(Label("x" * 70, "X", "en"),))
    for message in (said("?", asked=wide), said(""), said("half \ud83d")):
        sent = await channel.send("7", message, None)
        assert isinstance(sent, Failed)
        assert sent.failure is Failure.BAD_MESSAGE
    assert not api.sent


async def test_a_late_answer_to_a_press_is_nothing_to_speak_of(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    await channel.send("7", said("Pick.", asked=SEVERAL), None)
    press = await person.press("Bus")
    press.expired = True
    await channel.answer(press.query_id)
    press.expired = False
    await channel.answer(press.query_id)
    assert len(press.answers) == 1


async def test_commands_and_descriptions_are_set_in_every_language(api: BotApi, channel: TelegramChannel) -> None:
    await channel.open()
    await channel.introduce()
    shown = {language: [each["command"] for each in commands] for (_, language), commands in api.world.commands.items()}
    assert shown[""][:2] == ["start", "help"]
    assert shown["cy"][:2] == ["dechrau", "cymorth"]
    assert set(api.world.descriptions) == set(api.world.short_descriptions) == {"", *LANGUAGES} - {SOURCE}
    assert api.refusals == []
    api.fail("setMyCommands", times=2)
    await channel.introduce()


async def test_what_is_in_no_ledger_is_tried_again(
    api: BotApi, channel: TelegramChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram, "SHOWING_PAUSE", 0.001)
    person = api.person(7, known=True)
    api.fail("sendMessage", code=500, times=2)
    await channel.show("7", [said("Deleted."), said("Come back.")])
    assert [each.text for each in person.messages] == ["Deleted.", "Come back."]
    await person.block()
    await channel.show("7", [said("x")])
    assert api.calls[-1].code == 403


async def test_the_library_does_not_log_what_is_said(
    api: BotApi, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    api.person(7, known=True)
    with caplog.at_level(logging.DEBUG):
        await channel.send("7", said("my private words"), None)
    assert "private words" not in caplog.text
    assert api.token not in caplog.text


# A code as a picture

LEADS = "https://t.me/fake_consultation_bot?start=in-EV3NT001-7K3F2Q"
SEAT = Message(((Run("You have a seat. Your code is 7K-3F-2Q.", "en"),),), "en", code=Code("7K-3F-2Q", LEADS))


async def test_a_code_is_a_picture_above_the_words_that_hold_it_too(api: BotApi, channel: TelegramChannel) -> None:
    person = api.person(7, known=True)
    sent = await channel.send("7", replace(SEAT, asked=replace(SEVERAL, ask="one")), None)
    picture, words = await person.hears(2)
    assert picture.document is not None
    assert scanned_png(picture.document.content) == LEADS
    assert (picture.text, picture.buttons) == ("7K-3F-2Q", [])
    assert (words.text, words.buttons) == ("You have a seat. Your code is 7K-3F-2Q.", ["Bus", "Train"])
    assert sent == Sent(str(words.message_id))
    assert Message.from_json(SEAT.to_json()) == SEAT


@pytest.mark.parametrize("trouble", [400, 413, 500, "reset"])
async def test_the_words_of_a_code_arrive_also_without_its_picture(
    api: BotApi, channel: TelegramChannel, trouble: int | str
) -> None:
    person = api.person(7, known=True)
    if isinstance(trouble, int):
        api.fail("sendPhoto", code=trouble)
    else:
        api.reset_after_accept("sendPhoto")
    assert isinstance(await channel.send("7", SEAT, None), Sent)
    assert [each.text for each in person.messages][-1] == "You have a seat. Your code is 7K-3F-2Q."
    assert api.count("sendPhoto") == 1, "what may have arrived is not sent again"


async def test_telegram_asks_us_to_wait_with_the_picture_and_both_come_later(
    api: BotApi, channel: TelegramChannel
) -> None:
    person = api.person(7, known=True)
    api.fail("sendPhoto", retry_after=30)
    refused = await channel.send("7", SEAT, None)
    assert isinstance(refused, Failed)
    assert (refused.failure, refused.retry_after, person.messages) == (Failure.SLOW_DOWN, 30, [])
    api.fail("sendMessage", retry_after=30)
    assert isinstance(await channel.send("7", SEAT, None), Failed)
    assert isinstance(await channel.send("7", SEAT, None), Sent)
    assert [each.text for each in person.messages] == ["7K-3F-2Q", "You have a seat. Your code is 7K-3F-2Q."]
