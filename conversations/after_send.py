"""After Send: may we tell you, ask again, quote you. Each alone, each can be skipped; the outcome comes first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conversations import asking_about_you, resting
from conversations.domain.effects import Effect, Purpose, RecordConsent
from conversations.domain.lookups import Lookup, MyResponses, Response
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Day, Heard, Prompt, Step, Text, lines, say
from conversations.putting import SKIP

OUTCOME_WORDING, AGAIN_WORDING, QUOTE_WORDING = "outcome-1", "ask-again-1", "quote-1"


@dataclass(frozen=True)
class TellingOutcome(Page):
    """Shall we tell you what the commission does with this? Left unanswered, it is asked once more on return."""

    topic: str = ""
    again: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyResponses(),)

    def prompt(self, scene: Scene) -> Prompt:
        commission = scene.consultation.topic(self.topic).commission.name
        ask = say("Shall we tell you here what they do with this?")
        once_more = say("You left one thing open. The {commission} group reads your answers.", commission=commission)
        choices = (
            Choice("with_words", say("Yes, with my words"), "yes"),
            Choice("news_only", say("Yes, but just say there is news")),
            Choice("no", say("No"), "no"),
        )
        text = lines(once_more, ask) if self.again else lines(*_thanks(self.topic, scene), ask)
        return Prompt(text, choices, (SKIP,), title=say("Shall we tell you?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose("with_words" | "news_only" | "no" as choice):
                remark = None if choice != "no" else say("Fine. You can always come back and look.")
                return self._on(choice, scene, remark)
            case Chose("skip"):
                return self._on("left" if self.again else "later", scene)
            case _:
                return None

    def _on(self, choice: str, scene: Scene, remark: Text | None = None) -> Step[Page]:
        effects = (_consent(scene, "outcome", choice, OUTCOME_WORDING),)
        page = resting.Resting(self.topic) if self.again else after("outcome", self.topic, scene)
        return Step(page, remark, effects)


@dataclass(frozen=True)
class AskingAgain(Page):
    """May we ask you again about other things?"""

    topic: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("May we write to you when we ask about something else?")
        return Prompt(ask, _yes_no(), (SKIP,), title=say("May we ask again?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        return _decide(heard, "ask_again", AGAIN_WORDING, self.topic, scene)


@dataclass(frozen=True)
class AllowingQuote(Page):
    """May others read this person's own words, without a name?"""

    topic: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("May we show your own words to others? We would never say who wrote them.")
        return Prompt(ask, _yes_no(), (SKIP,), title=say("May we quote you?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        return _decide(heard, "quote", QUOTE_WORDING, self.topic, scene)


def first(topic: str, scene: Scene) -> Page:
    """What comes right after Send: the first thing not yet settled with this person."""
    return (
        TellingOutcome(topic)
        if scene.me.consents.get("outcome", "later") == "later"
        else after("outcome", topic, scene)
    )


def after(done: Purpose, topic: str, scene: Scene) -> Page:
    """The page after a purpose was settled, past everything this person has settled before."""
    asks: dict[Purpose, Page] = {"ask_again": AskingAgain(topic), "quote": AllowingQuote(topic)}
    order: tuple[Purpose, ...] = ("outcome", "ask_again", "quote")
    for purpose in order[order.index(done) + 1 :]:
        if purpose not in scene.me.consents:
            return asks[purpose]
    return asking_about_you.after_consents(topic, scene)


def _decide(heard: Heard, purpose: Purpose, wording: str, topic: str, scene: Scene) -> Step[Page] | None:
    match heard:
        case Chose("yes" | "no" as choice):
            effects: tuple[Effect, ...] = (_consent(scene, purpose, choice, wording),)
        case Chose("skip"):
            effects = (_consent(scene, purpose, "skipped", wording),)
        case _:
            return None
    return Step(after(purpose, topic, scene), effects=effects)


def _consent(scene: Scene, purpose: Purpose, choice: str, wording: str) -> RecordConsent:
    return RecordConsent(scene.consultation.id, purpose, choice, wording)


def _yes_no() -> tuple[Choice, ...]:
    return Choice("yes", say("Yes"), "yes"), Choice("no", say("No"), "no")


def _thanks(topic: str, scene: Scene) -> tuple[Text | None, ...]:
    response = response_on(topic, scene)
    commission = scene.consultation.topic(topic).commission.name
    by = scene.consultation.calendar.hear_by
    reads = say("The {commission} group reads them.", commission=commission)
    until = (
        say("The {commission} group reads them. You will hear by {day}.", commission=commission, day=Day(by))
        if by
        else reads
    )
    reference = say("Your reference is {reference}.", reference=response.reference) if response else None
    return say("Thank you. We have your answers."), reference, until


def response_on(topic: str, scene: Scene) -> Response | None:
    """This person's response on a topic of the pinned consultation."""
    mine = (r for r in scene.find(MyResponses()) if r.consultation == scene.consultation.id and r.topic == topic)
    return next(mine, None)
