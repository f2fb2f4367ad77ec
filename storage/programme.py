"""The programme: what is on, near a place and from a day on; and what somebody booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from conversations.domain.gatherings import Area, Gathering
from conversations.domain.lookups import EVERYWHERE, Booked, Drafted, Mine, Programme, SeenEvent, WhatsOn
from conversations.domain.whens import DEFAULT_ZONE, instant
from storage import bookings as seats
from storage import exits, visits
from storage import gatherings as kept
from storage.arrivals import host_is_on
from storage.database import Transaction
from storage.places import NATIONS, REGIONS, folded
from storage.schema import bookings, facts, gatherings, places

SHOWN = 5


async def whats_on(tx: Transaction, asked: WhatsOn, *, shown: int = SHOWN) -> Programme:
    """The next events near a place. Where there is none in a constituency, those of its region or nation."""
    near = await _areas(tx, asked.place)
    if asked.place and not near:
        return Programme((), known=False)
    found = await _page(tx, asked, _within(near), shown)
    wider = _wider(near)
    if not found and asked.page == 0 and wider:
        return Programme(tuple(await _page(tx, asked, _within(wider), shown))[:shown], near=wider[0], widened=True)
    return Programme(tuple(found[:shown]), near=near[0] if near else Area(), more=len(found) > shown)


async def whats_on_for(tx: Transaction, person: str, asked: WhatsOn) -> Programme:
    """What is on near where somebody lives, unless they name another place."""
    here = {"": await _home(tx, person), EVERYWHERE: ""}.get(asked.place, asked.place)
    return await whats_on(tx, replace(asked, place=here))


async def as_seen_by(tx: Transaction, person: str, id_: str) -> SeenEvent | None:
    """An event for one person; None for what they may not see: another's draft or offer."""
    event, who = await kept.one(tx, id_), await kept.actor(tx, person)
    if event is None:
        return None
    runs = await kept.runs(tx, who, event)
    if event.state not in kept.PUBLIC and not runs:
        return None
    mine, queue = await seats.place_of(tx, person, id_)
    code = await seats.code_of(tx, person, id_) if mine == "booked" else ""
    told = event.standing(tx.now) == "over" and (runs or event.report.published is not None)
    said = await exits.said_of(tx, id_) if told else ()
    held_on = await host_is_on(tx, id_) if code else ""
    decides = event.state == "offered" and who.organises(event)
    return SeenEvent(event, mine, queue, runs, decides, code, said, held_on)


async def drafted_by(tx: Transaction, person: str) -> Drafted:
    """What somebody is describing, and what is known without asking."""
    who = await kept.actor(tx, person)
    held = [each for each in await kept.hosted_by(tx, person) if each.state in kept.PUBLIC]
    draft = await kept.draft_of(tx, person)
    home = await _home(tx, person)
    [place] = who.areas if len(who.areas) == 1 else [home]
    area = await area_of(tx, place or home)
    organises = who.organises(draft) if draft else False
    return Drafted(draft, area, held[0] if held else None, organises)


async def of_mine(tx: Transaction, person: str) -> Mine:
    """What somebody booked, hosts, and has to decide."""
    who = await kept.actor(tx, person)
    held = await kept.hosted_by(tx, person)
    hosted = [each for each in held if each.standing(tx.now) != "over" or not each.report.published]
    undecided = await kept.undecided(tx, who.areas)
    return Mine(
        tuple(await booked_by(tx, person)), tuple(hosted), tuple(undecided),
        tuple(await exits.asked_of(tx, person)), tuple(await visits.due(tx, who.areas)),
    )  # fmt: skip


async def next_about(tx: Transaction, person: str, topic: str) -> Gathering | None:
    """The next event about a topic near where somebody lives, else in their region, that they have not booked."""
    near = await _areas(tx, await _home(tx, person))
    for areas in (near, _wider(near)):
        if areas and (found := await _next_in(tx, person, topic, areas)):
            return found
    return None


async def _next_in(tx: Transaction, person: str, topic: str, near: Sequence[Area]) -> Gathering | None:
    mine = sa.select(bookings.c.gathering).where(bookings.c.person == person)
    coming = sa.and_(gatherings.c.state == "open", gatherings.c.starts > tx.now, gatherings.c.topic == topic)
    query = kept.selected().where(coming, _within(near), gatherings.c.id.not_in(mine))
    row = await tx.first(query.order_by(gatherings.c.starts, gatherings.c.id).limit(1))
    return kept.read(tx, row) if row else None


