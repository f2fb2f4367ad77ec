"""Channels: the address that somebody chose for a kind of message, looked up where it is queued and nowhere else.

Whoever chose nothing has no row. A choice of an address that said STOP, cannot be reached or is gone counts as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import sqlalchemy as sa

from conversations.domain.channels import Channels, MessageKind
from storage.database import Transaction, among
from storage.deliveries import CALLED_AT, ITS_HOUR, Lane
from storage.schema import addresses, channel_choices, deliveries

OF_DELIVERIES: Mapping[str, MessageKind] = {
    "message": "outcomes",
    "notice": "follows",
    "daily": "follows",
    "weekly": "follows",
    "closing": "follows",
    "event": "events",
    "broadcast": "many",
}
"""Which kind of message a delivery is, by its own kind; what staff are told is none."""


def where_chosen(audience: sa.Subquery, kind: MessageKind) -> sa.Subquery:
    """The persons, addresses and channels of an audience, each where they chose this kind of message to come."""
    mine, there = channel_choices.alias("mine"), addresses.alias("there")
    of_kind = sa.and_(mine.c.person == audience.c.person, mine.c.kind == kind)
    joined = audience.outerjoin(mine, of_kind).outerjoin(there, _reached(there, mine))
    columns = (
        audience.c.person,
        sa.func.coalesce(there.c.id, audience.c.address).label("address"),
        sa.func.coalesce(there.c.channel, audience.c.channel).label("channel"),
    )
    return sa.select(*columns).select_from(joined).subquery()


def _reached(there: Any, mine: Any) -> sa.ColumnElement[bool]:
    """The address of a choice, where it is still theirs and takes what we send."""
    theirs = sa.and_(there.c.id == mine.c.address, there.c.person == mine.c.person)
    return sa.and_(theirs, there.c.stopped_at.is_(None), there.c.silent.is_(None))


def can_be_reached(at: Any, kind: MessageKind) -> sa.ColumnElement[bool]:
    """That an address takes what we send, or the one does that its person chose for this kind of message."""
    mine, there = channel_choices.alias("chose"), addresses.alias("chosen_there")
    open_ = sa.and_(at.c.stopped_at.is_(None), at.c.silent.is_(None))
    return sa.or_(open_, sa.exists().where(mine.c.person == at.c.person, mine.c.kind == kind, _reached(there, mine)))


async def choose(tx: Transaction, person: str, here: str, kind: MessageKind, channel: str) -> None:
    """This kind of message comes on this channel from now on, here if it is the one somebody speaks on; where they
    asked for it if it is none. What waits to be sent comes there too."""
    mine = sa.and_(channel_choices.c.person == person, channel_choices.c.kind == kind)
    if not channel:
        await tx.execute(sa.delete(channel_choices).where(mine))
        return
    found = await tx.first(_best(person, here, channel))
    if found is None:
        return
    row = tx.insert(channel_choices).values(person=person, kind=kind, address=found.id)
    await tx.execute(row.on_conflict_do_update(index_elements=["person", "kind"], set_={"address": found.id}))
    await _bring(tx, person, kind, found.id, channel)


def _best(person: str, here: str, channel: str) -> sa.Select[Any]:
    theirs = sa.and_(addresses.c.person == person, addresses.c.channel == channel)
    open_ = sa.and_(addresses.c.stopped_at.is_(None), addresses.c.silent.is_(None))
    return sa.select(addresses.c.id).where(theirs, open_).order_by(addresses.c.id != here, addresses.c.created).limit(1)


async def _bring(tx: Transaction, person: str, kind: MessageKind, address: str, channel: str) -> None:
    """What waits in the ledger for another address of theirs: a reminder waits there from the day it was booked."""
    theirs = deliveries.c.address.in_(sa.select(addresses.c.id).where(addresses.c.person == person))
    kinds = [name for name, of in OF_DELIVERIES.items() if of == kind]
    waits = sa.and_(deliveries.c.state == "waiting", deliveries.c.lane != Lane.REPLY, deliveries.c.kind.in_(kinds))
    still_to_come = sa.case((deliveries.c.not_before > tx.now, ITS_HOUR), else_=sa.null())
    pushed = sa.case((deliveries.c.waits_for == "looking", still_to_come), else_=deliveries.c.waits_for)
    waits_for: Any = "looking" if channel in CALLED_AT else pushed
    moved = sa.update(deliveries).where(theirs, waits, deliveries.c.address != address)
    await tx.execute(moved.values(address=address, channel=channel, waits_for=waits_for))


async def of(tx: Transaction, people: Sequence[str]) -> dict[str, Channels]:
    """Where these people can be written to, and what they chose."""
    found = {person: Channels() for person in people}
    for row in await tx.rows(_OF_EACH, {"people": list(people)}):
        before = found[row.person]
        chosen = {row.kind: row.channel} if row.kind in get_args(MessageKind) else {}
        mine = tuple(dict.fromkeys((*before.mine, row.channel)))
        found[row.person] = Channels(mine, {**before.chosen, **chosen})
    return found


_CHOSEN_HERE = sa.and_(channel_choices.c.address == addresses.c.id, channel_choices.c.person == addresses.c.person)
_OF_EACH = (
    sa.select(addresses.c.person, addresses.c.channel, channel_choices.c.kind)
    .outerjoin(channel_choices, _CHOSEN_HERE)
    .where(among(addresses.c.person, "people"), addresses.c.stopped_at.is_(None), addresses.c.silent.is_(None))
    .order_by(addresses.c.created, addresses.c.id)
)
