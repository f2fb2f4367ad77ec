"""Events at the desk: an organiser looks at one of their area, approves what was offered, or calls it off."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.doors.desk_frame import desk_page, house_of, language, me, one, posted, said, session_of
from bot.doors.site_events import ID, listed
from bot.doors.site_views import inline
from bot.house import House
from bot.rendering import plain
from bot.stage_events import call_off, decide
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import Visited
from conversations.domain.speech import say
from conversations.event_words import FORMATS, STANDS, STEP_FREE, in_short
from conversations.visiting import due_in_short, noted_in_words
from storage import gatherings, visits
from storage.database import Transaction
from storage.gatherings import Actor
from storage.staff import Member


def actor(member: Member) -> Actor:
    """Who a member of staff is where events are concerned."""
    return Actor(name=member.name, areas=member.commissions("organiser"))


async def todo(tx: Transaction, member: Member) -> list[dict[str, str]]:
    """What waits for a member of staff: what is to be done after events, the first due first, and offers."""
    waiting = await gatherings.undecided(tx, member.commissions("organiser"), most=50)
    due = [(each.event, due_in_short(each)) for each in await visits.due(tx, member.commissions("organiser"), most=50)]
    offered = [(event, say("Offered: {event}", event=in_short(event))) for event in waiting]
    return [{"text": said(text), "href": f"/desk/events/{event.id}"} for event, text in (*due, *offered)]


async def show(request: web.Request) -> web.Response:
    """One event of my area, with how many come."""
    async with house_of(request).database.read(house_of(request).clock()) as tx:
        event = await _mine(tx, request)
        noted = await visits.seen_by(tx, actor(me(request)), event.id)
    return desk_page(request, "desk_event.html", **_values(event, house_of(request)), **_noted(noted))


async def act(request: web.Request) -> web.Response:
    """Approves, says no, or calls off, and whoever is concerned is told; or ticks off what was to be done."""
    house, who = house_of(request), actor(me(request))
    form = await posted(request, session_of(request))
    async with house.database.write(house.clock()) as tx:
        event = await _mine(tx, request)
        match one(form, "do"):
            case "approve" | "decline" as answer:
                done = await decide(tx, who, event.id, house.library.all(), approved=answer == "approve")
            case "tick":
                done = await visits.tick_off(tx, who, event.id)
            case "call_off":
                done = await call_off(tx, who, event.id)
            case _:
                raise web.HTTPBadRequest
    if not done:
        raise web.HTTPConflict
    house.wake()
    raise web.HTTPSeeOther(f"/desk/events/{event.id}")


async def _mine(tx: Transaction, request: web.Request) -> Gathering:
    """The event an address names, for an organiser of its area. To anybody else it is as if it were not there."""
    named = request.match_info["event"]
    event = await gatherings.one(tx, named) if ID.fullmatch(named) else None
    if event is None or event.state == "draft" or not actor(me(request)).organises(event):
        raise web.HTTPNotFound
    return event


def _noted(noted: Visited | None) -> dict[str, Any]:
    """What was noted of the event, and whether something is to be done."""
    found = [inline(part, language()) for part in noted_in_words(noted) if part] if noted else []
    return {"noted": found, "can_tick": bool(noted and noted.visit.open)}


def _values(event: Gathering, house: House) -> dict[str, Any]:
    standing = event.standing(house.clock())
    booked = say("Seats booked: {taken} of {seats}. People who wait: {waiting}.", taken=event.taken,
                 seats=event.seats or 0, waiting=event.waiting)  # fmt: skip
    shown = listed(event, language()) | {
        "name": event.title,
        "lang": None if event.language == language() else event.language,
        "stands": said(STANDS.get(standing, booked)),
        "format": plain(FORMATS[event.format], language()),
        "steps": plain(STEP_FREE[event.step_free], language()) if event.step_free else None,
        "details": event.details or None,
        "public": f"/events/{event.id}" if event.state in gatherings.PUBLIC else None,
    }
    return {"event": shown, "decides": event.state == "offered", "can_call_off": event.bookable(house.clock())}
