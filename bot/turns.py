"""Turns: one thing heard, committed once. The one place that introduces conversations to storage.

Whatever is heard while a transaction commits becomes the next batch. A batch holds at most one turn per person, and
locks in one order: addresses, then event keys, then what is shared. Nothing is acknowledged before the commit.
"""

from __future__ import annotations

import asyncio
import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.channels.messages import Incoming, Message, message
from bot.library import Library
from bot.meters import Meters
from bot.outcomes import Outcomes
from bot.stage import Performer, play
from conversations.domain.speech import say
from storage import deliveries, dialogues, people, reach
from storage.database import Database, Transaction, unreachable, worth_retrying
from storage.deliveries import Delivery
from storage.people import Person

log = logging.getLogger(__name__)
BATCH = 64
RETRIES = 5


@dataclass(frozen=True)
class Taken:
    """What a turn came to. `fresh` is false for something heard before; `shown` is for a person who is looking
    and of whom nothing is kept any more."""

    fresh: bool
    shown: tuple[Message, ...] = ()
    person: str = ""
    broke: bool = False

    @property
    def result(self) -> str:
        """As the meters count it."""
        return "quarantined" if self.broke else "new" if self.fresh else "repeated"


@dataclass
class _Waiting:
    incoming: Incoming
    done: asyncio.Future[Taken]


_Batch = tuple[list[tuple[_Waiting, Person]], list[_Waiting], list[tuple[_Waiting, Taken]], list[deliveries.Reply]]
"""Whom the batch met, who waits for the next one, what each turn came to, and the replies to queue."""


def utc_now() -> datetime:
    return datetime.now(UTC)


Nudge = Callable[[list[Delivery], dict[str, str]], None]
"""Told after the commit: replies born claimed by this process, and the value of each address."""


