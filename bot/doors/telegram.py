"""The Telegram door: updates come in, by long polling or webhook, and are acknowledged after the commit.

The polling offset moves, and a webhook gets its 200, only when every turn is committed. While the database is down
nothing is acknowledged, so Telegram keeps it for us.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import logging
import time
import traceback
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from sqlalchemy.exc import DataError, IntegrityError, NotSupportedError, ProgrammingError, SQLAlchemyError
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.messages import Incoming, message
from bot.channels.telegram import TelegramChannel, describe, seconds_of
from bot.channels.telegram_parse import GroupNotice, parse, press_of
from bot.doors.fair_share import FairShare
from bot.house import House
from conversations.domain.speech import say
from storage import people

log = logging.getLogger(__name__)
T = TypeVar("T")

LONG_POLL = 25
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
ARRIVAL_PATIENCE = 2.0
"""Seconds that `start` waits for Telegram before the web server goes on without it."""

FAREWELL, ERRANDS_PATIENCE = 2.0, 5.0
LARGEST_BODY = 1024 * 1024
GROUP_PAUSE = 60.0
PATH = "/telegram"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"

REFUSED = (
    "Telegram refused the token (401). Nothing is lost: what people write waits at Telegram, and what we have to say "
    "waits here. Put the right token in BIGCONVERSATION_TELEGRAM_TOKEN and start again."
)
ANOTHER = (
    "Another process asks Telegram for this bot's messages (409). Nothing is lost. Stop the other one, or set "
    "BIGCONVERSATION_TELEGRAM_WEBHOOK_SECRET and BIGCONVERSATION_PUBLIC_URL on all of them. We try again. (%s)"
)
HOOKED = (
    "Another service has set a webhook for this bot, so we cannot ask for its messages (409). Nothing is lost. Stop "
    "the other service and start this one again, which takes the webhook away. (%s)"
)
AWAY = "Telegram cannot be reached just now. Nothing is lost. We try again. (%s)"
_OUR_SLIP = (DataError, IntegrityError, ProgrammingError, NotSupportedError)


@dataclass
class TelegramDoor:
    """Receives what people do in Telegram. `refused` says that the token is wrong: then it receives nothing."""

    house: House
    channel: TelegramChannel
    refused: bool = False
    first_pause: float = FIRST_PAUSE
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _life: asyncio.Task[None] | None = None
    _calling: asyncio.Task[Any] | None = None
    _errands: set[asyncio.Task[None]] = field(default_factory=set)
    _pause: float = 0.0
    _offset: int = 0
    _groups: dict[str, float] = field(default_factory=dict)
    _share: FairShare = field(default_factory=FairShare)

    async def start(self) -> None:
        """Begins to receive. Telegram being away, or refusing the token, stops nothing else."""
        await self.channel.open()
        self._life = asyncio.create_task(self._live())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), ARRIVAL_PATIENCE)

    async def stop(self) -> None:
        """Finishes the turns in hand, and receives no more. The channel stays open for the sender."""
        self._stopping.set()
        if self._calling is not None:
            self._calling.cancel()
        if self._life is not None:
            await asyncio.wait([self._life])
        if self._errands:
            await asyncio.wait(self._errands, timeout=ERRANDS_PATIENCE)
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    async def _live(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._receive()
                return
            except InvalidToken:
                self.refused = True
                self._arrived.set()
                log.error(REFUSED)
                return
            except Exception as error:
                log.error("receiving from Telegram broke; it begins again (%s)", _trace(error))
                await self._wait()

    async def _receive(self) -> None:
        settings = self.house.settings
        url = f"{settings.base_url}{PATH}" if settings.uses_webhook else ""
        await self._insist(self._meet)
        await self._insist(lambda: self.channel.receive_at(url, settings.telegram_webhook_secret))
        self._arrived.set()
        self._errand(self.channel.introduce())
        if not url:
            await self._poll()

    async def _meet(self) -> None:
        me = await self.channel.bot.get_me()
        self.house.telegram_name = me.username or ""

    # Calls, and waiting

    async def _insist(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Makes a call until Telegram takes it."""
        while not self._stopping.is_set():
            taken, _ = await self._call(call())
            if taken:
                return

    async def _call(self, call: Coroutine[Any, Any, T]) -> tuple[bool, T | None]:
        """Makes a call. A failed one is told and waited after; stopping breaks it off."""
        self._calling = asyncio.create_task(call)
        try:
            result: T = await self._calling
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                raise
            return False, None
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning(_told(error), describe(error))
            await self._wait(seconds_of(error) if isinstance(error, RetryAfter) else None)
            return False, None
        self._pause = 0.0
        return True, result

    async def _wait(self, seconds: float | None = None) -> None:
        """Waits as long as Telegram asked, or each time twice as long as the last."""
        self._pause = min(2 * self._pause or self.first_pause, LONGEST_PAUSE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), self._pause if seconds is None else seconds)

    def _errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Something done beside the turns, which nobody waits for."""
        task = asyncio.create_task(work)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    # Long polling

    async def _poll(self) -> None:
        while not self._stopping.is_set():
            _, page = await self._call(self.channel.updates(self._offset, LONG_POLL))
            if page and await self._take_page(page):
                self._offset = _after_page(page) or self._offset
        if self._offset:
            with contextlib.suppress(TelegramError, TimeoutError):  # confirms what was taken: it need not come again
                async with asyncio.timeout(FAREWELL):
                    await self.channel.updates(self._offset, 0, 1)

    async def _take_page(self, page: Iterable[object]) -> bool:
        """Takes the turns of a page until all are committed; false when we are stopped before."""
        waiting = [incoming for raw in page if (incoming := self._read(raw)) is not None]
        while waiting := await self._take_all(waiting):
            if self._stopping.is_set():
                return False
            await self._wait()
        self._pause = 0.0
        return True

    async def _take_all(self, waiting: Iterable[Incoming]) -> list[Incoming]:
        """Everybody at once, each chat in its order. Returns what could not be taken."""
        chats: dict[str, list[Incoming]] = {}
        for incoming in waiting:
            chats.setdefault(incoming.value, []).append(incoming)
        left = await asyncio.gather(*(self._take_in_order(chat) for chat in chats.values()))
        return [incoming for chat in left for incoming in chat]

    async def _take_in_order(self, chat: list[Incoming]) -> list[Incoming]:
        for place, incoming in enumerate(chat):
            if not await self._take(incoming):
                return chat[place:]
        return []

    # One update

    async def hear(self, raw: object) -> bool:
        """Hears one update. False when the database is down: then nothing was heard, and it is to come again."""
        incoming = self._read(raw)
        return incoming is None or await self._take(incoming)

    def _read(self, raw: object) -> Incoming | None:
        """An update's meaning; a press is answered at once, and so is a group. One we cannot read is set apart."""
        try:
            update = Update.de_json(raw, self.channel.bot)  # type: ignore[arg-type]
            meant = parse(update, self.house.telegram_name)
        except Exception as error:
            number = raw.get("update_id") if isinstance(raw, dict) else None
            told = number if isinstance(number, int) else "without a number"
            log.warning("update %.20s from Telegram cannot be read; it was skipped (%s)", told, _where(error))
            return None
        if pressed := press_of(update):
            self._errand(self.channel.answer(pressed))
        if isinstance(meant, GroupNotice):
            self._answer_group(meant)
            return None
        return meant

    async def _take(self, incoming: Incoming) -> bool:
        if not self._share.hears(incoming):
            self._too_fast(incoming)
            return True
        try:
            taken = await self.house.turns.take(incoming)
        except Exception as error:
            if _database_down(error):
                self._share.give_back(incoming)
                log.warning("The database cannot be reached (%s). Telegram keeps what is said.", type(error).__name__)
                return False
            log.error("update %s from Telegram broke us; it was skipped (%s)", incoming.event, _trace(error))
            return True
        if not taken.fresh:
            self._share.give_back(incoming)
        if taken.shown:
            self._errand(self.channel.show(incoming.value, taken.shown))
        return True

    def _too_fast(self, incoming: Incoming) -> None:
        """What is more than anybody can mean to say is not heard. Who said it is told, once."""
        self.house.turns.meters.turns["too_fast"] += 1
        if self._share.is_to_be_told(incoming):
            self._errand(self._tell_too_fast(incoming))

    async def _tell_too_fast(self, incoming: Incoming) -> None:
        language = incoming.language
        with contextlib.suppress(OSError, SQLAlchemyError):
            async with self.house.database.read(self.house.clock()) as tx:
                person = await people.address_of(tx, incoming.channel, incoming.value)
                language = person.language if person else language
        told = say("That was a bit fast. Please wait a minute, then send it again.")
        await self.channel.show(incoming.value, [message(told, language)])

    def _answer_group(self, notice: GroupNotice) -> None:
        """A link to the private chat, once in a while."""
        now = time.monotonic()
        self._groups = {group: at for group, at in self._groups.items() if now - at < GROUP_PAUSE}
        if notice.value in self._groups or not self.house.telegram_name:
            return
        self._groups[notice.value] = now
        link = f"https://t.me/{self.house.telegram_name}"
        told = say("I talk with people one by one. I keep nothing said here. Talk to me here: {link}", link=link)
        self._errand(self.channel.show(notice.value, [message(told, notice.language)]))


