"""The sender: replies at once, and beside them the bulk lanes. Nothing is held open while the network is called.

A reply is born claimed by this process and sent straight from memory; its row is the truth if the process dies.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.bulk import Bulk
from bot.channels.messages import Message
from bot.channels.sending import Channel, Failed, Failure, Sent
from bot.house import House
from bot.pace import Pace
from bot.restraint import Restraint
from bot.tasks import kept_going
from storage import deliveries
from storage.deliveries import Delivery, Lane, Settlement

log = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
REPLY_CLAIM = 50
AT_ONCE = 64
SETTLE_PAUSE = 0.05
"""Seconds that an outcome waits for a turn to take it along: who is killed in between says a reply once more."""

MEMORY = deliveries.LEASE.total_seconds() * 0.75
"""A reply is sent from memory while nobody else can have claimed its row."""

LONGEST_WAIT = timedelta(minutes=15)
LONGEST_WAIT_OF_A_REPLY = timedelta(seconds=8)
"""Somebody is waiting for it: once the carrier is back they hear within ten seconds, however long it was away."""

TOKEN_TOLD_EVERY = 60.0


@dataclass
class Sender:
    """Sends what the ledger holds for channels that are pushed to."""

    house: House
    _queues: dict[str, deque[tuple[Delivery, str, float]]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _loops: list[asyncio.Task[None]] = field(default_factory=list)
    _awake: asyncio.Event = field(default_factory=asyncio.Event)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _bulks: list[Bulk] = field(default_factory=list)
    _backlog: bool = False
    _in_doubt: list[datetime] = field(default_factory=list)
    _token_told: float = field(default=float("-inf"))
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _restraint: Restraint = field(init=False)

    def __post_init__(self) -> None:
        self._restraint = Restraint(self.house.clock)

    async def start(self) -> None:
        self._loops = [asyncio.create_task(self._settle_loop()), asyncio.create_task(self._reply_loop())]
        self._bulks = [self._bulk(channel) for channel in self.house.channels.values()]
        self._loops += [asyncio.create_task(bulk.run()) for bulk in self._bulks]

    def _bulk(self, channel: Channel) -> Bulk:
        pace = Pace(channel.per_second)
        return Bulk(self.house, channel, pace, self._restraint, self._closing, self._settle, self._outcome)

    async def close(self) -> None:
        """Finishes what is on the wire, writes it down, and stops."""
        self._closing.set()
        for bulk in self._bulks:
            bulk.close()
        for loop in self._loops[1:2]:
            loop.cancel()
        if unfinished := {*self._loops[2:], *self._tasks}:
            await asyncio.wait(unfinished, timeout=10)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        for loop in self._loops:
            loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await loop
        for settlement in [each for bulk in self._bulks for each in bulk.left_over()]:
            self._settle(settlement)
        await self._settle_now()

    def wake(self) -> None:
        """Something was queued."""
        self._awake.set()

    def nudge(self, replies: list[Delivery], values: dict[str, str]) -> None:
        """Replies that a turn has just committed, born claimed by this process."""
        for reply in replies:
            self._enqueue(reply, values[reply.address])

    # Replies

    def _enqueue(self, reply: Delivery, value: str) -> None:
        known = (reply, value, time.monotonic() + MEMORY)
        queue = self._queues.get(reply.address)
        if queue is not None:
            queue.append(known)
            return
        self._queues[reply.address] = deque([known])
        self._spawn(self._send_in_order(reply.address))

    async def _send_in_order(self, address: str) -> None:
        """One delivery in flight an address. A prompt that a newer one overtook is not sent; a remark is."""
        queue = self._queues[address]
        try:
            while queue:
                reply, value, until = queue.popleft()
                if reply.is_prompt and any(later.is_prompt for later, *_ in queue):
                    self._settle(Settlement(reply.id, "withdrawn"))
                    continue
                settlement = await self._send_reply(reply, value, until)
                self._settle(settlement)
                if settlement.outcome == "again":
                    await self._put_back(queue)
        finally:
            del self._queues[address]

    async def _send_reply(self, reply: Delivery, value: str, until: float) -> Settlement:
        async with self._slots:
            if time.monotonic() > until or not self.house.alive():
                return Settlement(reply.id, "again")
            try:
                said = reply.said or Message.from_json(reply.body)
                sent = await self.house.channels[reply.channel].send(value, said, reply.target)
            except Exception as error:  # a reply that breaks us may not stand in the way of the next, for ever
                sent = Failed(Failure.BAD_MESSAGE, detail=type(error).__name__)
        return self._outcome(reply, sent)

    async def _put_back(self, queue: deque[tuple[Delivery, str, float]]) -> None:
        """What was queued behind a reply that must wait goes back to the ledger, which keeps the order; what comes in
        while that is written down goes the same way."""
        while True:
            while queue:
                self._settle(Settlement(queue.popleft()[0].id, "again"))
            with kept_going("putting replies back"):
                await self._settle_now()
            if not queue:
                return

    def _outcome(self, reply: Delivery, sent: Sent | Failed) -> Settlement:
        if isinstance(sent, Sent):
            return Settlement(reply.id, "accepted", sent.remote)
        failure, word = sent.failure, sent.failure.word
        if failure.silence:
            self.house.turns.outcomes.silence(reply.address, word)
        if failure.wake:
            self._wake_operator(reply, sent)
        if failure is Failure.UNKNOWN:
            once_more = reply.lane == Lane.REPLY and reply.attempts < 2
            return Settlement(reply.id, "again" if once_more else "unknown", failure=word)
        if failure.again:
            return Settlement(reply.id, "again", failure=word, not_before=self._later(sent, reply))
        return Settlement(reply.id, "refused", failure=word)

    def _wake_operator(self, reply: Delivery, failed: Failed) -> None:
        """A refused token is told once a minute: it refuses everybody, again and again."""
        if failed.failure is Failure.REFUSED_TOKEN:
            if time.monotonic() < self._token_told + TOKEN_TOLD_EVERY:
                return
            self._token_told = time.monotonic()
        log.error("sending on %s failed: %s. %s", reply.channel, failed.failure.word, failed.detail)

    def _later(self, failed: Failed, reply: Delivery) -> datetime:
        wait = timedelta(seconds=failed.retry_after) if failed.retry_after is not None else None
        longest = LONGEST_WAIT_OF_A_REPLY if reply.lane == Lane.REPLY else LONGEST_WAIT
        backoff = min(timedelta(seconds=2 ** min(reply.attempts, 10)), longest)
        return self.house.clock() + (wait or backoff)

    async def _reply_loop(self) -> None:
        """Takes over replies whose sender died, and those whose time to be tried again has come."""
        while True:
            await self._pause()
            with kept_going("claiming replies"):
                claimed = []
                if self._in_doubt or await self._any_due([Lane.REPLY], self.house.channels):
                    claimed = await self._claim_replies()
                self._backlog = bool(claimed)  # more may wait behind each: we look again as soon as it is settled
                for each in claimed:
                    if each.address not in self._queues:
                        self._enqueue(each, each.value)
                    else:
                        self._settle(Settlement(each.id, "again"))

    async def _claim_replies(self) -> list[Delivery]:
        """A claim whose commit nobody confirmed may have happened: the next one lets go of it first."""
        now, holder = self.house.clock(), self.house.holder
        try:
            async with self.house.database.write(now, brief=True) as tx:
                await deliveries.let_go(tx, holder, self._in_doubt)
                claimed = await deliveries.claim(tx, [Lane.REPLY], self.house.channels, holder, REPLY_CLAIM)
        except Exception:
            self._in_doubt.append(now)
            raise
        self._in_doubt.clear()
        return claimed

    async def _any_due(self, lanes: Sequence[Lane], channels: Iterable[str]) -> bool:
        """A look that takes no lock: most of the time there is nothing."""
        async with self.house.database.read(self.house.clock(), brief=True) as tx:
            return await deliveries.any_due(tx, lanes, channels)

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), IDLE_SECONDS)
        await asyncio.sleep(0.02)
        self._awake.clear()

    # Settling

    def _settle(self, settlement: Settlement) -> None:
        self.house.turns.outcomes.add(settlement)

    async def _settle_loop(self) -> None:
        """Writes outcomes down where no turn takes them along."""
        outcomes = self.house.turns.outcomes
        while True:
            await outcomes.there.wait()
            await asyncio.sleep(SETTLE_PAUSE)
            with kept_going("settling"):
                await self._settle_now()
                continue
            await asyncio.sleep(0.5)

    async def _settle_now(self) -> None:
        """Writes down every outcome so far. When it returns, none that came before it is still unwritten."""
        outcomes = self.house.turns.outcomes
        async with outcomes.taken() as batch:
            if batch:
                async with self.house.database.write(self.house.clock(), brief=True) as tx:
                    await batch.write(tx, self.house.holder)
        if self._backlog or outcomes.put_back:
            outcomes.put_back = False
            self.wake()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
