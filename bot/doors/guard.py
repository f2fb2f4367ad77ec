"""The guard at every web door: who may, from where, in what form; and what is said when something goes wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from sqlalchemy.exc import DBAPIError

from bot.access import BY_ITSELF, RATES, Who, who_may
from bot.buckets import Buckets
from bot.doors.limits import LIMITS, STREAMS, Streams, insist
from bot.doors.pages import (
    CHAT_COOKIE,
    DESK_COOKIE,
    FORM,
    HEADERS,
    HOUSE,
    MEMBER,
    PERSON,
    WEB,
    Handler,
    at_the_desk,
    hung_up,
    language_of,
    page,
)
from bot.house import House
from storage import people, staff
from storage.database import Transaction
from storage.people import Person
from storage.staff import Member

log = logging.getLogger(__name__)
Known = TypeVar("Known", Member, Person)
LARGEST_FORM = 256 * 1024
"""Bytes: the longest own words, in the writing that takes most bytes, fit in three quarters of it."""
PATIENCE = 30
"""Seconds in which a posted form has to arrive."""
READING = ("GET", "HEAD")
A_WHILE = timedelta(minutes=1)
FOR_MACHINES = ("/telegram", "/healthz", "/readyz", "/metrics")


def _of_our_making(record: logging.LogRecord) -> bool:
    """The web server logs what is no HTTP, cookies and all: it is refused with a 400, and stays out of the log."""
    return not (record.exc_info and isinstance(record.exc_info[1], HttpProcessingError))


logging.getLogger("aiohttp.server").addFilter(_of_our_making)


def guarded(house: House) -> web.Application:
    """An application in which nothing is served that is not declared, and no answer is without safe headers."""
    app = web.Application(middlewares=[kindly, guard], client_max_size=LARGEST_FORM)
    app[HOUSE], app[LIMITS], app[STREAMS] = house, Buckets(), Streams()
    app.on_response_prepare.append(_with_safe_headers)
    return app


def runner_of(app: web.Application, shutdown_timeout: float) -> web.AppRunner:
    """What serves an application: with no log of its own, and never unpacking what it is sent. `shutdown_timeout` is in
    seconds."""
    return web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=shutdown_timeout)


async def _with_safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What a page does not say may be kept is kept by nobody on the way."""
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses what is not declared, posts from elsewhere, and whoever the route is not for."""
    resource = request.match_info.route.resource
    if resource is None:
        return await handler(request)
    who = who_may(request.method, resource.canonical)
    if who is None:
        raise web.HTTPForbidden
    _insist_on_nothing_packed(request)
    posts = request.method not in READING and who is not Who.PLATFORM
    if posts:
        _insist_on_our_own_page(request)
        _insist_on_a_plain_form(request)
    if rate := RATES.get((request.method, resource.canonical)):
        insist(request, resource.canonical, rate)
    if not await _let_in(request, who, resource.canonical):
        return page(
            request,
            "desk_signin.html",
            at_the_desk(request),
            status=401,
            spent=False,
            command="bigconversation link NAME",
        )
    if posts:
        await _insist_on_all_of_it(request)
    return await handler(request)


async def _let_in(request: web.Request, who: Who, path: str) -> bool:
    """Finds out who asks, where the route wants to know. False for somebody who is not signed in at the desk; raises
    HTTPForbidden for somebody who has no chat."""
    if who in {Who.STAFF, Who.OFFICER, Who.SIGNER, Who.ORGANISER, Who.WRITER}:
        member = await _member(request)
        if member is None:
            return False
        request[MEMBER] = member
        if path not in BY_ITSELF:
            await _stays(request, member)
    if who is Who.PERSON:
        person = await person_of(request)
        if person is None:
            raise web.HTTPNotFound  # a personal address passed on looks like nothing at all
        request[PERSON] = person
    return True


async def _member(request: web.Request) -> Member | None:
    """Who is signed in at the desk."""
    return await _by_cookie(request, DESK_COOKIE, staff.signed_in)


async def person_of(request: web.Request) -> Person | None:
    """Whose chat this browser keeps."""
    return await _by_cookie(request, CHAT_COOKIE, lambda tx, cookie: people.address_of(tx, WEB, cookie))


async def _by_cookie(
    request: web.Request, name: str, find: Callable[[Transaction, str], Awaitable[Known | None]]
) -> Known | None:
    """Whom the database knows by what a cookie holds."""
    cookie, house = request.cookies.get(name, ""), request.app[HOUSE]
    if not cookie:
        return None
    async with house.database.read(house.clock()) as tx:
        return await find(tx, cookie)


async def _stays(request: web.Request, member: Member) -> None:
    """Notes, once a minute, that somebody at the desk is still there."""
    house = request.app[HOUSE]
    now = house.clock()
    if member.seen is None or now - member.seen > A_WHILE:
        async with house.database.write(now) as tx:
            await staff.seen(tx, request.cookies.get(DESK_COOKIE, ""))


# Forms


def _insist_on_our_own_page(request: web.Request) -> None:
    """A form comes from our own page: the browser says so (Fetch Metadata, Origin, or in old ones the Referer).
    What says nothing is no browser's form."""
    site, origin = request.headers.get("Sec-Fetch-Site", ""), request.headers.get("Origin")
    said = origin or request.headers.get("Referer")
    ours = {request.host, urlsplit(request.app[HOUSE].settings.base_url).netloc}
    if site not in ("", "same-origin", "none") or (said and _host(said) not in ours) or not (site or said):
        raise web.HTTPForbidden


def _host(address: str) -> str | None:
    """The host and port of an address; None for "null" and whatever is no address."""
    try:
        return urlsplit(address).netloc or None
    except ValueError:
        return None


def _insist_on_nothing_packed(request: web.Request) -> None:
    """No browser packs what it sends, and no platform; a megabyte of nothing fits in a thousand bytes."""
    if "Content-Encoding" in request.headers:
        raise web.HTTPUnsupportedMediaType


def _insist_on_a_plain_form(request: web.Request) -> None:
    """No upload, no other kind of body, none of unknown length: nothing of ours is sent that way."""
    if "Transfer-Encoding" in request.headers:
        raise web.HTTPLengthRequired
    if request.content_length and request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType
    if (request.content_length or 0) > LARGEST_FORM:
        raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, request.content_length or 0)


async def _insist_on_all_of_it(request: web.Request) -> None:
    """Whoever sends slower than any telephone does not hold a place for ever."""
    try:
        async with asyncio.timeout(PATIENCE):
            await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None


# When something goes wrong


@web.middleware
async def kindly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error has a kind page."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _error(request, error.status)
        response.headers.update(
            {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}
        )
        return response
    except (DBAPIError, OSError) as error:
        if not (isinstance(error, ConnectionError) and hung_up(request)):
            log.exception("the database or the network failed while answering %s", request.path)
        response = _error(request, 503)
        response.headers["Retry-After"] = "5"
        return response
    except Exception:
        log.exception("answering %s broke", request.path)
        return _error(request, 500)


def _error(request: web.Request, status: int) -> web.Response:
    if request.path in FOR_MACHINES:
        return web.Response(status=status)
    return page(request, "error.html", language_of(request), status=status, wait=None, say=None)
