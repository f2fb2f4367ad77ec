"""The public site: what this is, topics, questions, answers, what was done; in both languages, without a cookie."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.access import PUBLIC, at
from bot.doors import (
    site_actions,
    site_correct,
    site_events,
    site_figures,
    site_machine,
    site_questions,
    site_seat,
    site_views,
)
from bot.doors.pages import HOUSE, Handler, language_of, links, page
from bot.doors.site_views import Here
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.languages import LANGUAGES
from storage import actions, tallies


def routes() -> list[web.RouteDef]:
    """Every public route, in every language it is served in."""
    shown: dict[str, Handler] = {
        "/": home,
        "/topics/{topic}": topic,
        "/topics/{topic}/questions": questions,
        "/topics/{topic}/tallies": answers,
        "/said-did": said_did,
        "/privacy": privacy,
        "/rules": rules,
        "/correct": site_correct.form,
        "/events": site_events.finder,
        "/events/{event}": site_events.one,
        "/events/{event}/seat/{code}": site_seat.seat,
    }
    pages = [web.get(at(path, language), shown[path]) for path in PUBLIC for language in LANGUAGES]
    posted = [web.post(at("/correct", language), site_correct.sent) for language in LANGUAGES]
    return [*pages, *posted, *site_events.routes(), *site_machine.routes()]


async def home(request: web.Request) -> web.Response:
    """What this is and who runs it, and what is open."""
    here = await _here(request)
    told = [site_views.on_home(held, here) for held in site_views.in_order(here)]
    return _shown(request, "home.html", here, here="home", consultations=told, steps=_steps(request, here.language))


def _steps(request: web.Request, language: str) -> dict[str, str] | None:
    """The three steps a trial invites to: answer, publish as an officer, read the reply."""
    if not request.app[HOUSE].settings.trial:
        return None
    urls = links(language)
    return {"answer": urls["chat"], "publish": urls["desk"], "read": urls["chat"]}


async def topic(request: web.Request) -> web.Response:
    """One topic: its background, who reads it and who decides."""
    here = await _here(request)
    held, found = _find(request, here)
    view = site_views.on_topic(held, found, here)
    if view["state"] != "soon":
        figures = await _figures(request, held, found)
        view["counts"] = site_figures.four_counts(figures)
    return _shown(request, "topic.html", here, topic=view)


async def questions(request: web.Request) -> web.Response:
    """Every question of a topic, to read."""
    here = await _here(request)
    held, found = _find(request, here)
    return _shown(request, "questionnaire.html", here, **site_questions.all_of(held, found, here))


async def answers(request: web.Request) -> web.Response:
    """What people answered, once the topic has closed; before, when that will be."""
    here = await _here(request)
    held, found = _find(request, here)
    if held.standing(here.now) == "withdrawn":
        named = site_views.titled(found.title, here.language)
        return _shown(request, "not_open.html", here, state="withdrawn", consultation=named)
    view = site_views.links_of(held, found, here)
    if held.standing(here.now) != "closed":
        later = here.day(held.calendar.closes)
        return _shown(request, "tallies.html", here, topic=view, questions=[], closed=None, later=later)
    figures = await _figures(request, held, found)
    shown = site_figures.by_question(found, figures, here)
    closed = here.day(held.calendar.closes)
    return _shown(request, "tallies.html", here, topic=view, questions=shown, closed=closed, later=None)


async def said_did(request: web.Request) -> web.Response:
    """Every action that was published, and per topic what became of those who answered."""
    here = await _here(request)
    house = request.app[HOUSE]
    async with house.database.read(here.now) as tx:
        done = site_actions.by_topic(await actions.published(tx))
        listed = site_actions.topics_shown(here, done)
        figures = {key: await tallies.of_topic(tx, *key) for key in listed}
    told = [site_actions.on_topic(key, found, done.get(key, []), figures[key], here) for key, found in listed.items()]
    return _shown(request, "said_did.html", here, here="said_did", topics=told)


async def privacy(request: web.Request) -> web.Response:
    """The privacy notice, made from each document."""
    here = await _here(request)
    notices = [site_views.notice(held, here) for held in here.library.all()]
    return _shown(request, "privacy.html", here, here="privacy", notices=notices, days=site_views.DAYS_KEPT)


async def rules(request: web.Request) -> web.Response:
    """The house rules."""
    return _shown(request, "rules.html", await _here(request), here="rules", more=None)


async def _here(request: web.Request) -> Here:
    """What this page is drawn from. Documents loaded by another process since are read first."""
    house = request.app[HOUSE]
    await house.library.refresh(house.database)
    return Here(language_of(request), house.clock(), house.library)


def _find(request: web.Request, here: Here) -> tuple[Consultation, Topic]:
    """The topic an address names: among what is open first, then anywhere. Raises HTTPNotFound."""
    wanted = request.match_info["topic"]
    for held in (*here.library.open(here.now), *here.library.all()):
        found = held.find_topic(wanted)
        if found is not None:
            return held, found
    raise web.HTTPNotFound


async def _figures(request: web.Request, held: Consultation, found: Topic) -> site_figures.Figures:
    async with request.app[HOUSE].database.read() as tx:
        return await tallies.of_topic(tx, held.id, found.id)


def _shown(request: web.Request, template: str, here: Here, /, **values: Any) -> web.Response:
    """A public page, compressed; asked for afresh each time, because figures and actions move."""
    return site_machine.compressed(page(request, template, here.language, **values))
