"""Writing events at the desk: one is opened, or copied from an earlier one; one that is to come is changed."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from bot.doors import desk_events_form as forms
from bot.doors.desk_events_form import Offered, Written
from bot.doors.desk_events_view import item, mine, organiser, url
from bot.doors.desk_form import Fault
from bot.doors.desk_frame import desk_page, house_of, one, posted, said, session_of, spoken
from bot.house import House
from bot.stage_events import change, hold
from conversations.domain.gatherings import Gathering, is_event_id
from conversations.domain.speech import Text, say
from conversations.event_words import STANDS, are_told, in_short
from conversations.hosting import example_at
from storage import gatherings
from storage.gatherings import ID_LENGTH
from storage.references import short_code


def routes(every: str, one_of: str) -> list[web.RouteDef]:
    """The routes of the forms, under the address of all events and that of one."""
    return [
        web.get(f"{every}/new", spoken(new)),
        web.post(f"{every}/new", spoken(write)),
        web.get(f"{one_of}/edit", spoken(edit)),
        web.post(f"{one_of}/edit", spoken(rewrite)),
    ]


async def new(request: web.Request) -> web.Response:
    """An empty form, or one with all that an earlier event was but its day."""
    house, copied = house_of(request), request.query.get("copy", "")
    await house.library.refresh(house.database)
    async with house.database.read(house.clock()) as tx:
        who = await organiser(tx, request)
        can = await forms.offered(tx, who, house)
        before = await mine(tx, copied, who) if copied else None
        last = None if copied else next(iter(await gatherings.run_in(tx, who.areas, coming=False, most=1)), None)
    fresh = forms.empty(short_code(ID_LENGTH))
    written = {**forms.as_written(before or fresh, can), "when": ""}
    return _form(request, written, can, id_=fresh.id, last=last)


async def write(request: web.Request) -> web.Response:
    """An event is posted. Its id came with the form: posted twice, it is one event."""
    house, form = house_of(request), await posted(request, session_of(request))
    written, id_ = forms.read_form(form), one(form, "id")
    await house.library.refresh(house.database)
    async with house.database.write(house.clock()) as tx:
        who = await organiser(tx, request)
        can = await forms.offered(tx, who, house)
        host = who if written["host"] else replace(who, person="")
        fresh = forms.empty(id_ if is_event_id(id_) else short_code(ID_LENGTH))
        made, wrong = await forms.begun(tx, written, can, who, fresh)
        if wrong:
            return _form(request, written, can, wrong, id_=fresh.id, status=422)
        await hold(tx, host, made, house.library.all())
        await mine(tx, made.id, who)
    house.wake()
    raise web.HTTPSeeOther(url(made.id, just="opened"))


async def edit(request: web.Request) -> web.Response:
    """The form of an event that is to come."""
    house = house_of(request)
    await house.library.refresh(house.database)
    async with house.database.read(house.clock()) as tx:
        who = await organiser(tx, request)
        held = await mine(tx, request.match_info["event"], who)
        can = await forms.offered(tx, who, house)
    if not held.bookable(house.clock()):
        raise web.HTTPSeeOther(url(held.id))
    return _form(request, forms.as_written(held, can), can, held=held, seen=forms.seen_of(held, can))


async def rewrite(request: web.Request) -> web.Response:
    """An event that is to come is changed; whoever booked is told where that concerns them."""
    house, form = house_of(request), await posted(request, session_of(request))
    written = forms.read_form(form)
    await house.library.refresh(house.database)
    async with house.database.write(house.clock()) as tx:
        who = await organiser(tx, request)
        held = await mine(tx, request.match_info["event"], who)
        held = await gatherings.held(tx, held.id) or held
        can = await forms.offered(tx, who, house)
        seen = forms.seen_of(held, can)
        written, wrong = forms.overtaken(written, held, can, one(form, "seen"))
        if wrong or not held.bookable(tx.now):
            wrong = wrong if held.bookable(tx.now) else [{"field": "", "text": said(_too_late(held, house))}]
            return _form(request, written, can, wrong, held=held, seen=seen, status=409)
        now, wrong = forms.changed(tx, written, can, held)
        if wrong:
            return _form(request, written, can, wrong, held=held, seen=seen, status=422)
        told = await change(tx, who, held, now, house.library.all())
    house.wake()
    raise web.HTTPSeeOther(url(held.id, just="moved" if told else "noted"))


def _too_late(held: Gathering, house: House) -> Text:
    return STANDS.get(held.standing(house.clock()), say("It has begun. Nobody can change it now."))


def _form(
    request: web.Request, written: Written, can: Offered, wrong: list[Fault] | None = None, *, id_: str = "",
    held: Gathering | None = None, last: Gathering | None = None, seen: str = "", status: int = 200,
) -> web.Response:  # fmt: skip
    house = house_of(request)
    told = are_told(held) if held else None
    return desk_page(
        request, "desk_event_edit.html", status,
        form=forms.form_values(written, can, seen=seen) | {"id": id_},
        fixed=item(held, house) if held else None,
        again={"text": said(say("The same as last time: {event}", event=in_short(last))),
               "href": f"/desk/events/new?{urlencode({'copy': last.id})}"} if last else None,
        told=said(told) if told else None,
        example=example_at(house.clock()),
        errors=wrong or [],
    )  # fmt: skip
