"""Shown: the prompt that somebody saw last where we push to them, which can be changed in place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from storage.database import Transaction
from storage.deliveries import CALLED_AT, UNSETTLED, Lane
from storage.schema import addresses, broadcasts, deliveries, staff


@dataclass(frozen=True)
class Shown:
    """A prompt as it was said, and the channel's own id of it; `value` is the address it was said to."""

    person: str
    address: str
    channel: str
    value: str
    body: str = ""
    remote: str = ""


async def lookers(tx: Transaction, ids: Collection[str]) -> list[str]:
    """The people who wrote or signed these broadcasts, as far as a chat knows them."""
    meant = broadcasts.c.id.in_(ids)
    at_desk = sa.select(staff.c.person).join(
        broadcasts, sa.or_(staff.c.name == broadcasts.c.author, staff.c.name == broadcasts.c.signer)
    )
    named = at_desk.where(meant, staff.c.person.is_not(None))
    hosts = sa.select(broadcasts.c.person).where(meant, broadcasts.c.person.is_not(None))
    return [row.person for row in await tx.rows(sa.union(named, hosts))]


async def addresses_of(tx: Transaction, person: str) -> list[Shown]:
    """Where somebody is reached, with nothing shown yet."""
    rows = await tx.rows(sa.select(addresses).where(addresses.c.person == person, addresses.c.stopped_at.is_(None)))
    return [Shown(person, row.id, row.channel, tx.keys.open(row.sealed, "addresses", "sealed", row.id)) for row in rows]


async def last_prompt(tx: Transaction, at: Shown) -> Shown | None:
    """The prompt shown last at a pushed-to address; None where there is none, or another reply is on its way."""
    if at.channel in CALLED_AT:
        return None
    here = sa.and_(deliveries.c.address == at.address, deliveries.c.lane == Lane.REPLY)
    under_way = sa.select(deliveries.c.seq).where(here, deliveries.c.state.in_(UNSETTLED)).limit(1)
    if await tx.first(under_way) is not None:
        return None
    seen = sa.and_(here, deliveries.c.state == "accepted", deliveries.c.is_prompt)
    row = await tx.first(sa.select(deliveries).where(seen).order_by(deliveries.c.seq.desc()).limit(1))
    if row is None or not row.remote or not row.body:
        return None
    body = tx.keys.open(row.body, "deliveries", "body", row.id)
    return Shown(at.person, at.address, at.channel, at.value, body, row.remote)
