"""The page of one seat: its code in words and as a picture, which leads whoever holds the event to check it in."""

from __future__ import annotations

import segno
from aiohttp import web
from markupsafe import Markup

from bot.access import at
from bot.doors.pages import HOUSE, language_of, page
from bot.doors.site_events import event_of, listed
from conversations.checking_in import leads_to
from conversations.domain.gatherings import read_code, spaced
from storage import arrivals


async def seat(request: web.Request) -> web.Response:
    """One seat, for whoever has its code. Looking changes nothing."""
    house, language, code = request.app[HOUSE], language_of(request), request.match_info["code"]
    event = await event_of(request)
    async with house.database.read(house.clock()) as tx:
        known = read_code(code) == code and await arrivals.is_seat(tx, event.id, code)
        channel = await arrivals.host_is_on(tx, event.id)
    if not known:
        raise web.HTTPNotFound
    shown = listed(event, language) | {
        "name": event.title,
        "lang": None if event.language == language else event.language,
        "code": spaced(code),
        "picture": picture(leads_to(house.turns.performer.links, channel, event.id, code)),
        "page": at(f"/events/{event.id}", language),
    }
    response = page(request, "seat.html", language, seat=shown)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def picture(link: str) -> Markup:
    """A link as a QR code, drawn in lines; dark on light also where the page is dark."""
    drawn = segno.make(link, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=6, light="#fff", omitsize=True, svgclass="code-picture"))
