"""What each method of the Bot API does to the world."""

from __future__ import annotations

import re
import struct
import time
from typing import Any

from tests.fakes.botapi_chats import Chat, Message, World
from tests.fakes.botapi_keyboards import check_markup
from tests.fakes.botapi_rules import Json, Refused, Upload, bad_request
from tests.fakes.botapi_texts import Formatted, read_text
from tests.fakes.botapi_updates import Updates
from tests.fakes.botapi_webhook import Address, Webhook

_PNG = b"\x89PNG\r\n\x1a\n"
"""How a PNG begins: of the formats that Telegram takes, the one that this fake reads."""

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
}


class Methods:
    """One method here for each of the Bot API's, under the same name in snake_case; each takes checked arguments."""

    def __init__(self, world: World, updates: Updates, webhook: Webhook) -> None:
        self._world = world
        self._updates = updates
        self._webhook = webhook

    async def run(self, name: str, arguments: Json) -> Any:
        """Carry out a call and return its result."""
        return await getattr(self, re.sub("([A-Z])", r"_\1", name).lower())(arguments)

    async def get_me(self, _: Json) -> Json:
        return {
            **self._world.bot,
            "can_join_groups": True,
            "can_read_all_group_messages": self._world.reads_all_group_messages,
            "supports_inline_queries": False,
        }

    async def get_updates(self, asked: Json) -> list[Json]:
        if self._webhook.address:
            raise Refused(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._updates.allow(asked.get("allowed_updates"))
        limit, seconds = asked.get("limit", 100), asked.get("timeout", 0)
        if not 1 <= limit <= 100 or not 0 <= seconds <= 50:
            raise bad_request("limit must be 1-100 and timeout 0-50 (this fake is strict)")
        return await self._updates.fetch(asked.get("offset", 0), limit, seconds)

    async def set_webhook(self, asked: Json) -> bool:
        if not asked["url"]:
            return await self.delete_webhook(asked)
        address = Address(asked["url"], asked.get("secret_token", ""), asked.get("max_connections", 40))
        if asked.get("drop_pending_updates"):
            self._updates.clear()
        self._updates.allow(asked.get("allowed_updates"))
        await self._webhook.set(address)
        return True

    async def delete_webhook(self, asked: Json) -> bool:
        await self._webhook.remove()
        if asked.get("drop_pending_updates"):
            self._updates.clear()
        return True

    async def get_webhook_info(self, _: Json) -> Json:
        return self._webhook.info()

    async def send_message(self, asked: Json) -> Json:
        written = read_text(asked["text"], asked.get("parse_mode"), asked.get("entities"), limit=4096, what="message")
        _require_words(written)
        markup = check_markup(asked.get("reply_markup"))
        chat = self._writable(asked["chat_id"])
        reply_to = _replied(chat, asked)
        content = _content("text", "entities", written)
        return self._world.add(chat, self._world.bot, content, markup=markup, reply_to=reply_to).as_json()

    async def send_document(self, asked: Json) -> Json:
        return self._send_file(asked, self._document(asked["document"]))

    async def send_photo(self, asked: Json) -> Json:
        return self._send_file(asked, self._photo(asked["photo"]))

    def _send_file(self, asked: Json, sent: tuple[Upload, Json]) -> Json:
        caption = asked.get("caption", "")
        written = read_text(
            caption, asked.get("parse_mode"), asked.get("caption_entities"), limit=1024, what="message caption"
        )
        markup = check_markup(asked.get("reply_markup"))
        chat = self._writable(asked["chat_id"])
        reply_to = _replied(chat, asked)
        file, described = sent
        content = {**described, **(_content("caption", "caption_entities", written) if written.text else {})}
        message = self._world.add(chat, self._world.bot, content, markup=markup, document=file, reply_to=reply_to)
        return message.as_json()

    async def edit_message_text(self, asked: Json) -> Json:
        written = read_text(asked["text"], asked.get("parse_mode"), asked.get("entities"), limit=4096, what="message")
        _require_words(written)
        message = self._editable(asked)
        if "text" not in message.content:
            raise bad_request("there is no text in the message to edit")
        return self._change(message, _content("text", "entities", written), asked)

    async def edit_message_reply_markup(self, asked: Json) -> Json:
        message = self._editable(asked)
        return self._change(message, message.content, asked)

    async def delete_message(self, asked: Json) -> bool:
        self._found(asked, "message to delete not found").deleted = True
        return True

    async def send_chat_action(self, asked: Json) -> bool:
        if asked["action"] not in _ACTIONS:
            raise bad_request("wrong parameter action in request")
        self._writable(asked["chat_id"])
        return True

    async def answer_callback_query(self, asked: Json) -> bool:
        press = self._world.presses.get(asked["callback_query_id"])
        if press is None or press.expired:
            raise bad_request("query is too old and response timeout expired or query ID is invalid")
        if len(asked.get("text", "")) > 200:
            raise bad_request("MESSAGE_TOO_LONG")
        press.answers.append(asked)
        return True

    async def set_my_commands(self, asked: Json) -> bool:
        for command in asked["commands"]:
            _check_command(command)
        if len(asked["commands"]) > 100:
            raise bad_request("BOT_COMMANDS_TOO_MUCH")
        scope = asked.get("scope", {"type": "default"})
        where = ":".join(str(value) for value in scope.values())
        self._world.commands[where, _language(asked)] = asked["commands"]
        return True

    async def set_my_description(self, asked: Json) -> bool:
        self._world.descriptions[_language(asked)] = _short(asked, "description", 512)
        return True

    async def set_my_short_description(self, asked: Json) -> bool:
        self._world.short_descriptions[_language(asked)] = _short(asked, "short_description", 120)
        return True

    def _writable(self, chat_id: int) -> Chat:
        chat = self._world.open_chat(chat_id)
        if chat.closed:
            raise Refused(403, f"Forbidden: {chat.closed}")
        return chat

    def _found(self, asked: Json, missing: str) -> Message:
        message = self._writable(asked["chat_id"]).messages.get(asked["message_id"])
        if message is None or message.deleted:
            raise bad_request(missing)
        return message

    def _editable(self, asked: Json) -> Message:
        message = self._found(asked, "message to edit not found")
        if message.sender is not self._world.bot or (message.markup and "inline_keyboard" not in message.markup):
            raise bad_request("message can't be edited")
        return message

    def _change(self, message: Message, content: Json, asked: Json) -> Json:
        """Give a message new content and keyboard; an edit that says nothing of the keyboard takes it away."""
        markup = check_markup(asked.get("reply_markup"), inline_only=True)
        if content == message.content and markup == message.markup:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message"
            )
        message.content, message.edit_date = content, int(time.time())
        message.show(markup)
        message.chat.tell(message)
        return message.as_json()

    def _document(self, given: Upload | str) -> tuple[Upload, Json]:
        file = self._world.documents.get(given) if isinstance(given, str) else given
        if file is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if not file.content:
            raise bad_request("file must be non-empty")
        if len(file.content) > 50_000_000:
            raise Refused(413, "Request Entity Too Large")
        file_id = given if isinstance(given, str) else f"FAKE_DOCUMENT_{len(self._world.documents) + 1}"
        self._world.documents[file_id] = file
        described = {"file_id": file_id, "file_unique_id": file_id[-20:], "file_size": len(file.content)}
        return file, {"document": {**described, "file_name": file.name, "mime_type": file.mime_type}}

    def _photo(self, given: Upload | str) -> tuple[Upload, Json]:
        """A photograph: at most 10 MB, its sides together at most 10,000, none more than 20 times the other."""
        file, described = self._document(given)
        if len(file.content) > 10_000_000:
            raise bad_request("file is too big")
        if not file.content.startswith(_PNG):
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = struct.unpack(">II", file.content[16:24])
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        about = {name: value for name, value in described["document"].items() if name.startswith("file_")}
        del about["file_name"]
        return file, {"photo": [{**about, "width": width, "height": height}]}


def _content(text_field: str, entities_field: str, written: Formatted) -> Json:
    entities = {entities_field: list(written.entities)} if written.entities else {}
    return {text_field: written.text, **entities}


def _require_words(written: Formatted) -> None:
    if not written.text:
        raise bad_request("message text is empty")


def _replied(chat: Chat, asked: Json) -> Message | None:
    """The message the bot replies to, which must be there unless the bot says it does not matter."""
    reply = asked.get("reply_parameters", {})
    message = chat.messages.get(reply.get("message_id", 0))
    if reply and (message is None or message.deleted) and not reply.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return message


def _check_command(command: object) -> None:
    if not isinstance(command, dict) or set(command) != {"command", "description"}:
        raise bad_request("can't parse BotCommand")
    if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(command["description"].strip()) <= 256:
        raise bad_request("command description must be 1-256 characters long")


def _language(asked: Json) -> str:
    code = asked.get("language_code", "")
    if not re.fullmatch(r"([a-z]{2})?", code):
        raise bad_request("invalid language code specified")
    return str(code)


def _short(asked: Json, name: str, limit: int) -> str:
    text = str(asked.get(name, ""))
    if len(text) > limit:
        raise bad_request(f"{name} must not be longer than {limit} characters")
    return text
