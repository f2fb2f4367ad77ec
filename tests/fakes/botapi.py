"""A Bot API server on loopback: strict, observable, and as troublesome as a test wants.

    async with BotApi() as api:
        bot = telegram.Bot(api.token, base_url=f"{api.url}/bot", request=..., get_updates_request=...)
        person = api.person(7, language_code="cy")
        await person.start()
        [prompt] = await person.hears()
        await person.press(prompt.buttons[0])

It behaves like Telegram (the words of its refusals are those of tdlib/telegram-bot-api), except where a slip would go
unnoticed there: unknown parameters, unknown button fields and unknown kinds of update are refused. Every call is in
`api.calls`, with what truly became of it, so that a test can judge the bot by what Telegram saw.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from aiohttp import web

from tests.canaries import TOKEN
from tests.fakes.botapi_chats import Message, World
from tests.fakes.botapi_faults import Call, Faults
from tests.fakes.botapi_methods import Methods
from tests.fakes.botapi_people import Person
from tests.fakes.botapi_rules import SIGNATURES, Json, Refused, read_arguments, read_call
from tests.fakes.botapi_updates import Updates
from tests.fakes.botapi_webhook import Webhook

__all__ = ["BotApi"]


class BotApi(Faults):
    """One bot's Telegram. Enter it to start the server; leaving it stops everything."""

    def __init__(self, token: str = "") -> None:
        super().__init__()
        self.token = token = token or f"7000001:{TOKEN}-{secrets.token_hex(6)[1:]}"
        self.calls: list[Call] = []
        self.broken: list[Exception] = []
        self.world = World(int(token.partition(":")[0]))
        self.updates = Updates()
        self.webhook = Webhook(self.updates)
        self._methods = Methods(self.world, self.updates, self.webhook)
        self._people: dict[int, Person] = {}
        self._port = 0
        self._reserved: socket.socket | None = None
        self._listener: asyncio.Server | None = None
        self._runner = _runner(self._handle)

    @property
    def url(self) -> str:
        """The address that stands for https://api.telegram.org."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def sent(self) -> list[Message]:
        """All messages accepted from the bot, in order, whatever the bot was told about them."""
        return self.world.sent

    @property
    def refusals(self) -> list[Call]:
        """The calls refused for the bot's own mistakes (400, 404), not by command. A good test has none."""
        return [call for call in self.calls if call.code in (400, 404) and call.fault is None]

    def person(self, person_id: int = 1, language_code: str | None = "en", *, known: bool = False) -> Person:
        """A simulated person; the same one each time. The bot can write to them once they wrote, or if `known`."""
        if person_id not in self._people:
            self._people[person_id] = Person.meet(self.world, self.updates, person_id, language_code)
        self._people[person_id].chat.known |= known
        return self._people[person_id]

    def count(self, method: str, *, accepted: bool = False) -> int:
        """How often the bot called a method, or did so with effect."""
        return sum(call.method == method and (call.accepted or not accepted) for call in self.calls)

    def forget_what_is_over(self) -> None:
        """For runs of hours: drop finished calls, confirmed updates, presses, and the record of what was sent."""
        self.calls[:] = [call for call in self.calls if call.code is None]
        self.sent.clear()
        self.updates.all = dict(self.updates.pending)
        self.webhook.attempts.clear()
        for query_id in [*self.world.presses][:-1000]:
            del self.world.presses[query_id]

    def forget_person(self, person_id: int) -> None:
        """Drop a person, and their chat with every message in it. Nothing may be on its way to them."""
        del self._people[person_id], self.world.chats[person_id]
        self.webhook.forget(person_id)

    def redeliver(self, update_id: int) -> None:
        """Send an update again."""
        self.updates.redeliver(update_id)

    def inject(self, kind: str, body: Json) -> int | None:
        """Send an update of any shape, however odd, and return its id."""
        return self.updates.push(kind, body)

    async def until(self, holds: Callable[[], object], timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Wait until something is so, for instance `lambda: api.count("setMyCommands") == 2`."""
        async with asyncio.timeout(timeout):
            while not holds():  # noqa: ASYNC110 - what it waits for is anybody's
                await asyncio.sleep(0.005)

    async def refuse_connections(self) -> None:
        """Close the door: connections are refused, and those that are open break off."""
        if self._listener:
            self._listener.close()
            self._listener = None
        for connection in self._runner.server.connections if self._runner.server else []:
            if connection.transport:
                connection.transport.abort()
        await asyncio.sleep(0.01)  # until the bot, in this same loop, has noticed

    async def accept_connections(self) -> None:
        """Open the door again, at the same address."""
        loop, server = asyncio.get_running_loop(), self._runner.server
        if self._listener is None and server:
            self._listener = await loop.create_server(server, "127.0.0.1", self._port, reuse_port=True)

    @asynccontextmanager
    async def refusing_connections(self) -> AsyncIterator[None]:
        """Telegram is away for the length of a block."""
        await self.refuse_connections()
        try:
            yield
        finally:
            await self.accept_connections()

    async def __aenter__(self) -> Self:
        self._reserved = socket.socket()  # bound, never listening: keeps the port ours while the door is closed
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._reserved.bind(("127.0.0.1", self._port))
        self._port = self._reserved.getsockname()[1]
        await self._runner.setup()
        await self.accept_connections()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.webhook.remove()
        await self.refuse_connections()
        await self._runner.cleanup()
        if self._reserved:
            self._reserved.close()
        if self.broken and kind is None:
            raise self.broken[0]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:  # somebody else's bot, which had this port's number before
            return Refused(401, "Unauthorized").response()
        call = Call(request.match_info["method"])
        self.calls.append(call)
        try:
            result = await self._perform(request, call)
        except Refused as refused:
            call.code, call.told = refused.code, refused.description
            return refused.response()
        except Exception as error:  # the fake itself is broken: say so at the end of the test
            self.broken.append(error)
            raise
        call.code = 200
        return web.json_response({"ok": True, "result": result})

    async def _perform(self, request: web.Request, call: Call) -> Any:
        if call.method not in SIGNATURES:
            raise Refused(404, "Not Found: method not found")
        call.parameters = read_arguments(call.method, await read_call(request))
        if self.latency:
            await asyncio.sleep(self.latency)
        call.fault = fault = self.next_fault(call)
        if fault and not fault.accepts:
            await fault.strike(request)
        self.check_flood(call)
        result = await self._methods.run(call.method, call.parameters)
        call.accepted = True
        if fault:
            await fault.strike(request)
        return result


def _runner(handle: Callable[[web.Request], Any]) -> web.AppRunner:
    app = web.Application(client_max_size=60_000_000)
    app.router.add_route("*", "/bot{token:[^/]+}/{method:[^/]+}", handle)
    return web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
