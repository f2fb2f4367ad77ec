"""Hostile updates: a well-formed body of every kind python-telegram-bot knows, and a mutator that spoils them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.botapi_chats import Chat
from tests.torture.hostile_strings import hostile

Json = dict[str, Any]
NOW = 1_700_000_000
FIRST, LEAST, EACH = 50_000, 150, 40
"""So many updates are of one person: fewer than the fair share of one, or what comes after would not be heard."""

USER: Json = {"id": 5, "is_bot": False, "first_name": "Person", "language_code": "en"}
CHAT: Json = {"id": 5, "type": "private", "first_name": "Person"}
GROUP: Json = {"id": -100_123, "type": "supergroup", "title": "Group"}
FILE: Json = {"file_id": "F", "file_unique_id": "U", "file_size": 9}
MESSAGE: Json = {"message_id": 3, "date": NOW, "chat": CHAT, "from": USER}
MEMBER: Json = {"user": USER, "status": "member"}
GONE: Json = {"user": USER, "status": "kicked", "until_date": 0}
STICKER: Json = FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
POLL: Json = {
    "id": "1",
    "question": "Which?",
    "options": [{"text": "One", "voter_count": 1, "persistent_id": "a"}],
    "total_voter_count": 1,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
PAYMENT: Json = {"currency": "GBP", "total_amount": 1, "invoice_payload": "p"}
CONNECTION: Json = {"id": "b", "user": USER, "user_chat_id": 5, "date": NOW, "is_enabled": True}
BOOST: Json = {"boost_id": "b", "add_date": NOW, "expiration_date": NOW, "source": {"source": "premium", "user": USER}}
REACTION: Json = {"type": "emoji", "emoji": "👍"}
CONTENTS: tuple[Json, ...] = (
    {"text": "hello"},
    {"text": "/start SAFE", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]},
    {"text": "STOP"},
    {"photo": [FILE | {"width": 9, "height": 9}], "caption": "look", "media_group_id": "7"},
    {"voice": FILE | {"duration": 3}},
    {"sticker": STICKER},
    {"location": {"latitude": 51.5, "longitude": -0.1, "live_period": 60}},
    {"dice": {"emoji": "🎲", "value": 3}},
    {"contact": {"phone_number": "+440000000", "first_name": "P"}},
    {"poll": POLL},
    {"document": FILE | {"file_name": "../a.exe"}},
    {"video": FILE | {"width": 9, "height": 9, "duration": 3}},
    {"video_note": FILE | {"length": 9, "duration": 3}},
    {"audio": FILE | {"duration": 3}},
    {"animation": FILE | {"width": 9, "height": 9, "duration": 3}},
    {"venue": {"location": {"latitude": 1.0, "longitude": 1.0}, "title": "V", "address": "A"}},
    {"new_chat_members": [USER]},
    {"left_chat_member": USER},
    {"pinned_message": MESSAGE | {"text": "x"}},
    {"migrate_to_chat_id": -1001},
    {"text": "reply", "reply_to_message": MESSAGE | {"text": "x"}, "quote": {"text": "x", "position": 0}},
    {"text": "forward", "forward_origin": {"type": "user", "date": NOW, "sender_user": USER}},
    {"web_app_data": {"data": "{}", "button_text": "b"}},
    {"successful_payment": PAYMENT | {"telegram_payment_charge_id": "t", "provider_payment_charge_id": "p"}},
    {"checklist": {"title": "L", "tasks": [{"id": 1, "text": "t"}]}},
    {"story": {"chat": CHAT, "id": 1}},
    {"something_new": {"a": 1}},
    {},
)
BODIES: dict[str, tuple[Json, ...]] = {
    "message": tuple(MESSAGE | each for each in CONTENTS),
    "edited_message": tuple(MESSAGE | {"edit_date": NOW} | each for each in CONTENTS[:8]),
    "channel_post": (MESSAGE | {"chat": GROUP | {"type": "channel"}, "text": "post"},),
    "edited_channel_post": (MESSAGE | {"chat": GROUP | {"type": "channel"}, "text": "post", "edit_date": NOW},),
    "callback_query": (
        {"id": "9", "from": USER, "message": MESSAGE | {"text": "?"}, "chat_instance": "1", "data": "p:1:1"},
        {
            "id": "9",
            "from": USER,
            "message": {"message_id": 3, "date": 0, "chat": CHAT},
            "chat_instance": "1",
            "data": "s:token:that_is_it",
        },
        {"id": "9", "from": USER, "inline_message_id": "i", "chat_instance": "1", "game_short_name": "g"},
    ),
    "inline_query": ({"id": "9", "from": USER, "query": "q", "offset": ""},),
    "chosen_inline_result": ({"result_id": "r", "from": USER, "query": "q"},),
    "shipping_query": (
        {
            "id": "9",
            "from": USER,
            "invoice_payload": "p",
            "shipping_address": dict.fromkeys(
                ("country_code", "state", "city", "street_line1", "street_line2", "post_code"), "GB"
            ),
        },
    ),
    "pre_checkout_query": ({"id": "9", "from": USER} | PAYMENT,),
    "poll": (POLL,),
    "poll_answer": ({"poll_id": "1", "user": USER, "option_ids": [0], "option_persistent_ids": ["a"]},),
    "my_chat_member": (
        {"chat": CHAT, "from": USER, "date": NOW, "old_chat_member": MEMBER, "new_chat_member": GONE},
        {"chat": CHAT, "from": USER, "date": NOW, "old_chat_member": GONE, "new_chat_member": MEMBER},
        {"chat": GROUP, "from": USER, "date": NOW, "old_chat_member": GONE, "new_chat_member": MEMBER},
    ),
    "chat_member": ({"chat": GROUP, "from": USER, "date": NOW, "old_chat_member": MEMBER, "new_chat_member": GONE},),
    "chat_join_request": ({"chat": GROUP, "from": USER, "user_chat_id": 5, "date": NOW, "bio": "b"},),
    "chat_boost": ({"chat": GROUP, "boost": BOOST},),
    "removed_chat_boost": ({"chat": GROUP, "boost_id": "b", "remove_date": NOW, "source": BOOST["source"]},),
    "message_reaction": (
        {"chat": CHAT, "message_id": 3, "date": NOW, "user": USER, "old_reaction": [], "new_reaction": [REACTION]},
    ),
    "message_reaction_count": (
        {"chat": GROUP, "message_id": 3, "date": NOW, "reactions": [{"type": REACTION, "total_count": 2}]},
    ),
    "business_connection": (CONNECTION,),
    "business_message": tuple(MESSAGE | {"business_connection_id": "b"} | each for each in CONTENTS[:8]),
    "edited_business_message": (MESSAGE | {"business_connection_id": "b", "text": "x", "edit_date": NOW},),
    "guest_message": (MESSAGE | {"guest_query_id": "9", "text": "x"},),
    "deleted_business_messages": ({"business_connection_id": "b", "chat": CHAT, "message_ids": [3]},),
    "purchased_paid_media": ({"from": USER, "paid_media_payload": "p"},),
    "managed_bot": ({"user": USER, "bot": USER | {"is_bot": True, "username": "a_bot"}},),
}
DEEP = "here something deep is put"
HEARD = ("message", "message", "message", "callback_query", "edited_message", "my_chat_member")
ODD: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    1e308,
    float("inf"),
    float("nan"),
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**400,
    "",
    "5",
    "private",
    [],
    {},
    [None],
    [[]],
    {"id": 5},
    [{"id": 5}],
    "\ud800",
    "\0",
    DEEP,
)


def crowd(updates: int) -> tuple[int, ...]:
    """Those in whose names so many updates are sent."""
    return tuple(range(FIRST, FIRST + max(LEAST, updates // EACH)))


@dataclass
class Mutator:
    """Makes hostile updates, as Telegram would bring them, about the people of `crowd`; the same for the same seed."""

    seed: int
    crowd: tuple[int, ...]
    dice: random.Random = field(init=False)
    number: int = 1_200_000_000

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def bodies(self, chats: dict[int, Chat]) -> Iterator[bytes]:
        """Webhook bodies without end: most spoiled, some well-formed with hostile words or a real button's press."""
        while True:
            lot = self.dice.random()
            if lot < 0.25:
                yield self._written(self._living(chats))
            elif lot < 0.97:
                yield self._written(self._spoiled())
            else:
                yield self._no_json()

    def _next(self, kind: str, body: object) -> Json:
        self.number += 1
        return {"update_id": self.number, kind: body}

    def _living(self, chats: dict[int, Chat]) -> Json:
        """Somebody takes part as a real person may, with a press of any button they were ever shown, or any words."""
        who = self.dice.choice(self.crowd)
        person = {"chat": CHAT | {"id": who}, "from": USER | {"id": who}}
        shown = [each for each in chats[who].messages.values() if each.keyboards] if who in chats else []
        if not shown or self.dice.random() < 0.3:
            return self._next("message", MESSAGE | person | {"text": hostile(self.dice)[:4096]})
        pressed = shown[-1] if self.dice.random() < 0.8 else self.dice.choice(shown)
        rows = self.dice.choice(pressed.keyboards)["inline_keyboard"]
        data = self.dice.choice(self.dice.choice(rows))["callback_data"]
        under = MESSAGE | person | {"message_id": pressed.message_id}
        return self._next(
            "callback_query", {"id": "9", "from": person["from"], "message": under, "chat_instance": "1", "data": data}
        )

    def _spoiled(self) -> Json:
        kind = self.dice.choice(HEARD) if self.dice.random() < 0.7 else self.dice.choice([*BODIES])
        body = copy.deepcopy(self.dice.choice(BODIES[kind]))
        _say(body, self.dice.choice(self.crowd))
        if self.dice.random() < 0.1:
            kind = self.dice.choice([*BODIES])
        update = self._next(kind, body)
        for _ in range(self.dice.randint(0, 4)):
            self._spoil(update)
        return update

    def _spoil(self, update: Json) -> None:
        """One change somewhere in the tree."""
        holder, key = self._somewhere(update)
        lot = self.dice.randrange(7)
        if lot == 0 and isinstance(holder, dict):
            del holder[key]
        elif lot == 1:
            holder[key] = copy.deepcopy(self.dice.choice(ODD))
        elif lot == 2:
            holder[key] = hostile(self.dice)
        elif lot == 3 and isinstance(holder, dict):
            holder[hostile(self.dice)[:40]] = holder.pop(key)
        elif lot == 4:
            holder[key] = self._nested(holder[key])
        elif lot == 5:
            holder[key] = copy.deepcopy(self.dice.choice(self.dice.choice([*BODIES.values()])))
        else:
            other, place = self._somewhere(update)
            holder[key], other[place] = copy.deepcopy(other[place]), copy.deepcopy(holder[key])

    def _somewhere(self, update: Json) -> tuple[Any, Any]:
        """A holder (object or list) in the tree, and one of its places."""
        places: list[tuple[Any, Any]] = []
        waiting: list[Any] = [update]
        while waiting and len(places) < 400:
            holder = waiting.pop()
            for key in [*holder] if isinstance(holder, dict) else range(len(holder)):
                places.append((holder, key))
                if isinstance(holder[key], dict | list):
                    waiting.append(holder[key])
        return self.dice.choice(places) if places else ({"": None}, "")

    def _nested(self, value: Any) -> Any:
        depth, as_list = self.dice.choice((1, 5, 20)), self.dice.random() < 0.5
        for _ in range(depth):
            value = [value] if as_list else {self.dice.choice(("message", "reply_to_message", "chat", "a")): value}
        return value

    def _written(self, update: Json) -> bytes:
        """As JSON: escaped, so that half a surrogate pair travels, or as it is."""
        try:
            written = json.dumps(update, ensure_ascii=self.dice.random() < 0.5).encode()
        except UnicodeEncodeError:
            written = json.dumps(update).encode()
        depth = self.dice.choice((100, 400, 900, 5000))
        return written.replace(f'"{DEEP}"'.encode(), b"[" * depth + b"]" * depth)

    def _no_json(self) -> bytes:
        """What is no update at all."""
        whole = json.dumps(self._next("message", MESSAGE | {"text": "x"})).encode()
        made = (
            b"",
            b"null",
            b"[]",
            b"1",
            b'"x"',
            b"{",
            b"[" * 100_000,
            b'{"a":' * 50_000,
            whole[: self.dice.randrange(len(whole))],
            b"\xff\xfe" + whole,
            whole.decode().encode("utf-16"),
            b"\x00" * 50,
            whole + whole,
            self.dice.randbytes(200),
            b'{"update_id": 1e999, "message": {}}',
            b"NaN",
        )
        return self.dice.choice(made)


def _say(body: Any, who: int) -> None:
    """Puts somebody of the crowd where the sample says person 5."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key in ("id", "user_chat_id") and value == 5:
                body[key] = who
            _say(value, who)
    elif isinstance(body, list):
        for each in body:
            _say(each, who)
