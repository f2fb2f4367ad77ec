"""Hosting: five answers and an event stands. Anyone may offer one; an organiser's own is open at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from conversations.domain.effects import BeginEvent, DescribeEvent, DropEvent, Effect, OfferEvent, Told
from conversations.domain.gatherings import PLACE_LIMIT, TITLE_LIMIT, Area, Gathering
from conversations.domain.lookups import Drafted, EventOf, Lookup, MyDraft, PlacesLike
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Moment, Prompt, Said, Step, Text, lines, say
from conversations.event_answers import STEP_FREE_ANSWERS, Wrong, read_line, read_seats, read_start
from conversations.event_words import area, in_full, in_short
from conversations.postcodes import NOT_USED, is_postcode

KEEP = Choice("keep", say("Leave it as it is"), "no")
DROP = Choice("drop", say("Do not hold one"))
LONGEST_PLACE = 60
A_FORTNIGHT = timedelta(days=14)


def example(scene: Scene) -> Text:
    """How a day and an hour may be typed: one two weeks from now."""
    return example_at(scene.now)


def example_at(now: datetime) -> str:
    """The same, seen from this moment."""
    ahead = (now + A_FORTNIGHT).date()
    return f"{ahead.day}/{ahead.month} 19:00"


def step_free_choices() -> tuple[Choice, ...]:
    """Whether people get in without steps, to be chosen."""
    means: dict[str, Literal["yes", "no"]] = {"yes": "yes", "no": "no"}
    return tuple(Choice(id_, label, means.get(id_, "")) for id_, label in STEP_FREE_ANSWERS.items())


def _next(drafted: Drafted, given: Told, effects: tuple[Effect, ...]) -> Step[Any]:
    """The page of the first answer that is still missing once this one is given; after the last the event stands."""
    order: tuple[Told, ...] = ("title", "place", "area", "when", "seats", "step_free")
    event = drafted.event
    if event is None:
        return Step(Leave())
    has: dict[Told, object] = {
        "title": event.title, "place": event.place, "area": event.area or drafted.area, "when": event.start,
        "seats": event.seats, "step_free": event.step_free,
    }  # fmt: skip
    if given == "place" and not event.area and drafted.area:
        effects = (*effects, DescribeEvent(event.id, "area", drafted.area))
    missing = next((name for name in order if name != given and not has[name]), None)
    if missing is None:
        return Step(Offered(event.id), effects=(*effects, OfferEvent()))
    return Step(_PAGES[missing](), effects=effects)


def _describe(scene: Scene, what: Told, value: Any) -> Step[Any]:
    drafted = scene.find(MyDraft())
    told = (DescribeEvent(drafted.event.id, what, value),) if drafted.event else ()
    return _next(drafted, what, told)


class _Describing:
    """One thing asked about the event that a person describes."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyDraft(),)

    def prompt(self, scene: Scene) -> Prompt:
        event = scene.find(MyDraft()).event
        if event is None:
            waiting = say("You have offered many events. Please wait until an organiser has looked at them.")
            return Prompt(waiting, (Choice("done", say("Go on"), "yes"),), title=say("Hold an event"))
        return self.ask(event, scene)

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        """What is asked of an event."""
        raise NotImplementedError

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        if scene.find(MyDraft()).event is None and isinstance(heard, Chose | Said):
            return Step(Leave())  # there is nothing to describe, whatever is said
        if heard == Chose("drop"):
            return Step(Leave(), say("That is fine. We have kept nothing of it."), (DropEvent(),))
        return self.read(heard, scene)

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        """What is done with an answer; None when it was not understood."""
        raise NotImplementedError


