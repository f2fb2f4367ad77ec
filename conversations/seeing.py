"""Seeing one event: a seat is booked or given up; whoever runs it moves it, calls it off, approves it, says more."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

from conversations import hosting
from conversations.domain.effects import (
    BeginEvent,
    BookSeat,
    CallOffEvent,
    DecideEvent,
    DescribeEvent,
    GiveUpSeat,
    MoveEvent,
    RecordConsent,
    SetLanguage,
    Told,
)
from conversations.domain.gatherings import DETAILS_LIMIT, REMINDER_LIMIT, Gathering
from conversations.domain.languages import name_of
from conversations.domain.lookups import EventOf, Lookup, SeenEvent
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, Text, lines, say, say_many
from conversations.domain.whens import Misread, read_when
from conversations.event_words import FORMATS, in_full, in_short, seats_left

EVENTS_WORDING = "events-1"
LINK = re.compile(r"ev-([0-9A-Z]{8})")
DONE = Choice("done", say("Go on"), "yes")


def linked(link: str) -> SeeingEvent | None:
    """The page of the event that a link names; None for a link to something else."""
    found = LINK.fullmatch(link)
    return SeeingEvent(found[1]) if found else None


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
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        if seen is None:
            return Prompt(say("There is no such event."), (DONE,), title=say("An event"))
        stands = (_stands(seen, scene), _booked(seen), _link(seen.event, scene))
        text = lines(_came_of(self.just, seen), *in_full(seen.event), _about(seen.event, scene), *stands)
        choices = (*_for_guests(seen, scene), *_for_those_who_run_it(seen, scene), DONE)
        return Prompt(text, choices, title=say("An event"))

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
    }
    return Step(pages[choice])


def _about(event: Gathering, scene: Scene) -> Text | None:
    topic = scene.consultation.find_topic(event.topic)
    return say("It is about “{topic}”.", topic=topic.title) if topic else None


def _link(event: Gathering, scene: Scene) -> Text | None:
    site = scene.links.get("site", "")
    if event.state != "open" or not site:
        return None
    return say("See it, or put it in your calendar: {link}", link=f"{site}/events/{event.id}")


def _came_of(just: str, seen: SeenEvent) -> Text | None:
    """What became of what they did last, as it is now."""
    event = seen.event
    told: dict[tuple[str, bool], Text] = {
        ("book", not seen.mine): say("The last seat has just gone. You can wait for one."),
        ("wait", not seen.mine): say("You cannot book that any more."),
        ("give_up", not seen.mine): say("Done. Somebody else can have your seat."),
        ("approve", event.state == "open"): say("Done. It is open. Whoever offered it is told."),
        ("decline", event.state == "declined"): say("Done. Whoever offered it is told."),
        ("moved", event.moved): told_to(event),
        ("called_off", event.state == "cancelled"): told_to(event),
        ("noted", True): say("Done. We have noted it."),
    }
    return told.get((just, True))


def _booked(seen: SeenEvent) -> Text | None:
    """How many come, for whoever runs it."""
    event = seen.event
    if not seen.runs or event.state != "open":
        return None
    return say("Seats booked: {taken} of {seats}. People who wait: {waiting}.", taken=event.taken,
               seats=event.seats or 0, waiting=event.waiting)  # fmt: skip


def told_to(event: Gathering) -> Text:
    """How many are told of a change."""
    people = event.taken + event.waiting
    if not people:
        return say("Done. Nobody has booked yet.")
    return say_many("Done. The one person who booked is told.", "Done. {count} people who booked are told.", people)


def _stands(seen: SeenEvent, scene: Scene) -> Text:
    """How the event stands, and how this person stands to it."""
    standing = seen.event.standing(scene.now)
    told: dict[str, Text] = {
        "offered": say("It waits for an organiser to say yes."),
        "declined": say("An organiser said no to it."),
        "cancelled": say("It was called off."),
        "over": say("It is over."),
    }
    if standing in told:
        return told[standing]
    if seen.mine == "booked":
        return say("You have a seat. We remind you a day and an hour before.")
    if seen.mine == "waiting":
        return say("You wait for a seat. You are number {place}. We tell you if one comes free.", place=seen.queue)
    return seats_left(seen.event)


def _for_guests(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    if not seen.event.bookable(scene.now):
        return ()
    if seen.mine:
        return (Choice("give_up", say("Give up my seat") if seen.mine == "booked" else say("Stop waiting")),)
    if seen.event.left:
        return (Choice("book", say("Book a seat")),)
    # The first choice stays what it was: whoever types 1 for a seat that was there a moment ago waits for none.
    return Choice("book", say("Look again for a seat")), Choice("wait", say("Wait for a seat"))


def _for_those_who_run_it(seen: SeenEvent, scene: Scene) -> tuple[Choice, ...]:
    if seen.decides:
        return Choice("approve", say("Approve it")), Choice("decline", say("Say no to it"))
    again = (Choice("again", say("The same again")),) if seen.runs else ()
    if not seen.runs or not seen.event.bookable(scene.now):
        return again
    return (
        Choice("move", say("Move it")),
        Choice("call_off", say("Call it off")),
        Choice("more", say("Say more about it")),
        *again,
    )


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
        ask = say("Are you 16 or over, and happy with that?")
        choices = (Choice("agree", say("Yes, I am 16 or over"), "yes"), Choice("no", say("No"), "no"))
        return Prompt(lines(keep, ask), choices, title=say("Before we go on"))

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
        return Prompt(lines(now_at, ask), also=(hosting.KEEP,), ask="line", title=say("Move it"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(EventOf(self.event))
        match heard:
            case Chose("keep" | "done"):
                return Step(SeeingEvent(self.event))
            case Said(words) if seen:
                read = read_when(words, scene.now, seen.event.zone)
                if isinstance(read, Misread):
                    return Step(self, hosting.misread(read))
                return Step(SeeingEvent(self.event, "moved"), effects=(MoveEvent(self.event, read),))
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
        people = seen.event.taken + seen.event.waiting if seen else 0
        told = say_many("One person who booked is told.", "{count} people who booked are told.", people)
        choices = (Choice("call_off", say("Yes, call it off"), "yes"), Choice("keep", say("No, keep it"), "no"))
        ask = say("It cannot be undone. Call it off?")
        return Prompt(lines(told if people else None, ask), choices, title=say("Call it off"))

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
            case Said(words) if len(words) > self._limit:
                return Step(self, hosting.too_long(self._limit))
            case Said(words) if words.strip():
                said = DescribeEvent(self.event, what, words.strip())
                return Step(SeeingEvent(self.event, "noted"), effects=(said,))
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
