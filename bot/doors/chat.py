"""The web chat: drawn by the server, works with scripts off, keeps a person's place by a cookie set on Start."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.access import CHAT_STARTS, ONE_PERSON
from bot.catalogues import catalogue
from bot.channels.messages import Incoming, Message, clean
from bot.doors import chat_cards, chat_view
from bot.doors.fair_share import share_of
from bot.doors.guard import person_of
from bot.doors.limits import STREAMS, insist
from bot.doors.pages import CHAT_COOKIE, HOUSE, PERSON, WEB, Form, form_of, frame, language_of, page
from bot.house import House
from bot.looking import Seen, come_back, go_on, look_to_draw
from bot.rendering import as_words, render
from bot.stage import newcomer, present
from bot.turns import Taken
from conversations.domain.languages import LANGUAGES
from conversations.domain.lookups import MyRecord
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Chose,
    ChoseSeveral,
    Heard,
    Pressed,
    PressedStanding,
    Returned,
    Said,
    Started,
)
from conversations.telling import record_text
from storage import findings, people

THIRTEEN_MONTHS = 395 * 24 * 3600
AWAY = timedelta(minutes=30)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HEARTBEAT = 15.0
_LINK = re.compile(r"[A-Za-z0-9-]+")
_PLACE = re.compile(r"[0-9]{1,3}")
_MOMENT = re.compile(r"[0-9]{1,17}")


def routes() -> list[web.RouteDef]:
    """The routes of the web chat."""
    return [
        web.get("/chat", show),
        web.post("/chat", hear),
        web.get("/chat/stream", stream, allow_head=False),
        web.get("/chat/return", ask_code),
        web.post("/chat/return", use_code),
        web.get("/chat/telegram", to_telegram),
        web.get("/chat/data", my_data),
    ]


async def show(request: web.Request) -> web.StreamResponse:
    """The chat as it is now. A link to a topic, or a return after a while, is a turn of its own."""
    house, cookie = request.app[HOUSE], request.cookies.get(CHAT_COOKIE, "")
    person = await person_of(request)
    link = request.query.get("topic", "")
    if person is None:
        return await _draw(request, None, ())
    if link:
        await _take(house, cookie, f"link-{secrets.token_hex(8)}", Started(link[:64]), person.language)
        raise web.HTTPSeeOther("/chat#now")
    if "fragment" not in request.query:
        await _welcome_back(house, cookie, person)
    return await _draw(request, person, ())


async def hear(request: web.Request) -> web.StreamResponse:
    """One thing said or pressed."""
    house, cookie = request.app[HOUSE], request.cookies.get(CHAT_COOKIE, "")
    fields = await form_of(request)
    event = fields.get("event", [""])[0][:60] or secrets.token_hex(8)
    language = _language(request)
    newcomer_ = await person_of(request) is None
    heard = _heard(fields, fresh=newcomer_)
    if not newcomer_:
        insist(request, share_of(heard), ONE_PERSON, cookie)
    else:
        insist(request, "start", CHAT_STARTS)
        cookie = secrets.token_urlsafe(24)
        await _take(house, cookie, f"start-{event}", Started(request.query.get("topic", "")[:64]), language)
    taken = await _take(house, cookie, event, heard, language)
    person = await _person(house, cookie)
    if person and (seen := _moment(fields)):
        await go_on(house, person.id, WEB, seen)
    fetched = request.headers.get("X-Requested-With") == "fetch"
    if taken.shown or fetched:
        response = await _draw(request, person, taken.shown)
    else:
        response = web.HTTPSeeOther("/chat#now")
    _remember(request, response, cookie if person else "")
    if isinstance(response, web.HTTPSeeOther):
        raise response
    return response


def _heard(fields: Form, *, fresh: bool) -> Heard:
    """What a posted form says."""
    number = fields.get("prompt", ["0"])[0]
    prompt = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    choice = clean(fields.get("choice", [""])[0])[:120]
    if "standing" in fields:
        return PressedStanding(fields["standing"][0][:24], choice)
    if "done" in fields:
        return ChoseSeveral(_several(fields), prompt)
    if choice:
        return Chose(choice) if fresh else Pressed(prompt, choice)
    words = clean(fields.get("words", [""])[0].replace("\r\n", "\n"))
    return Said(words[:20_000]) if words.strip() else Returned()


def _moment(fields: Form) -> datetime | None:
    """Up to when the page that this form was on had drawn what is said."""
    micros = fields.get("seen", [""])[0]
    return EPOCH + timedelta(microseconds=int(micros)) if _MOMENT.fullmatch(micros) and int(micros) else None


def _seen(seen: list[Seen]) -> int:
    """The same moment as the page carries it: microseconds since 1970, 0 for a page that says nothing."""
    return max(((each.drawn - EPOCH) // timedelta(microseconds=1) for each in seen if each.drawn), default=0)


def _several(fields: Form) -> tuple[str, ...]:
    placed = {name[6:]: value[0] for name, value in fields.items() if name.startswith("order.")}
    ordered = [(int(place), name) for name, place in placed.items() if _PLACE.fullmatch(place)]
    if ordered:
        return tuple(name for _, name in sorted(ordered))
    return tuple(fields.get("choices", [])[:50])


async def _take(house: House, cookie: str, event: str, heard: Heard, language: str) -> Taken:
    return await house.turns.take(Incoming(WEB, cookie, f"{cookie[:12]}-{event}"[:80], heard, language))


async def _person(house: House, cookie: str) -> people.Person | None:
    if not cookie:
        return None
    async with house.database.read(house.clock()) as tx:
        return await people.address_of(tx, WEB, cookie)


async def _welcome_back(house: House, cookie: str, person: people.Person) -> None:
    """Somebody who comes back after a while is welcomed back, once for each time away."""
    async with house.database.read(house.clock()) as tx:
        turned = await people.last_turned(tx, person.id)
    if turned is not None and house.clock() - turned > AWAY:
        await come_back(house, person.id, WEB)
        await _take(house, cookie, f"back-{turned.timestamp():.0f}", Started(), person.language)


async def _draw(request: web.Request, person: people.Person | None, shown: tuple[Message, ...]) -> web.Response:
    house = request.app[HOUSE]
    if person is None:
        return await _draw_newcomer(request, shown)
    seen = await look_to_draw(house, person.id, WEB)
    async with house.database.read(house.clock()) as tx:
        presented = await present(tx, person, house.library, house.turns.performer)
        cards = await chat_cards.standing(tx, house, person)
    if presented is None:
        return await _draw_newcomer(request, shown)
    prompt = chat_view.prompt_view(presented.prompt) | {"input": chat_view.input_kind(presented)}
    prompt["also"] += chat_view.elsewhere(presented, house.telegram_name)
    values = {
        "thread": chat_view.thread(presented, seen, shown),
        "standing": [*cards, *chat_cards.notices(seen)],
        "prompt": prompt,
        "stream": "/chat/stream",
        "return_href": None,
        "seen": _seen(seen),
    }
    return _answer(request, person.language, values)


async def _draw_newcomer(request: web.Request, shown: tuple[Message, ...]) -> web.Response:
    house, language = request.app[HOUSE], _language(request)
    first = newcomer(house.library, house.turns.performer, house.clock(), language, request.query.get("topic", ""))
    if first is None:
        return page(request, "not_open.html", language, state="not_yet", consultation=None, opens=None)
    values: dict[str, Any] = {"thread": chat_view.thread(None, [], shown), "standing": [], "stream": None, "seen": 0}
    values |= {"prompt": chat_view.prompt_view(first), "return_href": "/chat/return"}
    return _answer(request, language, values)


def _answer(request: web.Request, language: str, values: dict[str, Any]) -> web.Response:
    """The whole page, or the fragment that the page's script asked for."""
    fetched = request.headers.get("X-Requested-With") == "fetch" or "fragment" in request.query
    template = "chat_fragment.html" if fetched else "chat.html"
    topic = request.query.get("topic", "")
    urls = frame(request, language)["urls"] | ({"chat": f"/chat?topic={topic}"} if _LINK.fullmatch(topic) else {})
    response = page(request, template, language, here="chat", event=chat_view.nonce(), urls=urls, others=[], **values)
    response.headers["Cache-Control"] = "no-store"
    return response


