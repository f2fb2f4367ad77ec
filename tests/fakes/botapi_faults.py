"""Trouble on command: what goes wrong, with which calls, how often."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NoReturn

from aiohttp import web

from tests.fakes.botapi_rules import Json, Refused, too_many

_NAMES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    409: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    500: "Internal Server Error: restart",
    502: "Bad Gateway",
    504: "Gateway Time-out",
}


@dataclass
class Call:
    """One call of the bot: what it asked, when, and what it got. `accepted` is the truth, whatever the bot was told."""

    method: str
    at: float = field(default_factory=time.monotonic)
    parameters: Json = field(default_factory=dict)
    code: int | None = None
    accepted: bool = False
    fault: Fault | None = None
    told: str = ""
    """Telegram's words where it said no."""


@dataclass
class Fault:
    """One kind of trouble. With `accepts` the call is carried out first, and the trouble is in the answer."""

    kind: Literal["refuse", "hang", "reset"]
    accepts: bool = False
    answer: Refused = field(default_factory=lambda: Refused(500, _NAMES[500]))

    async def strike(self, request: web.Request) -> NoReturn:
        """Make it happen to a call."""
        if self.kind == "refuse":
            raise self.answer
        if self.kind == "reset":
            _reset(request)
        await asyncio.Event().wait()  # until the caller gives up, or the server stops
        raise AssertionError("unreachable")


@dataclass
class _Planned:
    method: str
    times: float
    chat_id: int | None
    fault: Fault

    def concerns(self, call: Call) -> bool:
        chat = self.chat_id is None or call.parameters.get("chat_id") == self.chat_id
        return self.times > 0 and self.method in ("*", call.method) and chat


class Faults:
    """The plan of what is to go wrong. `"*"` as a method means any; `times=math.inf` means until `no_more_faults`."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.choose_fault: Callable[[Call], Fault | None] = lambda call: None
        self._planned: list[_Planned] = []
        self._limits: tuple[float | None, float | None] = (None, None)
        self._sends: dict[int | None, deque[float]] = {}

    def fail(
        self,
        method: str,
        times: float = 1,
        code: int = 429,
        *,
        accepts: bool = False,
        retry_after: int = 3,
        description: str = "",
        parameters: Json | None = None,
        chat_id: int | None = None,
    ) -> None:
        """Refuse the next calls: 429 with `retry_after`, or another code. With `accepts` they are carried out."""
        refused = too_many(retry_after) if code == 429 else Refused(code, _NAMES.get(code, "Error"))
        answer = Refused(code, description or refused.description, parameters or refused.parameters)
        self._planned.append(_Planned(method, times, chat_id, Fault("refuse", accepts, answer)))

    def hang(self, method: str, times: float = 1, *, accepts: bool = False, chat_id: int | None = None) -> None:
        """Never answer the next calls; with `accepts`, carry them out all the same."""
        self._planned.append(_Planned(method, times, chat_id, Fault("hang", accepts)))

    def reset_after_accept(self, method: str, times: float = 1, *, chat_id: int | None = None) -> None:
        """Carry out the next calls, then drop the connection instead of answering."""
        self._planned.append(_Planned(method, times, chat_id, Fault("reset", accepts=True)))

    def reset_before_accept(self, method: str, times: float = 1, *, chat_id: int | None = None) -> None:
        """Drop the connection without carrying out the next calls; the bot cannot tell the difference."""
        self._planned.append(_Planned(method, times, chat_id, Fault("reset")))

    def no_more_faults(self) -> None:
        """Forget the plan."""
        self._planned.clear()
        self.choose_fault = lambda call: None

    def flood_limit(self, per_second: float | None, per_chat: float | None = None) -> None:
        """Answer 429 to sends and edits above these rates, over all chats and in one chat; None for no limit."""
        self._limits = (per_second, per_chat)
        self._sends.clear()

    def next_fault(self, call: Call) -> Fault | None:
        """The trouble that call meets, if any."""
        for planned in self._planned:
            if planned.concerns(call):
                planned.times -= 1
                return planned.fault
        return self.choose_fault(call)

    def check_flood(self, call: Call) -> None:
        """Refuse the call if it comes too soon after the others."""
        if not call.method.startswith(("send", "edit")) or call.method == "sendChatAction":
            return
        chat_id = call.parameters.get("chat_id")
        for limit, key in zip(self._limits, (None, chat_id), strict=True):
            if limit is not None:
                _count(self._sends.setdefault(key, deque()), limit)


def _count(times: deque[float], per_second: float) -> None:
    """Admit one more call, at most so many in any window of a second (or longer, for rates below one)."""
    window, most = max(1.0, 1 / per_second), max(1, int(per_second))
    now = time.monotonic()
    while times and times[0] <= now - window:
        times.popleft()
    if len(times) >= most:
        raise too_many(math.ceil(times[0] + window - now))
    times.append(now)


def _reset(request: web.Request) -> None:
    """Break the connection with a TCP reset, not a polite goodbye."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
