"""Somebody with a web chat and Telegram says where each kind of message comes; and it comes there."""

from __future__ import annotations

from pathlib import Path

from tests.bot.test_sender import HELD, TOPIC
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer, WebPlayer
from tests.service import Service, serving

TOLD = 'You follow "Safe streets".'


async def _joins(service: Service, chat: TelegramPlayer) -> None:
    """Whoever has the web chat goes on in Telegram, as the same person."""
    async with service.client.get(f"{service.base}/chat/telegram", allow_redirects=False) as answer:
        await chat.start(answer.headers["Location"].partition("start=")[2])


async def test_news_of_what_is_followed_comes_where_it_was_chosen(tmp_path: Path, bot_api: BotApi) -> None:
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as service:
        web, chat = WebPlayer(service.base, service.client), TelegramPlayer(bot_api)
        await web.start("follow-SAFE")
        await web.press(["Yes, follow it"])
        await web.press(["As soon as it happens"])
        await web.type("follows")
        assert "[Where it comes]" not in await web.sees(), "who has one channel is not asked"
        await _joins(service, chat)
        await chat.type("follows")
        await chat.press(["Where it comes"])
        assert "News of what you follow: where you asked for it" in await chat.sees()
        await chat.press(["News of what you follow"])
        await chat.press(["Telegram"])
        assert "Fine. It comes there now." in await chat.sees()
        assert "News of what you follow: Telegram" in await chat.sees()
        await service.desk.sign_in()
        await _publish(service)
        await chat.news()
        assert TOLD in await chat.sees()
        await web.start()
        assert TOLD not in await web.sees()

        await chat.type("mydata")
        assert "News of what you follow: Telegram" in await chat.sees()
        await chat.type("stop")  # there: it comes where it was asked for again
        await _publish(service)
        await web.start()
        assert TOLD in await web.sees()
    assert bot_api.refusals == []


async def _publish(service: Service) -> None:
    await service.desk.write(HELD, TOPIC, ["F6"])
    await service.desk.sign_and_publish()
