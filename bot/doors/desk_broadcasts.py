"""Messages to many at the desk: written, looked at, tried, sent for real, signed by another, steered, put right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot import stage_broadcasts
from bot.doors.desk_broadcast_form import Offered, Written, as_written, form_values, offered, read_form, understood
from bot.doors.desk_broadcast_view import action_url, addressed, lists, shown_values, travelling
from bot.doors.desk_form import Fault
from bot.doors.desk_frame import Form, desk_page, house_of, language, me, one, posted, said, session_of, spoken
from bot.doors.desk_live import told_of_changes
from bot.house import House
from conversations.broadcast_view import HINDRANCES, fingerprint, shortened
from conversations.domain.broadcast_checks import usable_fields
from conversations.domain.broadcasts import Broadcast, Steered, Writer
from conversations.domain.speech import say
from conversations.event_answers import number_of
from storage import actions, broadcasting, broadcasts, staff
from storage.broadcasts import Refused
from storage.database import Transaction
from storage.staff import Member


def routes() -> list[web.RouteDef]:
    """Every route of broadcasts at the desk."""
    every, one_of = "/desk/broadcasts", "/desk/broadcasts/{broadcast}"
    return [
        web.get(every, spoken(show_all)),
        web.get(f"{every}/new", spoken(new)),
        web.post(f"{every}/new", spoken(write)),
        web.get(one_of, spoken(show)),
        web.post(one_of, spoken(act)),
        web.get(f"{one_of}/edit", spoken(edit)),
        web.post(f"{one_of}/edit", spoken(change)),
        web.get(f"{one_of}/live", spoken(fragment)),
        web.get(f"{one_of}/stream", spoken(stream), allow_head=False),
    ]


# Who asks


async def writer(tx: Transaction, request: web.Request) -> Writer:
    """Who is signed in, where broadcasts are concerned. To whoever is neither organiser nor officer there are none."""
    member = me(request)
    person = await staff.person_of(tx, member.name)
    who = stage_broadcasts.writer_at_desk(member, house_of(request).library, person)
    if not who.areas and not who.topics:
        raise web.HTTPNotFound
    return who


async def _here(tx: Transaction, request: web.Request) -> tuple[Writer, Broadcast]:
    """Who asks, and the broadcast this address names. One that is not theirs is to them as if it were not there."""
    who, named = await writer(tx, request), request.match_info["broadcast"]
    found = await broadcasts.seen_by(tx, who, named) if named.isprintable() else None
    if found is None:
        raise web.HTTPNotFound
    return who, found


async def todo(house: House, member: Member) -> list[dict[str, str]]:
    """What waits for somebody's name, for their first page."""
    async with house.database.read(house.clock()) as tx:
        waiting = await broadcasts.to_sign(tx, stage_broadcasts.writer_at_desk(member, house.library))
    texts = ((each, say("“{words}” waits for a second name.", words=shortened(each, language()))) for each in waiting)
    return [{"text": said(text), "href": action_url(each)} for each, text in texts]


# Writing


async def show_all(request: web.Request) -> web.Response:
    """What I wrote, what waits for my name, what is under way."""
    house = house_of(request)
    await house.library.refresh(house.database)
    async with house.database.read(house.clock()) as tx:
        found = await lists(tx, await writer(tx, request))
    return desk_page(request, "desk_broadcasts.html", here="broadcasts", new_href="/desk/broadcasts/new", lists=found)


async def new(request: web.Request) -> web.Response:
    """An empty form."""
    house = house_of(request)
    await house.library.refresh(house.database)
    async with house.database.read(house.clock()) as tx:
        can = await offered(tx, await writer(tx, request), house)
    return _form(request, Written(), can)


async def write(request: web.Request) -> web.Response:
    """A first draft is posted."""
    house, form = house_of(request), await posted(request, session_of(request))
    written = read_form(form)
    try:
        async with house.database.write(house.clock()) as tx:
            who = await writer(tx, request)
            can = await offered(tx, who, house)
            meant = await understood(tx, written, can, _domains(house))
            if meant.faults:
                return _form(request, written, can, meant.faults, status=422)
            made = await broadcasts.draft(tx, who, meant.kind, meant.audience, meant.texts, meant.area)
            if meant.scheduled:
                await broadcasts.rewrite(tx, who, made, meant.texts, scheduled=meant.scheduled)
            await staff.note(tx, who.name, "write broadcast", made)
    except Refused as error:
        return _form(request, written, can, (_hindered(error),), status=409)
    raise web.HTTPSeeOther(f"/desk/broadcasts/{made}")


async def edit(request: web.Request) -> web.Response:
    """The form of a draft."""
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        who, held = await _here(tx, request)
        can = await offered(tx, who, house)
        fixed = await addressed(tx, held, house)
    if held.state != "draft":
        raise web.HTTPSeeOther(action_url(held))
    return _form(request, as_written(held), can, held=held, fixed=fixed)


