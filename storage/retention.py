"""Retention: what has served its purpose goes by itself.

The way back to a person (their addresses, and whatever else could tie an answer to somebody) lives until a year after
the final outcome on every topic they answered, and never longer than a consultation's own last day of keeping.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from conversations.domain.members import TRIES_COUNT
from storage.actions import decided_before
from storage.broadcasting import SAME
from storage.channels import can_be_reached
from storage.database import Transaction
from storage.deliveries import Lane
from storage.schema import (
    addresses,
    audit,
    bookings,
    broadcasts,
    code_sheets,
    conversations,
    corrections,
    deliveries,
    events,
    gatherings,
    joins,
    leases,
    member_tries,
    persons,
    quarantine,
    responses,
    return_codes,
    sessions,
    sign_in_links,
    staff,
    subscriptions,
    visits,
)

EVENTS_LIVE = timedelta(days=60)
"""Longer than any platform sends an event again (Telegram: 24 hours)."""
REPLIES_LIVE = timedelta(days=30)
"""How long the exact text of a reply is kept, sealed, whether it arrived or not."""
UNASKED_LIVE = timedelta(days=400)
"""How long it is kept that somebody was told something unasked, by a reference to what happened. No text of it is, but
where a page shows it until its person goes on: then as long as a reply's."""
VISITORS_LIVE = timedelta(days=60)
"""How long we remember somebody who never answered anything, counted from their last word."""
NOTES_LIVE = timedelta(days=30)
"""How long an operator has to look at an update that broke us."""
AUDIT_LIVES = timedelta(days=730)
CORRECTIONS_LIVE = timedelta(days=365)
DRAFTS_LIVE = timedelta(days=30)
"""How long a broadcast is kept that was never sent."""
BOOKINGS_LIVE = timedelta(days=30)
"""How long we remember who came to an event, and what somebody began to describe."""
EVENTS_HELD_LIVE = timedelta(days=365)
SPENT_CODES_LIVE = timedelta(days=30)
"""How long after its last day a sheet of membership codes is known, to tell whoever types one that it is too old."""
AT_ONCE = 500


@dataclass(frozen=True)
class Aged:
    """What is past its time in the two tables that grow the most: people by id, deliveries by number, and by number
    those of which only the words go."""

    visitors: Sequence[str]
    deliveries: Sequence[int]
    words: Sequence[int] = ()


async def find(tx: Transaction) -> Aged:
    """Looks through both tables from end to end: among very many that takes a second, which a transaction that only
    reads takes from nobody."""
    people = await tx.rows(sa.select(persons.c.id).where(_only_looked_in(tx.now)))
    told = await tx.rows(sa.select(deliveries.c.seq).where(_long_told(tx.now)))
    worded = await tx.rows(sa.select(deliveries.c.seq).where(_still_drawn(tx.now)))
    return Aged([row.id for row in people], [row.seq for row in told], [row.seq for row in worded])


async def sweep(
    tx: Transaction, ended: Collection[str], closed: Collection[str] = (), found: Aged | None = None
) -> None:
    """Removes whatever is past its time. `ended` are consultations whose last day of keeping is over, `closed` those
    that closed a year ago or longer: before that people may still answer, also on a topic that is decided. `found` is
    what `find` saw, where it was asked before; only that is looked at again."""
    await _sweep_technical(tx)
    await _sweep_broadcasts(tx)
    await _sweep_events(tx)
    aged = await find(tx) if found is None else found
    for some in _at_once(aged.deliveries):
        await tx.execute(sa.delete(deliveries).where(deliveries.c.seq.in_(some)))
    for some in _at_once(aged.words):
        await tx.execute(sa.update(deliveries).where(deliveries.c.seq.in_(some)).values(body=None, waits_for=None))
    for some in _at_once(aged.visitors):  # looked at again: somebody may have come back since they were found
        await tx.execute(sa.delete(persons).where(persons.c.id.in_(some), _only_looked_in(tx.now)))
    await _cut_links(tx, ended, closed)


def _at_once(found: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))


async def _sweep_technical(tx: Transaction) -> None:
    aged = [
        (events, events.c.heard, EVENTS_LIVE),
        (quarantine, quarantine.c.heard, NOTES_LIVE),
        (audit, audit.c.at, AUDIT_LIVES),
        (corrections, corrections.c.sent, CORRECTIONS_LIVE),
        (code_sheets, code_sheets.c.expires, SPENT_CODES_LIVE),
        (member_tries, member_tries.c.tried, TRIES_COUNT),
        *((table, table.c.expires, timedelta(days=1)) for table in (joins, sign_in_links, sessions)),
    ]
    for table, instant, lives in aged:
        await tx.execute(sa.delete(table).where(instant < tx.now - lives))


async def _sweep_broadcasts(tx: Transaction) -> None:
    """What was sent goes with the last trace of who was sent it; what was not, sooner."""
    sent = sa.and_(broadcasts.c.began.is_not(None), broadcasts.c.created < tx.now - UNASKED_LIVE)
    unsent = sa.and_(broadcasts.c.began.is_(None), broadcasts.c.created < tx.now - DRAFTS_LIVE)
    waits = sa.and_(broadcasts.c.state == "cooling", broadcasts.c.starts > tx.now)
    await tx.execute(sa.delete(broadcasts).where(sa.or_(sent, sa.and_(unsent, sa.not_(waits)))))
    over = sa.and_(leases.c.name.startswith(SAME), leases.c.until < tx.now)
    await tx.execute(sa.delete(leases).where(over))


