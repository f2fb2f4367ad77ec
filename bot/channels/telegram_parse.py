"""What comes in from Telegram, as a domain value. Telegram's own words (chat, update, command) end here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType

from bot.channels.messages import Incoming, clean
from conversations.domain.languages import nearest
from conversations.domain.speech import Amended, Heard, Pressed, PressedStanding, Returned, Said, Started, Unreadable
from conversations.domain.words import command

CHANNEL = "telegram"
JOINING = "join-"
"""What a link's payload begins with when it ties this chat to a person who is known already."""

NO_PROMPT = 0
"""The number no prompt has: a button we cannot read is answered as an old one."""

LARGEST = 2**52
"""Telegram's numbers have at most 52 bits."""

_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+(.*))?", re.DOTALL)
_ID = re.compile(r"[!-~]{1,64}")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PROMPT = re.compile(r"p:(\d{1,18}):(.+)", re.DOTALL)
_STANDING = re.compile(r"s:([^:]+):(.+)", re.DOTALL)
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_AWAY = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


class NotAnUpdate(ValueError):
    """Something that the Bot API never says: JSON holds what it likes, and the library does not look."""


@dataclass(frozen=True)
class GroupNotice:
    """The bot was called in a group: it answers with a link to the private chat, and keeps nothing."""

    value: str
    language: str


def parse(update: Update, name: str = "") -> Incoming | GroupNotice | None:
    """What an update means to us; None for what we need not hear. `name` is the bot's own, without the @."""
    if update.message is not None:
        if update.message.chat.type in _GROUPS:
            return _in_group(update.message, name)
        return _message(update, update.message)
    if update.edited_message is not None:
        return _edited(update, update.edited_message)
    if update.callback_query is not None:
        return _press(update, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update, update.my_chat_member)
    return None


def press_of(update: Update) -> str:
    """The id of a press, which Telegram wants answered; empty when nothing that has one was pressed."""
    query = update.callback_query
    return query.id if query is not None and isinstance(query.id, str) and _ID.fullmatch(query.id) else ""


def _number(value: object) -> int:
    """A number of Telegram's own. Raises NotAnUpdate."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST:
        return value
    raise NotAnUpdate("a number was expected")


def language_of(user: User | None) -> str:
    """A first guess at a person's language, from their app's."""
    return nearest((user.language_code or "") if user else "")


# A private chat


def _incoming(update: Update, chat_id: int, heard: Heard, **more: str | bool | None) -> Incoming:
    event = str(more.pop("event", "") or _number(update.update_id))
    language = language_of(update.effective_user)
    return Incoming(CHANNEL, str(_number(chat_id)), event, heard, language, **more)  # type: ignore[arg-type]


def _message(update: Update, message: Message) -> Incoming | None:
    if message.chat.type != ChatType.PRIVATE:
        return None
    if message.text is None:
        return _wordless(update, message)
    words = clean(message.text)
    found = _COMMAND.fullmatch(words.strip())
    if found is None:
        return _incoming(update, message.chat.id, Said(words) if words.strip() else Unreadable())
    return _command(update, message.chat.id, words, found[1], (found[3] or "").strip())


def _command(update: Update, chat_id: int, words: str, name: str, rest: str) -> Incoming:
    """A /command is heard as its word, whatever stands behind it; one we do not have is heard as it was typed."""
    if name.lower() == "start":
        payload = rest if _PAYLOAD.fullmatch(rest) else ""
        if payload.startswith(JOINING):
            return _incoming(update, chat_id, Started(), joins=payload.removeprefix(JOINING))
        return _incoming(update, chat_id, Started(payload))
    word = name.replace("_", " ")
    return _incoming(update, chat_id, Said(word.upper() if command(word) else words))


def _wordless(update: Update, message: Message) -> Incoming | None:
    """A picture, a voice, a place: heard, not read. What Telegram itself notes in a chat (a pin) is nothing heard.

    The pictures of an album are one thing heard: they share one event.
    """
    if not message.effective_attachment and not message.checklist and not message.api_kwargs:
        return None
    album = str(message.media_group_id or "")
    event = f"album:{message.chat.id}:{album}" if _ID.fullmatch(album) else ""
    return _incoming(update, message.chat.id, Unreadable(), event=event)


def _edited(update: Update, message: Message) -> Incoming | None:
    """Changed words. A live location is edited all the time, which nobody says anything by."""
    if message.chat.type != ChatType.PRIVATE or (message.text is None and message.caption is None):
        return None
    return _incoming(update, message.chat.id, Amended())


def _press(update: Update, query: CallbackQuery) -> Incoming | None:
    chat: Chat | None = query.message.chat if query.message else None
    if chat is not None and (chat.type != ChatType.PRIVATE or _number(chat.id) != query.from_user.id):
        return None
    pressed = str(_number(query.message.message_id)) if query.message else None
    return _incoming(update, chat.id if chat else query.from_user.id, button(query.data or ""), pressed=pressed)


def button(data: str) -> Pressed | PressedStanding:
    """What a button says, as `telegram_layout` wrote it; what nobody wrote is an old press."""
    data = clean(data)
    if found := _PROMPT.fullmatch(data):
        return Pressed(int(found[1]), found[2])
    if found := _STANDING.fullmatch(data):
        return PressedStanding(found[1], found[2])
    return Pressed(NO_PROMPT, "")


def _membership(update: Update, change: ChatMemberUpdated) -> Incoming | GroupNotice | None:
    was, now = change.old_chat_member.status, change.new_chat_member.status
    if change.chat.type in _GROUPS:
        added = was in _AWAY and now not in _AWAY
        return GroupNotice(str(_number(change.chat.id)), language_of(change.from_user)) if added else None
    if change.chat.type != ChatType.PRIVATE or now not in (ChatMemberStatus.BANNED, ChatMemberStatus.MEMBER):
        return None
    return _incoming(update, change.chat.id, Returned(), unblocked=now == ChatMemberStatus.MEMBER)


# A group


def _in_group(message: Message, name: str) -> GroupNotice | None:
    """In a group only a call by name, /start or /help is answered."""
    words = message.text or ""
    found = _COMMAND.match(words)
    if found and found[2]:
        called = found[2].lower() == name.lower()
    else:
        called = bool(found and found[1].lower() in {"start", "help"}) or _mentioned(message, name)
    return GroupNotice(str(_number(message.chat.id)), language_of(message.from_user)) if called else None


def _mentioned(message: Message, name: str) -> bool:
    mentions = message.parse_entities([MessageEntityType.MENTION]).values()
    return bool(name) and any(each.lower() == f"@{name.lower()}" for each in mentions)
