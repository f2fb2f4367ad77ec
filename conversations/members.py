"""Members: somebody types a code from their local party, and gets news for members near them. Nothing else changes.

Membership is asked for nowhere and needed for nothing. A code that is none says why, and how often it may be tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import subjects
from conversations.agreeing_to_follow import agreed, agreement
from conversations.domain.effects import ConfirmMember
from conversations.domain.following import Followed
from conversations.domain.lookups import Lookup, MyFollows, MyTries
from conversations.domain.members import Missed
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, Text, lines, say
from conversations.putting import BACK

TITLE = say("Members")
DONE = Choice("done", say("Go on"), "yes")
WHY: Mapping[Missed, Text] = {
    "unknown": say("We do not know this code. Look at it again, and type it as it is printed."),
    "used": say("Somebody has used this code. Ask your local party for another one."),
    "expired": say("This code has ended. Ask your local party for another one."),
    "already": say("You have done this. You get news for members there."),
}
WHAT_IT_DOES = say("It adds news for members near you. Nothing else changes.")


@dataclass(frozen=True)
class SayingMemberCode(Page):
    """The code from a local party. `tried` once one was typed; `before` is where they were a member until then: what is
    new since is what the code has confirmed."""

    reads_words: ClassVar[bool] = True
    on_top: ClassVar[bool] = True
    tried: bool = False
    before: tuple[str, ...] = ()

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyFollows(), MyTries())

    def prompt(self, scene: Scene) -> Prompt:
        if confirmed := self._confirmed(scene):
            done = say("Done. You get “{subject}”.", subject=subjects.name(confirmed, ()))
            text = lines(done, say("Nothing else changes. Say FOLLOWS to end it."))
            return Prompt(text, also=(DONE,), title=TITLE)
        tries = scene.find(MyTries())
        why = WHY[tries.last] if self.tried and tries.last else None
        if tries.left <= 0:
            wait = say("You have tried too often. Please wait an hour. Then try again.")
            return Prompt(lines(why, wait), also=(BACK,), title=TITLE)
        return Prompt(lines(why, *self._asked(scene)), also=(BACK,), ask="line", title=TITLE)

    def _asked(self, scene: Scene) -> tuple[Text, ...]:
        ask = say("Type the code that your local party gave you.")
        if self.tried:
            return (ask,)
        return ask, WHAT_IT_DOES, say("We write to you here when there is some."), *agreement(scene)[1:]

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("back" | "done"):
                return Step(Leave())
            case Said(words) if words.strip() and not self._confirmed(scene) and scene.find(MyTries()).left > 0:
                mine = tuple(each.subject.choice for each in _of_members(scene))
                return Step(SayingMemberCode(tried=True, before=mine), effects=(ConfirmMember(words, agreed(scene)),))
            case _:
                return None

    def _confirmed(self, scene: Scene) -> Followed | None:
        if not self.tried:
            return None
        return next((each for each in _of_members(scene) if each.subject.choice not in self.before), None)


def _of_members(scene: Scene) -> tuple[Followed, ...]:
    return tuple(each for each in scene.find(MyFollows()).mine if each.subject.kind == "members")
