"""Simulated people: what they type, press and hear. Each act is an update to the bot, exactly as Telegram words it."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Self

from tests.canaries import NAME
from tests.fakes.botapi_chats import Chat, Message, Press, Seen, World
from tests.fakes.botapi_keyboards import button_named
from tests.fakes.botapi_rules import Json
from tests.fakes.botapi_texts import commands_in, in_pieces
from tests.fakes.botapi_updates import Updates

_FILE: Json = {"file_id": "FAKE_FILE", "file_unique_id": "FAKE", "file_size": 1024}
_PHOTO: Json = {"photo": [{**_FILE, "width": 90, "height": 90}]}
_VOICE: Json = {"voice": {**_FILE, "duration": 3, "mime_type": "audio/ogg"}}
_STICKER: Json = {
    "sticker": {**_FILE, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
}


class Voice:
    """Somebody in one chat with the bot. Every act returns the id of its update, None if the bot is not told."""

    def __init__(self, world: World, updates: Updates, user: Json, chat: Chat) -> None:
        self._world, self._updates = world, updates
        self.user, self.chat = user, chat
        self._listened = len(chat.heard)

    @property
    def messages(self) -> list[Seen]:
        """The bot's messages in this chat as they look now; deleted ones are gone."""
        return [message.seen() for message in self._from_bot()]

    async def say(self, text: str, *, reply_to: Seen | None = None) -> int | None:
        """Type something. What is too long for one message goes in several, as from a real app."""
        if not text.strip():
            raise ValueError("Telegram's apps send no empty message")
        update_id = None
        for piece in in_pieces(text):
            commands = commands_in(piece)
            update_id = self._speak({"text": piece} | ({"entities": commands} if commands else {}), reply_to)
        return update_id

    async def edit(self, text: str) -> int | None:
        """Change one's own latest message."""
        message = self.chat.last_from(self.user["id"])
        message.content, message.edit_date = {"text": text}, int(time.time())
        return self._updates.push("edited_message", message.as_json())

    async def send_photo(self, caption: str = "") -> int | None:
        """Send a photograph."""
        return self._speak(_PHOTO | ({"caption": caption} if caption else {}))

    async def send_voice(self) -> int | None:
        """Send a voice message."""
        return self._speak(_VOICE)

    async def send_sticker(self, emoji: str = "👍") -> int | None:
        """Send a sticker."""
        return self._speak({"sticker": {**_STICKER["sticker"], "emoji": emoji}})

    async def send_location(self, latitude: float, longitude: float) -> int | None:
        """Show a place."""
        return self._speak({"location": {"latitude": latitude, "longitude": longitude}})

    async def press(self, label: str) -> Press:
        """Press the button with that label, on the latest message that has it."""
        for message in reversed(self._from_bot()):
            if button := button_named(message.markup, label):
                return await self._press(message, button)
        raise LookupError(f"no button {label!r}; there are {[message.buttons for message in self.messages]}")

    async def press_old(self, label: str, message_index: int) -> Press:
        """Press a button on that one of `messages`, even one taken away since: a phone may not have noticed."""
        message = self._from_bot()[message_index]
        for markup in reversed(message.keyboards):
            if button := button_named(markup, label):
                return await self._press(message, button)
        raise LookupError(f"message {message_index} never had a button {label!r}")

    async def hears(self, n: int = 1, timeout: float = 5.0, *, edits: bool = True) -> list[Seen]:  # noqa: ASYNC109
        """Wait for the next n messages from the bot, edited ones included, and return them as they came."""
        heard: list[Seen] = []
        try:
            async with asyncio.timeout(timeout):
                while len(heard) < n:
                    seen = await self._next()
                    heard += [seen] if edits or not seen.edited else []
        except TimeoutError:
            texts = [seen.text for seen in heard]
            raise AssertionError(f"waited {timeout} s for {n} messages, heard {texts}") from None
        return heard

    async def hears_nothing(self, seconds: float = 0.2) -> None:
        """Make sure that the bot stays silent for a moment."""
        await asyncio.sleep(seconds)
        if unexpected := self.chat.heard[self._listened :]:
            raise AssertionError(f"expected silence, heard {[seen.text for seen in unexpected]}")

    async def _next(self) -> Seen:
        while len(self.chat.heard) <= self._listened:
            await self.chat.bell.wait()
        self._listened += 1
        return self.chat.heard[self._listened - 1]

    def _from_bot(self) -> list[Message]:
        return [m for m in self.chat.messages.values() if m.sender is self._world.bot and not m.deleted]

    def _speak(self, content: Json, reply_to: Seen | None = None) -> int | None:
        if self.chat.closed:
            raise RuntimeError(f"nothing can be said here: {self.chat.closed}")
        self.chat.known = True
        replied = self.chat.messages[reply_to.message_id] if reply_to else None
        message = self._world.add(self.chat, self.user, content, reply_to=replied)
        return self._updates.push("message", message.as_json()) if self._reaches_bot(message) else None

    def _reaches_bot(self, message: Message) -> bool:
        """In a group the bot is told only of commands and of replies to itself, unless privacy mode is off."""
        if self.chat.kind == "private" or self._world.reads_all_group_messages:
            return True
        answers_bot = message.reply_to is not None and message.reply_to.sender is self._world.bot
        commands = re.findall(r"/\w+(?:@(\w+))?", message.content.get("text", ""))
        return answers_bot or any(name in ("", self._world.bot["username"]) for name in commands)

    async def _press(self, message: Message, button: Json) -> Press:
        if self.chat.closed:
            raise RuntimeError(f"nothing can be pressed here: {self.chat.closed}")
        if "callback_data" not in button:
            raise ValueError(f"pressing {button!r} tells the bot nothing")
        press = self._world.press(button["callback_data"])
        body: Json = {
            "id": press.query_id,
            "from": self.user,
            "message": message.as_json(),
            "chat_instance": str(self.chat.chat_id),
            "data": press.data,
        }
        press.update_id = self._updates.push("callback_query", body)
        return press

    def _membership(self, was: str, now: str) -> int | None:
        """Tell the bot that its own place in the chat has changed."""
        body: Json = {"chat": self.chat.as_json(), "from": self.user, "date": int(time.time())}
        for name, status in (("old_chat_member", was), ("new_chat_member", now)):
            until = {"until_date": 0} if status == "kicked" else {}
            body[name] = {"user": self._world.bot, "status": status, **until}
        return self._updates.push("my_chat_member", body)


