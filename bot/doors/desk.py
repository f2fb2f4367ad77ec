"""The desk: where a commission reads what people said and publishes what it did. Signing in and out, and the way in."""

from __future__ import annotations

from aiohttp import web

from bot.doors import desk_actions, desk_broadcasts, desk_events, desk_live, desk_members
from bot.doors.desk_frame import (
    ZONE,
    desk_page,
    house_of,
    language,
    me,
    noted,
    posted,
    session_of,
    spoken,
    tidy,
    topic_here,
)
from bot.doors.desk_topic import topic_values
from bot.doors.desk_views import home_values
from bot.doors.pages import DESK_COOKIE, csrf_token, page
from storage import staff

SEARCH_LIMIT = 100


def routes() -> list[web.RouteDef]:
    """Every route of the desk; `bot/access.py` says whom each is for."""
    version = "/desk/actions/{version}"
    topic = "/desk/topics/{consultation}/{topic}"
    return [
        web.get("/desk", spoken(home)),
        web.get("/desk/in/{token}", spoken(look_at_link)),
        web.post("/desk/in/{token}", spoken(sign_in)),
        web.post("/desk/out", spoken(sign_out)),
        *desk_events.routes(),
        *desk_broadcasts.routes(),
        *desk_members.routes(),
        web.get(topic, spoken(topic_page)),
        web.get(f"{topic}/new", spoken(desk_actions.new)),
        web.post(f"{topic}/new", spoken(desk_actions.write)),
        web.get(version, spoken(desk_actions.show)),
        web.post(version, spoken(desk_actions.act)),
        web.get(f"{version}/edit", spoken(desk_actions.edit)),
        web.post(f"{version}/edit", spoken(desk_actions.change)),
        web.get(f"{version}/live", spoken(desk_live.fragment)),
        web.get(f"{version}/stream", spoken(desk_live.stream), allow_head=False),
    ]


async def look_at_link(request: web.Request) -> web.Response:
    """A link was opened, by a person or a preview: it is spent by pressing the button only."""
    house, token = house_of(request), request.match_info["token"]
    async with house.database.read(house.clock()) as tx:
        found = await staff.link_holder(tx, token)
    if found is None:
        return _spent(request)
    name, until = found
    shown = {"name": name, "until": f"{until.astimezone(ZONE):%H:%M}", "csrf": csrf_token(house, token)}
    return _unkept(page(request, "desk_link.html", language(), 200, **shown))


async def sign_in(request: web.Request) -> web.Response:
    """The button was pressed: the link is spent, a session of twelve hours begins, and the one before it in this
    browser ends."""
    house, token = house_of(request), request.match_info["token"]
    await posted(request, token)
    async with house.database.write(house.clock()) as tx:
        session = await staff.sign_in(tx, token)
        if session and session_of(request):
            await staff.sign_out(tx, session_of(request))
        member = await staff.signed_in(tx, session) if session else None
        if member is not None:
            await staff.note(tx, member.name, "sign in", "")
    if session is None:
        return _spent(request)
    response = _on("/desk")
    response.set_cookie(
        DESK_COOKIE, session, path="/desk", httponly=True, samesite="Strict",
        secure=house.settings.base_url.startswith("https:"), max_age=int(staff.SESSION_LIVES.total_seconds()),
    )  # fmt: skip
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Ends the session, here and in the database."""
    house, session = house_of(request), session_of(request)
    await posted(request, session)
    async with house.database.write(house.clock()) as tx:
        await staff.sign_out(tx, session)
        await staff.note(tx, me(request).name, "sign out", "")
    response = _on("/")
    response.del_cookie(DESK_COOKIE, path="/desk")
    return response


async def home(request: web.Request) -> web.Response:
    """My topics, and what waits for me."""
    house = house_of(request)
    await house.library.refresh(house.database)
    values = await home_values(house, me(request))
    values["todo"] = [*await desk_broadcasts.todo(house, me(request)), *values["todo"]]
    return desk_page(request, "desk_home.html", here="desk", **values)


async def topic_page(request: web.Request) -> web.Response:
    """One topic: what was done, and what people said."""
    spot = await topic_here(request)
    asked = {name: tidy(value)[:SEARCH_LIMIT] for name, value in request.query.items()}
    await noted(request, "search" if asked.get("q") else "read", spot.name)
    return desk_page(request, "desk_topic.html", **await topic_values(house_of(request), me(request), spot, asked))


def _spent(request: web.Request) -> web.Response:
    command = "bigconversation link NAME"
    return _unkept(page(request, "desk_signin.html", language(), 410, spent=True, command=command))


def _unkept(response: web.Response) -> web.Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _on(to: str) -> web.Response:
    return web.Response(status=303, headers={"Location": to, "Cache-Control": "no-store"})
