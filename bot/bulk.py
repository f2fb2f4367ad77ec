"""The bulk lane of one carrier: news leaves at the carrier's pace, claimed a few at a time right before it leaves.

A round is one transaction: what was accepted is written down, and the next few are claimed, looked at again (consent,
STOP, quiet hours, the desk) and rendered. Only what is claimed can be in doubt when the process dies; all else still
waits in the ledger, for whoever sends next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot import budget, feedback, preparing
from bot.channels.sending import Channel, Failed, Failure, Sent
from bot.feedback import Prepared
from bot.house import House
from bot.pace import Pace
from bot.quiet import by_the_clock
from bot.restraint import Restraint
from bot.tasks import kept_going
from storage import deliveries, pulse, reach
from storage.database import Transaction
from storage.deliveries import Delivery, Lane, Settlement
from storage.pulse import LIFE
from storage.unasked import DIGESTS

log = logging.getLogger(__name__)
LANES = (Lane.FEEDBACK, Lane.BROADCAST)
LEASE = LIFE.total_seconds()
IDLE_SECONDS = 0.25
GATHERING = 0.02
"""Seconds in which the last outcomes come together before they are written down."""

LEAST_READY, READY_SECONDS = 4, 1 / 16
"""So many are claimed ahead: as many as leave in so many seconds, which is about as long as a round may take. Whoever
says STOP, or pauses it at the desk, waits no longer than for these."""

LEAST_FLYING, FLYING_SECONDS = 8, 0.2
"""So many may be on the wire: as many as leave in so many seconds, so that a slow carrier does not keep a fast pace
from being reached, and a stop is as quick at any pace."""


def most_flying(pace: float) -> int:
    """How many may be on the wire at so many a second."""
    return max(LEAST_FLYING, round(pace * FLYING_SECONDS))


def most_ready(pace: float) -> int:
    """How many may be claimed and have not left, at so many a second."""
    return max(LEAST_READY, round(pace * READY_SECONDS))


def most_in_hand(pace: float) -> int:
    """How many one process may hold: on the wire, about to leave, and accepted while a round was under way. So many at
    most are *unknown* when it is killed."""
    return most_flying(pace) + 2 * most_ready(pace)


@dataclass
class Bulk:
    """Feedback and broadcasts on one carrier. One process at a time sends them, by a lease row.

    What the carrier did not accept goes to `settle`, in the words of `outcome`. Once `closing` is set, `run` comes to
    its end; then, and when nothing is on the wire any more, `left_over` says what is still to be written down.
    """

    house: House
    channel: Channel
    pace: Pace
    restraint: Restraint
    closing: asyncio.Event
    settle: Callable[[Settlement], None]
    outcome: Callable[[Delivery, Failed], Settlement]
    _ready: deque[Prepared] = field(default_factory=deque)
    _flying: set[asyncio.Task[None]] = field(default_factory=set)
    _accepted: list[Settlement] = field(default_factory=list)
    _in_doubt: list[datetime] = field(default_factory=list)
    _going: bool = False
    _leased_until: float = float("-inf")
    _round_wanted: asyncio.Event = field(default_factory=asyncio.Event)
    _filled: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Sends what there is, until it is closing and nothing is on the wire."""
        leaving = asyncio.create_task(self._leave())
        while not self.closing.is_set():
            with kept_going("claiming feedback"):
                await self._round()
                await self._until_wanted()
                continue
            await asyncio.sleep(IDLE_SECONDS)
        await leaving
        if self._flying:
            await asyncio.wait(self._flying)

    def close(self) -> None:
        """Wakes whatever waits, to see that it is closing."""
        self._filled.set()
        self._round_wanted.set()

    def left_over(self) -> list[Settlement]:
        """What was accepted and is not written down yet; and what did not leave, which goes back."""
        left = [*self._accepted, *(Settlement(each.delivery.id, "again") for each in self._ready)]
        self._accepted.clear()
        self._ready.clear()
        return left

    # A round

    async def _until_wanted(self) -> None:
        """Until few are left to leave, or what was accepted last waits to be written down."""
        if self._going and not self._ready:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._round_wanted.wait(), IDLE_SECONDS)
        self._round_wanted.clear()
        if not self._going:
            await asyncio.sleep(GATHERING)

    async def _round(self) -> None:
        """A claim whose commit nobody confirmed may have happened: the next round lets go of it first."""
        room = self._room()
        if not (self._accepted or self._in_doubt or (room and await self._anything_due())):
            self._going = False
            return
        accepted, self._accepted, now = self._accepted, [], self.house.clock()
        try:
            async with self.house.database.write(now, brief=True) as tx:
                await deliveries.settle(tx, accepted, self.house.holder)
                await deliveries.let_go(tx, self.house.holder, self._in_doubt, LANES)
                claimed = await self._claim(tx, room) if room else []
                prepared = await self._prepare(tx, claimed)
        except BaseException:
            self._accepted = accepted + self._accepted
            self._in_doubt.append(now)
            self._going, self._leased_until = False, float("-inf")
            raise
        self._in_doubt.clear()
        self._going = bool(claimed)
        if prepared:
            self._take_in_hand(prepared)

    def _room(self) -> int:
        if self.pace.held or not self.house.alive():
            return 0
        return max(0, most_ready(self.pace.now) - len(self._ready))

    async def _anything_due(self) -> bool:
        """A look that takes no lock: most of the time there is nothing."""
        if self._going:
            return True
        async with self.house.database.read(self.house.clock(), brief=True) as tx:
            return await deliveries.any_due(tx, LANES, [self.channel.name])

    async def _claim(self, tx: Transaction, most: int) -> list[Delivery]:
        """The next few, while this process holds the lease."""
        if not await self._holds_lease(tx):
            return []
        await reach.hold(tx, self.channel.name)
        return await deliveries.claim(tx, LANES, [self.channel.name], self.house.holder, most)

    async def _holds_lease(self, tx: Transaction) -> bool:
        """Asked of the ledger well before it can have run out. Whoever holds it looks after what the dead left."""
        if time.monotonic() < self._leased_until - LEASE / 2:
            return True
        until = time.monotonic() + LEASE
        if not await pulse.hold_lease(tx, reach.lane_of(self.channel.name), self.house.holder, LEASE):
            return False
        await deliveries.park_lapsed(tx, self.channel.name)
        self._leased_until = until
        return True

    async def _prepare(self, tx: Transaction, claimed: Sequence[Delivery]) -> list[Prepared]:
        awake, asleep = (list(claimed), []) if self.house.settings.trial else by_the_clock(claimed, self.house.clock())
        within, over = await budget.within(tx, awake, self.house.settings.unasked_per_week)
        prepared = await preparing.prepare(tx, within, self.house.library, self.house.site)
        instead = [each.settlement for each in prepared if each.settlement]
        over = await budget.join_digests(tx, over)
        await deliveries.settle(tx, [*instead, *asleep, *budget.waiting(over)], self.house.holder)
        return [each for each in prepared if each.message is not None]

    def _take_in_hand(self, prepared: Sequence[Prepared]) -> None:
        self._ready.extend(prepared)
        self._filled.set()

    # Leaving

    async def _leave(self) -> None:
        """Lets one after the other go at the carrier's pace. What may not leave any more goes back."""
        while not self.closing.is_set():
            if not self._ready:
                self._filled.clear()
                self._round_wanted.set()
                await self._filled.wait()
                continue
            await self.pace.turn()
            while len(self._flying) >= most_flying(self.pace.now):
                await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            if self.pace.held or not self.house.alive():
                self._give_back()
            elif not self.closing.is_set():
                self._send(self._ready.popleft())

    def _send(self, prepared: Prepared) -> None:
        task = asyncio.create_task(self._send_one(prepared))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        if 2 * len(self._ready) <= most_ready(self.pace.now):
            self._round_wanted.set()

    def _give_back(self) -> None:
        while self._ready:
            self.settle(Settlement(self._ready.popleft().delivery.id, "again"))

    async def _send_one(self, prepared: Prepared) -> None:
        assert prepared.message is not None
        delivery = prepared.delivery
        if until := self.restraint.until(delivery.person):
            self.settle(Settlement(delivery.id, "again", not_before=until))
            return
        try:
            sent = await self.channel.send(delivery.value, prepared.message, None)
        except Exception as error:  # what breaks us may have left: it is in doubt, and in nobody's way
            log.error("sending news on %s broke: %s", self.channel.name, type(error).__name__)
            sent = Failed(Failure.UNKNOWN)
        if isinstance(sent, Sent):
            self.pace.went_well()
            self._accepted.append(feedback.settled(prepared, sent.remote))
            if not self._ready:
                self._round_wanted.set()
            return
        if sent.failure is Failure.SLOW_DOWN:
            self.pace.slow_down(sent.retry_after or 1.0, delivery.address)
        became = self.outcome(delivery, sent)
        final = became.outcome != "again"
        self.settle(replace(became, carries=final and delivery.kind in DIGESTS))
