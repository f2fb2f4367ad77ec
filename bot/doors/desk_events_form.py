"""The form in which an event is described at the desk: read by the chat's own rules, drawn again with all in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar, get_args

from bot.doors.desk_areas import PLACE_LIMIT as LONGEST_AREA
from bot.doors.desk_areas import areas_of, constituency
from bot.doors.desk_form import Fault
from bot.doors.desk_frame import Form, language, one, said, titled
from bot.house import House
from conversations.domain.gatherings import (
    DETAILS_LIMIT,
    MOST_SEATS,
    PLACE_LIMIT,
    REMINDER_LIMIT,
    TITLE_LIMIT,
    Area,
    Format,
    Gathering,
    StepFree,
)
from conversations.domain.languages import LANGUAGES, name_of
from conversations.domain.speech import Content, Text, say
from conversations.event_answers import STEP_FREE_ANSWERS, Wrong, from_to, read_line, read_seats, read_start, read_words
from conversations.event_words import FORMATS
from conversations.event_words import area as area_in_words
from storage.database import Transaction
from storage.gatherings import Actor

FIXED = ("title", "within", "area", "host")
"""What is written of an event once, and not changed."""
CHANGEABLE: Mapping[str, Text] = {
    "place": say("Where"),
    "when": say("When"),
    "seats": say("How many can come"),
    "step_free": say("Steps"),
    "details": say("Good to know"),
    "format": say("What kind it is"),
    "topic": say("Topic"),
    "language": say("Language"),
    "reminder": say("Words in the reminder"),
}
Written = Mapping[str, str]
"""An event as somebody wrote it: each field of the form with its words. `area` is what they typed of a constituency,
`within` one of their areas."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Offered:
    """What the form offers an organiser: their areas, topics with their titles; and whether they may host, which
    somebody can who is known in the chat."""

    areas: tuple[Area, ...] = ()
    topics: Mapping[str, Content] = field(default_factory=dict)
    hosts: bool = False


async def offered(tx: Transaction, who: Actor, house: House) -> Offered:
    """What the form offers this organiser."""
    topics = {topic.id: topic.title for held in house.library.all() for topic in held.topics}
    return Offered(await areas_of(tx, who.areas), topics, bool(who.person))


def read_form(form: Form) -> Written:
    """What was posted."""
    written = {name: one(form, name) for name in (*FIXED, *CHANGEABLE)}
    return written | {"area": written["area"][:LONGEST_AREA]}


def as_written(event: Gathering, can: Offered) -> Written:
    """An event, to write on from."""
    ends = event.start + timedelta(minutes=event.minutes) if event.start else None
    around = next((each.code for each in can.areas if event.area.within(frozenset({each.code}))), "")
    return {
        "title": event.title,
        "within": around,
        "area": event.area.name if event.area.constituency not in ("", around) else "",
        "host": "1",
        "place": event.place,
        "when": f"{event.start:%d/%m/%Y %H:%M}-{ends:%H:%M}" if event.start and ends else "",
        "seats": str(event.seats or ""),
        "step_free": event.step_free,
        "details": event.details,
        "format": event.format,
        "topic": event.topic,
        "language": event.language,
        "reminder": event.reminder,
    }


@dataclass
class _Reading:
    """A form that is being read, and what stands in its way so far, each with the field it stands in."""

    written: Written
    faults: list[Fault] = field(default_factory=list)

    def wrong(self, name: str, why: Text) -> None:
        self.faults.append({"field": name, "text": said(why)})

    def take(self, name: str, read: Value | Wrong | None, missing: Text = "") -> Value | None:
        """What was read of a field; what is to be said where nothing could be."""
        if isinstance(read, Wrong):
            self.wrong(name, read.why)
            return None
        if read is None and missing:
            self.wrong(name, missing)
        return read

    def chosen(self, name: str, choices: Iterable[Value], otherwise: Value) -> Value:
        """One of the choices of a field; what stood there, for any other."""
        return next((each for each in choices if each == self.written[name]), otherwise)


async def begun(
    tx: Transaction, written: Written, can: Offered, who: Actor, empty: Gathering
) -> tuple[Gathering, list[Fault]]:
    """The event that a form describes, made from an empty one; and all that stands in its way."""
    reading = _Reading(written)
    title = reading.take("title", read_line(written["title"], TITLE_LIMIT), say("Please give it a name."))
    area = await _area(tx, reading, can, who)
    made = replace(_described(tx, reading, can, empty), title=title or "", area=area)
    return made, reading.faults


def changed(tx: Transaction, written: Written, can: Offered, held: Gathering) -> tuple[Gathering, list[Fault]]:
    """What an open event becomes by a form; and all that stands in its way."""
    reading = _Reading(written)
    return _described(tx, reading, can, held), reading.faults


