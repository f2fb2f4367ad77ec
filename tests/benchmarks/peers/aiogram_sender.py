"""aiogram's own broadcast example: a loop, TelegramRetryAfter obeyed, asyncio.sleep between two messages.

python aiogram_sender.py API_URL COUNT PER_SECOND
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter

from tests.benchmarks.lean_telegram import FIRST_CHAT, TOKEN

api_url, count, per_second = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


async def send(bot: Bot, chat: int) -> None:
    try:
        await bot.send_message(chat, "There is news: more lights by the canal.")
    except TelegramRetryAfter as error:
        await asyncio.sleep(error.retry_after)
        await send(bot, chat)


async def main() -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))
    for chat in range(FIRST_CHAT, FIRST_CHAT + count):
        await send(bot, chat)
        if per_second:
            await asyncio.sleep(1 / per_second)
    await asyncio.Event().wait()


asyncio.run(main())
