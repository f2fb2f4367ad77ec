"""Putting a text right: what a reader says of a draft text is kept for whoever looks after that language."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from babel import Locale

from bot.access import at
from bot.catalogues import catalogue
from bot.doors.pages import HOUSE, form_of, language_of, page, storable
from bot.doors.site_machine import compressed
from bot.rendering import plain
from conversations.domain.languages import LANGUAGES
from conversations.domain.speech import say
from storage import corrections

LONGEST, A_PLACE = 2000, 200
MOST_AN_HOUR = 200


def draft_of(request: web.Request) -> str:
    """The language that the form is about: the page's own, unless it is no draft and another one is."""
    own = language_of(request)
    return next((each for each in (own, *LANGUAGES) if catalogue(each).unchecked), own)


async def form(request: web.Request) -> web.Response:
    """The form; `?key=` names a text by its English source, else the page one came from is remembered."""
    if "done" in request.query:
        return _shown(request, done=True)
    key = request.query.get("key") or _came_from(request)
    return _form(request, storable(key).strip()[:A_PLACE])


def _came_from(request: web.Request) -> str:
    try:
        return urlsplit(request.headers.get("Referer", "")).path
    except ValueError:
        return ""


async def sent(request: web.Request) -> web.Response:
    """Keeps what was sent; without better words nothing is kept and what was typed is given back."""
    typed = await _typed(request)
    if not typed["better"] or any(len(typed[name]) > LONGEST for name in ("now", "better", "why")):
        return _form(request, typed["key"][:A_PLACE], typed, _wrong(typed, language_of(request)))
    house = request.app[HOUSE]
    async with house.database.write(house.clock()) as tx:
        if await corrections.too_many(tx, MOST_AN_HOUR):
            raise web.HTTPTooManyRequests
        await corrections.keep(tx, draft_of(request), typed["key"][:A_PLACE], typed)
    raise web.HTTPSeeOther(at("/correct", language_of(request)) + "?done=1")


async def _typed(request: web.Request) -> dict[str, str]:
    given = await form_of(request)
    return {name: given.get(name, [""])[0].strip() for name in ("key", "now", "better", "why")}


def _wrong(typed: dict[str, str], language: str) -> list[dict[str, str]]:
    """Why it could not be kept, field by field."""
    too_long = say("This is too long. Please use {limit} characters or fewer.", limit=f"{LONGEST:,}")
    errors = [] if typed["better"] else [{"field": "better", "text": plain(say("Write how it should be."), language)}]
    return errors + [
        {"field": name, "text": plain(too_long, language)}
        for name in ("now", "better", "why")
        if len(typed[name]) > LONGEST
    ]


def _form(
    request: web.Request, key: str, typed: dict[str, str] | None = None, errors: list[dict[str, str]] | None = None
) -> web.Response:
    draft = catalogue(draft_of(request)).one(key)
    known = draft if draft != key else None
    values: dict[str, Any] = dict(typed or {})
    return _shown(
        request, 422 if errors else 200, key=key, now=known, source=key if known else None,
        wrong_words=values.get("now", ""), better=values.get("better", ""), why=values.get("why", ""),
        errors=errors or [], done=False,
    )  # fmt: skip


def _shown(request: web.Request, status: int = 200, **values: Any) -> web.Response:
    language, draft = language_of(request), draft_of(request)
    named = Locale.parse(draft).get_language_name(language) or draft
    shown = page(request, "correct.html", language, status, here="correct", about=draft, named=named, **values)
    return compressed(shown)
