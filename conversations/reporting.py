"""Reporting: how many came to an event, what most of them said, what some saw differently; then it is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from conversations.after_event import added_in_words, said_in_words
from conversations.domain.effects import DescribeEvent, PublishReport
from conversations.domain.gatherings import MOST_SEATS, REPORT_LIMIT
from conversations.domain.lookups import AddedToHowItWas, AtTheDoor, EventOf, Lookup
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, lines, say, say_many
from conversations.event_answers import Wrong, from_to, number_of, read_words
from conversations.event_words import report_in_words

LATER = Choice("later", say("Not now"), "no")


def first(event: str) -> Page:
    """Where a report begins."""
    return SayingWhoCame(event)


@dataclass(frozen=True)
class SayingWhoCame(Page):
    """How many came."""

    reads_words: ClassVar[bool] = True
    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (AtTheDoor(self.event),)

    def _counted(self, scene: Scene) -> int:
        found = scene.find(AtTheDoor(self.event))
        return found.people if found else 0

    def prompt(self, scene: Scene) -> Prompt:
        counted = self._counted(scene)
        seen = say_many("One person was checked in.", "{count} people were checked in.", counted) if counted else None
        also = (Choice("counted", say("That is how many came")), LATER) if counted else (LATER,)
        text = lines(seen, say("How many people came? Type a number."))
        return Prompt(text, also=also, ask="line", title=say("The report"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        counted = self._counted(scene)
        match heard:
            case Chose("later"):
                return Step(Leave())
            case Chose("counted") if counted:
                said = DescribeEvent(self.event, "came", min(counted, MOST_SEATS))
                return Step(SayingViews(self.event, "majority"), effects=(said,))
            case Said(words) if (came := number_of(words)) is not None:
                if came > MOST_SEATS:
                    return Step(self, from_to(0, MOST_SEATS))
                said = DescribeEvent(self.event, "came", came)
                return Step(SayingViews(self.event, "majority"), effects=(said,))
            case _:
                return None


@dataclass(frozen=True)
class SayingViews(Page):
    """What most people said; then what some saw differently, which may be nothing."""

    reads_words: ClassVar[bool] = True
    event: str = ""
    whose: str = "majority"

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (AddedToHowItWas(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        most = self.whose == "majority"
        added = added_in_words(scene.find(AddedToHowItWas(self.event))) if most else ()
        asked = say("What did most people say? Name nobody.") if most else say("What did some see differently?")
        ask = lines(*added, asked)
        also = (LATER,) if most else (Choice("none", say("Nobody did"), "no"), LATER)
        return Prompt(ask, also=also, ask="words", limit=REPORT_LIMIT, title=say("The report"), own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        whose: Literal["majority", "minority"] = "majority" if self.whose == "majority" else "minority"
        follows = SayingViews(self.event, "minority") if whose == "majority" else PublishingReport(self.event)
        match heard:
            case Chose("later"):
                return Step(Leave())
            case Chose("none") if whose == "minority":
                return Step(follows, effects=(DescribeEvent(self.event, whose, ""),))
            case Said(words) if view := read_words(words, REPORT_LIMIT):
                if isinstance(view, Wrong):
                    return Step(self, view.why)
                return Step(follows, effects=(DescribeEvent(self.event, whose, view),))
            case _:
                return None


@dataclass(frozen=True)
class PublishingReport(Page):
    """The whole report, and the last look at it."""

    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (EventOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(EventOf(self.event))
        told = say("Everybody can read it then. Those who had a seat are told. Publish it?")
        choices = (Choice("publish", say("Yes, publish it"), "yes"), LATER)
        return Prompt(
            lines(*((*report_in_words(seen.event), *said_in_words(seen.said)) if seen else ()), told),
            choices,
            title=say("The report"),
        )

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("publish"):
                done = say("Done. The report is published.")
                return Step(Leave(), done, (PublishReport(self.event),))
            case Chose("later"):
                return Step(Leave())
            case _:
                return None