class Member(Voice):
    """A person in a group. The bot is in it from the beginning."""

    async def remove_bot(self) -> int | None:
        """Throw the bot out."""
        self.chat.closed = f"bot was kicked from the {self.chat.kind} chat"
        return self._membership("member", "kicked")

    async def add_bot(self) -> int | None:
        """Invite the bot, again."""
        self.chat.closed, self.chat.known = "", True
        return self._membership("left", "member")


class Person(Voice):
    """A person in their private chat with the bot, who can also be found in groups."""

    async def start(self, payload: str = "") -> int | None:
        """Press Start, or follow a link that carries a payload. This also unblocks."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload):
            raise ValueError(f"no link can carry the payload {payload!r}")
        if self.chat.closed:
            await self.unblock()
        return await self.say(f"/start {payload}".strip())

    async def block(self) -> int | None:
        """Stop and block the bot."""
        self.chat.closed = "bot was blocked by the user"
        return self._membership("member", "kicked")

    async def unblock(self) -> int | None:
        """Let the bot write again."""
        self.chat.closed = ""
        return self._membership("kicked", "member")

    def in_group(self, chat_id: int) -> Member:
        """The same person in a group (a negative id; from -100... on it is a supergroup)."""
        kind = "supergroup" if str(chat_id).startswith("-100") else "group"
        chat = self._world.chat(chat_id, kind, {"title": f"Group {abs(chat_id)}"})
        chat.known = True
        return Member(self._world, self._updates, self.user, chat)

    @classmethod
    def meet(cls, world: World, updates: Updates, person_id: int, language_code: str | None) -> Self:
        """A person with a private chat, which the bot does not know before they write."""
        name = f"{NAME} {person_id}"
        user: Json = {"id": person_id, "is_bot": False, "first_name": name}
        if language_code:
            user["language_code"] = language_code
        return cls(world, updates, user, world.chat(person_id, "private", {"first_name": name}))
