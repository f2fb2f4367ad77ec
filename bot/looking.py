"""Looking: deliveries of channels that are called at are claimed, shown and settled when their person looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import feedback, preparing
from bot.channels.messages import Message
from bot.house import House
from storage import deliveries, shown
from storage.database import Transaction
from storage.deliveries import Delivery, Lane, Settlement
from storage.unasked import DIGESTS

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Seen:
    """One thing that waited for its person, ready to be shown; `drawn` is when a page drew it first. A digest
    can be rendered `once` only."""

    id: str
    message: Message
    is_prompt: bool
    settlement: Settlement | None = None
    drawn: datetime | None = None
    once: bool = False


async def look(house: House, person: str, channel: str) -> list[Seen]:
    """Everything that waits for this person on this channel, oldest first. Settle it once it has been shown."""
    async with house.database.read(house.clock()) as tx:
        if not await deliveries.any_to_see(tx, person, channel):
            return []
    async with house.database.write(house.clock()) as tx:
        seen, instead = await _claimed(tx, house, person, channel)
        await deliveries.settle(tx, instead, house.holder)
    return seen


async def look_to_draw(house: House, person: str, channel: str) -> list[Seen]:
    """What a page says besides the question: what it said before and its person has not gone on from, then what waits.

    What waits is settled in the same transaction. Nothing hangs on whether the page arrives: it can be drawn again.
    """
    async with house.database.read(house.clock()) as tx:
        before = await _again(tx, house, person, channel)
        if not await deliveries.any_to_see(tx, person, channel):
            return before
    async with house.database.write(house.clock()) as tx:
        seen, instead = await _claimed(tx, house, person, channel)
        await deliveries.settle(tx, instead + [each.settlement for each in seen if each.settlement], house.holder)
        await shown.keep(tx, [(each.id, each.message.to_json() if each.once else None) for each in seen])
    return before + [replace(each, drawn=tx.now) for each in seen]


async def _claimed(tx: Transaction, house: House, person: str, channel: str) -> tuple[list[Seen], list[Settlement]]:
    """What is shown now, and what became of what is not."""
    claimed = await deliveries.claim_for_viewer(tx, person, channel, house.holder)
    fanned = [each for each in claimed if each.lane != Lane.REPLY]
    prepared = {each.delivery.id: each for each in await preparing.prepare(tx, fanned, house.library, house.site)}
    return _seen(claimed, prepared), [each.settlement for each in prepared.values() if each.settlement]


def _seen(claimed: Sequence[Delivery], prepared: Mapping[str, feedback.Prepared]) -> list[Seen]:
    seen = []
    for each in claimed:
        ready = prepared.get(each.id)
        if ready is None:
            said = Message.from_json(each.body)
            seen.append(Seen(each.id, said, each.is_prompt, Settlement(each.id, "accepted")))
        elif ready.message is not None:
            once = each.kind in DIGESTS
            seen.append(Seen(each.id, ready.message, False, feedback.settled(ready), once=once))
    return seen


async def _again(tx: Transaction, house: House, person: str, channel: str) -> list[Seen]:
    """What was drawn before, as it is now: a reminder of what is over, or of what moved, is not shown again."""
    drawn = await shown.again(tx, person, channel)
    worded = {each.id: Message.from_json(each.body) for each, _ in drawn if each.body}
    unworded = [each for each, _ in drawn if not each.body]
    for each in await preparing.prepare(tx, unworded, house.library, house.site):
        if each.message is not None:
            worded[each.delivery.id] = each.message
    return [Seen(each.id, worded[each.id], is_prompt=False, drawn=at) for each, at in drawn if each.id in worded]


async def settle(house: House, seen: list[Seen]) -> None:
    """Writes down that these were shown."""
    if seen:
        async with house.database.write(house.clock()) as tx:
            await deliveries.settle(tx, [each.settlement for each in seen if each.settlement], house.holder)


async def go_on(house: House, person: str, channel: str, seen: datetime) -> None:
    """Somebody answered a page that had drawn everything up to this moment: that is drawn no more."""
    async with house.database.write(house.clock()) as tx:
        await shown.pass_by(tx, person, channel, seen)


async def come_back(house: House, person: str, channel: str) -> None:
    """Somebody came back after a while: remarks of that time are past, news of a day ago was there to be seen."""
    async with house.database.write(house.clock()) as tx:
        await shown.pass_by(tx, person, channel, tx.now - A_DAY, remarks=tx.now)
