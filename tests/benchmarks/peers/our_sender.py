"""Our bulk lane, as the service runs it: claim, render, send, settle.

python our_sender.py API_URL COUNT PER_SECOND DATABASE FOLDER
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from bot.channels.telegram import TelegramChannel
from bot.opening import opened
from bot.sender import Sender
from bot.settings import Settings
from storage.sealing import new_key
from tests.benchmarks.audience import publish, settle_in
from tests.benchmarks.lean_telegram import FIRST_CHAT, TOKEN


async def main() -> None:
    api_url, count, per_second, database_url, folder = sys.argv[1:]
    settings = Settings(
        database_url=database_url, secret_keys=new_key(), lookup_key=new_key(), tombstones=f"{folder}/erased.log"
    )
    channel = TelegramChannel(TOKEN, api_url)
    channel.per_second = float(per_second) or 1000.0
    async with opened(settings) as house:
        await settle_in(house.database, int(count), FIRST_CHAT)
        await publish(house.database)
        house.channels = {channel.name: channel}
        sender = Sender(house)
        await sender.start()
        try:
            await asyncio.Event().wait()
        finally:
            await sender.close()
            await channel.close()


asyncio.run(main())
