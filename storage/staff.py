"""Staff: who may do what, one-time sign-in links, sessions, the audit trail. No passwords."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import audit, grants, persons, sessions, sign_in_links, staff

LINK_LIVES = timedelta(minutes=30)
SESSION_LIVES = timedelta(hours=12)
SESSION_IDLES = timedelta(minutes=30)
"""How long somebody stays signed in who does nothing."""
READING_LASTS = timedelta(minutes=10)
"""How long a page that draws itself anew is the same reading."""


@dataclass(frozen=True)
class Member:
    """Somebody on the staff. `grants` pairs a role with a commission, or an organiser's with an area: a nation, region
    or constituency. An empty one means every one.

    `seen` is when they last did something in this session.
    """

    id: str
    name: str
    grants: frozenset[tuple[str, str]]
    seen: datetime | None = None

    def may(self, role: str, commission: str = "") -> bool:
        """Whether this member has the role for the commission, or for all."""
        return (role, "") in self.grants or (role, commission) in self.grants

    def commissions(self, role: str) -> frozenset[str]:
        """The commissions, or areas, this member has the role for; an empty name stands for every one."""
        return frozenset(commission for granted, commission in self.grants if granted == role)


async def grant(tx: Transaction, name: str, role: str, commission: str) -> None:
    """Gives somebody a role, making them known by name first."""
    id_ = await _member_id(tx, name)
    row = tx.insert(grants).values(staff=id_, role=role, commission=commission, given=tx.now)
    await tx.execute(row.on_conflict_do_nothing())
    await note(tx, name, "grant", f"{role} {commission}".strip())


async def revoke(tx: Transaction, name: str, role: str, commission: str) -> bool:
    """Takes a role away, signs them out, and spends links they have not used. False when they did not have it."""
    row = await tx.first(sa.select(staff.c.id).where(staff.c.name == name))
    if row is None:
        return False
    where = sa.and_(grants.c.staff == row.id, grants.c.role == role, grants.c.commission == commission)
    gone = await tx.execute(sa.delete(grants).where(where))
    for table in (sessions, sign_in_links):
        await tx.execute(sa.delete(table).where(table.c.staff == row.id))
    await note(tx, name, "revoke", f"{role} {commission}".strip())
    return bool(gone.rowcount)


async def _member_id(tx: Transaction, name: str) -> str:
    row = tx.insert(staff).values(id=str(uuid.uuid4()), name=name, created=tx.now)
    await tx.execute(row.on_conflict_do_nothing(index_elements=["name"]))
    return str((await tx.execute(sa.select(staff.c.id).where(staff.c.name == name))).scalar_one())


async def make_link(tx: Transaction, name: str) -> str | None:
    """A one-time sign-in token for somebody with a role; None for anybody else."""
    row = await tx.first(
        sa.select(staff.c.id).where(staff.c.name == name, sa.exists().where(grants.c.staff == staff.c.id))
    )
    if row is None:
        return None
    token = secrets.token_urlsafe(24)
    hashed = tx.keys.find("sign-in", token)
    await tx.execute(sa.insert(sign_in_links).values(hash=hashed, staff=row.id, expires=tx.now + LINK_LIVES))
    await note(tx, name, "link", "")
    return token


async def link_holder(tx: Transaction, token: str) -> tuple[str, datetime] | None:
    """Who a link would sign in, and until when; None for a spent or unknown one. Nothing is spent by looking."""
    query = (
        sa.select(staff.c.name, sign_in_links.c.expires)
        .join(sign_in_links, sign_in_links.c.staff == staff.c.id)
        .where(
            sign_in_links.c.hash == tx.keys.find("sign-in", token),
            sign_in_links.c.used.is_(None),
            sign_in_links.c.expires > tx.now,
        )
    )
    row = await tx.first(query)
    return (row.name, row.expires) if row else None


async def tie(tx: Transaction, name: str, pseudonym: str) -> bool:
    """Ties a member of staff to the person they are in the chat, so that DESK gives them a link there."""
    person = await tx.first(sa.select(persons.c.id).where(persons.c.pseudonym == pseudonym))
    if person is None:
        return False
    await tx.execute(sa.update(staff).where(staff.c.person == person.id).values(person=None))
    await tx.execute(sa.update(staff).where(staff.c.name == name).values(person=person.id))
    await note(tx, name, "tie", "")
    return True


async def make_link_for(tx: Transaction, person: str) -> str | None:
    """A one-time sign-in token for whoever this person is at the desk; None when they are nobody there."""
    row = await tx.first(sa.select(staff.c.name).where(staff.c.person == person))
    return await make_link(tx, row.name) if row else None


async def organiser(tx: Transaction, person: str) -> tuple[str, frozenset[str]]:
    """The name at the desk of whoever this person is, and the areas they are an organiser of; "" is everywhere."""
    query = (
        sa.select(staff.c.name, grants.c.commission)
        .join(grants, grants.c.staff == staff.c.id)
        .where(staff.c.person == person, grants.c.role == "organiser")
    )
    found = await tx.rows(query)
    return (found[0].name if found else ""), frozenset(row.commission for row in found)


async def member_of(tx: Transaction, person: str) -> Member | None:
    """Who at the desk a person of the chat is; None for somebody who has no role there."""
    query = (
        sa.select(staff.c.id, staff.c.name, grants.c.role, grants.c.commission)
        .join(grants, grants.c.staff == staff.c.id)
        .where(staff.c.person == person)
    )
    found = await tx.rows(query)
    return Member(found[0].id, found[0].name, frozenset((row.role, row.commission) for row in found)) if found else None


async def person_of(tx: Transaction, name: str) -> str:
    """The person of the chat that somebody at the desk is; empty when they are not tied to one."""
    row = await tx.first(sa.select(staff.c.person).where(staff.c.name == name))
    return (row.person if row else None) or ""


@dataclass(frozen=True)
class Colleague:
    """Somebody on the staff who is known in a chat."""

    name: str
    person: str


async def in_chat(tx: Transaction, roles: Mapping[str, Collection[str]]) -> list[Colleague]:
    """Everybody known in a chat who has one of these roles, each for one of its commissions or areas."""
    held = (sa.and_(grants.c.role == role, grants.c.commission.in_(of)) for role, of in roles.items() if of)
    query = (
        sa.select(staff.c.name, staff.c.person)
        .join(grants, grants.c.staff == staff.c.id)
        .where(staff.c.person.is_not(None), sa.or_(sa.false(), *held))
        .distinct()
    )
    return [Colleague(row.name, row.person) for row in await tx.rows(query)]


async def sign_in(tx: Transaction, token: str) -> str | None:
    """Spends a link and opens a session; returns the session's token, or None for a spent or unknown link."""
    hashed = tx.keys.find("sign-in", token)
    spent = sa.update(sign_in_links).where(
        sign_in_links.c.hash == hashed, sign_in_links.c.used.is_(None), sign_in_links.c.expires > tx.now
    )
    row = (await tx.execute(spent.values(used=tx.now).returning(sign_in_links.c.staff))).first()
    if row is None:
        return None
    session = secrets.token_urlsafe(24)
    hashed = tx.keys.find("session", session)
    await tx.execute(
        sa.insert(sessions).values(hash=hashed, staff=row.staff, expires=tx.now + SESSION_LIVES, seen=tx.now)
    )
    return session


