"""The floor of sending: aiohttp and a token bucket, no database, one text for all.

python bare_sender.py API_URL COUNT PER_SECOND
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

import aiohttp

from tests.benchmarks.lean_telegram import FIRST_CHAT, TOKEN

api_url, count, per_second = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) or 1000.0


async def main() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as session:

        async def send(chat: int) -> None:
            said = json.dumps({"chat_id": chat, "text": "There is news: more lights by the canal."}).encode()
            kind = {"Content-Type": "application/json"}
            async with session.post(f"{api_url}/bot{TOKEN}/sendMessage", data=said, headers=kind) as answer:
                await answer.read()
            if answer.status == 429:
                await asyncio.sleep(1)
                await send(chat)

        sending = set()
        due = time.monotonic()
        for chat in range(FIRST_CHAT, FIRST_CHAT + count):
            due = max(due + 1 / per_second, time.monotonic() - 0.03)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sending.add(task := asyncio.create_task(send(chat)))
            task.add_done_callback(sending.discard)
        await asyncio.gather(*sending)
        await asyncio.Event().wait()


asyncio.run(main())
