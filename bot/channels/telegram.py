"""Telegram as a channel: messages sent and edited, and its refusals as the closed list of failures.

The token and what is said stay out of every log. Updates are asked for here too, raw, so that one that cannot be read
spoils no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import logging
from collections import OrderedDict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import segno
from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.catalogues import catalogue
from bot.channels.messages import Message
from bot.channels.sending import Failed, Failure, Sent
from bot.channels.telegram_http import SENT, AiohttpRequest, MessageRequest, NotSent, is_unknown
from bot.channels.telegram_layout import (
    COMMANDS,
    DESCRIPTION,
    SHORT_DESCRIPTION,
    Keyboard,
    Layout,
    TooLongForAButton,
    command_name,
    lay_out,
)
from bot.channels.telegram_parse import CHANNEL
from conversations.domain.languages import LANGUAGES, SOURCE
from conversations.domain.speech import Code

log = logging.getLogger(__name__)
logging.getLogger("telegram.Bot").setLevel(logging.INFO)  # its debug log tells what is said

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
PAGE = 100
PATIENCE = 15.0
"""Seconds past the long poll after which its silence is taken for a lost connection."""

PICTURE_SCALE = 12
"""Pixels to a square of a code: enough to be read off another phone."""

HALFWAY = 1000
"""Of how many long messages it is remembered how far they came."""

SHOWING_TRIES, SHOWING_PAUSE, LONGEST_PAUSE = 5, 0.5, 30.0

_NOT_THERE = ("chat not found", "user not found", "peer_id_invalid", "deactivated", "chat_id_invalid")
_CANNOT_EDIT = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_UNCHANGED = "message is not modified"


class _RawBot(Bot):
    """The library's bot, and updates as Telegram words them: its own reading gives up a whole page for one update."""

    async def raw_updates(self, offset: int, limit: int, seconds: int) -> list[object]:
        asked = {"offset": offset, "limit": limit, "timeout": seconds, "allowed_updates": ALLOWED_UPDATES}
        got: Any = await self._post("getUpdates", asked, read_timeout=seconds + PATIENCE)
        return got if isinstance(got, list) else []


