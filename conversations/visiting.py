"""Visiting: what whoever held an event tells the organisers of its area: who was there, what was heard, what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from conversations.domain.effects import NoteVisit, TickOff
from conversations.domain.gatherings import REPORT_LIMIT
from conversations.domain.lookups import Lookup, Visited, VisitOf
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Day, Heard, Leave, Prompt, Quoted, Said, Step, Text, lines, say
from conversations.domain.whens import read_due
from conversations.event_answers import too_long
from conversations.event_words import in_short
from conversations.hosting import A_FORTNIGHT

What = Literal["who", "heard", "follow_up"]
ASKS: Mapping[str, Text] = {
    "who": say("What kinds of people were there? Name nobody."),
    "heard": say("What did you hear from them? Name nobody."),
}
LATER = Choice("later", say("Not now"), "no")
NOTHING = Choice("nothing", say("Nothing is to be done"), "no")
ON = Choice("done", say("Go on"), "yes")


@dataclass(frozen=True)
class NotingVisit(Page):
    """One of the three answers: who was there, what was heard, what is to be done next and by when."""

    reads_words: ClassVar[bool] = True
    event: str = ""
    what: str = "who"

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (VisitOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        title = say("Notes on the event")
        if scene.find(VisitOf(self.event)) is None:
            return Prompt(say("There is no such event."), also=(LATER,), title=title)
        ahead = (scene.now + A_FORTNIGHT).date()
        due = say(
            "What is to be done next, and by which day? Put the day in, like this: {day}",
            day=f"{ahead.day}/{ahead.month}",
        )
        also = (NOTHING, LATER) if self.what == "follow_up" else (LATER,)
        ask = ASKS.get(self.what, due)
        return Prompt(ask, also=also, ask="words", limit=REPORT_LIMIT, title=title, own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("later"):
                return Step(Leave())
            case Chose("nothing") if self.what == "follow_up":
                return Step(SeeingVisit(self.event), effects=(NoteVisit(self.event, "follow_up", ""),))
            case Said(words) if len(words) > REPORT_LIMIT:
                return Step(self, too_long(REPORT_LIMIT))
            case Said(words) if words.strip():
                return self._noted(words.strip(), scene)
            case _:
                return None

    def _noted(self, words: str, scene: Scene) -> Step[Any]:
        match self.what:
            case "who":
                return Step(NotingVisit(self.event, "heard"), effects=(NoteVisit(self.event, "who", words),))
            case "heard":
                return Step(NotingVisit(self.event, "follow_up"), effects=(NoteVisit(self.event, "heard", words),))
            case _:
                due = read_due(words, scene.now.date())
                if due is None:
                    return Step(self, say("Sorry, I did not find a day to come in that."))
                return Step(SeeingVisit(self.event), effects=(NoteVisit(self.event, "follow_up", words, due),))


@dataclass(frozen=True)
class SeeingVisit(Page):
    """What was noted, and whether it is done."""

    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (VisitOf(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        found, title = scene.find(VisitOf(self.event)), say("Notes on the event")
        if found is None:
            return Prompt(say("There is no such event."), (ON,), title=title)
        text = lines(in_short(found.event), *noted_in_words(found), say("Only organisers of the area see this."))
        tick = (Choice("tick", say("It is done")),) if found.organises and found.visit.open else ()
        write = say("Write it again") if found.visit.who else say("Write it")
        return Prompt(text, (*tick, Choice("again", write), ON), title=title)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose("again") if scene.find(VisitOf(self.event)):
                return Step(NotingVisit(self.event))
            case Chose("tick") if scene.find(VisitOf(self.event)):
                return Step(self, effects=(TickOff(self.event),))
            case _:
                return None


def noted_in_words(found: Visited) -> tuple[Text | None, ...]:
    """What was noted of an event."""
    visit, language = found.visit, found.event.language
    return (
        say("Who was there: {words}", words=Quoted(visit.who, language)) if visit.who else None,
        say("What was heard: {words}", words=Quoted(visit.heard, language)) if visit.heard else None,
        say("To be done by {day}: {words}", day=Day(visit.due), words=Quoted(visit.follow_up, language))
        if visit.due
        else None,
        say("It was done on {day}.", day=Day(visit.done.date())) if visit.done else None,
    )


def due_in_short(found: Visited) -> Text:
    """What is to be done, on one line: a choice among others."""
    assert found.visit.due is not None
    return say("Due {day}: {event}", day=Day(found.visit.due), event=in_short(found.event))
