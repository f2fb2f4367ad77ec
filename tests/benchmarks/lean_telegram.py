"""A Telegram that costs little: the Bot API on loopback, and updates carried to a webhook, for benchmarks.

The strict server in `tests/fakes` judges; this one only takes part, so that what is measured is the bot. It reads every
call whole and answers a sent message as Telegram does, with the message. `delay` is how long each answer takes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

TOKEN = "7000001:FAKE-token_for-benchmarks-only-aaaaaaaaa"
SECRET = "benchmark"
BOT = {"id": 7000001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
FIRST_CHAT = 500_000
CONNECTIONS = 40
"""So many webhook connections Telegram opens when a bot does not say."""

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TYPE = re.compile(rb"\r\ncontent-type: *([^\r;]+)", re.IGNORECASE)
_PART = re.compile(rb'name="([^"]+)"\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--', re.DOTALL)
Json = dict[str, Any]
Sent = Callable[[int, str], tuple[int, Json]]
"""Told of each message sent (chat, text); says the HTTP status and what more the answer holds."""


class BotApi:
    """The Bot API. `on_sent` hears every message; what it returns is the answer."""

    def __init__(self, delay: float = 0.0) -> None:
        self.delay = delay
        self.on_sent: Sent = lambda _chat, _text: (200, {})
        self.calls = 0
        self.url = ""
        self._ids = itertools.count(1)
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> BotApi:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Call(self), "127.0.0.1", 0, backlog=2048)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    def perform(self, method: str, given: Json) -> tuple[int, bytes]:
        """One call: its status and body."""
        self.calls += 1
        if method == "getMe":
            return 200, _written({"ok": True, "result": BOT})
        if method != "sendMessage":
            return 200, b'{"ok":true,"result":true}'
        chat, text = int(given["chat_id"]), str(given["text"])
        status, more = self.on_sent(chat, text)
        if status != 200:
            return status, _written({"ok": False, "error_code": status, "description": "Too Many Requests"} | more)
        message: Json = {
            "message_id": next(self._ids),
            "from": BOT,
            "chat": {"id": chat, "first_name": "Somebody", "type": "private"},
            "date": int(time.time()),
            "text": text,
        }
        if markup := given.get("reply_markup"):
            message["reply_markup"] = json.loads(markup) if isinstance(markup, str) else markup
        return 200, _written({"ok": True, "result": message})


class _Call(asyncio.Protocol):
    """One connection to the Bot API, kept for as many calls as its client likes."""

    def __init__(self, api: BotApi) -> None:
        self._api, self._came = api, b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            head = self._came[:end]
            length = _LENGTH.search(head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._came) < whole:
                return
            body, self._came = self._came[end + 4 : whole], self._came[whole:]
            method = head.split(b" ", 2)[1].rsplit(b"/", 1)[-1].decode()
            answer = _response(*self._api.perform(method, _read(head, body)))
            if self._api.delay:
                asyncio.get_running_loop().call_later(self._api.delay, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _read(head: bytes, body: bytes) -> Json:
    found = _TYPE.search(head)
    kind = found[1] if found else b""
    if not body:
        return {}
    if kind == b"application/json":
        return dict(json.loads(body))
    if kind.startswith(b"multipart/"):
        return {name.decode(): value.decode() for name, value in _PART.findall(body)}
    return dict(parse_qsl(body.decode()))


def _response(status: int, body: bytes) -> bytes:
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


def _written(answer: Json) -> bytes:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()


# Updates


class Webhook:
    """Carries updates to the bot over kept connections."""

    def __init__(self, host: str, port: int, path: str) -> None:
        self._host, self._port = host, port
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: "
        ).encode()
        self._free: asyncio.Queue[_Line] = asyncio.Queue()
        self._lines: list[_Line] = []

    async def open(self) -> None:
        """Opens the connections."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            _, line = await loop.create_connection(_Line, self._host, self._port)
            self._lines.append(line)
            self._free.put_nowait(line)

    def close(self) -> None:
        for line in self._lines:
            line.close()

    async def post(self, update: Json) -> int:
        """Carries one update; the status it got."""
        body = _written(update)
        line = await self._free.get()
        try:
            return await line.post(self._head + str(len(body)).encode() + b"\r\n\r\n" + body)
        finally:
            self._free.put_nowait(line)


class _Line(asyncio.Protocol):
    """One connection to the webhook: a request, then its answer."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._came = b""
        self._waiting: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the bot closed a webhook connection"))

    def close(self) -> None:
        self._transport.close()

    def post(self, request: bytes) -> asyncio.Future[int]:
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        self._came += data
        end = self._came.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._came[:end])
        if len(self._came) < end + 4 + (int(length[1]) if length else 0):
            return
        status, self._came = int(self._came.split(b" ", 2)[1]), b""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(status)


_NUMBERS = itertools.count(1)


def said(chat: int, words: str, language: str) -> Json:
    """An update in which somebody writes."""
    number = next(_NUMBERS)
    command = (
        [{"type": "bot_command", "offset": 0, "length": len(words.split(maxsplit=1)[0])}] if words[:1] == "/" else []
    )
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "from": {"id": chat, "is_bot": False, "first_name": "Somebody", "language_code": language},
            "chat": {"id": chat, "first_name": "Somebody", "type": "private"},
            "date": int(time.time()),
            "text": words,
            **({"entities": command} if command else {}),
        },
    }