def _remember(request: web.Request, response: web.StreamResponse, cookie: str) -> None:
    """Keeps the place for thirteen months; forgets it when nothing is kept of the person."""
    if not cookie:
        response.del_cookie(CHAT_COOKIE, path="/chat")
        return
    secure = request.app[HOUSE].settings.base_url.startswith("https")
    response.set_cookie(
        CHAT_COOKIE, cookie, path="/chat", max_age=THIRTEEN_MONTHS, httponly=True, samesite="Lax", secure=secure
    )


def _language(request: web.Request) -> str:
    asked = request.query.get("lang", "")
    return asked if asked in LANGUAGES else language_of(request)


async def stream(request: web.Request) -> web.StreamResponse:
    """Server-sent events: speaks when something new waits for this person."""
    person = request[PERSON]
    with request.app[STREAMS].one_more(request, person.id), request.app[HOUSE].watch.listening(person.id) as event:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            await response.write(b"retry: 3000\n: here\n\n")
            await _speak(response, event)
    return response


async def _speak(response: web.StreamResponse, event: asyncio.Event) -> None:
    while True:
        try:
            await asyncio.wait_for(event.wait(), HEARTBEAT)
            event.clear()
            await response.write(b"data: news\n\n")
        except TimeoutError:
            await response.write(b": still here\n\n")


