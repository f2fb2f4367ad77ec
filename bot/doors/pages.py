"""Pages: the frame every web page shares. Templates, language, links, safe headers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from aiohttp import web

from bot.access import at
from bot.catalogues import catalogue
from bot.house import House
from bot.settings import networks
from conversations.domain.consultation import Consultation
from conversations.domain.languages import LANGUAGES, SOURCE, name_of
from storage.people import Person
from storage.staff import Member

MEMBER: web.RequestKey[Member] = web.RequestKey("member", Member)
PERSON: web.RequestKey[Person] = web.RequestKey("person", Person)
HOUSE: web.AppKey[House] = web.AppKey("house", House)
DESK_COOKIE, CHAT_COOKIE, WEB = "desk", "chat", "web"
DESK_LANGUAGE = "desk_language"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


@cache
def _templates(language: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bot", "doors/templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    book = catalogue(language)
    environment.install_gettext_callables(book.one, book.many, newstyle=True)  # type: ignore[attr-defined]
    return environment


@cache
def static_file(name: str) -> tuple[bytes, str] | None:
    """A static file and the digest that names its version; None when there is none of that name."""
    if name not in {"site.css", "chat.js", "desk.js"}:
        return None
    raw = (resources.files("bot") / "doors" / "static" / name).read_bytes()
    return raw, hashlib.sha256(raw).hexdigest()[:10]


def static_url(name: str) -> str:
    """The address of a static file, which changes with its content, so that it may be kept for ever."""
    found = static_file(name)
    assert found is not None
    return f"/static/{name}?v={found[1]}"


def language_of(request: web.Request) -> str:
    """The language of a public page: in its address."""
    first = request.path.split("/", 2)[1]
    return first if first in LANGUAGES else SOURCE


def at_the_desk(request: web.Request) -> str:
    """The language of a page of the desk: asked for, or kept in a cookie since it was."""
    asked = request.query.get("lang") or request.cookies.get(DESK_LANGUAGE, "")
    return asked if asked in LANGUAGES else SOURCE


def hung_up(request: web.Request) -> bool:
    """Whether whoever asked is gone: their connection breaks, not ours."""
    return request.transport is None or request.transport.is_closing()


def frame(request: web.Request, language: str, here: str = "") -> dict[str, Any]:
    """What base.html takes. `here` is the key of this page in the links."""
    house = request.app[HOUSE]
    held = house.library.first(house.clock())
    others = [
        {"lang": code, "name": name_of(code), "href": _elsewhere(request, code)}
        for code in LANGUAGES
        if code != language
    ]
    return {
        "lang": language,
        "others": others,
        "here": here,
        "urls": links(language),
        "run_by": held.run_by.in_language(language)[0] if held else None,
        "contact": _contact(held),
        "unchecked": name_of(language) if catalogue(language).unchecked else None,
        "trial": house.settings.trial,
        "csrf": None,
    }


def _elsewhere(request: web.Request, language: str) -> str:
    """This page in another language: under an address of its own, or at the desk by asking for it."""
    if request.path.startswith("/desk"):
        return f"?lang={language}"
    bare = "/" + request.path.removeprefix(at("/", language_of(request))).lstrip("/")
    return at(bare, language)


def links(language: str) -> dict[str, str]:
    """The addresses that templates name."""
    public = {
        "home": "/",
        "said_did": "/said-did",
        "privacy": "/privacy",
        "rules": "/rules",
        "correct": "/correct",
        "events": "/events",
    }
    own = {name: at(path, language) for name, path in public.items()}
    return own | {
        "chat": "/chat" if language == SOURCE else f"/chat?lang={language}",
        "css": static_url("site.css"),
        "chat_js": static_url("chat.js"),
        "desk_js": static_url("desk.js"),
        "desk": "/desk",
        "desk_events": "/desk/events",
        "desk_broadcasts": "/desk/broadcasts",
        "desk_members": "/desk/members",
        "desk_out": "/desk/out",
    }


def page(request: web.Request, template: str, language: str, /, status: int = 200, **values: Any) -> web.Response:
    """A whole page in a language."""
    here = values.pop("here", "")
    context = frame(request, language, here) | {"status": status} | values
    text = _templates(language).get_template(template).render(context)
    return web.Response(text=text, content_type="text/html", status=status)


def _contact(held: Consultation | None) -> dict[str, Any] | None:
    if held is None:
        return None
    lines = [line.strip() for line in held.legal.postal_address.replace("\n", ",").split(",") if line.strip()]
    return {"phone": held.legal.phone, "address": lines, "email": held.legal.email or None}


# Forms

FORM = "application/x-www-form-urlencoded"
Form = dict[str, list[str]]


async def form_of(request: web.Request) -> Form:
    """A posted form: each name with its values, without NUL and lone surrogates, which no database keeps.

    Our own pages post nothing but the plain kind of form. Others are refused unread: reading them costs more.
    """
    if request.content_type != FORM and request.body_exists:
        raise web.HTTPUnsupportedMediaType
    try:
        given = await request.post()
    except (LookupError, ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    form: Form = {}
    for name, value in given.items():
        form.setdefault(storable(name), []).append(storable(str(value)))
    return form


def storable(words: str) -> str:
    """Words without NUL and lone surrogates: what any database keeps, and any page shows."""
    return words.replace("\0", "").encode("utf-8", "ignore").decode()


# What the guard learns of whoever asks


def csrf_token(house: House, session: str) -> str:
    """The token that a desk form must carry: bound to the session."""
    return hmac.new(house.database.keys.lookup, f"csrf\0{session}".encode(), hashlib.sha256).hexdigest()[:32]


def client_address(request: web.Request) -> str:
    """From where somebody asks, to count how often; it is kept nowhere else.

    `X-Forwarded-For` is believed only from a proxy the operator named, and only as far as such proxies wrote it: the
    right-most address that is none of theirs. What a browser makes up stands to the left of that.
    """
    trusted = networks(request.app[HOUSE].settings.trusted_proxies)
    told = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    at = _address(request.remote or "")
    while at is not None and any(at in network for network in trusted) and told:
        before = _address(told.pop())
        if before is None:
            break
        at = before
    return str(at or "")


def _address(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(written.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
