"""Seeing one event: a seat is booked or given up; whoever runs it moves it, calls it off, approves it, says more."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from conversations import addressing, checking_in, following, hosting, reporting, visiting
from conversations.after_event import said_in_words
from conversations.checking_in import DONE
from conversations.domain.effects import (
    BeginEvent,
    BookSeat,
    CallOffEvent,
    ChangeSeats,
    DecideEvent,
    DescribeEvent,
    GiveUpSeat,
    MoveEvent,
    RecordConsent,
    SetLanguage,
    Told,
)
from conversations.domain.following import event_subject
from conversations.domain.gatherings import DETAILS_LIMIT, PLACE_LIMIT, REMINDER_LIMIT, Gathering, spaced
from conversations.domain.languages import name_of
from conversations.domain.lookups import EventOf, Lookup, MyFollows, SeenEvent
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Code, Heard, Leave, Prompt, Said, Step, Text, lines, say
from conversations.event_answers import Wrong, read_line, read_seats, read_start, read_words
from conversations.event_choices import offered
from conversations.event_words import (
    FORMATS,
    about,
    are_told,
    booked,
    came_of,
    code_in_words,
    in_full,
    in_short,
    link,
    report_in_words,
    stands,
)

EVENTS_WORDING = "events-2"
LINK = re.compile(r"ev-([0-9A-Z]{8})")


def linked(link: str, scene: Scene) -> Step[Any] | None:
    """What a link to an event, or the code of a seat, opens; None for a link to something else."""
    found = LINK.fullmatch(link)
    return Step(SeeingEvent(found[1])) if found else checking_in.linked(link, scene)


def host(scene: Scene) -> Page:
    """Where holding an event begins."""
    return hosting.SayingWhat() if _agreed(scene) else AgreeingToEvents(then="host")


def _agreed(scene: Scene) -> bool:
    return scene.me.consents.get("events") == "yes"


@dataclass(frozen=True)
class SeeingEvent(Page):
    """One event, and what this person may do with it. `just` is what they did last: its outcome is told here."""

    event: str = ""
    just: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event), MyFollows())

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        if seen is None:
            return Prompt(say("There is no such event."), (DONE,), title=say("An event"))
        said = (*(report_in_words(seen.event) if seen.event.report.published else ()), *said_in_words(seen.said))
        standing = (*said, stands(seen, scene), *code_in_words(seen, scene), booked(seen), link(seen.event, scene))
        text = lines(came_of(self.just, seen), *in_full(seen.event), about(seen.event, scene), *standing)
        return Prompt(text, (*offered(seen, scene), DONE), title=say("An event"), code=self._code(seen, scene))

    def _code(self, seen: SeenEvent, scene: Scene) -> Code | None:
        """The code of a seat that was just booked."""
        leads = checking_in.leads_to(scene.links, seen.held_on, self.event, seen.code)
        return Code(spaced(seen.code), leads) if self.just in ("book", "wait") and seen.code and leads else None

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(EventOf(self.event))
        if isinstance(heard, Chose) and heard.choice in scene.consultation.languages:
            return Step(self, effects=(SetLanguage(heard.choice),))  # the welcome, drawn before the link was followed
        if not isinstance(heard, Chose) or heard.choice not in {each.id for each in scene.asked(self).choices}:
            return None
        if seen is None or heard.choice == "done":
            return Step(Leave())
        match heard.choice:
            case "book" | "wait" as choice:
                return self._book(choice, scene)
            case "follow":
                return Step(following.OfferingFollow(event_subject(self.event).choice))
            case "unfollow":
                return Step(replace(self, just=""), *following.ends(event_subject(self.event).choice, scene))
            case "give_up":
                return Step(replace(self, just="give_up"), effects=(GiveUpSeat(self.event),))
            case "approve" | "decline" as choice:
                return Step(replace(self, just=choice), effects=(DecideEvent(self.event, choice == "approve"),))
            case choice:
                return _run(choice, seen.event)

    def _book(self, choice: str, scene: Scene) -> Step[Any]:
        if not _agreed(scene):
            return Step(AgreeingToEvents(self.event, choice))
        return Step(replace(self, just=choice), effects=(BookSeat(self.event, wait=choice == "wait"),))


def _run(choice: str, event: Gathering) -> Step[Any]:
    """What only whoever runs it is offered."""
    if choice == "again":
        return Step(hosting.SayingWhen(), effects=(BeginEvent(copied=event.id),))
    pages: dict[str, Page] = {
        "move": MovingEvent(event.id),
        "call_off": CallingOff(event.id),
        "more": SayingMore(event.id),
        "report": reporting.first(event.id),
        "visit": visiting.SeeingVisit(event.id),
        "check_in": checking_in.CheckingIn(event.id),
        "write": addressing.SayingMessage(event=event.id),
    }
    return Step(pages[choice])


@dataclass(frozen=True)
class AgreeingToEvents(Page):
    """Before the first booking or offer: sixteen or over, and what we keep of it. `then` is what they wanted."""

    event: str = ""
    then: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        keep = (
            say("We show your event to everybody. We do not show who you are.")
            if self.then == "host"
            else say("We keep your seat until a month after the event. With it we remind you and tell you of changes.")
        )
        asks = None if self.then == "host" else say("The morning after we ask you three short questions.")
        ask = say("Are you 16 or over, and happy with that?")
        choices = (Choice("agree", say("Yes, I am 16 or over"), "yes"), Choice("no", say("No"), "no"))
        return Prompt(lines(keep, asks, ask), choices, title=say("Before we go on"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("no"):
                return Step(Leave(), say("That is fine. We have kept nothing of it."))
            case Chose("agree"):
                consent = RecordConsent(scene.consultation.id, "events", "yes", EVENTS_WORDING)
                if self.then == "host":
                    return Step(hosting.SayingWhat(), effects=(consent,))
                book = BookSeat(self.event, wait=self.then == "wait")
                return Step(SeeingEvent(self.event, self.then or "book"), effects=(consent, book))
            case _:
                return None


@dataclass(frozen=True)
class MovingEvent(Page):
    """The new day and hour."""

    reads_words: ClassVar[bool] = True
    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        if seen is None:
            return Prompt(say("There is no such event."), also=(DONE,), title=say("Move it"))
        now_at = say("Now it is: {event}", event=in_short(seen.event))
        ask = say("When does it start? Type it like this: {example}", example=hosting.example(scene))
        also = (Choice("place", say("It is at another place")), hosting.KEEP)
        return Prompt(lines(now_at, ask), also=also, ask="line", title=say("Move it"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(EventOf(self.event))
        match heard:
            case Chose("keep" | "done"):
                return Step(SeeingEvent(self.event))
            case Chose("place"):
                return Step(MovingPlace(self.event))
            case Said(words) if seen:
                start = read_start(words, scene.now, seen.event.zone)
                if isinstance(start, Wrong):
                    return Step(self, start.why)
                return Step(SeeingEvent(self.event, "moved"), effects=(MoveEvent(self.event, start),))
            case _:
                return None


@dataclass(frozen=True)
class MovingPlace(Page):
    """The new place, in the same area."""

    reads_words: ClassVar[bool] = True
    event: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("Where is it? Type the name of the place and the street.")
        title = say("Where is it?")
        return Prompt(ask, also=(hosting.KEEP,), ask="words", limit=PLACE_LIMIT, title=title, own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case Said(words) if place := read_line(words, PLACE_LIMIT):
                if isinstance(place, Wrong):
                    return Step(self, place.why)
                return Step(SeeingEvent(self.event, "moved"), effects=(MoveEvent(self.event, place=place),))
            case _:
                return None


@dataclass(frozen=True)
class CallingOff(Page):
    """The last chance to let it take place."""

    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        told = are_told(seen.event) if seen else None
        choices = (Choice("call_off", say("Yes, call it off"), "yes"), Choice("keep", say("No, keep it"), "no"))
        ask = say("It cannot be undone. Call it off?")
        return Prompt(lines(told, ask), choices, title=say("Call it off"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("call_off"):
                return Step(SeeingEvent(self.event, "called_off"), effects=(CallOffEvent(self.event),))
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case _:
                return None


@dataclass(frozen=True)
class TellingMore(Page):
    """What guests should know of the event, or what its reminder says besides the time and the place."""

    reads_words: ClassVar[bool] = True
    event: str = ""
    what: str = "details"

    @property
    def _limit(self) -> int:
        return REMINDER_LIMIT if self.what == "reminder" else DETAILS_LIMIT

    def prompt(self, scene: Scene) -> Prompt:
        ask = (
            say("What shall the reminder say besides the time and the place?")
            if self.what == "reminder"
            else say("What else should people know? Say how to get in, or what helps people hear and see.")
        )
        return Prompt(
            ask, also=(hosting.KEEP,), ask="words", limit=self._limit, title=say("Add details"), own_words=True
        )

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        what: Literal["reminder", "details"] = "reminder" if self.what == "reminder" else "details"
        match heard:
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case Said(words) if told := read_words(words, self._limit):
                if isinstance(told, Wrong):
                    return Step(self, told.why)
                return Step(SeeingEvent(self.event, "noted"), effects=(DescribeEvent(self.event, what, told),))
            case _:
                return None


@dataclass(frozen=True)
class SayingMore(Page):
    """What else may be said of an event: all of it has a default, and none of it is asked."""

    event: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        choices = (
            Choice("details", say("Add details")),
            Choice("reminder", say("Add words to the reminder")),
            Choice("seats", say("Change how many can come")),
            Choice("step_free", say("Say if there are steps")),
            Choice("format", say("Say what kind it is")),
            Choice("topic", say("Say which topic it is about")),
            Choice("language", say("Say which language it is in")),
        )
        return Prompt(say("What would you like to say?"), choices, (hosting.KEEP,), title=say("Say more about it"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("details" | "reminder" as what):
                return Step(TellingMore(self.event, what))
            case Chose("format" | "topic" | "language" as what):
                return Step(ChoosingMore(self.event, what))
            case Chose("seats"):
                return Step(ChangingSeats(self.event))
            case Chose("step_free"):
                return Step(SayingIfThereAreSteps(self.event))
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case _:
                return None


@dataclass(frozen=True)
class ChoosingMore(Page):
    """What kind of event it is, which topic it is about, or which language is spoken."""

    event: str = ""
    what: str = "format"

    def _choices(self, scene: Scene) -> dict[str, Text]:
        if self.what == "topic":
            return {topic.id: topic.title for topic in scene.consultation.topics}
        if self.what == "language":
            return {code: name_of(code) for code in scene.consultation.languages}
        return FORMATS

    def prompt(self, scene: Scene) -> Prompt:
        choices = tuple(Choice(id_, label) for id_, label in self._choices(scene).items())
        return Prompt(say("Choose one."), choices, (hosting.KEEP,), title=say("Say more about it"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        what: Told = "topic" if self.what == "topic" else "language" if self.what == "language" else "format"
        match heard:
            case Chose(chosen) if chosen in self._choices(scene):
                return Step(SeeingEvent(self.event, "noted"), effects=(DescribeEvent(self.event, what, chosen),))
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case _:
                return None


@dataclass(frozen=True)
class SayingIfThereAreSteps(Page):
    """Whether people get in without steps, where that is otherwise now: whoever booked has to know."""

    event: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask, title = say("Can people get in without steps?"), say("Without steps?")
        return Prompt(ask, hosting.step_free_choices(), (hosting.KEEP,), title=title)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case Chose("yes" | "no" | "unsure" as answer):
                return Step(SeeingEvent(self.event, "moved"), effects=(MoveEvent(self.event, step_free=answer),))
            case _:
                return None


@dataclass(frozen=True)
class ChangingSeats(Page):
    """How many can come now."""

    reads_words: ClassVar[bool] = True
    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        ask = lines(booked(seen) if seen else None, say("How many people can come? Type a number."))
        return Prompt(ask, also=(hosting.KEEP,), ask="line", title=say("How many can come?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(EventOf(self.event))
        match heard:
            case Chose("keep"):
                return Step(SeeingEvent(self.event))
            case Said(words) if seen and (seats := read_seats(words, seen.event.taken)):
                if isinstance(seats, Wrong):
                    return Step(self, seats.why)
                return Step(SeeingEvent(self.event, "noted"), effects=(ChangeSeats(self.event, seats),))
            case _:
                return None
