"""Progress: whoever looks at a broadcast that is under way sees it move, in the one message they have of it.

Where we push, that message is edited in place; an open page is told to draw itself again. What is shown is the prompt
of the page they are on, so that its buttons go on working.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.catalogues import catalogue
from bot.channels.messages import Message
from bot.house import House
from bot.stage import DRAWN, Presented, present
from bot.tasks import end, kept_going
from conversations.broadcasting import SeeingBroadcast
from storage import broadcasts, deliveries, people, shown
from storage.database import Transaction
from storage.deliveries import Reply
from storage.people import Person
from storage.shown import Shown

EVERY = 2.0
"""Seconds between two looks: a carrier lets nobody edit faster for long."""
RESTS = 20
"""So many times as long as a look took the next one waits: counting a hundred thousand rows is in nobody's way."""


@dataclass
class Progress:
    """Runs in every process. Whichever looks first edits; the others find that done."""

    house: House
    _task: asyncio.Task[None] | None = None
    _under_way: set[str] = field(default_factory=set)
    _drawn: dict[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        await end(self._task)

    async def _run(self) -> None:
        pause = EVERY
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            with kept_going("showing how far broadcasts have come"):
                await self.look()
            pause = max(EVERY, RESTS * (time.monotonic() - began))

    async def look(self) -> None:
        """One look at what is under way, and once more at what just ended."""
        async with self.house.database.read(self.house.clock(), brief=True) as tx:
            now = set(await broadcasts.moving(tx))
            meant = now | self._under_way
            found = await shown.lookers(tx, meant) if meant else []
        for person in found:
            await self._show(person, meant)
        self._under_way = now
        self._drawn = {person: body for person, body in self._drawn.items() if person in found}

    async def _show(self, person: str, meant: Collection[str]) -> None:
        async with self.house.database.read(self.house.clock(), brief=True) as tx:
            places = await shown.addresses_of(tx, person)
            drawn = [await self._drawn_anew(tx, at, meant) for at in places if at.channel in DRAWN]
            stale = [at for at in places if at.channel not in DRAWN and await self._fresh(tx, at, meant)]
        if any(drawn):
            self.house.watch.tell(person)
        for at in stale:
            await self._edit(at, meant)

    async def _drawn_anew(self, tx: Transaction, at: Shown, meant: Collection[str]) -> bool:
        """Whether an open page of one of these broadcasts would be drawn otherwise than when this was last asked."""
        person = await people.address_of(tx, at.channel, at.value)
        now = await self._page(tx, person, meant) if person else None
        before, self._drawn[at.person] = self._drawn.get(at.person), now.prompt.to_json() if now else ""
        return now is not None and before != self._drawn[at.person]

    async def _fresh(self, tx: Transaction, at: Shown, meant: Collection[str]) -> tuple[Shown, Message] | None:
        """The message that somebody has of one of these broadcasts, and how it would read now; None where it reads so
        already, or they have turned to something else."""
        before = await shown.last_prompt(tx, at)
        person = await people.address_of(tx, at.channel, at.value) if before else None
        now = await self._page(tx, person, meant) if person else None
        if before is None or now is None or now.prompt.to_json() == before.body:
            return None
        said = Message.from_json(before.body).asked
        asked = now.prompt.asked
        return (before, now.prompt) if said and asked and said.number == asked.number else None

    async def _page(self, tx: Transaction, person: Person, meant: Collection[str]) -> Presented | None:
        """Where somebody is, if they look at one of these broadcasts."""
        now = await present(tx, person, self.house.library, self.house.turns.performer)
        page = now.conversation.page if now else None
        return now if isinstance(page, SeeingBroadcast) and page.broadcast in meant else None

    async def _edit(self, at: Shown, meant: Collection[str]) -> None:
        """Looks again with their conversation held, and queues the edit as what it is: a reply."""
        async with self.house.database.write(self.house.clock(), brief=True) as tx:
            [person] = await people.meet(tx, [(at.channel, at.value, "")])
            found = await self._fresh(tx, at, meant) if person else None
            if person is None or found is None:
                return
            before, said = found
            reply = Reply(
                person.id, person.address, person.channel, said.to_json(), True, said.language,
                catalogue(said.language).version, before.remote, said,
            )  # fmt: skip
            mine = await deliveries.queue_replies(tx, [reply], self.house.holder)
        self.house.turns.nudge(mine, {at.address: at.value})
