"""What only happens in Telegram: things that are no words, old messages edited, presses on old buttons."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from conversations.domain.gatherings import spaced
from storage.schema import bookings
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer
from tests.scanning import scanned_png
from tests.service import serving
from tests.storage.acts import opened


async def test_what_is_no_words_is_told_kindly_and_the_question_stays(tmp_path: Path, bot_api: BotApi) -> None:
    player = TelegramPlayer(bot_api)
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url):
        await player.start()
        for label in ("English", "Yes, I am 16 or over and I agree", "Safe streets"):
            await player.press([label])
        for act in (player.person.send_voice, player.person.send_sticker, player.person.send_photo):
            player.mark = len(player.person.messages)
            await act()
            await player._settled()
            seen = await player.sees()
            assert "Sorry, I can only read words. Please type your answer." in seen
            assert "1 of 6. How safe do you feel" in seen
        await player.press(["4"])
        player.mark = len(player.person.messages)
        await player.person.press_old(
            "2", next(n for n, each in enumerate(player.person.messages) if "1 of 6." in each.text)
        )
        await player._settled()
        assert "That question is done." in await player.sees()
        await player.type("some words")
        player.mark = len(player.person.messages)
        await player.person.edit("other words")
        await player._settled()
        assert "We cannot see changes to old messages." in await player.sees()
    assert bot_api.refusals == []


async def test_whoever_books_has_the_code_of_their_seat_as_a_picture_once(tmp_path: Path, bot_api: BotApi) -> None:
    player = TelegramPlayer(bot_api)
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as service:
        house = service.house
        async with house.database.write(house.clock()) as tx:
            event = await opened(tx, "host", (tx.now + timedelta(days=9)).replace(tzinfo=None))
        await player.start()
        for label in ("English", "Yes, I am 16 or over and I agree"):
            await player.press([label])
        await player.start(f"ev-{event}")
        for label in ("Book a seat", "Yes, I am 16 or over"):
            await player.press([label])
        async with house.database.read() as tx:
            [row] = await tx.rows(sa.select(bookings.c.code))
        picture, words = player.person.messages[-2:]
        assert picture.document is not None
        assert (
            scanned_png(picture.document.content) == f"https://t.me/{house.telegram_name}?start=in-{event}-{row.code}"
        )
        assert picture.text == spaced(row.code)
        assert f"Your code is {spaced(row.code)}." in words.text
        await player.start(f"ev-{event}")
        assert bot_api.count("sendPhoto") == 1, "seeing it again sends no other picture"
    assert bot_api.refusals == []


async def test_a_restart_keeps_the_place(tmp_path: Path, bot_api: BotApi) -> None:
    player = TelegramPlayer(bot_api)
    telegram = {"telegram_token": bot_api.token, "telegram_api_url": bot_api.url}
    async with serving(tmp_path, **telegram):
        await player.start()
        for label in ("English", "Yes, I am 16 or over and I agree", "Safe streets", "4"):
            await player.press([label])
    async with serving(tmp_path, **telegram):
        await player.press(["Courts"])
        assert "3 of 5. Have you reported a problem in the last year?" in await player.sees()
