"""The terminal: a conversation laid out exactly as a text message will be."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from bot.channels.lettered import lay_out
from bot.channels.messages import Incoming, clean
from bot.house import House
from bot.looking import look, settle
from conversations.domain.speech import Heard, Said, Started

CHANNEL = "terminal"


@dataclass
class TerminalDoor:
    """One person at a terminal. `name` tells people at the same machine apart."""

    house: House
    name: str
    show: Callable[[str], None]
    language: str = "en"

    async def open(self, link: str = "") -> None:
        """Comes in, perhaps by a link: a newcomer is welcomed, anybody else sees where they were."""
        await self._hear(Started(link))

    async def say(self, words: str) -> None:
        """One line typed."""
        await self._hear(Said(clean(words)))

    async def _hear(self, heard: Heard) -> None:
        event = uuid.uuid4().hex
        taken = await self.house.turns.take(Incoming(CHANNEL, self.name, event, heard, self.language))
        for said in taken.shown:
            self.show(lay_out(said))
        if taken.person:
            await self.look(taken.person)

    async def look(self, person: str) -> None:
        """Shows what waits for this person."""
        seen = await look(self.house, person, CHANNEL)
        for each in seen:
            self.show(lay_out(each.message))
        await settle(self.house, seen)


async def typed() -> AsyncIterator[str]:
    """Lines from standard input, without holding up anything else."""
    while True:
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        if line.strip():
            yield line.rstrip("\n")


async def chat(house: House, name: str, language: str) -> None:
    """Runs a conversation on standard input and output until the input ends."""

    def show(text: str) -> None:
        print(f"\n{text}\n" if sys.stdin.isatty() else f"{text}\n", flush=True)

    door = TerminalDoor(house, name, show, language)
    await door.open()
    async for line in typed():
        if not sys.stdin.isatty():
            print(f"> {line}", flush=True)
        await door.say(line)