def _told(error: TelegramError) -> str:
    """What an operator is to do about a call that failed."""
    if not isinstance(error, Conflict):
        return AWAY
    return HOOKED if "webhook" in str(error).lower() else ANOTHER


def webhook_routes(door: TelegramDoor) -> list[web.RouteDef]:
    """Where Telegram brings updates, when it is told to."""

    async def receive(request: web.Request) -> web.Response:
        secret = door.house.settings.telegram_webhook_secret
        given = request.headers.get(SECRET_HEADER, "")
        if not secret or not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
            return web.Response(status=403)
        body = await _body(request)
        if body is None:
            return web.Response(status=413)
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            return web.Response(status=400)
        if not isinstance(raw, dict):
            return web.Response(status=400)
        heard = await door.hear(raw)
        return web.Response() if heard else web.Response(status=503, headers={"Retry-After": "2"})

    return [web.post(PATH, receive)]


async def _body(request: web.Request) -> bytes | None:
    """The whole body; None when it is larger than any update."""
    body = bytearray()
    async for piece in request.content.iter_any():
        body += piece
        if len(body) > LARGEST_BODY:
            return None
    return bytes(body)


def _after_page(page: Iterable[object]) -> int:
    """The offset that confirms a page. Ids begin anew after a quiet week, so the last one counts, not the largest."""
    numbers = [raw["update_id"] for raw in page if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)]
    return numbers[-1] + 1 if numbers else 0


def _database_down(error: Exception) -> bool:
    """Whether the database could not be reached, rather than would not have this turn."""
    return isinstance(error, OSError | SQLAlchemyError) and not isinstance(error, _OUR_SLIP)


def _where(error: Exception) -> str:
    """An error's kind and place in a few words: one who sends rubbish may not fill the log."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, {last.filename.rpartition('/')[2]}:{last.lineno}"


def _trace(error: Exception) -> str:
    """What broke and where, without the error's own words: they may quote what a person said."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"