async def _home(tx: Transaction, person: str) -> str:
    """The constituency somebody told us, or the region or nation; empty when they told nothing."""
    told = await tx.rows(sa.select(facts.c.fact, facts.c.value).where(facts.c.person == person))
    known = {row.fact: row.value for row in told}
    return next((known[fact] for fact in ("constituency", "region", "nation") if known.get(fact)), "")


async def area_of(tx: Transaction, code: str) -> Area:
    """The area of a nation, a region or a constituency; none of it where nobody knows the code."""
    found = await _areas(tx, code)
    return found[0] if found else Area()


async def kept_of(tx: Transaction, person: str) -> tuple[tuple[Booked, ...], tuple[Gathering, ...]]:
    """Every event that is kept of this person: what they booked; and what they hold, offered or described."""
    joined = kept.selected().join(bookings, bookings.c.gathering == gatherings.c.id)
    joined = joined.add_columns(bookings.c.code, bookings.c.came.label("arrived"), bookings.c.words.label("added"))
    booked = await tx.rows(joined.where(bookings.c.person == person).order_by(bookings.c.seq))
    hosted = await tx.rows(kept.selected().where(gatherings.c.host == person).order_by(gatherings.c.created))
    mine = tuple(
        Booked(
            kept.read(tx, row), row.code or "", row.arrived is not None, exits.read_words(tx, row.added, row.id, person)
        )
        for row in booked
    )
    return mine, tuple(kept.read(tx, row) for row in hosted)


async def booked_by(tx: Transaction, person: str) -> list[Gathering]:
    """What this person booked, or waits for, and is still to come, the soonest first."""
    query = (
        kept.selected()
        .join(bookings, bookings.c.gathering == gatherings.c.id)
        .where(bookings.c.person == person, gatherings.c.starts > tx.now)
        .order_by(gatherings.c.starts)
    )
    return [kept.read(tx, row) for row in await tx.rows(query)]


async def in_area(tx: Transaction, code: str, most: int) -> list[Gathering]:
    """What was called off or is open in an area and has not begun, the soonest first: for calendars."""
    near = await _areas(tx, code)
    if code and not near:
        return []
    coming = sa.and_(gatherings.c.state.in_(kept.PUBLIC), gatherings.c.starts > tx.now)
    query = kept.selected().where(coming, _within(near)).order_by(gatherings.c.starts, gatherings.c.id)
    return [kept.read(tx, row) for row in await tx.rows(query.limit(most))]


async def _page(tx: Transaction, asked: WhatsOn, within: Any, shown: int) -> list[Gathering]:
    query = kept.selected().where(gatherings.c.state == "open", gatherings.c.starts >= _since(tx, asked), within)
    if asked.step_free:
        query = query.where(gatherings.c.step_free == "yes")
    ordered = query.order_by(gatherings.c.starts, gatherings.c.id).limit(shown + 1).offset(asked.page * shown)
    return [kept.read(tx, row) for row in await tx.rows(ordered)]


def _since(tx: Transaction, asked: WhatsOn) -> Any:
    return max(tx.now, instant(asked.since, DEFAULT_ZONE)) if asked.since else tx.now


async def _areas(tx: Transaction, place: str) -> list[Area]:
    """The areas that a code, or a part of a constituency's name, means."""
    if place in NATIONS.values():
        return [Area(place)]
    if place in REGIONS.values():
        return [Area("england", place)]
    coded = await tx.rows(sa.select(places).where(places.c.code == place)) if place else []
    wanted = folded(place)
    if not coded and wanted:
        begins = places.c.folded.startswith(wanted, autoescape=True)
        named = sa.select(places).where(places.c.folded.contains(wanted, autoescape=True))
        coded = await tx.rows(named.order_by(sa.case((begins, 0), else_=1), places.c.name).limit(5))
    return [Area(row.nation, row.region, row.code, row.name) for row in coded]


def _within(near: Sequence[Area]) -> Any:
    """Events in any of these; those of a whole region or nation count for each part of it."""
    return sa.or_(*(_in(area) for area in near)) if near else sa.true()


def _in(area: Area) -> Any:
    if not area.constituency:
        return gatherings.c.region == area.region if area.region else gatherings.c.nation == area.nation
    whole_nation = sa.and_(
        gatherings.c.constituency == "", gatherings.c.region == "", gatherings.c.nation == area.nation
    )
    parts = [gatherings.c.constituency == area.constituency, whole_nation]
    if area.region:
        parts.append(sa.and_(gatherings.c.constituency == "", gatherings.c.region == area.region))
    return sa.or_(*parts)


def _wider(near: Sequence[Area]) -> list[Area]:
    """The regions around these constituencies, or the nations of those that have none."""
    around = (Area(each.nation, each.region) for each in near if each.constituency)
    return list(dict.fromkeys(around))