# Coming back elsewhere


async def ask_code(request: web.Request) -> web.StreamResponse:
    """Where a return code is typed."""
    return page(request, "chat_return.html", _language(request), here="chat", code="", error=None)


async def use_code(request: web.Request) -> web.StreamResponse:
    """Opens a person's place on this device, for whoever types their code."""
    house = request.app[HOUSE]
    code = (await form_of(request)).get("code", [""])[0][:60]
    async with house.database.write(house.clock()) as tx:
        person = await people.person_of_code(tx, code)
        cookie = secrets.token_urlsafe(24)
        if person is not None:
            await people.give_address(tx, WEB, cookie, person)
    if person is None:
        language = _language(request)
        unknown = catalogue(language).one("We do not know that code. Please look at it again.")
        return page(request, "chat_return.html", language, status=422, here="chat", code=code, error=unknown)
    response = web.HTTPSeeOther("/chat#now")
    _remember(request, response, cookie)
    raise response


async def to_telegram(request: web.Request) -> web.StreamResponse:
    """A one-use link that goes on in Telegram with the same person."""
    house = request.app[HOUSE]
    if not house.telegram_name:
        raise web.HTTPNotFound
    async with house.database.write(house.clock()) as tx:
        token = await people.make_join(tx, request[PERSON].id)
    raise web.HTTPSeeOther(f"https://t.me/{house.telegram_name}?start=join-{token}")


async def my_data(request: web.Request) -> web.StreamResponse:
    """Everything kept about this person, as a text to keep (UK GDPR articles 15 and 20)."""
    house = request.app[HOUSE]
    person = request[PERSON]
    async with house.database.read(house.clock()) as tx:
        presented = await present(tx, person, house.library, house.turns.performer)
        if presented is None:
            raise web.HTTPNotFound
        wanted = {person.id: (presented.scene.consultation.id, WEB, (MyRecord(),))}
        found = (await findings.find(tx, wanted))[person.id]
    text = as_words(render(record_text(_with(presented.scene, found)), person.language))
    headers = {"Content-Disposition": 'attachment; filename="my-data.txt"', "Cache-Control": "no-store"}
    return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=headers)


def _with(scene: Scene, found: dict[object, object]) -> Scene:
    return replace(scene, findings={**scene.findings, **found})
