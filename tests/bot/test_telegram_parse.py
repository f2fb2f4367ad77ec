"""What Telegram brings in, read from updates as the fake Bot API words them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from telegram import Update

from bot.channels.messages import Incoming
from bot.channels.telegram_parse import GroupNotice, NotAnUpdate, button, clean, parse, press_of
from conversations.domain.speech import Amended, Pressed, PressedStanding, Returned, Said, Started, Unreadable
from tests.fakes.botapi import BotApi

NAME = "fake_consultation_bot"


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


def read(raw: dict[str, Any]) -> Incoming | GroupNotice | None:
    return parse(Update.de_json(raw, None), NAME)


async def heard(api: BotApi, act: Awaitable[int | None]) -> Incoming | GroupNotice | None:
    update_id = await act
    assert update_id is not None
    return read(api.updates.all[update_id].as_json())


async def words(api: BotApi, text: str) -> object:
    found = await heard(api, api.person(7).say(text))
    assert isinstance(found, Incoming)
    return found.heard


async def test_typed_words_with_who_said_them(api: BotApi) -> None:
    found = await heard(api, api.person(7, language_code="cy-GB").say("helo"))
    assert found == Incoming("telegram", "7", "700000001", Said("helo"), "cy")
    other = await heard(api, api.person(8, language_code="fr").say("salut"))
    assert isinstance(other, Incoming)
    assert other.language == "en"


async def test_words_are_cleaned_of_what_no_database_keeps(api: BotApi) -> None:
    assert clean("half \ud83d of \ude00 it") == "half  of  it"
    assert await words(api, "a\x00bc\x1bd\te\r\nf 👩‍👩‍👧 ŵ\u00a0y") == Said("abcd e\nf 👩‍👩‍👧 ŵ\u00a0y")
    assert await words(api, "\x00\x01") == Unreadable()
    assert clean("ff\u202e") == "ff\u202e"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/start", Started()),
        ("/start safety", Started("safety")),
        ("/START safety", Started("safety")),
        (f"/start@{NAME} vote", Started("vote")),
        ("/start <script>", Started()),
        ("/start " + "x" * 65, Started()),
        ("/help", Said("HELP")),
        (f"/stop@{NAME} now please", Said("STOP")),
        ("/my_data", Said("MY DATA")),
        ("/iaith", Said("IAITH")),
        ("/nonsense", Said("/nonsense")),
        ("/ a slash", Said("/ a slash")),
        ("stop", Said("stop")),
    ],
)
async def test_commands(api: BotApi, text: str, meant: object) -> None:
    assert await words(api, text) == meant


async def test_a_link_that_joins_carries_its_token_apart(api: BotApi) -> None:
    found = await heard(api, api.person(7).start("join-Ab_c-9"))
    assert isinstance(found, Incoming)
    assert (found.heard, found.joins) == (Started(), "Ab_c-9")


async def test_what_is_not_words_cannot_be_read(api: BotApi) -> None:
    person = api.person(7)
    acts = [person.send_photo("look"), person.send_voice(), person.send_sticker(), person.send_location(52, -4)]
    for act in acts:
        found = await heard(api, act)
        assert isinstance(found, Incoming)
        assert found.heard == Unreadable()


def message(chat: dict[str, Any] | None = None, **content: object) -> dict[str, Any]:
    chat = chat or {"id": 7, "type": "private"}
    user = {"id": 7, "is_bot": False, "first_name": "P"}
    return {"message_id": 5, "date": 1, "chat": chat, "from": user, **content}


def test_an_album_is_one_thing_heard() -> None:
    photo = [{"file_id": "a", "file_unique_id": "b", "width": 9, "height": 9}]
    found = [read({"update_id": n, "message": message(photo=photo, media_group_id="99")}) for n in (1, 2)]
    assert found[0] == found[1] == Incoming("telegram", "7", "album:7:99", Unreadable())


def test_kinds_of_message_we_have_never_heard_of_are_unreadable_and_notes_of_telegram_are_nothing() -> None:
    found = read({"update_id": 1, "message": message(hologram={"depth": 3})})
    assert isinstance(found, Incoming)
    assert found.heard == Unreadable()
    assert read({"update_id": 1, "message": message(delete_chat_photo=True)}) is None
    assert (
        read({"update_id": 1, "channel_post": message({"id": -9, "type": "channel", "title": "c"}, text="x")}) is None
    )
    assert read({"update_id": 1, "message": message({"id": -9, "type": "channel", "title": "c"}, text="x")}) is None


async def test_edits_are_heard_but_not_those_of_a_live_location(api: BotApi) -> None:
    person = api.person(7)
    await person.say("yes")
    found = await heard(api, person.edit("no"))
    assert isinstance(found, Incoming)
    assert found.heard == Amended()
    assert read({"update_id": 1, "edited_message": message(location={"latitude": 1, "longitude": 1})}) is None


@pytest.mark.parametrize(
    ("data", "meant"),
    [
        ("p:12:yes", Pressed(12, "yes")),
        ("p:3:fair/vote", Pressed(3, "fair/vote")),
        ("p:3:a:b", Pressed(3, "a:b")),
        ("s:t0-k_en:not_done", PressedStanding("t0-k_en", "not_done")),
        ("p:x:yes", Pressed(0, "")),
        ("p:99999999999999999999:yes", Pressed(0, "")),
        ("s::", Pressed(0, "")),
        ("", Pressed(0, "")),
    ],
)
def test_buttons(data: str, meant: object) -> None:
    assert button(data) == meant


def test_a_press_names_the_message_it_is_on_even_one_that_is_gone() -> None:
    user = {"id": 7, "is_bot": False, "first_name": "P", "language_code": "cy"}
    gone = {"message_id": 5, "date": 0, "chat": {"id": 7, "type": "private"}}
    query = {"id": "1", "from": user, "chat_instance": "1", "data": "p:4:no"}
    found = read({"update_id": 1, "callback_query": {**query, "message": gone}})
    assert found == Incoming("telegram", "7", "1", Pressed(4, "no"), "cy", pressed="5")
    assert read({"update_id": 1, "callback_query": query}) == Incoming("telegram", "7", "1", Pressed(4, "no"), "cy")
    group = message({"id": -9, "type": "group", "title": "g"}, text="x")
    assert read({"update_id": 1, "callback_query": {**query, "message": group}}) is None


async def test_blocked_and_unblocked(api: BotApi) -> None:
    person = api.person(7)
    blocked, unblocked = await heard(api, person.block()), await heard(api, person.unblock())
    assert isinstance(blocked, Incoming)
    assert isinstance(unblocked, Incoming)
    assert (blocked.heard, blocked.unblocked, unblocked.unblocked) == (Returned(), False, True)


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("/start", True),
        (f"/start@{NAME}", True),
        (f"/status@{NAME.upper()}", True),
        ("/help", True),
        ("/start@another_bot", False),
        ("/status", False),
        ("I think the buses are late", False),
    ],
)
async def test_a_group_is_answered_only_when_it_calls(api: BotApi, text: str, answered: bool) -> None:
    api.world.reads_all_group_messages = True
    found = await heard(api, api.person(7, language_code="cy").in_group(-1001).say(text))
    assert found == (GroupNotice("-1001", "cy") if answered else None)


async def test_a_group_that_takes_the_bot_in_is_answered_and_one_that_throws_it_out_is_not(api: BotApi) -> None:
    member = api.person(7).in_group(-1001)
    assert await heard(api, member.remove_bot()) is None
    assert await heard(api, member.add_bot()) == GroupNotice("-1001", "en")


def test_a_mention_in_a_group() -> None:
    group = {"id": -9, "type": "group", "title": "g"}
    for name, found in ((NAME, GroupNotice("-9", "en")), ("somebody", None)):
        entities = [{"type": "mention", "offset": 6, "length": len(name) + 1}]
        assert read({"update_id": 1, "message": message(group, text=f"😀 hi @{name}", entities=entities)}) == found
    assert read({"update_id": 1, "message": message(group, new_chat_title="x")}) is None


ODD = ("5", 7.5, True, None, [5], {"id": 5}, 2**53, -(10**400), "\ud800")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("place", ["update_id", "chat", "pressed"])
def test_a_number_that_is_none_is_no_update(place: str, odd: object) -> None:
    """The library takes whatever JSON holds. An address or an event of the wrong kind would break what comes after."""
    chat = {"id": odd if place == "chat" else 5, "type": "private"}
    under = {"message_id": odd if place == "pressed" else 3, "date": 1, "chat": chat}
    query = {"id": "9", "from": {"id": 5, "is_bot": False, "first_name": "P"}, "chat_instance": "1", "message": under}
    with pytest.raises((NotAnUpdate, TypeError)):
        read({"update_id": odd if place == "update_id" else 1, "callback_query": query | {"data": "p:1:1"}})


@pytest.mark.parametrize(
    ("id_", "answered"), [("9", "9"), (9, ""), ("\ud800", ""), ("a b", ""), ("x" * 65, ""), (["9"], "")]
)
def test_only_a_press_with_an_id_is_answered(id_: object, answered: str) -> None:
    user = {"id": 5, "is_bot": False, "first_name": "P"}
    update = Update.de_json({"update_id": 1, "callback_query": {"id": id_, "from": user, "chat_instance": "1"}}, None)
    assert press_of(update) == answered


@pytest.mark.parametrize("album", ["\ud800", "\0", {"a": 1}, "x" * 65])
def test_an_album_of_no_known_name_is_one_thing_heard_by_itself(album: object) -> None:
    photo = {"file_id": "F", "file_unique_id": "U", "width": 1, "height": 1}
    message = {
        "message_id": 3,
        "date": 1,
        "chat": {"id": 5, "type": "private"},
        "photo": [photo],
        "media_group_id": album,
    }
    found = read({"update_id": 1, "message": message})
    assert isinstance(found, Incoming)
    assert found.event == "1"