@dataclass
class Turns:
    """Takes turns in batches. `take` returns once the turn is committed, and only then."""

    database: Database
    library: Library
    performer: Performer
    holder: str
    nudge: Nudge = lambda _replies, _values: None
    clock: Callable[[], datetime] = utc_now
    meters: Meters = field(default_factory=Meters)
    outcomes: Outcomes = field(default_factory=Outcomes)
    _queue: list[_Waiting] = field(default_factory=list)
    _running: asyncio.Task[None] | None = None
    _in_doubt: list[datetime] = field(default_factory=list)
    """When batches were taken whose commit nobody answered: it may have happened all the same."""

    async def take(self, incoming: Incoming) -> Taken:
        """Takes one turn. Raises what the database raises when it cannot be reached: nothing was heard then."""
        waiting, began = _Waiting(incoming, asyncio.get_running_loop().create_future()), time.perf_counter()
        self._queue.append(waiting)
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        try:
            taken = await asyncio.shield(waiting.done)
        except Exception:
            self.meters.turns["failed"] += 1
            raise
        self.meters.seconds.see(time.perf_counter() - began)
        self.meters.turns[taken.result] += 1
        return taken

    async def close(self) -> None:
        """Waits for the turns under way."""
        if self._running is not None:
            await self._running

    async def _drain(self) -> None:
        while self._queue:
            batch = self._next_batch()
            self.meters.batches.see(len(batch))
            await self._take_all(batch)

    def _next_batch(self) -> list[_Waiting]:
        """The oldest waiting turns, at most one an address."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        seen: set[tuple[str, str]] = set()
        for waiting in self._queue:
            key = (waiting.incoming.channel, waiting.incoming.value)
            fits = len(batch) < BATCH and key not in seen
            seen.add(key)
            (batch if fits else later).append(waiting)
        self._queue = later
        return batch

    async def _take_all(self, batch: list[_Waiting]) -> None:
        """A batch at once; one that breaks is taken again by halves, so that only the broken turn is lost."""
        try:
            await self._commit(batch)
        except Exception as error:
            if len(batch) > 1 and not unreachable(error):
                await self._take_all(batch[: len(batch) // 2])
                await self._take_all(batch[len(batch) // 2 :])
                return
            for waiting in batch:
                await self._failed(waiting, error)

    async def _failed(self, waiting: _Waiting, error: Exception) -> None:
        if unreachable(error) or worth_retrying(error):
            waiting.done.set_exception(error)
            return
        log.error("a turn on %s broke and was set apart: %s", waiting.incoming.channel, _trace(error))
        try:
            language = await self._quarantine(waiting.incoming, error)
        except Exception as worse:
            waiting.done.set_exception(worse)
            return
        sorry = say(
            "Sorry, something went wrong on our side. Your last answer was not saved. "
            "The ones before it were. Please send it again."
        )
        waiting.done.set_result(Taken(True, (message(sorry, language),), broke=True))

    async def _quarantine(self, incoming: Incoming, error: Exception) -> str:
        """Notes for an operator where an update broke us, and hears it no more. The language to apologise in."""
        async with self.database.write(self.clock(), brief=True) as tx:
            await dialogues.hear_once(tx, [(incoming.channel, incoming.event)])
            await dialogues.set_apart(tx, incoming.channel, incoming.event, _trace(error))
            person = await people.address_of(tx, incoming.channel, incoming.value)
        return person.language if person else incoming.language

    async def _commit(self, batch: list[_Waiting]) -> None:
        for attempt in range(RETRIES):
            alone = self.outcomes.apart
            try:
                busy: list[_Waiting] = await self._once(batch)
                break
            except Exception as error:
                without = self.outcomes.apart and not alone and not unreachable(error)
                if not (worth_retrying(error) or without) or attempt == RETRIES - 1:
                    raise
                await asyncio.sleep(0.02 * 2**attempt)
        self._queue = [*busy, *self._queue]
        if busy:
            await asyncio.sleep(0.01)

    async def _once(self, batch: list[_Waiting]) -> list[_Waiting]:
        now = self.clock()
        try:
            async with self.outcomes.along() as outcomes, self.database.write(now, brief=True) as tx:
                await self.library.keep_up(tx)
                await outcomes.write(tx, self.holder)
                await deliveries.let_go(tx, self.holder, self._in_doubt)
                met, busy, taken, replies = await self._turn(tx, batch)
                mine = await deliveries.queue_replies(tx, replies, self.holder, await reach.awaited(tx, replies))
        except Exception as error:
            if unreachable(error):
                self._in_doubt.append(now)
            raise
        self._in_doubt.clear()
        self.nudge(mine, {person.address: waiting.incoming.value for waiting, person in met})
        for waiting, result in taken:
            waiting.done.set_result(result)
        return busy

    async def _turn(self, tx: Transaction, everything: list[_Waiting]) -> _Batch:
        batch = [each for each in everything if each.incoming.unblocked is None]
        noted = await _note_reach(tx, [each for each in everything if each.incoming.unblocked is not None])
        await _join(tx, batch)
        found = await people.meet(
            tx, [(each.incoming.channel, each.incoming.value, each.incoming.language) for each in batch]
        )
        met, busy = _part(batch, found)
        met, again = _one_each(met)
        fresh = await dialogues.hear_once(tx, [(w.incoming.channel, w.incoming.event) for w, _ in met])
        new = [(w, person) for w, person in met if (w.incoming.channel, w.incoming.event) in fresh]
        results = await play(tx, [(w.incoming, person) for w, person in new], self.library, self.performer)
        taken = [(w, Taken(True, result.shown, person.id)) for (w, person), result in zip(new, results, strict=True)]
        heard = {id(w) for w, _ in new}
        taken += [(w, Taken(False, person=person.id)) for w, person in met if id(w) not in heard]
        return met, [*busy, *again], [*taken, *noted], [reply for result in results for reply in result.replies]


async def _note_reach(tx: Transaction, batch: Sequence[_Waiting]) -> list[tuple[_Waiting, Taken]]:
    """Somebody blocked us, or lets us write again: it is written down, nothing is said, and nobody is made."""
    fresh = await dialogues.hear_once(tx, [(each.incoming.channel, each.incoming.event) for each in batch])
    taken = []
    for waiting in batch:
        incoming = waiting.incoming
        person = await people.address_of(tx, incoming.channel, incoming.value)
        new = (incoming.channel, incoming.event) in fresh
        if person and new:
            await people.silence(tx, person.address, None if incoming.unblocked else "blocked")
        taken.append((waiting, Taken(new, person=person.id if person else "")))
    return taken


async def _join(tx: Transaction, batch: Sequence[_Waiting]) -> None:
    """Ties an address to the person who made a one-use link for it, before we ask who it belongs to."""
    for waiting in batch:
        incoming = waiting.incoming
        person = await people.use_join(tx, incoming.joins) if incoming.joins else None
        if person is not None:
            await people.give_address(tx, incoming.channel, incoming.value, person)


def _part(
    batch: Sequence[_Waiting], found: Sequence[Person | None]
) -> tuple[list[tuple[_Waiting, Person]], list[_Waiting]]:
    met = [(waiting, person) for waiting, person in zip(batch, found, strict=True) if person is not None]
    return met, [waiting for waiting, person in zip(batch, found, strict=True) if person is None]


def _one_each(met: list[tuple[_Waiting, Person]]) -> tuple[list[tuple[_Waiting, Person]], list[_Waiting]]:
    """One turn a person: somebody heard on two addresses at once has the second turn in the next batch."""
    seen: set[str] = set()
    now, later = [], []
    for waiting, person in met:
        if person.id in seen:
            later.append(waiting)
        else:
            now.append((waiting, person))
        seen.add(person.id)
    return now, later


def _trace(error: Exception) -> str:
    """What broke and where, without the error's own words: they may quote what a person said."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__)[-6:])}"
