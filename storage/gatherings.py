"""Gatherings, which the public calls events: begun, described, offered, approved, moved, called off, and read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from conversations.domain.gatherings import Area, Gathering, Report
from conversations.domain.whens import When, instant
from storage import staff
from storage.database import Transaction
from storage.references import short_code
from storage.schema import bookings, gatherings, persons, places

ID_LENGTH = 8
MOST_OFFERS = 5
"""So many offers of one person may wait for an organiser."""
PUBLIC = ("open", "cancelled")
IN_WORDS = ("title", "place", "details", "reminder")
REPORTED = ("came", "majority", "minority")
"""What may be said of an event once it is over, until its report is published."""
ALWAYS = ("details", "reminder", "format", "language", "topic")
"""What may be said of an event at any time; its five answers are fixed once it was offered."""


@dataclass(frozen=True)
class Actor:
    """Somebody who may act on events: as the host they are, or as an organiser of these areas, under their name."""

    person: str = ""
    name: str = ""
    areas: frozenset[str] = frozenset()

    def organises(self, gathering: Gathering) -> bool:
        """Whether this event is in one of the areas they are an organiser of."""
        return gathering.area.within(self.areas)


async def actor(tx: Transaction, person: str) -> Actor:
    """Who a person of the chat is where events are concerned."""
    name, areas = await staff.organiser(tx, person)
    return Actor(person, name, areas)


# Reading


def selected() -> sa.Select[Any]:
    """Events with the name of their constituency."""
    return sa.select(gatherings, places.c.name).outerjoin(places, places.c.code == gatherings.c.constituency)


def read(tx: Transaction, row: Any, *, waiting: int = 0) -> Gathering:
    """The event of a row of `selected()`."""
    words = json.loads(tx.keys.open(row.words, "gatherings", "words", row.id))
    area = Area(row.nation, row.region, row.constituency, row.name or "")
    return Gathering(
        row.id, row.state, words.get("title", ""), words.get("place", ""), area, _wall(row), row.minutes, row.zone,
        row.seats, row.taken, waiting, row.step_free, row.format, words.get("details", ""), words.get("reminder", ""),
        row.language, row.topic, row.version, row.moved, row.changed,
        Report(row.came, words.get("majority", ""), words.get("minority", ""), row.reported),
    )  # fmt: skip


def title_of(tx: Transaction, row: Any) -> str:
    """The name of the event whose id and words a row holds."""
    return str(json.loads(tx.keys.open(row.words, "gatherings", "words", row.id)).get("title", ""))


def _wall(row: Any) -> datetime | None:
    return datetime.combine(row.day, row.at) if row.day is not None else None


async def one(tx: Transaction, id_: str) -> Gathering | None:
    """An event by its id, whatever its state."""
    row = await tx.first(selected().where(gatherings.c.id == id_))
    return read(tx, row, waiting=await _waiting(tx, id_)) if row else None


async def _waiting(tx: Transaction, id_: str) -> int:
    queue = sa.select(sa.func.count()).where(bookings.c.gathering == id_, bookings.c.state == "waiting")
    return int((await tx.execute(queue)).scalar_one())


async def host_of(tx: Transaction, id_: str) -> str:
    """The person who hosts an event; empty when nobody does any more."""
    row = await tx.first(sa.select(gatherings.c.host).where(gatherings.c.id == id_))
    return (row.host if row else None) or ""


async def runs(tx: Transaction, who: Actor, gathering: Gathering) -> bool:
    """Whether somebody may change this event: its host, or an organiser of its area."""
    return who.organises(gathering) or bool(who.person and who.person == await host_of(tx, gathering.id))


async def is_run_by(tx: Transaction, who: Actor, id_: str) -> bool:
    """Whether there is such an event, and it is theirs to change."""
    found = await one(tx, id_)
    return found is not None and await runs(tx, who, found)


async def draft_of(tx: Transaction, person: str) -> Gathering | None:
    """The event this person is still describing."""
    mine = sa.and_(gatherings.c.draft_of == person, gatherings.c.state == "draft")
    row = await tx.first(selected().where(mine).order_by(gatherings.c.created.desc()).limit(1))
    return read(tx, row) if row else None


async def hosted_by(tx: Transaction, person: str) -> list[Gathering]:
    """What this person hosts or offered and is not over, the newest first."""
    told = sa.and_(gatherings.c.host == person, gatherings.c.state != "draft")
    rows = await tx.rows(selected().where(told).order_by(gatherings.c.created.desc()).limit(20))
    return [read(tx, row) for row in rows]


async def undecided(tx: Transaction, areas: frozenset[str], most: int = 10) -> list[Gathering]:
    """Offers that wait for an organiser of these areas, the soonest first."""
    if not areas:
        return []
    query = selected().where(gatherings.c.state == "offered", _in_any(areas)).order_by(gatherings.c.starts)
    return [read(tx, row) for row in await tx.rows(query.limit(most))]


async def run_in(tx: Transaction, areas: frozenset[str], *, coming: bool, most: int) -> list[Gathering]:
    """What is, or was, on in these areas: what is coming, the soonest first; or what has begun, the newest first."""
    if not areas:
        return []
    query = selected().where(gatherings.c.state.in_(PUBLIC), _in_any(areas))
    if coming:
        query = query.where(gatherings.c.starts > tx.now).order_by(gatherings.c.starts, gatherings.c.id)
    else:
        query = query.where(gatherings.c.starts <= tx.now).order_by(gatherings.c.starts.desc(), gatherings.c.id)
    return [read(tx, row) for row in await tx.rows(query.limit(most))]


def _in_any(areas: frozenset[str]) -> sa.ColumnElement[bool]:
    """Events in one of an organiser's areas; "" is everywhere."""
    if "" in areas:
        return sa.true()
    named = (gatherings.c.nation, gatherings.c.region, gatherings.c.constituency)
    return sa.or_(*(column.in_(areas) for column in named))


