"""Every transcript, on every channel: what the bot says is decided in `tests/transcripts/`, and played here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot import library
from bot.schedule import Schedule
from bot.turns import utc_now
from tests import broadcasts, events, members
from tests.fakes.botapi import BotApi
from tests.playing import (
    Player,
    TelegramPlayer,
    TerminalPlayer,
    WebPlayer,
    labels_in,
    read_transcript,
    squeezed,
)
from tests.service import Service, serving

TRANSCRIPTS = sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
CHANNELS = ["terminal", "web", "telegram polling", "telegram webhook"]
DATABASES = ["sqlite", "postgresql"]


def played() -> Iterator[Any]:
    """Every transcript on every channel and both databases. The stories always are; of the short ones those that show
    nothing more of a channel or a database are left to `make test-all`."""
    for transcript in TRANSCRIPTS:
        for channel in CHANNELS:
            for database in DATABASES:
                more = channel.startswith("telegram") or database == "postgresql"
                marks = [pytest.mark.slow] if more and not transcript.stem.startswith("story") else []
                marks += [pytest.mark.postgres] if database == "postgresql" else []
                name = f"{transcript.stem}-{channel}-{database}"
                yield pytest.param(transcript, channel, database, marks=marks, id=name)


@asynccontextmanager
async def on(channel: str, folder: Path, url: str, language: str, api: BotApi) -> AsyncIterator[tuple[Service, Player]]:
    """The service, and a player on one channel of it."""
    more = {"database_url": url}
    if channel.startswith("telegram"):
        more |= {"telegram_token": api.token, "telegram_api_url": api.url}
    if channel == "telegram webhook":
        from tests.service import free_port

        port = free_port()
        more |= {"port": port, "public_url": f"http://127.0.0.1:{port}", "telegram_webhook_secret": "a-shared-secret"}
    async with serving(folder, **more) as service:
        if channel == "terminal":
            yield service, TerminalPlayer(service.house)
        elif channel == "web":
            yield service, WebPlayer(service.base, service.client, language)
        else:
            yield service, TelegramPlayer(api, language)


@pytest.mark.parametrize(("transcript", "channel", "database_url"), list(played()), indirect=["database_url"])
async def test_transcript(transcript: Path, channel: str, tmp_path: Path, database_url: str, bot_api: BotApi) -> None:
    lines = read_transcript(transcript.read_text(encoding="utf-8"))  # noqa: ASYNC240
    language = next(
        (words.split()[1] for _, kind, words in lines if kind == "!" and words.startswith("language")), "en"
    )
    async with on(channel, tmp_path, database_url, language, bot_api) as (service, player):
        for number, kind, words in lines:
            try:
                await _line(kind, await filled(words, service), service, player)
            except AssertionError as error:
                seen = await player.sees()
                raise AssertionError(
                    f"{transcript.name} line {number} on {channel}: {words}\n{error}\nSeen: {seen}"
                ) from None
    assert bot_api.refusals == []


async def filled(words: str, service: Service) -> str:
    """A line with what only the service knows: the codes and addresses it means."""
    return members.filled(await events.filled(words, service.house), service.sheets)


async def _line(kind: str, words: str, service: Service, player: Player) -> None:
    match kind:
        case ">" if words == "start" or words.startswith("start "):
            await player.start(words.removeprefix("start").strip())
        case ">" if words.startswith("["):
            await player.press(labels_in(words))
        case ">":
            await player.type(words)
        case "!":
            await _direct(words, service, player)
        case "[":
            seen = await player.sees()
            for label in labels_in(words):
                assert f"[{label}]" in seen or f"[{label.upper()}]" in seen, f"the choice {label!r} is not offered"
        case "-":
            assert squeezed(words) not in await player.sees(), "this should not be seen"
        case _:
            assert squeezed(words) in await player.sees(), "this is not seen"


async def _load(name: str, service: Service) -> None:
    """Loads a document that comes with the product, open from today and the next to close: newcomers meet it first."""
    text = re.sub(r"opens: .*", "opens: today", library.sample_text(name))
    text = re.sub(r"closes: .*", "closes: in 10 weeks", text)
    text = re.sub(r"(hear_by|keep_until): .*", r"\1: in 12 months", text)
    house = service.house
    async with house.database.write(house.clock()) as tx:
        await library.load(tx, text, house.clock().date(), production=False)
    await house.library.refresh(house.database)


async def _direct(words: str, service: Service, player: Player) -> None:
    """Stage directions."""
    act, _, rest = words.partition(" ")
    match act:
        case "language":
            return
        case "publish":
            await service.desk.sign_in()
            await service.desk.write("fair-future", "SAFE", ["F6"])
            await service.desk.sign_and_publish()
        case "news":
            await player.news()
        case "desk":
            verdict, _, said = rest.removeprefix("sees ").partition(" | ")
            page = unescape(await service.desk.get(service.desk.action))
            assert said in page, f"the desk does not show {said!r} ({verdict})"
        case "load":
            await _load(rest, service)
        case "days":
            later = timedelta(days=int(rest))
            service.house.clock = service.house.turns.clock = service.house.watch.clock = lambda: utc_now() + later
        case "dates":
            await Schedule(service.house)._round(60)
        case "wait":
            await asyncio.sleep(float(rest))
        case _:
            await _direct_others(act, rest, service)


async def _direct_others(act: str, rest: str, service: Service) -> None:
    """What others do, around the person who plays."""
    match act:
        case "member":
            await members.direct(rest, service.house, service.sheets)
        case "event":
            await events.direct(rest, service.house)
        case "broadcast":
            await broadcasts.direct(rest, service.house)
        case _:
            raise ValueError(f"no stage direction {act!r}")
