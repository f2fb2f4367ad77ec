"""Coming: what is on near a place, and the events somebody has to do with. Opens on top of any page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, ClassVar

from conversations.after_event import SayingHowItWas
from conversations.checking_in import DONE
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import EVERYWHERE, Lookup, MyEvents, WhatsOn
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, Text, lines, say
from conversations.domain.whens import read_day
from conversations.event_words import area_named, found_in_words, in_short
from conversations.postcodes import NOT_USED, is_postcode
from conversations.seeing import SeeingEvent, host
from conversations.visiting import SeeingVisit, due_in_short

LONGEST_PLACE = 60


@dataclass(frozen=True)
class FindingEvents(Page):
    """What is on next: near a place that is typed, from a day on that is typed, with steps or without."""

    reads_words: ClassVar[bool] = True
    place: str = ""
    since: str = ""
    step_free: bool = False
    page: str = ""

    @property
    def _asked(self) -> WhatsOn:
        since = datetime.combine(date.fromisoformat(self.since), time()) if _is_day(self.since) else None
        number = int(self.page) if self.page.isascii() and self.page.isdigit() else 0
        return WhatsOn(self.place, since, self.step_free, min(number, 999))

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (self._asked,)

    def prompt(self, scene: Scene) -> Prompt:
        found = scene.find(self._asked)
        choices = tuple(Choice(each.id, in_short(each)) for each in found.events)
        also = (
            Choice("more", say("Show more")) if found.more else None,
            None if self.step_free else Choice("step_free", say("Only without steps")),
            Choice("everywhere", say("Everywhere")) if found.near else None,
            Choice("mine", say("My events")),
            Choice("host", say("Hold an event")),
            DONE,
        )
        text = lines(found_in_words(found, self._asked), say("Type a place or a day to look there."))
        return Prompt(text, choices, tuple(filter(None, also)), ask="find", title=say("Events"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose("more"):
                return Step(replace(self, page=str(self._asked.page + 1)))
            case Chose("step_free"):
                return Step(replace(self, step_free=True, page=""))
            case Chose("everywhere"):
                return Step(replace(self, place=EVERYWHERE, page=""))
            case Chose("mine"):
                return Step(MyOwnEvents())
            case Chose("host"):
                return Step(host(scene))
            case Chose(id_):
                return _shown(id_, scene.find(self._asked).events)
            case Said(words) if is_postcode(words):
                return Step(self, NOT_USED)
            case Said(words):
                return self._look(words.strip(), scene)
            case _:
                return None

    def _look(self, words: str, scene: Scene) -> Step[Any] | None:
        events = scene.find(self._asked).events
        if words.isascii() and words.isdigit():
            place = int(words[:3])
            return Step(SeeingEvent(events[place - 1].id)) if 1 <= place <= len(events) else None
        day = read_day(words, scene.now.date())
        if day:
            return Step(replace(self, since=day.isoformat(), page=""))
        return (
            Step(replace(self, place=area_named(words, scene.forms), page=""))
            if 1 < len(words) <= LONGEST_PLACE
            else None
        )


def _is_day(written: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", written))


def _shown(id_: str, events: Iterable[Gathering]) -> Step[Any] | None:
    return Step(SeeingEvent(id_)) if id_ in {each.id for each in events} else None


@dataclass(frozen=True)
class MyOwnEvents(Page):
    """What somebody booked, what they hold, and what waits for them as an organiser."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyEvents(),)

    def prompt(self, scene: Scene) -> Prompt:
        mine = scene.find(MyEvents())
        kinds = (
            (say("You decide: {event}"), mine.undecided),
            (say("You hold: {event}"), mine.hosted),
            (say("You booked: {event}"), mine.booked),
            (say("Say how it was: {event}"), mine.asked),
        )
        due = {f"due/{each.event.id}": due_in_short(each) for each in mine.due}
        choices: dict[str, Text] = {**due} | {
            each.id: replace(label, values={"event": in_short(each)}) for label, held in kinds for each in held
        }
        text = say("Choose one to see it or to change it.") if choices else say("You have no events yet.")
        listed = tuple(Choice(id_, label) for id_, label in choices.items())
        return Prompt(text, listed, (Choice("all", say("See all events")), DONE), title=say("My events"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        mine = scene.find(MyEvents())
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose("all"):
                return Step(FindingEvents())
            case Chose(id_) if id_ in {f"due/{each.event.id}" for each in mine.due}:
                return Step(SeeingVisit(id_.removeprefix("due/")))
            case Chose(id_) if id_ in {each.id for each in mine.asked}:
                return Step(SayingHowItWas(id_))
            case Chose(id_):
                return _shown(id_, (*mine.undecided, *mine.hosted, *mine.booked))
            case _:
                return None
