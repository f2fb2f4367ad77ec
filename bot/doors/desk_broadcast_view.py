"""Messages to many as the desk shows them: in lists, one as each channel shows it, and how far it has come."""

from __future__ import annotations

from typing import Any

from bot.broadcast_wording import samples, worded
from bot.channels.lettered import lay_out
from bot.doors.desk_action_view import BUTTONS, LETTERS
from bot.doors.desk_frame import day_of, figure, language, said
from bot.doors.desk_live import delivered
from bot.house import House
from bot.rendering import plain
from conversations import subjects
from conversations.broadcast_view import at, fingerprint, get_it, shortened, stands
from conversations.domain.broadcast_checks import faults
from conversations.domain.broadcasts import Broadcast, Writer
from conversations.domain.following import Subject
from conversations.domain.languages import name_of
from conversations.domain.speech import Text, say
from conversations.event_words import area, in_short
from storage import actions, audiences, broadcasts, gatherings, programme
from storage.audiences import Reader
from storage.database import Transaction

BEFORE = ("draft", "asked", "cooling", "withdrawn")
MOST = 50


def action_url(held: Broadcast) -> str:
    return f"/desk/broadcasts/{held.id}"


async def lists(tx: Transaction, who: Writer) -> list[dict[str, Any]]:
    """What desk_broadcasts.html takes as `lists`: nothing stands in it twice."""
    waiting = await broadcasts.to_sign(tx, who, MOST)
    moving = await broadcasts.under_way(tx, who)
    mine = await broadcasts.of_author(tx, who, MOST)
    shown = {each.id for each in (*waiting, *moving)}
    found = (
        ("waiting", say("Waiting for your name"), waiting),
        ("moving", say("On the way"), moving),
        ("mine", say("What you wrote"), [each for each in mine if each.id not in shown]),
    )
    return [
        {"id": id_, "name": said(name), "items": [_item(each) for each in items]} for id_, name, items in found if items
    ]


def _item(held: Broadcast) -> dict[str, Any]:
    people = figure(held.counted) if held.counted is not None else "–"
    date = day_of(held.began or held.created) if held.created else ""
    return _words(held) | {"href": action_url(held), "state": said(stands(held)), "people": people, "date": date}


def _words(held: Broadcast) -> dict[str, Any]:
    beginning = shortened(held, language())
    return {"words": beginning.words, "lang": beginning.language if beginning.language != language() else None}


async def shown_values(tx: Transaction, house: House, who: Writer, held: Broadcast) -> dict[str, Any]:
    """What desk_broadcast.html takes besides the frame."""
    before = held.state in ("draft", "asked")
    people = await audiences.count(tx, held) if before else held.counted or 0
    mine = await broadcasts.is_by(tx, who, held)
    wrong = faults(held, house.settings.broadcast_rules.link_domains) if held.state == "draft" else ()
    live = {} if held.state in BEFORE else await travelling(tx, held)
    return {
        "b": _words(held) | await _facts(tx, house, held, people),
        "live": held.state not in BEFORE,
        "previews": await _previews(tx, house, held),
        "samples": await _samples(tx, house, held) if before else [],
        "faults": [said(each) for each in wrong],
        "stream": f"{action_url(held)}/stream" if live else None,
        "fragment": f"{action_url(held)}/live" if live else None,
        **_rights(held, who, people, mine=mine, right=not wrong),
        **live,
    }


def _rights(held: Broadcast, who: Writer, people: int, *, mine: bool, right: bool) -> dict[str, bool]:
    ordinary, draft = held.kind == "ordinary", held.state == "draft"
    return {
        "can_send": draft and mine and people > 0 and right,
        "counts": ordinary,
        "can_try": draft and mine and bool(who.person),
        "can_sign": held.state == "asked" and who.name != held.author,
        "can_undo": held.state == "cooling" or (held.state == "asked" and mine),
        "can_drop": draft and mine,
        "can_correct": held.state in ("done", "stopped"),
    }


async def _facts(tx: Transaction, house: House, held: Broadcast, people: int) -> dict[str, Any]:
    when = held.starts if held.state == "cooling" else held.began or held.scheduled
    return {
        "state": said(stands(held)),
        "what": held.state if held.state in BEFORE else "sent",
        "by": held.author or said(say("The host of the event")),
        "signer": held.signer,
        "to": await addressed(tx, held, house),
        "when": said(at(when)) if when else None,
        "people": people,
        "shown": said(get_it(people)),
        "read": fingerprint(held),
        "edit_href": f"{action_url(held)}/edit" if held.state == "draft" else None,
    }


async def addressed(tx: Transaction, held: Broadcast, house: House) -> str:
    """Whom a broadcast is for, in words."""
    of = held.audience
    place = await programme.area_of(tx, of.place or held.area) if of.place or held.area else None
    event = await gatherings.one(tx, of.event) if of.event else None
    title = subjects.title_of(Subject("topic", of.topic), house.library.all()) if of.topic else ""
    told: tuple[Text | None, ...] = (
        say("Only those who got the message before.") if of.received else None,
        say("People who booked “{event}”.", event=in_short(event)) if event else None,
        say("People who follow “{topic}”.", topic=title) if title else None,
        say("Organisers.") if of.organisers else None,
        say("Members who gave a code.") if of.members else None,
        _bounds(area(place), alone=not (title or of.organisers or of.members)) if place and not event else None,
    )
    return " ".join(plain(each, language()) for each in told if each is not None)


def _bounds(name: Text, *, alone: bool) -> Text:
    return say("People in {area} who follow something.", area=name) if alone else say("Only in {area}.", area=name)


async def _previews(tx: Transaction, house: House, held: Broadcast) -> list[dict[str, Any]]:
    """How each channel shows it, in every language it was written in, to somebody who told us no place."""
    wording, found = await worded(tx, held, house.library), []
    for code in held.texts:
        message = wording.message(Reader(code))
        shown = [(channel, message.words) for channel in BUTTONS] + [(LETTERS, lay_out(message))]
        found += [{"channel": said(name), "language": name_of(code)} | _told(code, words) for name, words in shown]
    return found


async def _samples(tx: Transaction, house: House, held: Broadcast) -> list[dict[str, Any]]:
    return [_told(each.language, each.words) for each in await samples(tx, held, house.library)]


def _told(code: str, words: str) -> dict[str, Any]:
    return {"lang": code, "paragraphs": words.split("\n")}


async def travelling(tx: Transaction, held: Broadcast) -> dict[str, Any]:
    """What desk_broadcast_live.html takes besides the frame."""
    counts = await actions.progress(tx, held.id)
    return {"action_url": action_url(held), "delivery": delivered(held.state, counts)}
