"""What Telegram remembers: people, chats and the messages in them, and which buttons were pressed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from tests.fakes.botapi_keyboards import labels
from tests.fakes.botapi_rules import Json, Upload, bad_request


@dataclass(frozen=True)
class Seen:
    """A message from the bot as a person sees it at one moment. `document` is the file it came with, or the picture."""

    message_id: int
    text: str
    rows: tuple[tuple[str, ...], ...]
    edited: bool
    entities: tuple[Json, ...]
    markup: Json | None
    document: Upload | None

    @property
    def buttons(self) -> list[str]:
        """The labels of all buttons, in reading order."""
        return [label for row in self.rows for label in row]


@dataclass
class Message:
    """One message in a chat, by the bot or by a person. Its `content` is what Telegram would put in the update."""

    message_id: int
    chat: Chat
    sender: Json
    content: Json
    markup: Json | None = None
    document: Upload | None = None
    reply_to: Message | None = None
    date: int = field(default_factory=lambda: int(time.time()))
    edit_date: int = 0
    deleted: bool = False
    keyboards: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.show(self.markup)

    def show(self, markup: Json | None) -> None:
        """Put a keyboard under it, remembering it: a phone that has been away still shows an old one."""
        self.markup = markup
        if markup:
            self.keyboards.append(markup)

    def as_json(self) -> Json:
        """The message as the Bot API gives it. A deleted one is 'inaccessible'."""
        where: Json = {"message_id": self.message_id, "chat": self.chat.as_json()}
        if self.deleted:
            return {**where, "date": 0}
        body: Json = {**where, "from": self.sender, "date": self.date, **self.content}
        if self.edit_date:
            body["edit_date"] = self.edit_date
        if self.markup and "inline_keyboard" in self.markup:
            body["reply_markup"] = self.markup
        if self.reply_to:
            body["reply_to_message"] = self.reply_to.as_json()
        return body

    def seen(self) -> Seen:
        """What the person sees of it now."""
        words = self.content if "text" in self.content else {"text": self.content.get("caption", "")}
        entities = self.content.get("entities") or self.content.get("caption_entities") or ()
        return Seen(
            message_id=self.message_id,
            text=words["text"],
            rows=labels(self.markup),
            edited=bool(self.edit_date),
            entities=tuple(entities),
            markup=self.markup,
            document=self.document,
        )


@dataclass
class Chat:
    """A private chat with one person, or a group. `closed` says why the bot may not write there, if it may not."""

    chat_id: int
    kind: str
    title: Json
    known: bool = False
    closed: str = ""
    messages: dict[int, Message] = field(default_factory=dict)
    heard: list[Seen] = field(default_factory=list)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> Json:
        """The chat as the Bot API gives it."""
        return {"id": self.chat_id, "type": self.kind, **self.title}

    def tell(self, message: Message) -> None:
        """Show a new or changed message of the bot to whoever is in the chat, and wake who waits for it."""
        self.heard.append(message.seen())
        self.bell.set()
        self.bell = asyncio.Event()

    def last_from(self, user_id: int) -> Message:
        """The latest message by somebody."""
        for message in reversed(self.messages.values()):
            if message.sender["id"] == user_id and not message.deleted:
                return message
        raise LookupError(f"{user_id} has said nothing in chat {self.chat_id}")


@dataclass
class Press:
    """A button pressed: what the bot was told and what it answered."""

    query_id: str
    data: str
    expired: bool = False
    update_id: int | None = None
    answers: list[Json] = field(default_factory=list)

    @property
    def toast(self) -> str:
        """What the person was shown, if the bot answered with words."""
        return str(self.answers[-1].get("text", "")) if self.answers else ""


class World:
    """Everything there is on this Telegram."""

    def __init__(self, bot_id: int) -> None:
        self.bot: Json = {"id": bot_id, "is_bot": True, "first_name": "Fake", "username": "fake_consultation_bot"}
        self.chats: dict[int, Chat] = {}
        self.presses: dict[str, Press] = {}
        self.documents: dict[str, Upload] = {}
        self.sent: list[Message] = []
        self.commands: dict[tuple[str, str], list[Json]] = {}
        self.descriptions: dict[str, str] = {}
        self.short_descriptions: dict[str, str] = {}
        self.reads_all_group_messages = False
        self._message_ids: Iterator[int] = count(101)
        self._query_ids: Iterator[int] = count(4_000_000_000_000_000_001)

    def chat(self, chat_id: int, kind: str, title: Json) -> Chat:
        """The chat with that id, made if it is new."""
        return self.chats.setdefault(chat_id, Chat(chat_id, kind, title))

    def open_chat(self, chat_id: int) -> Chat:
        """A chat the bot has been in contact with; it knows no other."""
        chat = self.chats.get(chat_id)
        if chat is None or not chat.known:
            raise bad_request("chat not found")
        return chat

    def add(
        self,
        chat: Chat,
        sender: Json,
        content: Json,
        *,
        markup: Json | None = None,
        document: Upload | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        """Put a message into a chat. What the bot says is heard there."""
        message = Message(next(self._message_ids), chat, sender, content, markup, document, reply_to)
        chat.messages[message.message_id] = message
        if sender is self.bot:
            self.sent.append(message)
            chat.tell(message)
        return message

    def press(self, data: str) -> Press:
        """Remember a press, so that the bot can answer it."""
        press = Press(str(next(self._query_ids)), data)
        self.presses[press.query_id] = press
        return press
