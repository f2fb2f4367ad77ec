"""For machines: static files, what a crawler may read, whether we live and are ready, and figures for an operator."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import cache

from aiohttp import ETag, web
from sqlalchemy.exc import SQLAlchemyError

from bot.doors.pages import HOUSE, static_file
from bot.meters import series
from bot.settings import is_loopback
from conversations.domain.languages import LANGUAGES
from storage import health
from storage.database import knows_revision, newest_revision, revision_of
from storage.deliveries import Lane

FOR_EVER = "public, max-age=31536000, immutable"
TYPES = {"css": "text/css", "js": "text/javascript"}
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
PATIENCE = 5
SECURITY_HOLDS = timedelta(days=180)
ROBOTS = "User-agent: *\nDisallow: /chat\nDisallow: /desk\nAllow: /\n"


def routes() -> list[web.RouteDef]:
    """Static files and what only machines ask for."""
    return [
        web.get("/static/{file}", static),
        web.get("/favicon.ico", no_icon),
        web.get("/robots.txt", robots),
        web.get("/.well-known/security.txt", security),
        web.get("/healthz", alive),
        web.get("/readyz", ready),
        web.get("/metrics", metrics),
    ]


def compressed(response: web.Response, keep: str = "no-cache") -> web.Response:
    """A response as small as the reader's browser takes it, kept as long as `keep` says."""
    response.enable_compression()
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = keep
    return response


async def static(request: web.Request) -> web.Response:
    """A static file, kept for ever: its address changes with its content. One of another release is not kept."""
    name = request.match_info["file"]
    found = static_file(name)
    if found is None:
        raise web.HTTPNotFound
    raw, digest = found
    keep = FOR_EVER if request.query.get("v", digest) == digest else "no-cache"
    fresh = any(tag.value in {digest, "*"} for tag in request.if_none_match or ())
    kind = TYPES[name.rpartition(".")[2]]
    response = web.Response(status=304) if fresh else web.Response(body=raw, content_type=kind, charset="utf-8")
    response.etag = ETag(digest, is_weak=True)
    if fresh:
        response.headers["Cache-Control"] = keep
        return response
    return compressed(response, keep)


async def no_icon(request: web.Request) -> web.Response:
    """There is no icon, and a browser need not ask again today."""
    return web.Response(status=204, headers={"Cache-Control": "public, max-age=86400"})


async def robots(request: web.Request) -> web.Response:
    return web.Response(text=ROBOTS)


async def security(request: web.Request) -> web.Response:
    """To whom somebody who found a hole can tell it, as RFC 9116 has it; good for half a year from now on."""
    house = request.app[HOUSE]
    if not house.settings.security_contact:
        raise web.HTTPNotFound
    lines = {
        "Contact": house.settings.security_contact,
        "Expires": f"{house.clock() + SECURITY_HOLDS:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": ", ".join(LANGUAGES),
        "Canonical": f"{house.settings.base_url}/.well-known/security.txt",
    }
    return web.Response(text="".join(f"{name}: {value}\n" for name, value in lines.items()))


async def alive(request: web.Request) -> web.Response:
    """The process answers."""
    return web.Response(text="ok")


async def ready(request: web.Request) -> web.Response:
    """The database answers, and is at the revision this release needs; or at one of the next release, whose migration
    leaves us what we use, until we are started anew."""
    try:
        async with asyncio.timeout(PATIENCE):
            revision = await revision_of(request.app[HOUSE].database)
    except (SQLAlchemyError, OSError, TimeoutError):
        return web.Response(status=503, text="The database does not answer.")
    if revision is not None and not knows_revision(revision):
        return web.Response(text=f"ready. The database is at {revision}, of another release: start that one soon.")
    if revision != _needed():
        text = f"The database is at revision {revision}; this release needs {_needed()}. Run: bigconversation migrate"
        return web.Response(status=503, text=text)
    return web.Response(text="ready")


@cache
def _needed() -> str:
    return newest_revision()


async def metrics(request: web.Request) -> web.Response:
    """What an operator watches, in the Prometheus text format; only for who asks from this machine."""
    peer = (request.remote or "").removeprefix("::ffff:")
    if not is_loopback(peer) or any(name in request.headers for name in FORWARDED):
        raise web.HTTPForbidden
    house = request.app[HOUSE]
    async with house.database.read(house.clock()) as tx:
        ledger, due, processes = await health.ledger(tx), await health.oldest_due(tx), await health.processes(tx)
    counts = {f'{{lane="{Lane(lane).name.lower()}",state="{state}"}}': rows for (lane, state), rows in ledger.items()}
    ages = {
        f'{{lane="{lane.name.lower()}"}}': (house.clock() - due[lane]).total_seconds() if lane in due else 0
        for lane in Lane
    }
    lines = [
        *series("deliveries", "Deliveries in the ledger.", "gauge", counts),
        *series("oldest_waiting_seconds", "How late the oldest delivery is that could go out.", "gauge", ages),
        *series("processes", "Processes that serve from this database.", "gauge", {"": processes}),
        *house.turns.meters.lines(),
    ]
    response = web.Response(body=("\n".join(lines) + "\n").encode())
    response.headers["Content-Type"] = "text/plain; version=0.0.4; charset=utf-8"
    return response
