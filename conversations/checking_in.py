"""Checking in: whoever holds an event notes who came, by the code of a seat, or by one press for who has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from conversations.domain.effects import CheckIn, CountArrival, SetLanguage
from conversations.domain.gatherings import Arrivals, read_code, spaced
from conversations.domain.lookups import AtTheDoor, Lookup
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, Text, lines, say

LINK = re.compile(r"in-([0-9A-Z]{8})-([0-9A-Z]{6})")
WITHOUT = Choice("without", say("Somebody without a seat"))
DONE = Choice("done", say("Go on"), "yes")


def linked(link: str, scene: Scene) -> Step[Any] | None:
    """What the picture of a code leads to; None for a link to something else."""
    found = LINK.fullmatch(link)
    return _check_in(found[1], found[2], scene) if found else None


def leads_to(links: Mapping[str, str], channel: str, event: str, code: str) -> str:
    """Where whoever points a phone at the picture of a code arrives: in the chat in which the event is held. Empty
    where we have no address."""
    link, name, site = f"in-{event}-{code}", links.get("telegram_name", ""), links.get("site", "")
    if channel == "telegram" and name:
        return f"https://t.me/{name}?start={link}"
    return f"{site}/chat?topic={link}" if site else ""


def _check_in(event: str, code: str, scene: Scene) -> Step[Any]:
    return Step(CheckingIn(event, code, scene.now.isoformat()), effects=(CheckIn(event, code),))


@dataclass(frozen=True)
class CheckingIn(Page):
    """Who came so far, and what became of the last `code`, tried `at` that instant: was it this that checked it in?"""

    reads_words: ClassVar[bool] = True
    event: str = ""
    code: str = ""
    at: str = ""

    @property
    def _door(self) -> AtTheDoor:
        return AtTheDoor(self.event, self.code)

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (self._door,)

    def prompt(self, scene: Scene) -> Prompt:
        found, title = scene.find(self._door), say("Check people in")
        if found is None:
            only = say("Only whoever holds an event can check people in. Show them your code when you come.")
            return Prompt(only, (DONE,), title=title)
        if not found.event.receives(scene.now):
            return Prompt(say("You can check people in on the day of the event."), (DONE,), title=title)
        counted = say(
            "Checked in so far: {count}. Without a seat: {more}.", count=found.checked_in, more=found.without_seat
        )
        text = lines(self._became(found), counted, say("Type the next code, or point your camera at it."))
        return Prompt(text, (WITHOUT,), (DONE,), ask="line", title=title)

    def _became(self, found: Arrivals) -> Text | None:
        if not self.code:
            return None
        code = spaced(self.code)
        if not found.has_seat:
            return say("No seat at this event has the code {code}.", code=code)
        if found.came is not None and found.came.isoformat() == self.at:
            return say("Checked in: {code}.", code=code)
        return say("Already in: {code}.", code=code)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        found = scene.find(self._door)
        open_ = found is not None and found.event.receives(scene.now)
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose("without") | Said("1") if open_:
                return Step(replace(self, code="", at=""), effects=(CountArrival(self.event),))
            case Said(words) if open_ and (code := read_code(words)):
                return _check_in(self.event, code, scene)
            case Chose(language) if language in scene.consultation.languages:
                return Step(self, effects=(SetLanguage(language),))  # the welcome, drawn before the link was followed
            case _:
                return None