class TelegramChannel:
    """One bot account. `open` before the first use, `close` after the last; both may be done twice."""

    name = CHANNEL
    per_second = 25.0

    def __init__(self, token: str, api_url: str = "https://api.telegram.org") -> None:
        self._sending, self._asking = MessageRequest(read_timeout=10.0), AiohttpRequest(connections=8)
        base = api_url.rstrip("/")
        self.bot = _RawBot(
            token,
            f"{base}/bot",
            f"{base}/file/bot",
            request=self._sending,
            get_updates_request=self._asking,
        )
        self._halfway: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    async def open(self) -> None:
        await self._sending.initialize()
        await self._asking.initialize()

    async def close(self) -> None:
        await self._sending.shutdown()
        await self._asking.shutdown()

    # What is said

    async def send(self, value: str, said: Message, target: str | None) -> Sent | Failed:
        """Sends one message, in several texts where it is long; or edits `target`, and sends where it is gone."""
        await self.open()
        try:
            layout = lay_out(said)
            if target is not None and target.isdigit():
                edited = await self._edit(int(value), int(target), layout)
                if edited is not None:
                    return edited
            return await self._send(value, layout)
        except TelegramError as error:
            return failed(error)
        except TooLongForAButton as error:
            return Failed(Failure.BAD_MESSAGE, detail=str(error))

    async def _send(self, value: str, layout: Layout) -> Sent | Failed:
        """The code, then all texts in order. What fails is remembered, so that what came before is not said again."""
        key = (value, hashlib.sha256("\0".join(layout.texts).encode("utf-8", "replace")).digest())
        begin, remote = self._halfway.pop(key, 0), ""
        if not layout.texts:
            return Failed(Failure.BAD_MESSAGE, detail="the message has no text")
        pieces: list[str | Code] = [*([layout.code] if layout.code else []), *layout.texts]
        for place, piece in enumerate(pieces[begin:], begin):
            last = place == len(pieces) - 1
            SENT.set("")
            try:
                if isinstance(piece, Code):
                    await self._picture(int(value), piece)
                else:
                    await self._text(int(value), piece, layout.keyboard if last else None)
            except TelegramError:
                self._remember(key, place)
                raise
            remote = SENT.get()
        return Sent(remote)

    async def _text(self, chat: int, text: str, keyboard: Keyboard | None) -> None:
        await self.bot.send_message(chat, text, reply_markup=keyboard, link_preview_options=_NO_PREVIEW)

    async def _picture(self, chat: int, code: Code) -> None:
        """A code as a picture. The words hold it too: a picture that Telegram does not take, or may have taken, stands
        in their way only where they could not arrive either."""
        drawn = io.BytesIO()
        segno.make(code.leads_to, error="m", micro=False).save(drawn, kind="png", scale=PICTURE_SCALE)
        try:
            await self.bot.send_photo(chat, drawn.getvalue(), caption=code.words, filename="code.png")
        except (RetryAfter, Forbidden, ChatMigrated, InvalidToken, NotSent):
            raise
        except TelegramError as error:
            log.warning("Telegram did not take the picture of a code: %s", describe(error))

    def _remember(self, key: tuple[str, bytes], place: int) -> None:
        if place:
            self._halfway[key] = place
            while len(self._halfway) > HALFWAY:
                self._halfway.popitem(last=False)

    async def _edit(self, chat: int, target: int, layout: Layout) -> Sent | None:
        """Changes the last text of a message in place; None when it cannot be changed any more."""
        try:
            await self.bot.edit_message_text(
                "".join(layout.texts[-1:]),
                chat,
                target,
                reply_markup=layout.keyboard,
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as error:
            told = str(error).lower()
            if any(each in told for each in _CANNOT_EDIT):
                return None
            if _UNCHANGED not in told:
                raise
        return Sent(str(target))

    async def show(self, value: str, shown: Iterable[Message]) -> None:
        """Says what is in no ledger: nothing of whom it is said to is kept. Tried again a few times."""
        for said in shown:
            for attempt in range(SHOWING_TRIES):
                sent = await self.send(value, said, None)
                if isinstance(sent, Sent) or not (sent.failure.again or sent.failure is Failure.UNKNOWN):
                    break
                await asyncio.sleep(min(sent.retry_after or SHOWING_PAUSE * 2**attempt, LONGEST_PAUSE))

    async def answer(self, query: str) -> None:
        """Tells a pressed button that it was heard. Too late is nothing to speak of."""
        with contextlib.suppress(TelegramError):
            await self.bot.answer_callback_query(query)

    # What is heard, and how we present ourselves

    async def updates(self, offset: int, seconds: int, limit: int = PAGE) -> list[object]:
        """The updates from `offset` on, as Telegram words them; asking confirms all before it."""
        return await self.bot.raw_updates(offset, limit, seconds)

    async def receive_at(self, url: str, secret: str) -> None:
        """Has updates brought to an address of ours; or, without one, kept until they are asked for."""
        if url:
            await self.bot.set_webhook(url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)
        else:
            await self.bot.delete_webhook()

    async def introduce(self) -> None:
        """Commands and descriptions, in every language. What goes wrong here keeps nobody from talking."""
        for language in LANGUAGES:
            code, book = None if language == SOURCE else language, catalogue(language)
            commands = [
                BotCommand(command_name(each, language), book.one(told.message)) for each, told in COMMANDS.items()
            ]
            try:
                await self.bot.set_my_commands(commands, scope=BotCommandScopeAllPrivateChats(), language_code=code)
                await self.bot.set_my_description(book.one(DESCRIPTION.message), language_code=code)
                await self.bot.set_my_short_description(book.one(SHORT_DESCRIPTION.message), language_code=code)
            except TelegramError as error:
                log.warning("Telegram did not take our commands and descriptions (%s): %s", language, describe(error))


def failed(error: TelegramError) -> Failed:
    """What Telegram or the network said, as one of the closed list of failures."""
    told = str(error).lower()
    if isinstance(error, RetryAfter):
        return Failed(Failure.SLOW_DOWN, seconds_of(error), "too many requests")
    if "too many requests" in told:
        return Failed(Failure.SLOW_DOWN, detail="too many requests")
    return Failed(_failure(error, told), detail=describe(error))


def _failure(error: TelegramError, told: str) -> Failure:
    if isinstance(error, ChatMigrated) or any(each in told for each in _NOT_THERE):
        return Failure.GONE
    if isinstance(error, Forbidden):
        return Failure.BLOCKED
    if isinstance(error, InvalidToken):
        return Failure.REFUSED_TOKEN
    if isinstance(error, NotSent):
        return Failure.NOT_SENT
    return Failure.UNKNOWN if is_unknown(error) else Failure.BAD_MESSAGE


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def describe(error: TelegramError) -> str:
    """An error for a log: its kind and Telegram's words, never the token."""
    return "the token was refused" if isinstance(error, InvalidToken) else f"{type(error).__name__}: {error}"[:300]
