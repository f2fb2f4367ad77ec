"""The desk's frame: who is signed in and what they may, forms that came from our own pages, days as staff read them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.access import Who, who_may
from bot.doors import pages
from bot.house import House
from bot.rendering import long_day, plain
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.languages import SOURCE
from conversations.domain.speech import Content, Text, say
from storage import actions, staff
from storage.actions import ActionVersion
from storage.people import DEFAULT_ZONE
from storage.staff import Member

_spoken: ContextVar[str] = ContextVar("the language of the page that is being drawn", default=SOURCE)
A_YEAR = 365 * 24 * 3600
ZONE = ZoneInfo(DEFAULT_ZONE)


@dataclass(frozen=True)
class Spot:
    """A topic at the desk."""

    consultation: Consultation
    topic: Topic

    @property
    def href(self) -> str:
        return f"/desk/topics/{self.consultation.id}/{self.topic.id}"

    @property
    def name(self) -> str:
        """As the audit trail names it."""
        return f"{self.consultation.id}/{self.topic.id}"

    @property
    def commission(self) -> str:
        return self.topic.commission.id


def language() -> str:
    """The language in which the desk speaks to whoever asked. What people and officers wrote stays in its own, and is
    marked so."""
    return _spoken.get()


def spoken(handler: pages.Handler) -> pages.Handler:
    """A page of the desk in the language its reader chose, which is kept in a cookie of the desk alone."""

    async def drawn(request: web.Request) -> web.StreamResponse:
        _spoken.set(pages.at_the_desk(request))
        response = await handler(request)
        if "lang" in request.query and not response.prepared:
            secure = house_of(request).settings.base_url.startswith("https:")
            response.set_cookie(
                pages.DESK_LANGUAGE, language(), path="/desk", max_age=A_YEAR, httponly=True, samesite="Lax",
                secure=secure,
            )  # fmt: skip
        return response

    return drawn


def said(text: Text) -> str:
    """A text of ours, as this page says it."""
    return plain(text, language())


def house_of(request: web.Request) -> House:
    return request.app[pages.HOUSE]


def me(request: web.Request) -> Member:
    """Who is signed in; the guard has seen to it that somebody is."""
    member: Member = request[pages.MEMBER]
    return member


def session_of(request: web.Request) -> str:
    return request.cookies.get(pages.DESK_COOKIE, "")


def desk_page(request: web.Request, template: str, /, status: int = 200, **values: Any) -> web.Response:
    """A page of the desk for whoever is signed in. Nothing on the way may keep it."""
    shown = {
        "me": {
            "name": me(request).name,
            "commissions": _commissions(house_of(request), me(request)),
            "writes": bool(me(request).commissions("organiser") or me(request).commissions("officer")),
            "organises": bool(me(request).commissions("organiser")),
        },
        "csrf": pages.csrf_token(house_of(request), session_of(request)),
    }
    response = pages.page(request, template, language(), status, **shown, **values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _commissions(house: House, member: Member) -> str:
    granted = member.commissions("officer") | member.commissions("signer")
    if not granted:
        return ", ".join(sorted(area or said(say("all areas")) for area in member.commissions("organiser")))
    if "" in granted:
        return said(say("every commission"))
    names = {each.id: each.name for held in house.library.all() for each in held.commissions}
    return ", ".join(names[id_].in_language(language())[0] if id_ in names else id_ for id_ in sorted(granted))


# What somebody may


def may(member: Member, who: Who, commission: str) -> bool:
    """Whether a member is the officer, or the officer or signer, of a commission."""
    officer = member.may("officer", commission)
    return officer or (who is Who.SIGNER and member.may("signer", commission))


def check(request: web.Request, commission: str) -> None:
    """Refuses whoever is not what the route asks for (bot/access.py) in this commission. What belongs to a commission
    in which they are nobody is to them as if it were not there."""
    resource = request.match_info.route.resource
    who = who_may(request.method, resource.canonical) if resource else None
    if not may(me(request), Who.SIGNER, commission):
        raise web.HTTPNotFound
    if who is None or not may(me(request), who, commission):
        raise web.HTTPForbidden


async def topic_here(request: web.Request) -> Spot:
    """The topic this address names, for whoever may see it."""
    await house_of(request).library.refresh(house_of(request).database)
    info = request.match_info
    return _spot(request, info["consultation"], info["topic"])


async def version_here(request: web.Request) -> tuple[ActionVersion, Spot]:
    """The version of an action this address names, for whoever may see it."""
    named = request.match_info["version"]
    if not named.isprintable():  # no id is, and a database may refuse to look for it
        raise web.HTTPNotFound
    async with house_of(request).database.read() as tx:
        version = await actions.version_of(tx, named)
    if version is None:
        raise web.HTTPNotFound
    return version, _spot(request, version.consultation, version.topic)


def _spot(request: web.Request, consultation: str, topic: str) -> Spot:
    held = house_of(request).library.newest(consultation)
    found = next((each for each in held.topics if each.id == topic), None) if held else None
    if held is None or found is None:
        raise web.HTTPNotFound
    check(request, found.commission.id)
    return Spot(held, found)


async def noted(request: web.Request, act: str, what: str) -> None:
    """Puts on the audit trail that somebody looks at people's words. They see none when that cannot be written."""
    house = house_of(request)
    async with house.database.write(house.clock()) as tx:
        await staff.note(tx, me(request).name, act, what)


# Forms

Form = Mapping[str, list[str]]


async def posted(request: web.Request, secret: str) -> Form:
    """A posted form, tidied: each name with its values. Refused unless it carries the token made for `secret`."""
    form = {name: [tidy(value) for value in values] for name, values in (await pages.form_of(request)).items()}
    wanted = pages.csrf_token(house_of(request), secret)
    if not hmac.compare_digest(one(form, "csrf").encode(), wanted.encode()):
        raise web.HTTPForbidden
    return form


def one(form: Form, name: str) -> str:
    """The one value of a name."""
    return form.get(name, [""])[0]


def tidy(words: str) -> str:
    """Words without control characters and lone surrogates; lines end as they do here."""
    kept = pages.storable(words).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(ch for ch in kept if ch == "\n" or ch.isprintable() or ch in "\u200d\u200c\ufe0f").strip()


# As staff read it


def titled(content: Content) -> dict[str, str | None]:
    """A text of a document in the language of the page, with its own where it has none in that."""
    words, really = content.in_language(language())
    return {"title": words, "lang": really if really != language() else None}


def words_of(content: Content) -> str:
    return content.in_language(language())[0]


def day_of(moment: datetime) -> str:
    """A moment's day in London: 4 October 2026."""
    return long_day(moment.astimezone(ZONE).date(), language())


def figure(people: int) -> str:
    """1,240."""
    return f"{people:,}"
