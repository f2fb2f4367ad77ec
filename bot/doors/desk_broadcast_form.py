"""The form in which a broadcast is written at the desk: read, looked over kindly, drawn again with everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.doors.desk_areas import PLACE_LIMIT, areas_of, code_of
from bot.doors.desk_form import Fault
from bot.doors.desk_frame import Form, language, one, said, titled
from bot.house import House
from bot.rendering import plain
from bot.stage_broadcasts import events_of
from conversations.domain.broadcast_checks import faults
from conversations.domain.broadcasts import Audience, Broadcast, Kind, Writer
from conversations.domain.gatherings import Area, Gathering
from conversations.domain.languages import LANGUAGES, name_of
from conversations.domain.speech import Content, say
from conversations.domain.whens import DEFAULT_ZONE, Misread, instant, read_when, zone_of
from conversations.event_answers import misread
from conversations.event_words import area as area_in_words
from conversations.event_words import in_short
from conversations.subjects import topics_on
from storage.database import Transaction

MOST_EVENTS = 50


@dataclass(frozen=True)
class Offered:
    """Whom somebody may write to: areas of theirs, topics with their titles, events they run."""

    areas: tuple[Area, ...] = ()
    topics: Mapping[str, Content] = field(default_factory=dict)
    events: tuple[Gathering, ...] = ()
    everywhere: bool = False


@dataclass(frozen=True)
class Written:
    """A broadcast as somebody wrote it. `place` is what they typed of a constituency, `within` one of their areas."""

    within: str = ""
    place: str = ""
    topic: str = ""
    event: str = ""
    organisers: bool = False
    members: bool = False
    when: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Meant:
    """What a form comes to: a draft to be kept, or everything that stands in its way."""

    kind: Kind
    audience: Audience
    area: str
    texts: Mapping[str, str]
    scheduled: datetime | None
    faults: tuple[Fault, ...]


async def offered(tx: Transaction, who: Writer, house: House) -> Offered:
    """What the form offers this writer."""
    titles = {subject.id: topic.title for subject, topic in topics_on(house.library.all())}
    topics = titles if who.areas else {id_: title for id_, title in titles.items() if id_ in who.topics}
    events = await events_of(tx, who, MOST_EVENTS)
    return Offered(await areas_of(tx, who.areas), topics, tuple(events), "" in who.areas)


def read_form(form: Form) -> Written:
    """What was posted."""
    texts = {code: one(form, f"words.{code}") for code in LANGUAGES}
    return Written(
        one(form, "within"), one(form, "place")[:PLACE_LIMIT], one(form, "topic"), one(form, "event"),
        one(form, "organisers") == "1", one(form, "members") == "1", one(form, "when"),
        {code: words for code, words in texts.items() if words},
    )  # fmt: skip


async def understood(
    tx: Transaction, written: Written, can: Offered, domains: Sequence[str], held: Broadcast | None = None
) -> Meant:
    """What was written, and all that stands in its way, each with the field it stands in. Whom a draft that is `held`
    is for stands."""
    found: list[Fault] = []
    area = held.area if held else _bounded(written, can)
    audience = held.audience if held else await _audience(tx, written, can, area, found)
    kind: Kind = "event" if audience == Audience(event=written.event) and written.event else "ordinary"
    if not audience and not found:
        found.append({"field": "within", "text": said(say("Please choose whom it is for."))})
    scheduled = _hour(written.when, tx.now, found)
    draft = Broadcast("", kind, "draft", audience, area, written.texts, "")
    for text in faults(draft, domains):
        found.append({"field": f"words.{next(iter(written.texts), language())}", "text": said(text)})
    return Meant(kind, audience, area, written.texts, scheduled, tuple(found))


async def _audience(tx: Transaction, written: Written, can: Offered, area: str, found: list[Fault]) -> Audience:
    """An area that bounds it need not be named again, where something else is."""
    place = await code_of(tx, written.place, found) if written.place else ""
    wide = written.within if can.everywhere else "" if _narrowed(written) else area
    if written.members and _narrowed(replace(written, members=False)):
        alone = say("Members are written to as members only. Please choose nothing else but a place.")
        found.append({"field": "within", "text": said(alone)})
    return Audience(place or wide, written.topic, written.event, written.organisers, members=written.members)


def _narrowed(written: Written) -> bool:
    """Whether more is named than an area."""
    return bool(written.topic or written.event or written.organisers or written.members)


def _bounded(written: Written, can: Offered) -> str:
    """The area of theirs that bounds it: the one they chose, or the only one they have."""
    if can.everywhere:
        return ""
    if written.within in {each.code for each in can.areas}:
        return written.within
    return can.areas[0].code if len(can.areas) == 1 else ""


def _hour(words: str, now: datetime, found: list[Fault]) -> datetime | None:
    if not words:
        return None
    read = read_when(words, now, DEFAULT_ZONE)
    if isinstance(read, Misread):
        found.append({"field": "when", "text": said(misread(read))})
        return None
    return instant(read.start, DEFAULT_ZONE)


def form_values(written: Written, can: Offered, *, seen: str = "") -> dict[str, Any]:
    """What desk_broadcast_edit.html takes as `form`."""
    return {
        "areas": [_choice(each.code, said(area_in_words(each)), written.within) for each in can.areas],
        "topics": [_choice(id_, titled(title)["title"] or "", written.topic) for id_, title in can.topics.items()],
        "events": [_choice(each.id, plain(in_short(each), language()), written.event) for each in can.events],
        "organisers": written.organisers,
        "members": written.members,
        "organises": bool(can.areas),
        "place": written.place,
        "when": written.when,
        "languages": [
            {"lang": code, "name": name_of(code), "words": written.texts.get(code, "")} for code in LANGUAGES
        ],
        "seen": seen,
    }


def _choice(id_: str, text: str, chosen: str) -> dict[str, Any]:
    return {"id": id_, "text": text, "chosen": id_ == chosen}


def as_written(held: Broadcast) -> Written:
    """A draft, to write on from: its words and its hour."""
    local = held.scheduled.astimezone(zone_of(DEFAULT_ZONE)) if held.scheduled else None
    return Written(when=f"{local:%d/%m/%Y %H:%M}" if local else "", texts=held.texts)
