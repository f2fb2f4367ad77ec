"""Events at the desk: an organiser sees those of their areas, approves what was offered, calls off."""

from __future__ import annotations

from aiohttp import web

from bot.doors import desk_events_writing
from bot.doors.desk_events_view import actor, item, mine, notes, organiser, shown_values, url
from bot.doors.desk_frame import desk_page, house_of, me, one, posted, said, session_of, spoken
from bot.stage_events import call_off, decide
from conversations.domain.lookups import SeenEvent
from conversations.domain.speech import say
from conversations.event_words import came_of, in_short
from conversations.visiting import due_in_short
from storage import gatherings, visits
from storage.database import Transaction
from storage.staff import Member

MOST_COMING, MOST_OVER = 100, 20


def routes() -> list[web.RouteDef]:
    """Every route of events at the desk."""
    every, one_of = "/desk/events", "/desk/events/{event}"
    return [
        web.get(every, spoken(show_all)),
        *desk_events_writing.routes(every, one_of),
        web.get(one_of, spoken(show)),
        web.post(one_of, spoken(act)),
    ]


# Looking and deciding


async def todo(tx: Transaction, member: Member) -> list[dict[str, str]]:
    """What waits for a member of staff: what is to be done after events, the first due first, and offers."""
    waiting = await gatherings.undecided(tx, member.commissions("organiser"), most=50)
    due = [(each.event, due_in_short(each)) for each in await visits.due(tx, member.commissions("organiser"), most=50)]
    offered = [(event, say("Offered: {event}", event=in_short(event))) for event in waiting]
    return [{"text": said(text), "href": f"/desk/events/{event.id}"} for event, text in (*due, *offered)]


async def show_all(request: web.Request) -> web.Response:
    """The events of my areas: what was offered, what is coming, what is over."""
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        areas = (await organiser(tx, request)).areas
        waiting = await gatherings.undecided(tx, areas, most=MOST_COMING)
        coming = await gatherings.run_in(tx, areas, coming=True, most=MOST_COMING)
        over = await gatherings.run_in(tx, areas, coming=False, most=MOST_OVER)
    found = (
        ("waiting", say("Waiting for you"), waiting),
        ("coming", say("To come"), coming),
        ("over", say("What was on"), over),
    )
    lists = [
        {"id": id_, "name": said(name), "items": [item(each, house) for each in events]}
        for id_, name, events in found
        if events
    ]
    return desk_page(request, "desk_events.html", here="desk_events", new_href="/desk/events/new", lists=lists)


async def show(request: web.Request) -> web.Response:
    """One event of my area, with how many come."""
    house, named = house_of(request), request.match_info["event"]
    async with house.database.read(house.clock()) as tx:
        event = await mine(tx, named, actor(me(request)))
        noted = await visits.seen_by(tx, actor(me(request)), event.id)
    just = came_of(request.query.get("just", ""), SeenEvent(event, runs=True))
    return desk_page(
        request, "desk_event.html", just=said(just) if just else None, **shown_values(event, house), **notes(noted)
    )


async def act(request: web.Request) -> web.Response:
    """Approves, says no, or calls off, and whoever is concerned is told; or ticks off what was to be done."""
    house, who = house_of(request), actor(me(request))
    form = await posted(request, session_of(request))
    async with house.database.write(house.clock()) as tx:
        event = await mine(tx, request.match_info["event"], who)
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
    raise web.HTTPSeeOther(url(event.id))