def _described(tx: Transaction, reading: _Reading, can: Offered, before: Gathering) -> Gathering:
    """An event with all that may be said of it at any time."""
    written = reading.written
    place = reading.take("place", read_line(written["place"], PLACE_LIMIT), say("Please say where it is."))
    start, minutes = before.start, before.minutes
    if start is None or written["when"] != as_written(before, can)["when"]:
        when = reading.take("when", read_start(written["when"], tx.now, before.zone))
        start, minutes = (when.start, when.minutes) if when else (start, minutes)
    numbers = from_to(max(1, before.taken), MOST_SEATS)
    seats = reading.take("seats", read_seats(written["seats"], before.taken), numbers)
    if written["step_free"] not in STEP_FREE_ANSWERS:
        reading.wrong("step_free", say("Please say if there are steps."))
    details = reading.take("details", read_words(written["details"], DETAILS_LIMIT))
    reminder = reading.take("reminder", read_words(written["reminder"], REMINDER_LIMIT))
    return replace(
        before, place=place or "", start=start, minutes=minutes, seats=seats, details=details or "",
        reminder=reminder or "", topic=reading.chosen("topic", ("", *can.topics), before.topic),
        step_free=reading.chosen("step_free", get_args(StepFree), before.step_free),
        format=reading.chosen("format", get_args(Format), before.format),
        language=reading.chosen("language", LANGUAGES, before.language),
    )  # fmt: skip


async def _area(tx: Transaction, reading: _Reading, can: Offered, who: Actor) -> Area:
    """The constituency that was typed, or the area of theirs that was chosen, or is the only one."""
    chosen = next((each for each in can.areas if each.code == reading.written["within"]), Area())
    around = can.areas[0] if len(can.areas) == 1 else chosen
    if not reading.written["area"]:
        if not around:
            reading.wrong("within", say("Please choose the area it is in."))
        return around
    typed = await constituency(tx, reading.written["area"])
    if not isinstance(typed, Area):
        reading.wrong("area", typed)
    elif not typed.within(frozenset({around.code}) if around else who.areas):
        outside = say("{place} is not in {area}.", place=typed.name, area=area_in_words(around))
        reading.wrong("area", outside if around else say("{place} is in none of your areas.", place=typed.name))
    else:
        return typed
    return Area()


# Two who change one event


def seen_of(event: Gathering, can: Offered) -> str:
    """What stands in each field as somebody begins to change it, as digests: words are nobody's to read there."""
    written = as_written(event, can)
    return ".".join(_digest(written[name]) for name in CHANGEABLE)


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:16]


def overtaken(written: Written, held: Gathering, can: Offered, seen: str) -> tuple[Written, list[Fault]]:
    """What somebody else changed meanwhile, field by field, as it is now. Where whoever wrote changed nothing, the form
    takes that; else it keeps their own."""
    now = as_written(held, can)
    began = dict(zip(CHANGEABLE, seen.split("."), strict=False))
    others = [name for name in CHANGEABLE if _digest(now[name]) != began.get(name) and written[name] != now[name]]
    untouched = {name: now[name] for name in others if _digest(written[name]) == began.get(name)}
    return {**written, **untouched}, [{"field": name, "text": said(_told(name, now[name], can))} for name in others]


def _told(name: str, value: str, can: Offered) -> Text:
    if not value:
        return say("Somebody else has changed “{field}”. Nothing stands there now.", field=CHANGEABLE[name])
    labels = _choices(can).get(name, {})
    return say(
        "Somebody else has changed “{field}”. It is now: {value}",
        field=CHANGEABLE[name],
        value=labels.get(value, value),
    )


# As it is drawn


def form_values(written: Written, can: Offered, *, seen: str = "") -> dict[str, Any]:
    """What desk_event_edit.html takes as `form`."""
    choices = {
        name: [{"id": id_, "text": said(text), "chosen": id_ == written[name]} for id_, text in labels.items()]
        for name, labels in _choices(can).items()
    }
    areas = [
        {"id": each.code, "text": said(area_in_words(each)), "chosen": each.code == written["within"]}
        for each in can.areas
    ]
    return {**written, "choices": choices, "areas": areas, "hosts": can.hosts, "seen": seen}


def _choices(can: Offered) -> dict[str, dict[str, Text]]:
    """The fields in which one of a few is chosen, with what they are called."""
    return {
        "step_free": STEP_FREE_ANSWERS,
        "format": FORMATS,
        "topic": {id_: titled(title)["title"] or "" for id_, title in can.topics.items()},
        "language": {code: name_of(code) for code in LANGUAGES},
    }


def empty(id_: str) -> Gathering:
    """An event of which nothing was said yet, in the language of the page."""
    return Gathering(id_, language=language())
