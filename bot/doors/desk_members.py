"""Codes for members at the desk: an organiser makes a sheet for a constituency, shown once, and takes it back."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.doors.desk_areas import PLACE_LIMIT, code_of
from bot.doors.desk_form import Fault
from bot.doors.desk_frame import day_of, desk_page, figure, house_of, me, one, posted, said, session_of, spoken
from conversations.domain.members import FEWEST, MOST, in_groups
from conversations.domain.speech import say
from conversations.event_answers import number_of
from conversations.event_words import area as area_in_words
from storage import members, programme
from storage.database import Transaction
from storage.members import ROLE, Sheet
from storage.staff import Member

SIZES = (FEWEST, 25, 50, 100, MOST)
HERE = "/desk/members"


def routes() -> list[web.RouteDef]:
    """Every route of membership codes at the desk."""
    return [web.get(HERE, spoken(show)), web.post(HERE, spoken(act))]


async def show(request: web.Request) -> web.Response:
    """The sheets of my areas, with how many codes of each were used; and the form for another."""
    async with house_of(request).database.read(house_of(request).clock()) as tx:
        return await _drawn(tx, request, await _home(tx, _organiser(request)))


async def act(request: web.Request) -> web.Response:
    """Makes a sheet, whose codes are on the page that follows and on no other; or takes one back."""
    form, who = await posted(request, session_of(request)), _organiser(request)
    async with house_of(request).database.write(house_of(request).clock()) as tx:
        match one(form, "do"):
            case "make":
                return await _make(tx, request, who, one(form, "place")[:PLACE_LIMIT], one(form, "count"))
            case "revoke":
                if not await members.revoke(tx, who, one(form, "sheet")):
                    raise web.HTTPNotFound
            case _:
                raise web.HTTPBadRequest
    raise web.HTTPSeeOther(HERE)


def _organiser(request: web.Request) -> Member:
    """Who is signed in, as an organiser. To anybody else this page is as if it were not there."""
    if not me(request).commissions(ROLE):
        raise web.HTTPNotFound
    return me(request)


async def _make(tx: Transaction, request: web.Request, who: Member, place: str, count: str) -> web.Response:
    found: list[Fault] = []
    code = await code_of(tx, place, found)
    size = number_of(count) or 0
    if not FEWEST <= size <= MOST:
        most = say("A sheet has {fewest} to {most} codes.", fewest=FEWEST, most=MOST)
        found.append({"field": "count", "text": said(most)})
    codes = [] if found else await members.make(tx, who, code, size)
    if not codes:
        elsewhere: Fault = {"field": "place", "text": said(say("That is not in your area."))}
        return await _drawn(tx, request, place, size, found or [elsewhere])
    made = next(each for each in await members.sheets(tx, who) if each.area.constituency == code)
    printed = [in_groups(each) for each in codes]
    chat = f"{house_of(request).settings.base_url}/chat"
    return desk_page(request, "desk_member_codes.html", here="members", codes=printed, chat=chat, **_in_words(made, tx))


async def _home(tx: Transaction, who: Member) -> str:
    """The constituency that is somebody's only area: they need not type it."""
    areas = sorted(who.commissions(ROLE))
    return (await programme.area_of(tx, areas[0])).name if len(areas) == 1 else ""


async def _drawn(
    tx: Transaction, request: web.Request, place: str, size: int = SIZES[2], wrong: list[Fault] | None = None
) -> web.Response:
    held = [_in_words(each, tx) for each in await members.sheets(tx, _organiser(request))]
    sizes = [{"id": str(each), "text": str(each), "chosen": each == size} for each in SIZES]
    form = {"place": place, "sizes": sizes}
    status = 422 if wrong else 200
    return desk_page(
        request, "desk_members.html", status, here="members", sheets=held, form=form, errors=wrong or [], href=HERE
    )


def _in_words(sheet: Sheet, tx: Transaction) -> dict[str, Any]:
    counts, until = sheet.counts(tx.now), day_of(sheet.expires)
    over = say("Taken back") if sheet.revoked else say("Ended on {day}", day=until)
    return {
        "id": sheet.id,
        "place": said(area_in_words(sheet.area)),
        "made": day_of(sheet.made),
        "by": sheet.author,
        "count": figure(sheet.codes),
        "used": figure(sheet.used),
        "left": figure(sheet.codes - sheet.used if counts else 0),
        "until": until,
        "stands": said(say("Good until {day}", day=until) if counts else over),
        "can_revoke": counts,
    }