async def signed_in(tx: Transaction, session: str) -> Member | None:
    """Who a session belongs to; nobody's, once it has ended, idled, or its owner has no role left."""
    hashed = tx.keys.find("session", session)
    awake = sa.or_(sessions.c.seen.is_(None), sessions.c.seen > tx.now - SESSION_IDLES)
    query = (
        sa.select(staff.c.id, staff.c.name, sessions.c.seen)
        .join(sessions, sessions.c.staff == staff.c.id)
        .where(sessions.c.hash == hashed, sessions.c.expires > tx.now, awake)
    )
    row = await tx.first(query)
    if row is None:
        return None
    given = await tx.rows(sa.select(grants.c.role, grants.c.commission).where(grants.c.staff == row.id))
    if not given:
        return None
    return Member(row.id, row.name, frozenset((each.role, each.commission) for each in given), row.seen)


async def seen(tx: Transaction, session: str) -> None:
    """Somebody did something: they stay signed in for another half an hour, up to the session's hard end."""
    hashed = tx.keys.find("session", session)
    await tx.execute(sa.update(sessions).where(sessions.c.hash == hashed).values(seen=tx.now))


async def sign_out(tx: Transaction, session: str) -> None:
    """Ends a session."""
    await tx.execute(sa.delete(sessions).where(sessions.c.hash == tx.keys.find("session", session)))


# The audit trail


@dataclass(frozen=True)
class Entry:
    """One line of the audit trail. `what` names a thing, and never holds anybody's words."""

    at: datetime
    name: str
    act: str
    what: str


async def note(tx: Transaction, name: str, act: str, what: str) -> None:
    """One line of the audit trail, in the transaction of what it tells: neither is without the other."""
    await tx.execute(sa.insert(audit).values(at=tx.now, staff=name, act=act, what=what[:200]))


async def reads_already(tx: Transaction, name: str, what: str) -> bool:
    """Whether this reading is on the trail: an open page that draws itself anew is one reading."""
    same = sa.and_(audit.c.staff == name, audit.c.act == "read", audit.c.what == what)
    query = sa.select(audit.c.seq).where(same, audit.c.at > tx.now - READING_LASTS)
    return await tx.first(query.limit(1)) is not None


async def trail(tx: Transaction, since: datetime, before: datetime, name: str) -> list[Entry]:
    """The audit trail between two instants, oldest first; of one name unless that is empty."""
    query = sa.select(audit).where(audit.c.at >= since, audit.c.at < before).order_by(audit.c.seq)
    rows = await tx.rows(query.where(audit.c.staff == name) if name else query)
    return [Entry(row.at, row.staff, row.act, row.what) for row in rows]
