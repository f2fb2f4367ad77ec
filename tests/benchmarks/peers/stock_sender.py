"""python-telegram-bot with its AIORateLimiter, a hundred workers; 429 is retried by the limiter.

python stock_sender.py API_URL COUNT PER_SECOND
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from telegram.ext import AIORateLimiter, Application

from tests.benchmarks.lean_telegram import FIRST_CHAT, TOKEN

api_url, count, per_second = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])


async def main() -> None:
    limiter = AIORateLimiter(overall_max_rate=per_second or 100_000, overall_time_period=1, max_retries=5)
    application = (
        Application.builder().token(TOKEN).base_url(f"{api_url}/bot").updater(None)
        .rate_limiter(limiter).connection_pool_size(128).build()
    )  # fmt: skip
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + count))

    async def work() -> None:
        for chat in chats:
            await application.bot.send_message(chat, "There is news: more lights by the canal.")

    async with application:
        await asyncio.gather(*(work() for _ in range(100)))
        await asyncio.Event().wait()


asyncio.run(main())
