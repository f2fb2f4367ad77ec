"""Looking: deliveries of channels that are called at are claimed, shown and settled when their person looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot import feedback, preparing
from bot.channels.messages import Message
from bot.house import House
from storage import deliveries
from storage.deliveries import Delivery, Lane, Settlement


@dataclass(frozen=True)
class Seen:
    """One thing that waited for its person, ready to be shown."""

    id: str
    message: Message
    is_prompt: bool
    settlement: Settlement


async def look(house: House, person: str, channel: str, *, drawn: bool = False) -> list[Seen]:
    """Everything that waits for this person on this channel, oldest first. Settle it once it has been shown.

    `drawn` settles it in the same transaction: a page drawn from state can be drawn again, so nothing hangs on it.
    """
    async with house.database.read(house.clock()) as tx:
        if not await deliveries.any_to_see(tx, person, channel):
            return []
    async with house.database.write(house.clock()) as tx:
        claimed = await deliveries.claim_for_viewer(tx, person, channel, house.holder)
        fanned = [each for each in claimed if each.lane != Lane.REPLY]
        prepared = {each.delivery.id: each for each in await preparing.prepare(tx, fanned, house.library, house.site)}
        instead = [each.settlement for each in prepared.values() if each.settlement]
        seen = _seen(claimed, prepared)
        await deliveries.settle(tx, instead + [each.settlement for each in seen if drawn], house.holder)
    return seen


def _seen(claimed: Sequence[Delivery], prepared: Mapping[str, feedback.Prepared]) -> list[Seen]:
    seen = []
    for each in claimed:
        ready = prepared.get(each.id)
        if ready is None:
            said = Message.from_json(each.body)
            seen.append(Seen(each.id, said, each.is_prompt, Settlement(each.id, "accepted")))
        elif ready.message is not None:
            seen.append(Seen(each.id, ready.message, False, feedback.settled(ready)))
    return seen


async def settle(house: House, seen: list[Seen]) -> None:
    """Writes down that these were shown."""
    if seen:
        async with house.database.write(house.clock()) as tx:
            await deliveries.settle(tx, [each.settlement for each in seen], house.holder)