async def change(request: web.Request) -> web.Response:
    """The words of a draft, and its hour, are changed."""
    house, form = house_of(request), await posted(request, session_of(request))
    written = read_form(form)
    try:
        async with house.database.write(house.clock()) as tx:
            who, held = await _here(tx, request)
            can, fixed = await offered(tx, who, house), await addressed(tx, held, house)
            if held.state != "draft" or one(form, "seen") != fingerprint(held):
                raise Refused("not now")
            meant = await understood(tx, written, can, _domains(house), held)
            if meant.faults:
                return _form(request, written, can, meant.faults, held=held, fixed=fixed, status=422)
            await broadcasts.rewrite(tx, who, held.id, meant.texts, scheduled=meant.scheduled)
            await staff.note(tx, who.name, "write broadcast", held.id)
    except Refused as error:
        return _form(request, written, can, (_hindered(error),), held=held, fixed=fixed, status=409)
    raise web.HTTPSeeOther(action_url(held))


def _domains(house: House) -> tuple[str, ...]:
    return house.settings.broadcast_rules.link_domains


def _hindered(error: Refused) -> Fault:
    return {"field": "", "text": said(HINDRANCES[error.hindrance])}


def _form(
    request: web.Request, written: Written, can: Offered, wrong: tuple[Fault, ...] = (), *,
    held: Broadcast | None = None, fixed: str = "", status: int = 200,
) -> web.Response:  # fmt: skip
    return desk_page(
        request, "desk_broadcast_edit.html", status,
        form=form_values(written, can, seen=fingerprint(held) if held else ""),
        fixed=fixed or None,
        timed=held is None or (held.kind == "ordinary" and not held.corrects),
        fields=[f"{{{name}}}" for name in usable_fields(held.audience)] if held else ["{place}", "{topic}", "{event}"],
        errors=list(wrong),
    )  # fmt: skip


# Looking, sending, signing, steering


async def show(request: web.Request) -> web.Response:
    """One broadcast as it stands, and what I may do with it."""
    house = house_of(request)
    await house.library.refresh(house.database)
    return await _shown(request)


async def _shown(request: web.Request, why_not: str = "") -> web.Response:
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        who, held = await _here(tx, request)
        values = await shown_values(tx, house, who, held)
    return desk_page(request, "desk_broadcast.html", 409 if why_not else 200, **values, why_not=why_not or None)


async def act(request: web.Request) -> web.Response:
    """A button of the page was pressed."""
    house, form = house_of(request), await posted(request, session_of(request))
    perform = ACTS.get(one(form, "do"))
    try:
        async with house.database.write(house.clock()) as tx:
            who, held = await _here(tx, request)
            if perform is None:
                raise web.HTTPBadRequest
            on = await perform(tx, house, who, held, form)
    except Refused as error:
        return await _shown(request, said(HINDRANCES[error.hindrance]))
    house.wake()
    raise web.HTTPSeeOther(on or action_url(held))


Perform = Callable[[Transaction, House, Writer, Broadcast, Form], Awaitable[str | None]]
"""Does what a button says. Returns the address to go on to, where that is another one. Raises Refused."""


async def _try(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> None:
    await broadcasting.try_out(tx, who, held.id)


async def _send(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> None:
    if one(form, "read") != fingerprint(held):
        raise Refused("not now")
    people = number_of(one(form, "people").replace(",", ""))
    if people is None and held.kind != "event":
        raise Refused("counted otherwise")
    rules = house.turns.performer.rules
    await stage_broadcasts.send(tx, who, held.id, people, house.library, rules)


async def _sign(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> None:
    await stage_broadcasts.sign(tx, who, held.id, one(form, "read"), house.turns.performer.rules)


async def _undo(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> None:
    await stage_broadcasts.undo(tx, who, held.id)


async def _drop(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> str:
    await broadcasting.withdraw(tx, who, held.id)
    return "/desk/broadcasts"


async def _correct(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> str:
    made = await broadcasts.correct(tx, who, held.id, held.texts)
    return f"/desk/broadcasts/{made}/edit"


def _steer(to: Steered) -> Perform:
    async def perform(tx: Transaction, house: House, who: Writer, held: Broadcast, form: Form) -> None:
        await broadcasting.steer(tx, who, held.id, to)

    return perform


ACTS: dict[str, Perform] = {
    "try": _try,
    "send": _send,
    "sign": _sign,
    "undo": _undo,
    "drop": _drop,
    "correct": _correct,
    "pause": _steer("paused"),
    "resume": _steer("running"),
    "stop": _steer("stopped"),
}
"""What the buttons of a broadcast do."""


# As it travels


async def fragment(request: web.Request) -> web.Response:
    """The part of the page that changes, drawn anew."""
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        _, held = await _here(tx, request)
        values = await travelling(tx, held)
    return desk_page(request, "desk_broadcast_live.html", **values)


async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: says "changed" when a count does."""
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        await _here(tx, request)
    return await told_of_changes(request, lambda: _pulse(request))


async def _pulse(request: web.Request) -> object:
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        member = await staff.signed_in(tx, session_of(request))
        if member is None:
            return None
        who = stage_broadcasts.writer_at_desk(member, house.library)
        held = await broadcasts.seen_by(tx, who, request.match_info["broadcast"])
        return (held.state, sorted((await actions.progress(tx, held.id)).items())) if held else None
