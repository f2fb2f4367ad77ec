"""Pages that open on top of any other: language, deletion, and "did you mean the command?"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conversations.domain.effects import Forget, SetLanguage
from conversations.domain.languages import name_of
from conversations.domain.lookups import ErasureReceipt, Lookup
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, InEach, Leave, Prompt, Step, Text, lines, say


@dataclass(frozen=True)
class ChoosingLanguage(Page):
    """Which language from now on."""

    def prompt(self, scene: Scene) -> Prompt:
        languages = scene.consultation.languages
        choices = tuple(Choice(code, name_of(code)) for code in languages)
        ask = InEach(say("Which language shall we use?"), languages)
        return Prompt(ask, choices, title=say("Language"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Leave] | None:
        match heard:
            case Chose(language) if language in scene.consultation.languages:
                return Step(Leave(), effects=(SetLanguage(language),))
            case _:
                return None


@dataclass(frozen=True)
class ConfirmingDelete(Page):
    """DELETE was said: what goes, and the last chance to keep it."""

    def prompt(self, scene: Scene) -> Prompt:
        text = lines(
            say("This deletes your answers, your words and your chat address. It cannot be undone."),
            say("Figures we have shown may still count you. They cannot be traced to you."),
            say("Delete everything?"),
        )
        choices = (Choice("delete", say("Yes, delete everything"), "yes"), Choice("keep", say("No, keep it"), "no"))
        return Prompt(text, choices, title=say("Delete everything?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Leave | Erased] | None:
        match heard:
            case Chose("delete"):
                return Step(Erased(), effects=(Forget(receipt=True),))
            case Chose("keep"):
                return Step(Leave(), say("Fine. Everything is kept."))
            case _:
                return None


@dataclass(frozen=True)
class Erased(Page):
    """The receipt of an erasure. Never stored."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (ErasureReceipt(),)

    def prompt(self, scene: Scene) -> Prompt:
        receipt = scene.find(ErasureReceipt())
        done = say("Done. Everything we had from you is deleted. Your receipt is {receipt}.", receipt=receipt)
        return Prompt(lines(done, say("Say START if you ever want to come back.")), title=say("Deleted"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Leave] | None:
        return None


def desk_text(link: str) -> Text:
    """What DESK is answered with: a link for somebody on the staff, once; it is kept nowhere."""
    if not link:
        return say("There is no link for you here. Say DESK again if you work at the desk.")
    return say("Open this link once. It signs you in at the desk: {link}", link=link)


@dataclass(frozen=True)
class Meaning(Page):
    """On an own-words page somebody typed a command word alone: the word, or the act?"""

    words: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("You wrote “{words}”. Is that your answer?", words=self.words)
        act = say("No, I want to do that")
        choices = (Choice("answer", say("Yes, it is my answer"), "yes"), Choice("act", act, "no"))
        return Prompt(ask, choices, title=say("Is that your answer?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Leave] | None:
        return Step(Leave()) if heard in (Chose("answer"), Chose("act")) else None
