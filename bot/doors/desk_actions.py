"""Actions at the desk: written, looked at, signed by a second person, published, steered, put right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.access import Who
from bot.doors.desk_action_view import action_values
from bot.doors.desk_form import Fault, Written, as_written, faults, form_values, is_correction, read_form
from bot.doors.desk_frame import (
    Form,
    Spot,
    desk_page,
    house_of,
    may,
    me,
    noted,
    one,
    posted,
    said,
    session_of,
    titled,
    topic_here,
    version_here,
)
from bot.doors.desk_topic import said_on
from bot.doors.desk_views import headline_of, href_of, newest, standing_of
from bot.house import House
from conversations.domain.speech import Phrase, say
from storage import actions, staff
from storage.actions import ActionVersion, Hindrance, NotAllowed
from storage.database import Transaction
from storage.staff import Member

QUOTED_BESIDE = 3
HINDRANCES: dict[Hindrance, Phrase] = {
    "no reason": say("Please say why you put it right."),
    "not published": say("Only a published action can be corrected. Change the draft instead."),
    "published": say("This action is published. Write a correction instead."),
    "own words": say("Somebody else has to sign what you wrote."),
    "unsigned": say("A second person has to sign before it can be published."),
    "not under way": say("This was stopped, or was never sent."),
    "signed": say("This is signed already."),
    "words changed": say("The words were changed after you opened this page. Read them again, then sign."),
    "newer version": say(
        "A newer version was written while you wrote. Please open it, and copy into it what you need from below."
    ),
    "overtaken": say("Somebody changed this draft while you wrote. What you wrote is below. Save again to keep yours."),
}
"""What the desk says when an act cannot be done now."""

# Writing


async def new(request: web.Request) -> web.Response:
    """An empty form."""
    return await _form(request, await topic_here(request), Written(), None)


async def write(request: web.Request) -> web.Response:
    """A first draft is posted."""
    spot = await topic_here(request)
    written = read_form(await posted(request, session_of(request)), spot)
    wrong = faults(written, is_correction=False)
    if wrong:
        return await _form(request, spot, written, None, wrong, status=422)
    house, name = house_of(request), me(request).name
    async with house.database.write(house.clock()) as tx:
        made = await actions.draft(
            tx, spot.consultation.id, spot.topic.id, written.kind, list(written.questions), written.texts, name
        )
        await staff.note(tx, name, "write", made)
    raise web.HTTPSeeOther(f"/desk/actions/{made}")


async def edit(request: web.Request) -> web.Response:
    """The form of a draft, or of a correction of what is published."""
    version, spot = await version_here(request)
    latest = await _latest(house_of(request), version)
    if latest.id != version.id:
        raise web.HTTPSeeOther(f"{href_of(latest)}/edit")
    return await _form(request, spot, as_written(version), version)


async def change(request: web.Request) -> web.Response:
    """A draft is changed, or a published action put right in a new version."""
    version, spot = await version_here(request)
    form = await posted(request, session_of(request))
    written = read_form(form, spot)
    wrong = faults(written, is_correction=is_correction(version))
    if wrong:
        return await _form(request, spot, written, version, wrong, seen=one(form, "seen"), status=422)
    house = house_of(request)
    try:
        async with house.database.write(house.clock()) as tx:
            made = await _keep(tx, version.id, written, me(request).name, one(form, "seen"))
    except NotAllowed as error:
        return await _form(
            request, spot, written, version, [{"field": "", "text": said(HINDRANCES[error.hindrance])}], status=409
        )
    raise web.HTTPSeeOther(f"/desk/actions/{made}")


async def _keep(tx: Transaction, id_: str, written: Written, name: str, seen: str) -> str:
    version = await actions.version_of(tx, id_)
    if version is None or seen != seen_of(version):
        raise NotAllowed("overtaken")
    if (await actions.versions_of(tx, version.action))[-1].id != id_:
        raise NotAllowed("newer version")
    if version.published is None:
        await actions.rewrite(tx, id_, written.kind, list(written.questions), written.texts, name, written.reason)
        await staff.note(tx, name, "write", id_)
        return id_
    made = await actions.correct(
        tx, version.action, written.kind, list(written.questions), written.texts, written.reason, name
    )
    await staff.note(tx, name, "correct", made)
    return made


def seen_of(version: ActionVersion) -> str:
    """What names the very words somebody looks at: when they were written."""
    return version.written.isoformat()


async def _latest(house: House, version: ActionVersion) -> ActionVersion:
    async with house.database.read() as tx:
        return (await actions.versions_of(tx, version.action))[-1]


async def _form(
    request: web.Request, spot: Spot, written: Written, version: ActionVersion | None,
    wrong: list[Fault] | None = None, *, seen: str = "", status: int = 200,
) -> web.Response:  # fmt: skip
    """The form, with all that was written in it, beside the other actions and what people said."""
    await noted(request, "read", spot.name)
    async with house_of(request).database.read() as tx:
        latest = await actions.version_of(tx, version.id) if version else None
        others = newest(await actions.on_topic(tx, spot.consultation.id, spot.topic.id))
        item = await said_on(tx, spot, QUOTED_BESIDE)
    seen = seen or (seen_of(latest) if latest else "")
    return desk_page(
        request, "desk_action_edit.html", status,
        topic=titled(spot.topic.title) | {"href": spot.href},
        action=form_values(written, spot, version=version, seen=seen),
        errors=wrong or [],
        queue=[_queued(each, version) for each in others] or None,
        item=item,
    )  # fmt: skip


def _queued(each: ActionVersion, current: ActionVersion | None) -> dict[str, Any]:
    is_current = current is not None and each.action == current.action
    return headline_of(each) | {"href": href_of(each), "state": standing_of(each), "current": is_current}


# Looking, signing, publishing, steering


async def show(request: web.Request) -> web.Response:
    """One version of an action: how people will see it, who hears, how far it has come."""
    version, spot = await version_here(request)
    return await _shown(request, version, spot)


async def act(request: web.Request) -> web.Response:
    """A button of the page was pressed."""
    version, spot = await version_here(request)
    form = await posted(request, session_of(request))
    found = ACTS.get(one(form, "do"))
    if found is None:
        raise web.HTTPBadRequest
    who, perform = found
    member, house = me(request), house_of(request)
    if not may(member, who, spot.commission):
        raise web.HTTPForbidden
    try:
        async with house.database.write(house.clock()) as tx:
            await perform(tx, house, member, version.id, form)
            await staff.note(tx, member.name, one(form, "do"), version.id)
    except NotAllowed as error:
        return await _shown(request, version, spot, why_not=said(HINDRANCES[error.hindrance]))
    house.wake()
    raise web.HTTPSeeOther(href_of(version))


async def _shown(request: web.Request, version: ActionVersion, spot: Spot, *, why_not: str = "") -> web.Response:
    await noted(request, "read", version.id)
    values = await action_values(house_of(request), me(request), version, spot)
    values["action"]["seen"] = seen_of(version)
    if why_not:
        values["why_not"] = why_not
    return desk_page(request, "desk_action.html", 409 if why_not else 200, **values)


async def _sign(tx: Transaction, house: House, member: Member, version: str, form: Form) -> None:
    found = await actions.version_of(tx, version)
    if found is None or one(form, "seen") != seen_of(found):
        raise NotAllowed("words changed")
    if found.published is not None or found.signed is not None:
        raise NotAllowed("signed")
    await actions.sign(tx, version, member.name, alone=house.settings.trial, written=found.written)


async def _publish(tx: Transaction, house: House, member: Member, version: str, form: Form) -> None:
    """Publishes, and holds back what has not gone out yet of the wording this one puts right."""
    found = await actions.version_of(tx, version)
    assert found is not None
    held = house.library.newest(found.consultation)
    await actions.publish(tx, version, held.topic(found.topic).commission.id if held else "")
    for earlier in await actions.versions_of(tx, found.action):
        if earlier.version < found.version and earlier.fan_out in {"running", "paused"}:
            await actions.steer(tx, earlier.id, "stopped")


def _steer(fan_out: str) -> Perform:
    async def perform(tx: Transaction, house: House, member: Member, version: str, form: Form) -> None:
        await actions.steer(tx, version, fan_out)

    return perform


Perform = Callable[[Transaction, House, Member, str, Form], Awaitable[None]]
ACTS: dict[str, tuple[Who, Perform]] = {
    "sign": (Who.SIGNER, _sign),
    "publish": (Who.OFFICER, _publish),
    "pause": (Who.OFFICER, _steer("paused")),
    "resume": (Who.OFFICER, _steer("running")),
    "stop": (Who.OFFICER, _steer("stopped")),
}
"""What the buttons of an action do, and whom each is for."""
