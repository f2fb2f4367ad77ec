"""Subscriptions: what people follow, how often they are told of it, and at which of their addresses."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from conversations.domain.following import BY_CODE, Followed, Pace, Subject
from storage import gatherings as kept
from storage.database import Transaction, among
from storage.schema import addresses, gatherings, places, subscriptions


async def follow(tx: Transaction, person: str, address: str, subject: Subject, pace: Pace) -> None:
    """Begins to follow a subject at this address. Whoever follows it already is told of it so often from now on, where
    they were; here, where that address is no more. What a code begins is no press's to begin: it raises ValueError."""
    if subject.kind in BY_CODE:
        raise ValueError(f"a code is needed to follow {subject}")
    row = tx.insert(subscriptions).values(
        person=person, kind=subject.kind, subject=subject.id, pace=pace, address=address, since=tx.now
    )
    changed = {"pace": pace, "address": sa.func.coalesce(subscriptions.c.address, address)}
    await tx.execute(row.on_conflict_do_update(index_elements=["person", "kind", "subject"], set_=changed))


async def end(tx: Transaction, person: str, subjects: Collection[Subject]) -> None:
    """Ends these follows."""
    for subject in subjects:
        await tx.execute(sa.delete(subscriptions).where(_follow(person, subject)))


async def bring(tx: Transaction, person: str, address: str, subjects: Collection[Subject]) -> None:
    """What happens to these subjects is told this person at this address from now on."""
    for subject in subjects:
        await tx.execute(sa.update(subscriptions).where(_follow(person, subject)).values(address=address))


def _follow(person: str, subject: Subject) -> sa.ColumnElement[bool]:
    of_kind = sa.and_(subscriptions.c.person == person, subscriptions.c.kind == subject.kind)
    return sa.and_(of_kind, subscriptions.c.subject == subject.id)


async def digest_of(tx: Transaction, people: Collection[str]) -> dict[str, Pace]:
    """Those of these people who have a digest, and the quickest one they have."""
    slow = sa.and_(among(subscriptions.c.person, "people"), subscriptions.c.pace != "at_once")
    query = sa.select(subscriptions.c.person, sa.func.min(subscriptions.c.pace).label("pace")).where(slow)
    rows = await tx.rows(query.group_by(subscriptions.c.person), {"people": list(people)})
    return {row.person: row.pace for row in rows}


_OF_EACH = (
    sa.select(
        subscriptions.c.person, subscriptions.c.kind, subscriptions.c.subject, subscriptions.c.pace,
        subscriptions.c.since, addresses.c.channel, places.c.name, gatherings.c.id, gatherings.c.words,
    )
    .outerjoin(addresses, addresses.c.id == subscriptions.c.address)
    .outerjoin(places, sa.and_(subscriptions.c.kind.in_(["area", "members"]), places.c.code == subscriptions.c.subject))
    .outerjoin(gatherings, sa.and_(subscriptions.c.kind == "event", gatherings.c.id == subscriptions.c.subject))
    .where(among(subscriptions.c.person, "people"))
    .order_by(subscriptions.c.since, subscriptions.c.kind, subscriptions.c.subject)
)  # fmt: skip


async def of(tx: Transaction, people: Sequence[str]) -> dict[str, tuple[Followed, ...]]:
    """What these people follow, oldest first: a row for each of theirs, however many others there are."""
    found: dict[str, tuple[Followed, ...]] = dict.fromkeys(people, ())
    for row in await tx.rows(_OF_EACH, {"people": list(people)}):
        subject = Subject(row.kind, row.subject)
        called = kept.title_of(tx, row) if row.id else row.name or ""
        found[row.person] += (Followed(subject, row.pace, row.channel or "", row.since.date(), called),)
    return found
