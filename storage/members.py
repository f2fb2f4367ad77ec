"""Members: sheets of codes that a local party hands out, and who confirmed with one that they are a member.

A code is kept as a keyed hash, and that it was used; nothing joins it with whoever used it. What stays is that they
follow what members of that place are told, until they end it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from conversations.domain.gatherings import Area
from conversations.domain.members import CODE_LENGTH, CODES_LIVE, FEWEST, MOST, TRIES, TRIES_COUNT, Missed, Tries
from conversations.domain.members import members_of as subject_of
from storage import programme, staff
from storage.database import Transaction
from storage.people import plain_code
from storage.references import short_code
from storage.schema import broadcasts, code_sheets, deliveries, member_codes, member_tries, places, subscriptions
from storage.staff import Member

PREFIX = "ms-"
"""How the id of a sheet begins."""
ROLE = "organiser"


@dataclass(frozen=True)
class Sheet:
    """Codes that were made together for one constituency: how many, and how many of them were used."""

    id: str
    area: Area
    author: str
    made: datetime
    expires: datetime
    revoked: bool
    codes: int
    used: int

    def counts(self, now: datetime) -> bool:
        """Whether its codes still confirm something."""
        return not self.revoked and now < self.expires


# Sheets


async def make(tx: Transaction, who: Member, place: str, count: int) -> list[str]:
    """So many new codes for a constituency, to be shown this once. None for a place that is not theirs. Raises
    ValueError for more or fewer than a sheet has."""
    if not FEWEST <= count <= MOST:
        raise ValueError(f"a sheet has {FEWEST} to {MOST} codes")
    area = await programme.area_of(tx, place)
    if not area or area.constituency != place or not area.within(who.commissions(ROLE)):
        return []
    id_ = PREFIX + short_code(8)
    row = {"id": id_, "place": place, "author": who.name, "made": tx.now, "expires": tx.now + CODES_LIVE}
    await tx.execute(sa.insert(code_sheets).values(row))
    codes = [short_code(CODE_LENGTH) for _ in range(count)]
    await tx.execute(sa.insert(member_codes), [{"hash": _hashed(tx, code), "sheet": id_} for code in codes])
    await staff.note(tx, who.name, "make codes", f"{id_} {place} {count}")
    return codes


async def revoke(tx: Transaction, who: Member, sheet: str) -> bool:
    """What is left of a sheet confirms nothing any more. False where it is not theirs, or has ended."""
    lives = sa.and_(code_sheets.c.revoked.is_(None), code_sheets.c.expires > tx.now)
    where = sa.and_(code_sheets.c.id == sheet, lives, _in_areas(who.commissions(ROLE)))
    revoked = await tx.execute(sa.update(code_sheets).where(where).values(revoked=tx.now))
    if revoked.rowcount:
        await staff.note(tx, who.name, "revoke codes", sheet)
    return bool(revoked.rowcount)


async def sheets(tx: Transaction, who: Member) -> list[Sheet]:
    """The sheets of somebody's areas, the newest first."""
    of_sheet = sa.select(sa.func.count()).where(member_codes.c.sheet == code_sheets.c.id)
    query = (
        sa.select(
            code_sheets, places.c.name, places.c.region, places.c.nation,
            of_sheet.scalar_subquery().label("codes"),
            of_sheet.where(member_codes.c.used).scalar_subquery().label("used"),
        )
        .join(places, places.c.code == code_sheets.c.place)
        .where(_in_areas(who.commissions(ROLE)))
        .order_by(code_sheets.c.made.desc(), code_sheets.c.id)
    )  # fmt: skip
    return [
        Sheet(
            row.id, Area(row.nation, row.region, row.place, row.name), row.author, row.made, row.expires,
            row.revoked is not None, row.codes, row.used,
        )
        for row in await tx.rows(query)
    ]  # fmt: skip


def _in_areas(areas: Collection[str]) -> sa.ColumnElement[bool]:
    if "" in areas:
        return sa.true()
    held = sa.or_(places.c.code.in_(areas), places.c.region.in_(areas), places.c.nation.in_(areas))
    return code_sheets.c.place.in_(sa.select(places.c.code).where(held))


# Confirming


async def confirm(tx: Transaction, person: str, address: str, code: str) -> bool:
    """Whether this code confirmed that somebody is a member: it is spent, and what members there are told comes to this
    address. Who has typed too many that were none is not looked at; of two at once with one code, one has it."""
    if (await tries(tx, person)).left <= 0:
        return False
    hashed = _hashed(tx, code)
    found = await tx.first(_of_code(hashed))
    why = await _why_not(tx, person, found)
    if why is None and not (await tx.execute(_spend(hashed))).rowcount:
        why = "used"
    if why:
        await tx.execute(sa.insert(member_tries).values(person=person, tried=tx.now, why=why))
        return False
    await tx.execute(sa.delete(member_tries).where(member_tries.c.person == person))
    await _follow(tx, person, address, found.place)
    return True


async def leave(tx: Transaction, person: str) -> None:
    """Takes out of the ledger that somebody was told what members are told. What was still to come goes; of what was
    sent it stays that something was, which counts as unasked."""
    to_members = sa.select(broadcasts.c.id).where(broadcasts.c.audience.contains('"members": true'))
    theirs = sa.and_(deliveries.c.source.in_(to_members), deliveries.c.person == person)
    to_come = sa.and_(deliveries.c.settled.is_(None), deliveries.c.state != "claimed")
    await tx.execute(sa.delete(deliveries).where(theirs, to_come))
    await tx.execute(sa.update(deliveries).where(theirs).values(source=None, digest=None))


async def tries(tx: Transaction, person: str) -> Tries:
    """How many more codes somebody may type just now, and what was wrong with the last one."""
    lately = sa.and_(member_tries.c.person == person, member_tries.c.tried > tx.now - TRIES_COUNT)
    query = sa.select(member_tries.c.why).where(lately).order_by(member_tries.c.seq.desc()).limit(TRIES)
    missed = [row.why for row in await tx.rows(query)]
    return Tries(TRIES - len(missed), missed[0] if missed else None)


async def _why_not(tx: Transaction, person: str, found: Any) -> Missed | None:
    if found is None:
        return "unknown"
    if found.used:
        return "used"
    if found.revoked is not None or found.expires <= tx.now:
        return "expired"
    mine = sa.select(subscriptions.c.person).where(*_member(person, found.place))
    return "already" if await tx.first(mine) else None


def _member(person: str, place: str) -> tuple[Any, ...]:
    subject = subject_of(place)
    mine = subscriptions.c.person == person
    return mine, subscriptions.c.kind == subject.kind, subscriptions.c.subject == subject.id


async def _follow(tx: Transaction, person: str, address: str, place: str) -> None:
    subject = subject_of(place)
    named = {"person": person, "kind": subject.kind, "subject": subject.id}
    row = tx.insert(subscriptions).values(**named, pace="at_once", address=address, since=tx.now)
    await tx.execute(row.on_conflict_do_nothing())


def _hashed(tx: Transaction, code: str) -> str:
    return tx.keys.find("member-code", plain_code(code))


def _spend(hashed: str) -> sa.Update:
    return sa.update(member_codes).where(member_codes.c.hash == hashed, sa.not_(member_codes.c.used)).values(used=True)


def _of_code(hashed: str) -> sa.Select[Any]:
    columns = (member_codes.c.used, code_sheets.c.place, code_sheets.c.expires, code_sheets.c.revoked)
    joined = sa.select(*columns).join(code_sheets, code_sheets.c.id == member_codes.c.sheet)
    return joined.where(member_codes.c.hash == hashed)
