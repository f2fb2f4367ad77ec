"""Replying: what a person says of an action the commission published, and their words under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conversations.domain.effects import AddReplyWords, RecordReply, Verdict
from conversations.domain.lookups import Lookup, NextAfter
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, Text, say
from conversations.domain.words import agreement
from conversations.going_on import GoingOn

VERDICTS: dict[Verdict, Text] = {
    "that_is_it": say("That is it"),
    "not_what_i_meant": say("Not what I meant"),
    "not_done": say("Not done"),
}
REPLY_LIMIT = 1000


@dataclass(frozen=True)
class AddingWords(Page):
    """The reply is kept; there is room for words. Opened on top of whatever the person was doing."""

    reads_words: ClassVar[bool] = True
    on_top: ClassVar[bool] = True
    token: str = ""
    verdict: Verdict = "that_is_it"

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (NextAfter(self.token),)

    def prompt(self, scene: Scene) -> Prompt:
        ask = (
            say("Do you want to add anything? Write it here.")
            if self.verdict == "that_is_it"
            else say("What did you mean, or what is still missing? Write it here.")
        )
        enough = (Choice("enough", say("No, that is all"), "no"),)
        return Prompt(ask, also=enough, ask="words", limit=REPLY_LIMIT, title=say("Your reply"), own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("enough"):
                return Step(self._next(scene))
            case Said(words) if agreement(words) == "no":
                return Step(self._next(scene))
            case Said(words) if len(words) > REPLY_LIMIT:
                return Step(
                    self,
                    say("That is longer than we can keep. Please use {limit} characters or fewer.", limit=REPLY_LIMIT),
                )
            case Said(words) if words.strip():
                said = AddReplyWords(self.token, words.strip())
                return Step(self._next(scene), say("Thank you. We have passed that on."), (said,))
            case _:
                return None

    def _next(self, scene: Scene) -> Page | Leave:
        """After an outcome, one thing they might do next; after other news, back to where they were."""
        return GoingOn(self.token) if scene.find(NextAfter(self.token)) else Leave()


def reply(token: str, verdict: Verdict) -> Step[AddingWords]:
    """A choice under feedback: kept at once, then room for words."""
    remark = say("Thank you. The group will see you said: “{verdict}”.", verdict=VERDICTS[verdict])
    return Step(AddingWords(token, verdict), remark, (RecordReply(token, verdict),))
