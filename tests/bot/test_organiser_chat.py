"""An organiser's chat on Telegram, over the real program: news of an event in four presses, and one message that shows
how far it has come."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from storage import bookings
from tests import events
from tests.events import newest
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer
from tests.service import Service, serving
from tests.storage.acts import met

WORDS = "Please use the side door in Canal Street. The front door is shut."
GUESTS = (101, 102, 103)
SECONDS = 60


@asynccontextmanager
async def an_organiser(folder: Path, api: BotApi) -> AsyncIterator[tuple[Service, TelegramPlayer]]:
    """An organiser of Wales on Telegram, whose event three people there have booked."""
    async with serving(folder, telegram_token=api.token, telegram_api_url=api.url) as service:
        player = TelegramPlayer(api)
        await player.start()
        await player.press(["English"])
        await player.press(["Yes, I am 16 or over and I agree"])
        for direction in ("organiser wales", "hosts 40 Talk in small groups"):
            await events.direct(direction, service.house)
        async with service.house.database.write(service.house.clock()) as tx:
            for number in GUESTS:
                api.person(number, known=True)
                guest = await met(tx, str(number))
                await bookings.book(tx, guest.id, guest.address, await newest(tx), wait=False)
        yield service, player


def _button(player: TelegramPlayer, begins: str) -> str:
    """The button that begins like this, as the organiser sees it."""
    return next(label for label in player.person.messages[-1].buttons if label.startswith(begins))


WAYS = {
    "/events": ("My events", "You hold: Talk", "Write to those who booked", WORDS, "Send it"),
    "/broadcast": ("People who booked", "Talk in small groups", WORDS, "Send it"),
}


@pytest.mark.parametrize("word", WAYS)
async def test_news_of_an_event_leaves_within_four_presses_and_a_minute(
    tmp_path: Path, bot_api: BotApi, word: str
) -> None:
    async with an_organiser(tmp_path, bot_api) as (_, player):
        began, presses = time.monotonic(), 0
        await player.type(word)
        for act in WAYS[word]:
            if act == WORDS:
                await player.type(act)
            else:
                await player.press([_button(player, act)])
                presses += 1
        heard = [(await bot_api.person(number).hears(1, timeout=SECONDS))[0].text for number in GUESTS]
        took = time.monotonic() - began
    assert all(WORDS in text for text in heard)
    assert presses <= 4
    assert took < SECONDS
    print(f"{word}: {presses} presses, {took:.1f} s until all {len(GUESTS)} had it")
    assert bot_api.refusals == []
