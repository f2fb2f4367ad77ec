"""Shown: the prompt that somebody saw last where we push to them, which can be changed in place; and what a page has
drawn that its person has not gone on from, which it draws again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.database import Transaction
from storage.deliveries import CALLED_AT, UNSETTLED, Delivery, Lane, whole
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


DRAWN = "going on"
"""What a settled delivery waits for that a page has drawn: that its person goes on from that page."""


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


async def keep(tx: Transaction, drawn: Sequence[tuple[str, str | None]]) -> None:
    """These were drawn just now, given as (delivery, words that nothing can render again). What asks for a reply
    is not kept: it stands until it has one."""
    rows = [{"row": id_, "words": _sealed(tx, id_, words)} for id_, words in drawn]
    if rows:
        await tx.execute(_KEEP, rows)


def _sealed(tx: Transaction, id_: str, words: str | None) -> bytes | None:
    return None if words is None else tx.keys.seal(words, "deliveries", "body", id_)


async def again(tx: Transaction, person: str, channel: str) -> list[tuple[Delivery, datetime]]:
    """What pages of this person drew on this channel and were not gone on from, and when, oldest first."""
    columns = sa.select(deliveries.c.seq, deliveries.c.settled)
    drawn = {row.seq: row.settled for row in await tx.rows(_drawn(person, channel, columns))}
    return [(each, drawn[each.seq]) for each in await whole(tx, list(drawn))]


async def pass_by(tx: Transaction, person: str, channel: str, until: datetime, remarks: datetime | None = None) -> None:
    """What was drawn until this moment is not drawn again; `remarks` is another moment for replies. Words that were
    kept only for that go."""
    is_reply = deliveries.c.lane == Lane.REPLY
    until_then = sa.or_(deliveries.c.settled <= until, sa.and_(is_reply, deliveries.c.settled <= (remarks or until)))
    passed = _drawn(person, channel, sa.update(deliveries)).where(until_then)
    await tx.execute(passed.values(waits_for=None, body=sa.case((is_reply, deliveries.c.body))))


def _drawn(person: str, channel: str, statement: Any) -> Any:
    mine = sa.select(addresses.c.id).where(addresses.c.person == person, addresses.c.channel == channel)
    accepted = sa.and_(deliveries.c.address.in_(mine), deliveries.c.state == "accepted")
    return statement.where(accepted, deliveries.c.waits_for == DRAWN)


_KEEP = (
    sa.update(deliveries)
    .where(
        deliveries.c.id == sa.bindparam("row"), sa.or_(deliveries.c.lane == Lane.REPLY, deliveries.c.kind != "message")
    )
    .values(
        waits_for=DRAWN,
        body=sa.func.coalesce(sa.bindparam("words", type_=deliveries.c.body.type), deliveries.c.body),
    )
)
