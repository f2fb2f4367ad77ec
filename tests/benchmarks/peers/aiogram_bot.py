"""aiogram 3 as its documentation shows: Dispatcher, FSM, SimpleRequestHandler on aiohttp, uvloop; SQLAlchemy's ORM.

python aiogram_bot.py PORT API_URL DATABASE
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from tests.benchmarks.asked import ENDING, QUESTIONS, plain_question
from tests.benchmarks.lean_telegram import SECRET, TOKEN
from tests.benchmarks.peers.orm import Sessions, store, tables

port, api_url, database = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sessions = Sessions(database)
dispatcher = Dispatcher()


class Asking(StatesGroup):
    question = State()


@dispatcher.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.set_state(Asking.question)
    await state.update_data(number=1)
    await message.answer(plain_question(1))


@dispatcher.message(Asking.question)
async def answered(message: Message, state: FSMContext) -> None:
    number = (await state.get_data())["number"]
    assert message.from_user is not None
    await store(sessions, message.from_user.id, number, message.text or "")
    if number == QUESTIONS:
        await state.clear()
        await message.answer(ENDING)
        return
    await state.update_data(number=number + 1)
    await message.answer(plain_question(number + 1))


def main() -> None:
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(api_url)))

    @dispatcher.startup()
    async def begin() -> None:
        await tables(sessions)

    app = web.Application()
    SimpleRequestHandler(dispatcher=dispatcher, bot=bot, secret_token=SECRET).register(app, path="/telegram")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


main()
