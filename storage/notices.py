"""Notices: what happened and can be followed, each once; and the deliveries to whoever follows what it is about.

Whom a notice is told depends on subscriptions alone: nothing here can see an answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa

from conversations.domain.following import PACES, Pace, Subject
from storage import channels, digests, fan_out, midway
from storage.database import Transaction, among
from storage.deliveries import Lane
from storage.schema import addresses, bookings, gatherings, notices, responses, subscriptions

DateKind = Literal["opens", "closing", "closes"]
EventKind = Literal["event_opens", "event_moved", "event_off", "event_report"]
Kind = Literal["action"] | DateKind | EventKind
"""What can happen: a version of an action was published; a consultation opens, is about to close, closes; an event
opens, is moved, is called off, and its report is published."""


@dataclass(frozen=True)
class Notice:
    """One thing that happened. `what` names it: the version of an action, a consultation, an event, or an event and its
    version as `7K3F2Q9X-2`. Its id is the source of its deliveries."""

    id: str
    kind: Kind
    what: str
    happened: datetime


async def note(tx: Transaction, kind: Kind, what: str, happened: datetime, id_: str = "") -> Notice | None:
    """Writes down what happened, in the transaction of what happened; None where it is written down already."""
    made = Notice(id_ or str(uuid.uuid4()), kind, what, happened)
    row = tx.insert(notices).values(id=made.id, kind=kind, what=what, happened=happened)
    taken = await tx.execute(row.on_conflict_do_nothing(index_elements=["kind", "what"]))
    return made if taken.rowcount else None


async def tell_followers(tx: Transaction, notice: Notice, subjects: Iterable[Subject], event: str = "") -> None:
    """Queues a notice for everybody who follows one of its subjects, and was not told it in another way: by itself, or
    gathered for their next digest. Whoever follows it in several ways has it the quickest. Of an `event` nobody is told
    who holds it or booked: they are told as such."""
    about = tuple(subjects)
    for pace in PACES:
        gathered: dict[str, Any] = {} if pace == "at_once" else {"state": "gathered", "waits_for": pace}
        audience = _followers(notice, about, pace)
        audience = audience.where(subscriptions.c.person.not_in(_concerned(event))) if event else audience
        await fan_out.queue(tx, audience, subscriptions.c.person, notice.id, Lane.BROADCAST, "notice", **gathered)
        if gathered:
            await digests.queue_due(tx, notice.id, pace)


def _concerned(event: str) -> Any:
    booked = sa.select(bookings.c.person).where(bookings.c.gathering == event)
    host = sa.select(gatherings.c.host).where(gatherings.c.id == event, gatherings.c.host.is_not(None))
    return booked.union(host)


async def followers(tx: Transaction, subjects: Sequence[Subject], but: Any) -> int:
    """How many people follow one of these subjects just now and can be written to, besides those in the query `but`."""
    now = Notice("", "action", "", tx.now)
    chosen = sa.union(*(_followers(now, subjects, pace) for pace in PACES)).subquery()
    told = but.subquery()
    others = chosen.c.person.not_in(sa.select(told.c.person))
    query = sa.select(sa.func.count(sa.distinct(chosen.c.person))).where(others)
    return int((await tx.execute(query)).scalar_one())


async def remind_midway(tx: Transaction, notice: Notice) -> None:
    """Queues the one reminder for everybody who stopped midway in a consultation and agreed to be asked again."""
    audience = midway.audience(notice.what, tx.now)
    await fan_out.queue(tx, audience, responses.c.person, notice.id, Lane.BROADCAST, "closing")


def _followers(notice: Notice, subjects: Sequence[Subject], pace: Pace) -> Any:
    """Who followed it when it happened, at that pace, and can be written to."""
    about = [sa.and_(subscriptions.c.kind == each.kind, subscriptions.c.subject == each.id) for each in subjects]
    return (
        sa.select(subscriptions.c.person, subscriptions.c.address, addresses.c.channel)
        .join(addresses, addresses.c.id == subscriptions.c.address)
        .where(
            sa.or_(*about),
            subscriptions.c.pace == pace,
            subscriptions.c.since <= notice.happened,
            channels.can_be_reached(addresses, "follows"),
        )
    )


async def of(tx: Transaction, ids: Iterable[str]) -> dict[str, Notice]:
    """The notices with these ids."""
    rows = await tx.rows(_BY_ID, {"ids": list(ids)})
    return {row.id: Notice(row.id, row.kind, row.what, row.happened) for row in rows}


async def one(tx: Transaction, kind: Kind, what: str) -> Notice | None:
    """What was written down of this; None where nothing was."""
    row = await tx.first(sa.select(notices).where(notices.c.kind == kind, notices.c.what == what))
    return Notice(row.id, row.kind, row.what, row.happened) if row else None


async def noted(tx: Transaction, consultations: Sequence[str]) -> set[tuple[str, str]]:
    """Which dates of these consultations are written down: (kind, consultation)."""
    about = sa.and_(notices.c.kind.in_(get_args(DateKind)), notices.c.what.in_(consultations))
    return {(row.kind, row.what) for row in await tx.rows(sa.select(notices.c.kind, notices.c.what).where(about))}


_BY_ID = sa.select(notices).where(among(notices.c.id, "ids"))