async def _sweep_events(tx: Transaction) -> None:
    """Who came, followed and held it goes a month after an event, and what never was one; the event after a year."""
    over = gatherings.c.starts < tx.now - BOOKINGS_LIVE
    past = sa.select(gatherings.c.id).where(over)
    await tx.execute(sa.delete(bookings).where(bookings.c.gathering.in_(past)))
    followed = sa.and_(subscriptions.c.kind == "event", subscriptions.c.subject.in_(past))
    await tx.execute(sa.delete(subscriptions).where(followed))
    await tx.execute(
        sa.update(visits).where(visits.c.gathering.in_(past), visits.c.person.is_not(None)).values(person=None)
    )
    await tx.execute(sa.update(gatherings).where(over, gatherings.c.host.is_not(None)).values(host=None, address=None))
    await tx.execute(sa.delete(gatherings).where(over, gatherings.c.state.in_(["offered", "declined"])))
    await tx.execute(sa.delete(gatherings).where(gatherings.c.starts < tx.now - EVENTS_HELD_LIVE))
    unfinished = sa.and_(gatherings.c.state == "draft", gatherings.c.changed < tx.now - BOOKINGS_LIVE)
    await tx.execute(sa.delete(gatherings).where(unfinished))


def _long_told(now: datetime) -> sa.ColumnElement[bool]:
    """Replies, and what was told unasked, whose time is over."""
    lived = ((Lane.REPLY, REPLIES_LIVE), (Lane.BROADCAST, UNASKED_LIVE))
    return sa.or_(*(sa.and_(deliveries.c.lane == lane, deliveries.c.created < now - lives) for lane, lives in lived))


def _still_drawn(now: datetime) -> sa.ColumnElement[bool]:
    """What a page showed, and its person never went on from: its words were kept for that page only."""
    fanned = sa.and_(deliveries.c.lane != Lane.REPLY, deliveries.c.body.is_not(None))
    return sa.and_(fanned, deliveries.c.state == "accepted", deliveries.c.settled < now - REPLIES_LIVE)


def _only_looked_in(now: datetime) -> sa.ColumnElement[bool]:
    """Staff are known by their chat. Whoever follows something waits to hear of it, however long that takes; whoever
    booked or holds an event is waited for."""
    seen = sa.func.coalesce(
        sa.select(conversations.c.turned).where(conversations.c.person == persons.c.id).scalar_subquery(),
        persons.c.created,
        type_=persons.c.created.type,
    )
    return sa.and_(
        seen < now - VISITORS_LIVE,
        sa.not_(sa.exists().where(responses.c.person == persons.c.id)),
        sa.not_(sa.exists().where(staff.c.person == persons.c.id)),
        sa.not_(_hears_of_what_they_follow()),
        sa.not_(sa.exists().where(bookings.c.person == persons.c.id)),
        sa.not_(sa.exists().where(gatherings.c.host == persons.c.id)),
    )


def _hears_of_what_they_follow() -> sa.ColumnElement[bool]:
    """Whoever blocked us, or said STOP, and did not come back in all that time, follows nothing any more."""
    reachable = can_be_reached(addresses, "follows")
    mine = sa.and_(subscriptions.c.person == persons.c.id, subscriptions.c.address == addresses.c.id)
    return sa.exists().where(mine, reachable)


async def _cut_links(tx: Transaction, ended: Collection[str], closed: Collection[str]) -> None:
    """Takes away all that leads from an answer back to a person. Answers stay, with nobody to trace them to."""
    decided = await decided_before(tx, a_year_before(tx.now))
    over = [(consultation, topic) for consultation, topic in decided if consultation in closed]
    if not ended and not over:
        return
    linked = sa.union(*(sa.select(table.c.person) for table in _WAYS_BACK)).subquery()
    rows = await tx.rows(sa.select(linked.c.person).where(_owed_nothing(linked.c.person, ended, over)))
    gone = [row.person for row in rows]
    for some in _at_once(gone):
        await _cut(tx, some)


_WAYS_BACK = (addresses, return_codes, conversations)


async def _cut(tx: Transaction, gone: Sequence[str]) -> None:
    unsent = sa.and_(deliveries.c.person.in_(gone), deliveries.c.settled.is_(None))
    await tx.execute(sa.update(deliveries).where(unsent).values(state="withdrawn", settled=tx.now))
    theirs = sa.and_(deliveries.c.person.in_(gone), deliveries.c.remote.is_not(None))
    await tx.execute(sa.update(deliveries).where(theirs).values(remote=None))
    await tx.execute(sa.update(staff).where(staff.c.person.in_(gone)).values(person=None))
    for table in (*_WAYS_BACK, joins, subscriptions):
        await tx.execute(sa.delete(table).where(table.c.person.in_(gone)))


def _owed_nothing(person: Any, ended: Collection[str], over: list[tuple[str, str]]) -> sa.ColumnElement[bool]:
    """True of people who answered, and have nothing more to hear on any topic they answered, nor of an event."""
    finished = sa.or_(
        responses.c.consultation.in_(ended), sa.tuple_(responses.c.consultation, responses.c.topic).in_(over)
    )
    answered = sa.exists().where(responses.c.person == person)
    still_owed = sa.exists().where(responses.c.person == person, sa.not_(finished))
    comes = sa.exists().where(bookings.c.person == person)
    holds = sa.exists().where(gatherings.c.host == person)
    return sa.and_(answered, sa.not_(still_owed), sa.not_(comes), sa.not_(holds))


def a_year_before(now: datetime) -> datetime:
    """The same day of the year before; the 28th for a 29 February."""
    return now.replace(year=now.year - 1, day=28 if (now.month, now.day) == (2, 29) else now.day)
