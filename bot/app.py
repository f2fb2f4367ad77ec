"""The app: the whole service. Starts what runs by itself, serves the doors, and closes in order."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from aiohttp import web

from bot.channels.telegram import TelegramChannel
from bot.doors import chat, desk, site
from bot.doors.guard import guarded
from bot.doors.telegram import TelegramDoor, webhook_routes
from bot.house import House
from bot.opening import build_house, load_sample, prepare
from bot.progress import Progress
from bot.pulse import Pulse
from bot.schedule import Schedule
from bot.sender import Sender
from bot.settings import Settings
from bot.steward import Steward
from bot.turns import utc_now


@asynccontextmanager
async def running(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[web.Application]:
    """The whole service: the web application with sender, schedule and Telegram running behind it."""
    database = await prepare(settings)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await load_sample(database, settings)
        telegram = (
            TelegramChannel(settings.telegram_token, settings.telegram_api_url) if settings.telegram_token else None
        )
        if telegram is not None:
            telegram.per_second = settings.telegram_per_second
            stack.push_async_callback(telegram.close)
        house = build_house(settings, database, {telegram.name: telegram} if telegram else {}, clock)
        await house.library.refresh(database)
        sender, pulse = Sender(house), Pulse(house)
        house.turns.nudge, house.wake, house.alive = sender.nudge, sender.wake, pulse.alive
        for part in (house.watch, pulse, sender, Schedule(house), Steward(house), Progress(house)):
            await part.start()
            stack.push_async_callback(part.close)
        stack.push_async_callback(house.turns.close)
        door = TelegramDoor(house, telegram) if telegram else None
        app = build_web(house, door)
        if door is not None:
            stack.push_async_callback(door.stop)
            await door.start()
        yield app


def build_web(house: House, telegram: TelegramDoor | None = None) -> web.Application:
    """The web application with every route that is declared in `bot/access.py`."""
    app = guarded(house)
    app.router.add_routes([*site.routes(), *chat.routes(), *desk.routes()])
    if telegram is not None:
        app.router.add_routes(webhook_routes(telegram))
    return app