# Describing


async def begin(tx: Transaction, person: str, address: str, language: str, title: str, copied: str = "") -> None:
    """Begins an event with its name, or as a copy of one of theirs, without its day. Whatever else they were still
    describing goes. Nothing begins while many of their offers wait."""
    theirs = sa.and_(gatherings.c.draft_of == person, gatherings.c.state == "draft")
    await tx.execute(sa.delete(gatherings).where(theirs))
    waiting = sa.select(sa.func.count()).where(gatherings.c.draft_of == person, gatherings.c.state == "offered")
    if (await tx.execute(waiting)).scalar_one() >= MOST_OFFERS:
        return
    before = await _last(tx, person, copied) if copied else None
    zone = (await tx.execute(sa.select(persons.c.zone).where(persons.c.id == person))).scalar_one()
    id_ = short_code(ID_LENGTH)
    fresh = (
        replace(before, id=id_, report=Report())
        if before
        else Gathering(id_, title=title, zone=zone, language=language)
    )
    await tx.execute(sa.insert(gatherings).values(_new(tx, fresh, person, address)))


async def _last(tx: Transaction, person: str, id_: str) -> Gathering | None:
    found = await one(tx, id_)
    return found if found and await host_of(tx, id_) == person else None


async def hold(tx: Transaction, who: Actor, made: Gathering) -> bool:
    """An organiser's event with all that is said of it: open at once, and hosted by the person they are, where they
    name one. False where one of its answers is missing, it is not theirs to open, or it stands already."""
    if made.start is None or made.asks_next() is not None or not who.organises(made):
        return False
    row = _new(tx, made, who.person or None, None) | moment_of(When(made.start, made.minutes), made.zone)
    fresh = tx.insert(gatherings).values(row).on_conflict_do_nothing(index_elements=["id"])
    return bool((await tx.execute(fresh)).rowcount) and await _open(tx, made.id, "draft", who.name)


def _new(tx: Transaction, made: Gathering, person: str | None, address: str | None) -> dict[str, Any]:
    return {
        "id": made.id, "draft_of": person, "host": person, "address": address, "state": "draft",
        "words": sealed_words(tx, made),
        "nation": made.area.nation, "region": made.area.region, "constituency": made.area.constituency,
        "minutes": made.minutes, "zone": made.zone, "seats": made.seats, "step_free": made.step_free,
        "format": made.format, "language": made.language, "topic": made.topic, "version": 1, "moved": False,
        "created": tx.now, "changed": tx.now,
    }  # fmt: skip


def sealed_words(tx: Transaction, made: Gathering) -> bytes:
    """What was typed of an event, as it is kept."""
    return _sealed(tx, made.id, _words(made))


def _words(made: Gathering) -> dict[str, str]:
    report = {"majority": made.report.majority, "minority": made.report.minority}
    return {name: getattr(made, name) for name in IN_WORDS} | report


def _sealed(tx: Transaction, id_: str, words: dict[str, str]) -> bytes:
    return tx.keys.seal(json.dumps(words, ensure_ascii=False), "gatherings", "words", id_)


async def describe(tx: Transaction, who: Actor, id_: str, what: str, value: Any) -> None:
    """Something said of an event by who may: its five answers while it is a draft, the rest at any time."""
    found = await held(tx, id_)
    if found is None or not await runs(tx, who, found) or not _may_say(tx, found, what):
        return
    if what in IN_WORDS or what in ("majority", "minority"):
        changes: dict[str, Any] = {"words": _sealed(tx, id_, _words(found) | {what: str(value)})}
    elif isinstance(value, When):
        changes = moment_of(value, found.zone)
    elif isinstance(value, Area):
        changes = {"nation": value.nation, "region": value.region, "constituency": value.constituency}
    else:
        changes = {what: value}
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == id_).values(**changes, changed=tx.now))


