"""python-telegram-bot as its documentation shows: Application, run_webhook, ConversationHandler; SQLAlchemy's ORM.

python stock_bot.py PORT API_URL DATABASE
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes, ConversationHandler, MessageHandler, filters

from tests.benchmarks.asked import ENDING, QUESTIONS, plain_question
from tests.benchmarks.lean_telegram import SECRET, TOKEN
from tests.benchmarks.peers.orm import Sessions, store, tables

State = ContextTypes.DEFAULT_TYPE
port, api_url, database = int(sys.argv[1]), sys.argv[2], sys.argv[3]
sessions = Sessions(database)


async def start(update: Update, context: State) -> int:
    assert update.message is not None
    await update.message.reply_text(plain_question(1))
    return 1


def asking(number: int) -> MessageHandler[State, None]:
    async def answered(update: Update, context: State) -> int:
        assert update.message is not None
        assert update.effective_user is not None
        await store(sessions, update.effective_user.id, number, update.message.text or "")
        if number == QUESTIONS:
            await update.message.reply_text(ENDING)
            return ConversationHandler.END
        await update.message.reply_text(plain_question(number + 1))
        return number + 1

    return MessageHandler(filters.TEXT & ~filters.COMMAND, answered)


async def begin(application: Application) -> None:  # type: ignore[type-arg]
    await tables(sessions)


def main() -> None:
    application = (
        Application.builder().token(TOKEN).base_url(f"{api_url}/bot").base_file_url(f"{api_url}/file/bot")
        .post_init(begin).build()
    )  # fmt: skip
    states = {number: [asking(number)] for number in range(1, QUESTIONS + 1)}
    application.add_handler(ConversationHandler([CommandHandler("start", start)], states, []))  # type: ignore[arg-type]
    application.run_webhook(
        "127.0.0.1", port, "telegram", webhook_url=f"http://127.0.0.1:{port}/telegram", secret_token=SECRET
    )


main()
