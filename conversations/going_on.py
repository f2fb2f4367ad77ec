"""Going on: after an outcome was told and answered, one thing somebody might do next, and one only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import following, seeing, subjects
from conversations.domain.following import topic_subject
from conversations.domain.lookups import Lookup, NextAfter, NextStep
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Step, Text, lines, say
from conversations.event_words import in_short, where

NO = Choice("no", say("No, thanks"), "no")


@dataclass(frozen=True)
class GoingOn(Page):
    """The nearest event about the topic; else to follow it; else to hold one."""

    on_top: ClassVar[bool] = True
    token: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (NextAfter(self.token),)

    def prompt(self, scene: Scene) -> Prompt:
        found = scene.find(NextAfter(self.token))
        if found is None:
            return Prompt(say("That is over now."), (NO,), title=say("What next"))
        text, choice = _offered(found, scene)
        return Prompt(text, (choice, NO), title=say("What next"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        found = scene.find(NextAfter(self.token))
        match heard:
            case Chose("no"):
                return Step(Leave())
            case Chose("see") if found and found.event:
                return Step(seeing.SeeingEvent(found.event.id))
            case Chose("follow") if found:
                return Step(following.OfferingFollow(topic_subject(found.consultation, found.topic).choice))
            case Chose("host") if found:
                return Step(seeing.host(scene))
            case _:
                return None


def _offered(found: NextStep, scene: Scene) -> tuple[Text, Choice]:
    if found.event:
        on = say("This is on near you: {event}", event=in_short(found.event))
        return lines(on, say("Where: {where}", where=where(found.event))), Choice("see", say("See it"), "yes")
    topic = topic_subject(found.consultation, found.topic)
    title = subjects.title_of(topic, subjects.shelf_of(scene))
    if not found.follows:
        ask = say("Shall we tell you what else happens on “{topic}”?", topic=title)
        return ask, Choice("follow", say("Tell me about it"), "yes")
    ask = say("Would you like to hold an event about “{topic}”?", topic=title)
    return ask, Choice("host", say("Tell me how"), "yes")