@dataclass(frozen=True)
class SayingWhat(Page):
    """What it is about: its name; or the same as last time."""

    reads_words: ClassVar[bool] = True

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyDraft(),)

    def prompt(self, scene: Scene) -> Prompt:
        last = scene.find(MyDraft()).last
        same = (Choice("same", say("The same as last time: {event}", event=in_short(last))),) if last else ()
        ask = say("What is your event about? Give it a short name.")
        return Prompt(ask, same, (DROP,), ask="words", limit=TITLE_LIMIT, title=say("Hold an event"), own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        last = scene.find(MyDraft()).last
        match heard:
            case Chose("drop"):
                return Step(Leave(), say("That is fine. We have kept nothing of it."), (DropEvent(),))
            case Chose("same") if last:
                return Step(SayingWhen(), effects=(BeginEvent(copied=last.id),))
            case Said(words) if name := read_line(words, TITLE_LIMIT):
                if isinstance(name, Wrong):
                    return Step(self, name.why)
                return Step(SayingWhere(), effects=(BeginEvent(name),))
            case _:
                return None


@dataclass(frozen=True)
class SayingWhere(_Describing, Page):
    """The place, as people find it."""

    reads_words: ClassVar[bool] = True

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        ask = say("Where is it? Type the name of the place and the street.")
        return Prompt(ask, (), (DROP,), ask="words", limit=PLACE_LIMIT, title=say("Where is it?"), own_words=True)

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Said(words) if place := read_line(words, PLACE_LIMIT):
                return Step(self, place.why) if isinstance(place, Wrong) else _describe(scene, "place", place)
            case _:
                return None


@dataclass(frozen=True)
class SayingArea(_Describing, Page):
    """The constituency it is in, where we could not know."""

    reads_words: ClassVar[bool] = True
    words: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyDraft(), PlacesLike(self.words))

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        places = scene.find(PlacesLike(self.words))
        choices = tuple(Choice(place.code, place.name) for place in places)
        if not self.words:
            ask = say("Which constituency is that in? Type a part of its name.")
        elif places:
            ask = say("Is it one of these? If not, type the name again.")
        else:
            ask = say("We do not know a place called “{words}”. Try another part of the name.", words=self.words)
        return Prompt(ask, choices, (DROP,), ask="find", title=say("Where is it?"))

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        places = scene.find(PlacesLike(self.words))
        match heard:
            case Chose(code):
                found = next((place for place in places if place.code == code), None)
            case Said(words) if words.isascii() and words.strip().isdigit():
                found = dict(enumerate(places, 1)).get(int(words[:3]))
            case Said(words) if is_postcode(words):
                return Step(self, NOT_USED)
            case Said(words) if 1 < len(words.strip()) <= LONGEST_PLACE:
                return Step(SayingArea(words.strip()))
            case _:
                return None
        if found is None:
            return None
        return _describe(scene, "area", Area(found.nation, found.region, found.code, found.name))


@dataclass(frozen=True)
class SayingWhen(_Describing, Page):
    """The day and the hour, in plain words."""

    reads_words: ClassVar[bool] = True

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        ask = say("When does it start? Type it like this: {example}", example=example(scene))
        return Prompt(ask, (), (DROP,), ask="line", title=say("When is it?"))

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        event = scene.find(MyDraft()).event
        match heard:
            case Said(words) if event:
                start = read_start(words, scene.now, event.zone)
                return Step(self, start.why) if isinstance(start, Wrong) else _describe(scene, "when", start)
            case _:
                return None


@dataclass(frozen=True)
class SayingHowMany(_Describing, Page):
    """How many can come."""

    reads_words: ClassVar[bool] = True

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        when = say("That is {when}.", when=Moment(event.start)) if event.start else None
        ask = lines(when, say("How many people can come? Type a number."))
        return Prompt(ask, (), (DROP,), ask="line", title=say("How many can come?"))

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Said(words) if seats := read_seats(words):
                return Step(self, seats.why) if isinstance(seats, Wrong) else _describe(scene, "seats", seats)
            case _:
                return None


@dataclass(frozen=True)
class SayingStepFree(_Describing, Page):
    """Whether somebody who cannot climb steps gets in."""

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        choices = step_free_choices()
        ask = say("Can people get in without steps?")
        return Prompt(ask, choices, (DROP,), title=say("Without steps?"))

    def read(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("yes" | "no" | "unsure" as answer):
                return _describe(scene, "step_free", answer)
            case _:
                return None


@dataclass(frozen=True)
class Offered(Page):
    """The event stands: it is open, or waits for an organiser."""

    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        on = (Choice("done", say("Go on"), "yes"),)
        if seen is None:
            return Prompt(say("There is no such event."), on, title=say("Your event"))
        site = scene.links.get("site", "")
        link = say("Pass this on: {link}", link=f"{site}/events/{self.event}") if site else None
        text = (
            lines(say("Your event is open. People can book now."), *in_full(seen.event), link)
            if seen.event.state == "open"
            else lines(
                say("Thank you. An organiser for {area} looks at it.", area=area(seen.event.area)),
                say("We tell you here what they say."),
                *in_full(seen.event),
            )
        )
        more = say("Say EVENTS and choose “My events” to change it, or to add more.")
        return Prompt(lines(text, more), on, title=say("Your event"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        return Step(Leave()) if heard == Chose("done") else None


_PAGES: dict[Told, type[Page]] = {
    "title": SayingWhat,
    "place": SayingWhere,
    "area": SayingArea,
    "when": SayingWhen,
    "seats": SayingHowMany,
    "step_free": SayingStepFree,
}
