"""What a call to the Bot API may look like: the methods, what each accepts, and how Telegram says no.

Stricter than Telegram, which ignores a parameter it does not know: here an unknown one is refused, so that a slip of
the pen fails a test. A parameter that Telegram knows and this fake does not simulate is refused too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass
class Refused(Exception):
    """Telegram's way of saying no: an HTTP status and a description, sometimes with parameters."""

    code: int
    description: str
    parameters: Json = field(default_factory=dict)

    def response(self) -> web.Response:
        """The answer the bot gets. From 502 on it comes from the web server in front, which does not speak JSON."""
        if self.code >= 502:
            page = f"<html><head><title>{self.code} {self.description}</title></head></html>"
            return web.Response(status=self.code, text=page, content_type="text/html")
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return web.json_response(answer, status=self.code)


def bad_request(reason: str) -> Refused:
    """A 400, with the reason as Telegram words it."""
    return Refused(400, f"Bad Request: {reason}")


def too_many(seconds: int) -> Refused:
    """A 429, asking for a pause."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


@dataclass(frozen=True)
class Upload:
    """A file as it came with a call."""

    name: str
    content: bytes
    mime_type: str


_ANY_MESSAGE = (
    "chat_id!:chat message_thread_id:int disable_notification:bool protect_content:bool allow_paid_broadcast:bool "
    "message_effect_id:str reply_parameters:object reply_markup:object"
)
_TEXT = "text!:str parse_mode:str entities:list link_preview_options:object"

SIGNATURES: dict[str, str] = {
    "getMe": "",
    "getUpdates": "offset:int limit:int timeout:int allowed_updates:list",
    "setWebhook": "url!:str max_connections:int allowed_updates:list drop_pending_updates:bool secret_token:str",
    "deleteWebhook": "drop_pending_updates:bool",
    "getWebhookInfo": "",
    "sendMessage": f"{_ANY_MESSAGE} {_TEXT}",
    "sendDocument": (
        f"{_ANY_MESSAGE} document!:file caption:str parse_mode:str caption_entities:list "
        "disable_content_type_detection:bool"
    ),
    "sendPhoto": (
        f"{_ANY_MESSAGE} photo!:file caption:str parse_mode:str caption_entities:list has_spoiler:bool "
        "show_caption_above_media:bool"
    ),
    "editMessageText": f"chat_id!:chat message_id!:int reply_markup:object {_TEXT}",
    "editMessageReplyMarkup": "chat_id!:chat message_id!:int reply_markup:object",
    "deleteMessage": "chat_id!:chat message_id!:int",
    "sendChatAction": "chat_id!:chat action!:str message_thread_id:int",
    "answerCallbackQuery": "callback_query_id!:str text:str show_alert:bool cache_time:int",
    "setMyCommands": "commands!:list scope:object language_code:str",
    "setMyDescription": "description:str language_code:str",
    "setMyShortDescription": "short_description:str language_code:str",
}


def read_arguments(method: str, given: Mapping[str, object]) -> Json:
    """Check a call's parameters against the method's signature, and return them with their proper types."""
    signature = dict(part.split(":") for part in SIGNATURES[method].split())
    kinds = {name.removesuffix("!"): kind for name, kind in signature.items()}
    for name in given:
        if name not in kinds:
            raise bad_request(f'unknown parameter "{name}" for {method} (this fake is strict)')
    _require_unicode(given)
    arguments = {name: _READERS[kinds[name]](name, value) for name, value in given.items()}
    for name in signature:
        if name.endswith("!") and arguments.get(name.removesuffix("!")) is None:
            raise bad_request(f'parameter "{name.removesuffix("!")}" is required')
    return arguments


async def read_call(request: web.Request) -> Json:
    """The parameters as they came: in a JSON body, a form, a form with files or the query string."""
    if request.method == "GET":
        return dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(body, dict):
            raise bad_request("expected a JSON object")
        return body
    form = await request.post()
    return {name: _field(value) for name, value in form.items()}


def _field(value: object) -> object:
    if isinstance(value, web.FileField):
        return Upload(value.filename, value.file.read(), value.content_type)
    return value


def _require_unicode(given: Mapping[str, object]) -> None:
    texts = {name: value for name, value in given.items() if not isinstance(value, Upload)}
    try:
        json.dumps(texts, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _read_int(name: str, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,19}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise bad_request(f'parameter "{name}" must be an Integer')


def _read_bool(name: str, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise bad_request(f'parameter "{name}" must be a Boolean')


def _read_str(name: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise bad_request(f'parameter "{name}" must be a String')


def _read_json(name: str, value: object, kind: type) -> Any:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name} JSON object") from None
    if not isinstance(value, kind):
        raise bad_request(f'parameter "{name}" must be an {"Array" if kind is list else "Object"}')
    return value


def _read_list(name: str, value: object) -> list[Any]:
    return list(_read_json(name, value, list))


def _read_object(name: str, value: object) -> Json:
    return dict(_read_json(name, value, dict))


def _read_chat(name: str, value: object) -> int:
    if isinstance(value, str) and value.startswith("@"):
        raise bad_request("chat not found")
    return _read_int(name, value)


def _read_file(name: str, value: object) -> Upload | str:
    return value if isinstance(value, Upload) else _read_str(name, value)


_READERS: dict[str, Callable[[str, object], Any]] = {
    "int": _read_int,
    "bool": _read_bool,
    "str": _read_str,
    "list": _read_list,
    "object": _read_object,
    "chat": _read_chat,
    "file": _read_file,
}
