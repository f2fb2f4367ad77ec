"""Retention: what has served its purpose goes by itself.

The way back to a person (their addresses, and whatever else could tie an answer to somebody) lives until a year after
the final outcome on every topic they answered, and never longer than a consultation's own last day of keeping.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.actions import decided_before
from storage.database import Transaction
from storage.deliveries import Lane
from storage.schema import (
    addresses,
    audit,
    bookings,
    conversations,
    corrections,
    deliveries,
    events,
    gatherings,
    joins,
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
"""How long it is kept that somebody was told something unasked, by a reference to what happened. No text of it is."""
VISITORS_LIVE = timedelta(days=60)
"""How long we remember somebody who never answered anything, counted from their last word."""
NOTES_LIVE = timedelta(days=30)
"""How long an operator has to look at an update that broke us."""
AUDIT_LIVES = timedelta(days=730)
CORRECTIONS_LIVE = timedelta(days=365)
BOOKINGS_LIVE = timedelta(days=30)
"""How long we remember who came to an event, and what somebody began to describe."""
EVENTS_HELD_LIVE = timedelta(days=365)
AT_ONCE = 500


async def sweep(
    tx: Transaction, ended: Collection[str], closed: Collection[str] = (), found: Sequence[str] | None = None
) -> None:
    """Removes whatever is past its time. `ended` are consultations whose last day of keeping is over, `closed` those
    that closed a year ago or longer: before that people may still answer, also on a topic that is decided. `found` are
    those that `visitors` saw, where it was asked before; only they are looked at again."""
    await _sweep_technical(tx)
    await _sweep_events(tx)
    await _sweep_visitors(tx, await visitors(tx) if found is None else found)
    await _cut_links(tx, ended, closed)


async def _sweep_technical(tx: Transaction) -> None:
    aged = [
        (events, events.c.heard, EVENTS_LIVE),
        (quarantine, quarantine.c.heard, NOTES_LIVE),
        (audit, audit.c.at, AUDIT_LIVES),
        (corrections, corrections.c.sent, CORRECTIONS_LIVE),
        *((table, table.c.expires, timedelta(days=1)) for table in (joins, sign_in_links, sessions)),
    ]
    for table, instant, lives in aged:
        await tx.execute(sa.delete(table).where(instant < tx.now - lives))
    for lane, lives in ((Lane.REPLY, REPLIES_LIVE), (Lane.BROADCAST, UNASKED_LIVE)):
        of_lane = deliveries.c.lane == lane
        await tx.execute(sa.delete(deliveries).where(of_lane, deliveries.c.created < tx.now - lives))


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


async def visitors(tx: Transaction) -> list[str]:
    """Whoever never answered, and has been silent for long, was only looking in. Looks at everybody: among very many
    people that takes a second, which a transaction that only reads takes from nobody."""
    return [row.id for row in await tx.rows(sa.select(persons.c.id).where(_only_looked_in(tx.now)))]


async def _sweep_visitors(tx: Transaction, found: Sequence[str]) -> None:
    """Looks again: somebody may have come back since they were found."""
    for start in range(0, len(found), AT_ONCE):
        some = persons.c.id.in_(found[start : start + AT_ONCE])
        await tx.execute(sa.delete(persons).where(some, _only_looked_in(tx.now)))


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
    reachable = sa.and_(addresses.c.stopped_at.is_(None), addresses.c.silent.is_(None))
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
    for start in range(0, len(gone), AT_ONCE):
        await _cut(tx, gone[start : start + AT_ONCE])


_WAYS_BACK = (addresses, return_codes, conversations)


async def _cut(tx: Transaction, gone: list[str]) -> None:
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
