"""An organiser's chat on Telegram, over the real program: news of an event in four presses, and one message that shows
how far it has come."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.looking import look, settle
from storage import bookings
from storage.schema import deliveries
from tests import broadcasts, events
from tests.bot.test_sender import until
from tests.events import newest
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer
from tests.service import Service, serving
from tests.storage.acts import met, rows

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


async def _until(player: TelegramPlayer, words: str) -> str:
    """What the organiser's last message says once these words are in it."""
    await player.api.until(lambda: words in player.person.messages[-1].text, SECONDS)
    return player.person.messages[-1].text


async def test_one_message_shows_how_far_it_has_come_and_its_buttons_go_on_working(
    tmp_path: Path, bot_api: BotApi
) -> None:
    async with an_organiser(tmp_path, bot_api) as (service, player):
        await broadcasts.direct("guests 2", service.house)  # two more, who have yet to look at the web chat
        await player.type("/broadcast")
        for act in WAYS["/broadcast"][:2]:
            await player.press([_button(player, act)])
        await player.type(WORDS)
        await player.press(["Send it"])
        assert "Waiting for them to look: 2." in await _until(player, "Sent: 3.")
        said = len(player.person.messages)
        await _look(service)
        assert "Waiting for them to look: 1." in await _until(player, "Sent: 4.")
        assert len(player.person.messages) == said
        await player.press(["Pause"])
        assert "Waiting for them to look: 1." in await _until(player, "It is paused.")
        await player.press(["Go on with it"])
        await _until(player, "It is going out.")
        said = len(player.person.messages)
        await _look(service)
        assert "Sent: 5." in await _until(player, "It has gone out.")
        assert len(player.person.messages) == said
    assert bot_api.refusals == []


async def _look(service: Service) -> None:
    """One of those whom it waits for looks, as soon as it waits for them: the ledger follows a moment later when a
    broadcast goes on."""
    house = service.house
    waits = sa.and_(deliveries.c.kind == "broadcast", deliveries.c.channel == "web", deliveries.c.state == "waiting")
    oldest = sa.select(deliveries.c.person).where(waits).order_by(deliveries.c.seq).limit(1)

    async def anybody() -> bool:
        return bool(await rows(house.database, oldest))

    await until(anybody, True, SECONDS)
    [row] = await rows(house.database, oldest)
    await settle(house, await look(house, row.person, "web"))


async def test_a_test_comes_to_oneself_alone_and_says_so_first(tmp_path: Path, bot_api: BotApi) -> None:
    async with an_organiser(tmp_path, bot_api) as (service, player):
        await broadcasts.direct("followers 2 wales", service.house)
        for words in ("/broadcast", "1", "wales", "Come to {place}."):
            await player.type(words)
        await player.press(["Try it on me"])
        first = "This is a test. Nobody else gets it."
        await bot_api.until(lambda: any(first in each.text for each in player.person.messages), SECONDS)
        [test] = [each for each in player.person.messages if first in each.text]
        assert test.text.startswith(first)
        assert "Come to your area." in test.text
        async with service.house.database.read(service.house.clock()) as tx:
            queued = await tx.rows(sa.select(deliveries.c.person).where(deliveries.c.kind == "broadcast"))
        assert len(queued) == 1
