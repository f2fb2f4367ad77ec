"""Every transcript, on every channel: what the bot says is decided in `tests/transcripts/`, and played here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
async def test_transcript(transcript: Path, channel: str, tmp_path: Path, database_url: str, bot_api: BotApi) -> None:
    lines = read_transcript(transcript.read_text(encoding="utf-8"))
    language = next(
        (words.split()[1] for _, kind, words in lines if kind == "!" and words.startswith("language")), "en"
    )
    async with on(channel, tmp_path, database_url, language, bot_api) as (service, player):
        for number, kind, words in lines:
            try:
                await _line(kind, words, service, player)
            except AssertionError as error:
                seen = await player.sees()
                raise AssertionError(
                    f"{transcript.name} line {number} on {channel}: {words}\n{error}\nSeen: {seen}"
                ) from None
    assert bot_api.refusals == []


async def _line(kind: str, words: str, service: Service, player: Player) -> None:
    match kind:
        case ">" if words == "start":
            await player.start()
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
        case "wait":
            await asyncio.sleep(float(rest))
        case _:
            raise ValueError(f"no stage direction {act!r}")
