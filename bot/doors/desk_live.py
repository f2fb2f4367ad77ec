"""An action on its way: where its deliveries stand and what people wrote back, told to an open page as it happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from sqlalchemy.exc import DBAPIError

from bot.access import Who
from bot.doors.desk_frame import Spot, day_of, desk_page, house_of, may, me, noted, session_of, version_here
from bot.doors.desk_views import href_of
from bot.doors.limits import STREAMS
from bot.doors.pages import hung_up
from storage import actions, replies, staff
from storage.actions import ActionVersion
from storage.database import Transaction

EVERY, HEARTBEAT, LONGEST = 0.5, 15.0, 600.0
"""Seconds between two looks at the database, between two signs of life, and until the page has to ask anew."""
ON_THE_WAY = ("waiting", "claimed", "paused", "quiet", "looking", "budget", "gathered")
NAMED = {"not_what_i_meant": "not_meant"}
"""A verdict the templates name otherwise than it is stored."""


async def travelling(tx: Transaction, version: ActionVersion) -> dict[str, Any]:
    """What desk_action_live.html takes besides the frame."""
    counts = await actions.progress(tx, version.id)
    given = await replies.counts(tx, version.id)
    worded = await replies.to_version(tx, version.id, with_words=True)
    items = [
        {
            "kind": NAMED.get(row.verdict, row.verdict),
            "pseudonym": row.pseudonym,
            "words": row.words,
            "lang": row.language,
            "date": day_of(row.replied),
        }
        for row in worded
    ]
    verdicts = {NAMED.get(each, each): given.get(each, 0) for each in ("that_is_it", "not_what_i_meant", "not_done")}
    return {
        "action_url": href_of(version),
        "delivery": delivered(version.fan_out, counts),
        "replies": verdicts | {"items": items},
    }


def delivered(fan_out: str, counts: dict[str, int]) -> dict[str, Any]:
    """States of the ledger under the names staff read. What is paused still waits."""
    left = sum(counts.get(state, 0) for state in ON_THE_WAY)
    state = {"paused": "paused", "stopped": "stopped"}.get(fan_out, "going" if left else "done")
    looking, until_nine, budget, gathered = (counts.get(name, 0) for name in ("looking", "quiet", "budget", "gathered"))
    return {
        "state": state,
        "waiting": left - looking - until_nine - budget - gathered,
        "until_nine": until_nine,
        "budget": budget,
        "gathered": gathered,
        "looking": looking,
        "sent": counts.get("accepted", 0),
        "refused": counts.get("refused", 0),
        "unknown": counts.get("unknown", 0) + counts.get("parked", 0),
        "withdrawn": counts.get("withdrawn", 0),
    }


async def fragment(request: web.Request) -> web.Response:
    """The part of the page that changes, drawn anew."""
    version, _ = await version_here(request)
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        known = await staff.reads_already(tx, me(request).name, version.id)
        values = await travelling(tx, version)
    if not known:
        await noted(request, "read", version.id)
    return desk_page(request, "desk_action_live.html", **values)


async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: says "changed" when a count or a reply does. Ends when the page goes, or its reader does."""
    version, spot = await version_here(request)
    return await told_of_changes(request, lambda: _pulse(request, version.id, spot))


Pulse = Callable[[], Awaitable[object]]
"""What changes whenever an open page should; None once its reader may no longer see it."""


async def told_of_changes(request: web.Request, pulse: Pulse) -> web.StreamResponse:
    """A stream that says "changed" whenever the pulse is another."""
    with request.app[STREAMS].one_more(request, f"desk:{me(request).name}"):
        response = web.StreamResponse(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        response.content_type = "text/event-stream"
        await response.prepare(request)
        with contextlib.suppress(OSError, DBAPIError):
            await _speak(request, response, pulse)
    return response


async def _speak(request: web.Request, response: web.StreamResponse, pulse: Pulse) -> None:
    loop = asyncio.get_running_loop()
    begun = spoke = loop.time()
    last = await pulse()
    await response.write(b"retry: 2000\n\n")
    while last is not None and loop.time() - begun < LONGEST:
        await asyncio.sleep(EVERY)
        if hung_up(request):
            return
        now = await pulse()
        if now is not None and now != last:
            await response.write(b"data: changed\n\n")
            spoke = loop.time()
        elif loop.time() - spoke >= HEARTBEAT:
            await response.write(b": still here\n\n")
            spoke = loop.time()
        last = now


async def _pulse(request: web.Request, version: str, spot: Spot) -> object:
    """The state of a version, its deliveries and its replies."""
    house = house_of(request)
    async with house.database.read(house.clock()) as tx:
        member = await staff.signed_in(tx, session_of(request))
        if member is None or not may(member, Who.SIGNER, spot.commission):
            return None
        found = await actions.version_of(tx, version)
        counts, told = await actions.progress(tx, version), await replies.pulse(tx, version)
    return (found.fan_out if found else "", sorted(counts.items()), told)
