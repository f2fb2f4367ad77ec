"""Hosting: five answers and an event stands. Anyone may offer one; an organiser's own is open at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from conversations.domain.effects import BeginEvent, DescribeEvent, DropEvent, Effect, OfferEvent, Told
from conversations.domain.gatherings import MOST_SEATS, PLACE_LIMIT, TITLE_LIMIT, Area, Gathering
from conversations.domain.lookups import Drafted, EventOf, Lookup, MyDraft, PlacesLike
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Day, Heard, Leave, Moment, Prompt, Said, Step, Text, lines, say
from conversations.domain.whens import Misread, read_when
from conversations.event_words import area, in_full, in_short

KEEP = Choice("keep", say("Leave it as it is"), "no")
DROP = Choice("drop", say("Do not hold one"))
LONGEST_PLACE = 60
A_FORTNIGHT = timedelta(days=14)


def misread(read: Misread) -> Text:
    """What was not understood of a day and an hour, and how to say it."""
    day: Text = Day(read.day) if read.day else ""
    return {
        "no_day": say("Sorry, I did not find a day in that."),
        "no_hour": say("Sorry, at what time on {day}? Type it with the day.", day=day),
        "no_such_day": say("Sorry, there is no such day."),
        "other_weekday": say("{day} is another day of the week. Which one do you mean?", day=day),
        "which_half": say("Is that in the morning or in the evening? Say am or pm."),
        "no_such_hour": say("The clocks go forward on {day}. There is no such time that night.", day=day),
        "past": say("That is over. Please type a time to come."),
        "too_far": say("That is too far ahead. Two years is the most."),
    }[read.why]


def too_long(limit: int) -> Text:
    """More was typed than we keep."""
    return say("That is longer than we can keep. Please use {limit} characters or fewer.", limit=limit)


def number_of(words: str) -> int | None:
    """A number that was typed; None for what is none."""
    bare = words.strip()
    return int(bare[:9]) if bare.isascii() and bare.isdigit() else None


def from_to(least: int, most: int) -> Text:
    """Which numbers can be meant."""
    return say("Please type a number from {least} to {most}.", least=least, most=most)


def example(scene: Scene) -> Text:
    """How a day and an hour may be typed: one two weeks from now."""
    ahead = (scene.now + A_FORTNIGHT).date()
    return f"{ahead.day}/{ahead.month} 19:00"


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
            case Said(words) if len(words.strip()) > TITLE_LIMIT:
                return Step(self, too_long(TITLE_LIMIT))
            case Said(words) if words.strip():
                return Step(SayingWhere(), effects=(BeginEvent(" ".join(words.split())),))
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
            case Said(words) if len(words.strip()) > PLACE_LIMIT:
                return Step(self, too_long(PLACE_LIMIT))
            case Said(words) if words.strip():
                return _describe(scene, "place", " ".join(words.split()))
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
                read = read_when(words, scene.now, event.zone)
                return Step(self, misread(read)) if isinstance(read, Misread) else _describe(scene, "when", read)
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
            case Said(words) if (seats := number_of(words)) is not None:
                return (
                    _describe(scene, "seats", seats) if 1 <= seats <= MOST_SEATS else Step(self, from_to(1, MOST_SEATS))
                )
            case _:
                return None


@dataclass(frozen=True)
class SayingStepFree(_Describing, Page):
    """Whether somebody who cannot climb steps gets in."""

    def ask(self, event: Gathering, scene: Scene) -> Prompt:
        choices = (
            Choice("yes", say("Yes, without steps"), "yes"),
            Choice("no", say("No, there are steps"), "no"),
            Choice("unsure", say("Not sure")),
        )
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