def _may_say(tx: Transaction, found: Gathering, what: str) -> bool:
    if what in REPORTED:
        return found.standing(tx.now) == "over" and found.report.published is None
    return found.state == "draft" or what in ALWAYS


def moment_of(when: When, zone: str) -> dict[str, Any]:
    """The wall clock is what is meant; the instant follows from it, and orders."""
    starts = instant(when.start, zone)
    return {"day": when.start.date(), "at": when.start.time(), "minutes": when.minutes, "starts": starts}


async def held(tx: Transaction, id_: str) -> Gathering | None:
    """An event, held so that nobody else changes it meanwhile."""
    query = sa.select(gatherings.c.id).where(gatherings.c.id == id_)
    await tx.rows(query if tx.on_sqlite else query.with_for_update())
    return await one(tx, id_)


async def drop(tx: Transaction, person: str) -> None:
    """Takes away what this person was still describing."""
    theirs = sa.and_(gatherings.c.draft_of == person, gatherings.c.state == "draft")
    await tx.execute(sa.delete(gatherings).where(theirs))


async def offer(tx: Transaction, who: Actor) -> str:
    """The event stands: it is open at once where an organiser of its area describes it, else one decides. The id of an
    event that is open by it; else empty."""
    found = await draft_of(tx, who.person)
    if found is None or found.asks_next() is not None:
        return ""
    if who.organises(found):
        return found.id if await _open(tx, found.id, "draft", who.name) else ""
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == found.id).values(state="offered"))
    return ""


async def decide(tx: Transaction, who: Actor, id_: str, *, approved: bool) -> bool:
    """An organiser of the area says yes or no to an offer, in one step. False when it was not theirs to decide."""
    found = await held(tx, id_)
    if found is None or not who.organises(found) or found.state != "offered":
        return False
    if approved:
        return await _open(tx, id_, "offered", who.name)
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == id_).values(state="declined", changed=tx.now))
    await staff.note(tx, who.name, "decline event", id_)
    return True


async def _open(tx: Transaction, id_: str, before: str, name: str) -> bool:
    standing = sa.and_(gatherings.c.id == id_, gatherings.c.state == before)
    opened = {"state": "open", "draft_of": None, "approver": name, "changed": tx.now}
    done = await tx.execute(sa.update(gatherings).where(standing).values(**opened))
    await staff.note(tx, name, "open event", id_)
    return bool(done.rowcount)


# Changing


async def move(
    tx: Transaction, who: Actor, id_: str, when: When | None, place: str = "", step_free: str = ""
) -> Gathering | None:
    """Moves an open event to another time or place, or says otherwise whether there are steps. Returns how it was
    before; None when they could not, or when it was so already."""
    found = await held(tx, id_)
    if found is None or found.state != "open" or not await runs(tx, who, found):
        return None
    changes: dict[str, Any] = {}
    if when and (found.start, found.minutes) != (when.start, when.minutes):
        changes |= moment_of(when, found.zone)
    if place and place != found.place:
        changes["words"] = sealed_words(tx, replace(found, place=place))
    if step_free and step_free != found.step_free:
        changes["step_free"] = step_free
    if not changes:
        return None
    await _change(tx, who, found, {**changes, "moved": True}, "move event")
    return found


async def call_off(tx: Transaction, who: Actor, id_: str) -> Gathering | None:
    """Calls an open event off. Returns how it was before; None when they could not."""
    found = await held(tx, id_)
    if found is None or found.state != "open" or not await runs(tx, who, found):
        return None
    await _change(tx, who, found, {"state": "cancelled"}, "call off event")
    return found


async def publish_report(tx: Transaction, who: Actor, id_: str) -> bool:
    """The report stands and is everybody's. False when it was published already, is not whole, or is not theirs."""
    found = await held(tx, id_)
    if found is None or not await runs(tx, who, found) or found.standing(tx.now) != "over":
        return False
    if not found.report.complete or found.report.published:
        return False
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == id_).values(reported=tx.now))
    if who.name:
        await staff.note(tx, who.name, "report event", id_)
    return True


async def _change(tx: Transaction, who: Actor, found: Gathering, changes: dict[str, Any], act: str) -> None:
    numbered = {"version": found.version + 1, "changed": tx.now}
    await tx.execute(sa.update(gatherings).where(gatherings.c.id == found.id).values(**changes, **numbered))
    if who.name:
        await staff.note(tx, who.name, act, found.id)
