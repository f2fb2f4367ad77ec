"""An event as the desk shows it, in a list and whole; and who may see it there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.doors.desk_frame import language, me, said
from bot.doors.site_events import ID, listed
from bot.doors.site_views import inline
from bot.house import House
from bot.rendering import plain
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import Visited
from conversations.domain.speech import Text, say
from conversations.event_words import FORMATS, STANDS, STEP_FREE, are_told
from conversations.visiting import noted_in_words
from storage import gatherings, staff
from storage.database import Transaction
from storage.gatherings import Actor
from storage.staff import Member


def actor(member: Member) -> Actor:
    """Who a member of staff is where events are concerned."""
    return Actor(name=member.name, areas=member.commissions("organiser"))


async def organiser(tx: Transaction, request: web.Request) -> Actor:
    """Who is signed in, with the person they are in the chat. To whoever is no organiser there are no events here."""
    who = actor(me(request))
    if not who.areas:
        raise web.HTTPNotFound
    return replace(who, person=await staff.person_of(tx, who.name))


async def mine(tx: Transaction, named: str, who: Actor) -> Gathering:
    """The event an address names, for an organiser of its area. To anybody else it is as if it were not there."""
    event = await gatherings.one(tx, named) if ID.fullmatch(named) else None
    if event is None or event.state == "draft" or not who.organises(event):
        raise web.HTTPNotFound
    return event


# As it is shown


def url(id_: str, **query: str) -> str:
    """The address of an event at the desk."""
    return f"/desk/events/{id_}" + (f"?{urlencode(query)}" if query else "")


def item(event: Gathering, house: House) -> dict[str, Any]:
    """An event in a list."""
    return {
        "name": event.title,
        "lang": None if event.language == language() else event.language,
        "href": url(event.id),
        "stands": said(_stands(event, house)),
    } | {name: listed(event, language())[name] for name in ("when", "where")}


def _stands(event: Gathering, house: House) -> Text:
    booked = say("Seats booked: {taken} of {seats}.", taken=event.taken, seats=event.seats or 0)
    return STANDS.get(event.standing(house.clock()), booked)


def notes(noted: Visited | None) -> dict[str, Any]:
    """What was noted of the event, and whether something is to be done."""
    found = [inline(part, language()) for part in noted_in_words(noted) if part] if noted else []
    return {"noted": found, "can_tick": bool(noted and noted.visit.open)}


def shown_values(event: Gathering, house: House) -> dict[str, Any]:
    """What desk_event.html takes besides the frame and the notes."""
    told, changes = are_told(event), event.bookable(house.clock())
    waiting = say("People who wait: {waiting}.", waiting=event.waiting)
    shown = item(event, house) | {
        "waiting": said(waiting) if changes and event.waiting else None,
        "format": plain(FORMATS[event.format], language()),
        "steps": plain(STEP_FREE[event.step_free], language()) if event.step_free else None,
        "details": event.details or None,
        "public": f"/events/{event.id}" if event.state in gatherings.PUBLIC else None,
        "edit": f"{url(event.id)}/edit" if changes else None,
        "again": f"/desk/events/new?{urlencode({'copy': event.id})}",
    }
    return {
        "event": shown,
        "decides": event.state == "offered",
        "can_call_off": changes,
        "told": said(told) if told else None,
    }
