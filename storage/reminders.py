"""What those who booked are told of an event: rows in the ledger, each once. They are worded when they are sent.

A row's source names the event, its version and what is told: "ev-7K3F2Q9X-2-hour". So there is one row a person for
each thing that may be told, whatever happens twice; and what an older version was to tell is known for what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa

from conversations.domain.gatherings import URGENT, Gathering
from conversations.domain.reminding import REMINDERS, due, morning_after
from conversations.domain.whens import instant
from storage import fan_out
from storage import gatherings as gatherings_kept
from storage.database import Transaction
from storage.deliveries import Lane
from storage.references import short_code
from storage.schema import addresses, bookings, deliveries, gatherings, persons

News = Literal["day", "hour", "moved", "cancelled", "seat", "approved", "declined", "report", "after"]
TIMED: tuple[News, ...] = (*REMINDERS, "after")
"""What whoever has a seat is told at its hour: the reminders, and the morning after the question how it was."""
KIND = "event"
"""The kind of these deliveries, which says how they are worded."""

PREFIX = "ev-"
_resident = persons.alias("resident")


@dataclass(frozen=True)
class Source:
    """What a row of the ledger tells: `news` of a version of an event."""

    gathering: str
    version: int
    news: News


def source_of(gathering: str, version: int, news: News) -> str:
    """The source of the rows that tell this. A seat may come free to somebody more than once."""
    once_more = f"-{short_code(6)}" if news == "seat" else ""
    return f"{PREFIX}{gathering}-{version}-{news}{once_more}"


def read_source(source: str | None) -> Source | None:
    """What a source says; None for one that is not of an event."""
    parts = (source or "").split("-")
    if len(parts) < 4 or parts[0] != PREFIX.rstrip("-") or not parts[2].isdigit() or parts[3] not in get_args(News):
        return None
    return Source(parts[1], int(parts[2]), parts[3])  # type: ignore[arg-type]


async def schedule(tx: Transaction, gathering: str, person: str = "") -> None:
    """What everybody who has a seat, or one of them, is told at its hour, where that is still to come. One statement
    for each zone they live in, and each thing told."""
    found = await _gathering(tx, gathering)
    if found.start is None:
        return
    seated = sa.and_(bookings.c.state == "booked", bookings.c.person == person if person else sa.true())
    zones = (
        sa.select(persons.c.zone)
        .join(bookings, bookings.c.person == persons.c.id)
        .where(bookings.c.gathering == gathering, seated)
        .distinct()
    )
    for row in await tx.rows(zones):
        lives_there = sa.exists().where(_resident.c.id == bookings.c.person, _resident.c.zone == row.zone)
        here = sa.and_(seated, lives_there)
        for which, at in _times(found, row.zone, tx.now).items():
            await _fan_out(tx, source_of(gathering, found.version, which), gathering, here, at)


def _times(found: Gathering, zone: str, now: datetime) -> Mapping[News, datetime]:
    assert found.start is not None
    assert found.ends is not None
    times: dict[News, datetime] = {which: due(which, found.start, found.zone, zone) for which in REMINDERS}
    times["after"] = morning_after(found.ends, zone)
    return {which: at for which, at in times.items() if at > now}


async def out_of_step(tx: Transaction) -> list[str]:
    """Open events to come whose instant is no longer what their clock and zone say: a law has moved the clocks since,
    and this process knows. Looks at all of them, and changes nothing."""
    columns = (gatherings.c.id, gatherings.c.day, gatherings.c.at, gatherings.c.zone, gatherings.c.starts)
    coming = sa.and_(gatherings.c.state == "open", gatherings.c.starts > tx.now)
    rows = await tx.rows(sa.select(*columns).where(coming))
    return [row.id for row in rows if instant(datetime.combine(row.day, row.at), row.zone) != row.starts]


async def put_in_step(tx: Transaction, found: list[str]) -> None:
    """The clock on the wall is what was promised: these events begin when it says, and so do their reminders."""
    for id_ in found:
        event = await _gathering(tx, id_)
        sources = [source_of(id_, event.version, which) for which in TIMED]
        queued = sa.and_(deliveries.c.source.in_(sources), deliveries.c.state == "waiting")
        await tx.execute(sa.delete(deliveries).where(queued))
        await tx.execute(sa.update(gatherings).where(gatherings.c.id == id_).values(starts=event.starts))
        await schedule(tx, id_)


async def tell_all(tx: Transaction, before: Gathering, news: News) -> None:
    """Tells everybody who has a seat or waits for one that the event was moved or called off; at any hour, where it
    begins, or would have begun, within a day. What older versions were still to tell is told no more."""
    found = await _gathering(tx, before.id)
    soon = [at for at in (before.starts, found.starts) if at is not None and tx.now < at < tx.now + URGENT]
    older = sa.and_(deliveries.c.source.in_(_sources(before.id, before.version)), deliveries.c.state == "waiting")
    await tx.execute(sa.update(deliveries).where(older).values(state="withdrawn", settled=tx.now))
    await _fan_out(tx, source_of(before.id, found.version, news), before.id, sa.true(), tx.now, urgent=bool(soon))


async def tell(tx: Transaction, gathering: str, news: News, person: str) -> None:
    """Tells one person, where they booked: that they have moved up."""
    theirs = bookings.c.person == person
    found = await _gathering(tx, gathering)
    soon = found.starts is not None and found.starts < tx.now + URGENT
    await _fan_out(tx, source_of(gathering, found.version, news), gathering, theirs, tx.now, urgent=soon)


async def tell_report(tx: Transaction, gathering: str) -> None:
    """Tells everybody who had a seat what was said at an event."""
    found = await _gathering(tx, gathering)
    seated = bookings.c.state == "booked"
    await _fan_out(tx, source_of(gathering, found.version, "report"), gathering, seated, tx.now)


async def tell_host(tx: Transaction, gathering: str, news: News) -> None:
    """Tells whoever offered an event what an organiser said to it, where they offered it."""
    found = await _gathering(tx, gathering)
    host = (
        sa.select(gatherings.c.host.label("person"), gatherings.c.address, addresses.c.channel)
        .join(addresses, addresses.c.id == gatherings.c.address)
        .where(gatherings.c.id == gathering, gatherings.c.host == addresses.c.person)
    )
    source = source_of(gathering, found.version, news)
    await fan_out.queue(tx, host, gatherings.c.host, source, Lane.FEEDBACK, KIND)


async def withdraw(tx: Transaction, gathering: str, person: str) -> None:
    """What this person was still to be told of an event is told no more; it may be queued again."""
    found = await _gathering(tx, gathering)
    sources = deliveries.c.source.in_(_sources(gathering, found.version))
    theirs = sa.and_(sources, deliveries.c.person == person, deliveries.c.state == "waiting")
    await tx.execute(sa.delete(deliveries).where(theirs))


def _sources(gathering: str, version: int) -> list[str]:
    """What everybody who booked is told of an event up to a version of it."""
    told: tuple[News, ...] = (*TIMED, "moved", "cancelled")
    return [source_of(gathering, each, news) for each in range(1, version + 1) for news in told]


async def _gathering(tx: Transaction, id_: str) -> Gathering:
    found = await gatherings_kept.one(tx, id_)
    assert found is not None, "whoever books, books something"
    return found


async def _fan_out(
    tx: Transaction, source: str, gathering: str, which: Any, at: datetime, *, urgent: bool = False
) -> None:
    """A row for each of those who booked."""
    audience = (
        sa.select(bookings.c.person, bookings.c.address, addresses.c.channel)
        .join(addresses, addresses.c.id == bookings.c.address)
        .where(bookings.c.gathering == gathering, which)
    )
    await fan_out.queue(tx, audience, bookings.c.person, source, Lane.FEEDBACK, KIND, at, urgent=urgent)
