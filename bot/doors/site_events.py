"""The public pages of events: what is on near a place, one event, and both as calendars."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bot.access import at
from bot.calendars import TYPE, calendar
from bot.doors.pages import HOUSE, language_of, page, storable
from bot.doors.site_machine import compressed
from bot.doors.site_views import chat_by, inline, topic_at
from bot.rendering import forms, long_day, plain
from conversations.after_event import said_in_words
from conversations.domain.gatherings import Gathering
from conversations.domain.languages import LANGUAGES, SOURCE, name_of
from conversations.domain.lookups import WhatsOn
from conversations.domain.speech import Quoted, say
from conversations.event_words import (
    FORMATS,
    STEP_FREE,
    area_named,
    found_in_words,
    report_in_words,
    seats_left,
    when,
    where,
)
from conversations.following import EVENT_LINK, can_be_followed
from conversations.postcodes import NOT_USED, is_postcode
from storage import exits, gatherings, programme

SHOWN = 20
IN_A_FEED = 200
LONGEST_PLACE = 60
ID = re.compile(r"[0-9A-Z]{8}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def routes() -> list[web.RouteDef]:
    """What is not a page in a language: calendars."""
    return [web.get("/events.ics", feed), web.get("/events/{event}/calendar.ics", file)]


async def finder(request: web.Request) -> web.Response:
    """What is on, by place, day and whether there are steps."""
    house, language = request.app[HOUSE], language_of(request)
    asked, place, typed = _asked(request), _place(request), request.query.get("place", "")
    async with house.database.read(house.clock()) as tx:
        found = await programme.whats_on(tx, asked, shown=SHOWN)
    shown: dict[str, Any] = {
        "place": place,
        "since": asked.since.date().isoformat() if asked.since else "",
        "step_free": asked.step_free,
        "found": inline(found_in_words(found, asked), language),
        "wrong": plain(NOT_USED, language) if is_postcode(typed) else None,
        "events": [listed(event, language) for event in found.events],
        "earlier": _other_page(request, asked.page - 1) if asked.page else None,
        "later": _other_page(request, asked.page + 1) if found.more else None,
        "feed": "/events.ics?" + urlencode({"place": place, "lang": language}),
        "host": f"/chat?{urlencode({'lang': language})}",
    }
    return compressed(page(request, "events.html", language, here="events", **shown))


def _asked(request: web.Request) -> WhatsOn:
    """What the form asks for. What is no day or no number counts as not said."""
    query, place = request.query, _place(request)
    number = query.get("page", "")
    return WhatsOn(
        area_named(place, forms) if place else "",
        _day(query.get("from", "")),
        "step_free" in query,
        int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0,
    )


def _place(request: web.Request) -> str:
    """What was typed of a place. A postcode is looked up nowhere, and said again nowhere."""
    typed = storable(request.query.get("place", ""))[:LONGEST_PLACE].strip()
    return "" if is_postcode(typed) else typed


def _day(written: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(written), time()) if _DAY.fullmatch(written) else None
    except ValueError:
        return None


def _other_page(request: web.Request, number: int) -> str:
    kept = {name: value for name, value in request.query.items() if name in {"from", "step_free"}}
    place = {"place": found} if (found := _place(request)) else {}
    return "?" + urlencode(place | kept | {"page": str(number)})


def listed(event: Gathering, language: str) -> dict[str, Any]:
    """An event as any list shows it."""
    return {
        "href": at(f"/events/{event.id}", language),
        "title": inline(Quoted(event.title, event.language), language),
        "when": plain(when(event), language),
        "where": inline(where(event), language),
        "step_free": event.step_free == "yes",
    }


async def one(request: web.Request) -> web.Response:
    """One event, as everybody may see it."""
    language, event = language_of(request), await event_of(request)
    house = request.app[HOUSE]
    async with house.database.read(house.clock()) as tx:
        said = await exits.said_of(tx, event.id) if event.report.published else ()
    now = request.app[HOUSE].clock()
    standing = event.standing(now)
    book = chat_by(f"ev-{event.id}", language)
    shown = listed(event, language) | {
        "name": event.title,
        "lang": None if event.language == language else event.language,
        "standing": standing,
        "format": plain(FORMATS[event.format], language),
        "steps": plain(STEP_FREE[event.step_free], language) if event.step_free else None,
        "report": [inline(part, language) for part in (*report_in_words(event)[1:], *said_in_words(said)) if part]
        if event.report.published
        else None,
        "about": _about(request, event, language),
        "held_in": name_of(event.language) if event.language != language else None,
        "telegram": _in_telegram(request, event) if event.bookable(now) else None,
        "details": inline(Quoted(event.details, event.language), language) if event.details else None,
        "seats": plain(seats_left(event), language),
        "full": event.left == 0,
        "changed": long_day(event.changed.date(), language) if event.changed else None,
        "follow": chat_by(f"{EVENT_LINK}{event.id}", language) if can_be_followed(event) else None,
        "book": book if event.bookable(now) else None,
        "calendar": f"/events/{event.id}/calendar.ics?{urlencode({'lang': language})}",
    }
    return compressed(page(request, "event.html", language, event=shown))


def _about(request: web.Request, event: Gathering, language: str) -> dict[str, Any] | None:
    """The topic it is about, with its page."""
    held = (held.find_topic(event.topic) for held in request.app[HOUSE].library.all())
    topic = next(filter(None, held), None)
    return {"title": inline(topic.title, language), "href": topic_at(topic, language)} if topic else None


def _in_telegram(request: web.Request, event: Gathering) -> str | None:
    name = request.app[HOUSE].telegram_name
    return f"https://t.me/{name}?start=ev-{event.id}" if name else None


async def event_of(request: web.Request) -> Gathering:
    """The event an address names, if it is public. Raises HTTPNotFound."""
    house, named = request.app[HOUSE], request.match_info["event"]
    if not ID.fullmatch(named):
        raise web.HTTPNotFound
    async with house.database.read(house.clock()) as tx:
        event = await gatherings.one(tx, named)
    if event is None or event.state not in gatherings.PUBLIC:
        raise web.HTTPNotFound
    return event


async def file(request: web.Request) -> web.Response:
    """One event for a calendar."""
    event, language = await event_of(request), _asked_language(request)
    return _calendar(request, [event], event.title, language, f"{event.id}.ics")


async def feed(request: web.Request) -> web.Response:
    """What is on in a place, for a calendar that asks again and again."""
    house, language = request.app[HOUSE], _asked_language(request)
    place = storable(request.query.get("place", ""))[:LONGEST_PLACE].strip()
    async with house.database.read(house.clock()) as tx:
        events = await programme.in_area(tx, area_named(place, forms) if place else "", IN_A_FEED)
    return _calendar(request, events, plain(say("Events"), language), language, "events.ics")


def _asked_language(request: web.Request) -> str:
    asked = request.query.get("lang", SOURCE)
    return asked if asked in LANGUAGES else SOURCE


def _calendar(request: web.Request, events: list[Gathering], name: str, language: str, file_name: str) -> web.Response:
    body = calendar(events, name, request.app[HOUSE].site, language)
    response = web.Response(body=body, content_type=TYPE, charset="utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name}"'
    return compressed(response)
