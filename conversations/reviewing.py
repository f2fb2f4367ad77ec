"""Reviewing: all answers of a topic on one page; change any, or send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import after_send, answering
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Topic
from conversations.domain.effects import SendResponse
from conversations.domain.lookups import Lookup, MyAnswers
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Prompt, Step, lines, say
from conversations.putting import BACK
from conversations.quoting import about, asked


@dataclass(frozen=True)
class Reviewing(Page):
    """Everything is answered or skipped. It already counts; sending says the person is done."""

    needs_open: ClassVar[bool] = True
    topic: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(),)

    def prompt(self, scene: Scene) -> Prompt:
        topic = scene.consultation.topic(self.topic)
        given = tuple(about(topic.questionnaire.question(slot), slot, answer) for slot, answer in _given(topic, scene))
        text = lines(say("Here is what you said about “{topic}”.", topic=topic.title), *given, say("Shall we send it?"))
        choices = (Choice("send", say("Send"), "yes"), Choice("change", say("Change something")))
        return Prompt(text, choices, title=say("Look it over"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        topic = scene.consultation.topic(self.topic)
        missing = topic.questionnaire.next(answering.on_topic(topic, scene.find(MyAnswers()).current), scene.me.about)
        match heard:
            case _ if missing:
                return Step(answering.Asking(topic.id, str(missing)))
            case Chose("send"):
                return Step(after_send.first(topic.id, scene), effects=(SendResponse(topic.id),))
            case Chose("change" | "back"):
                return Step(ChoosingChange(topic.id))
            case _:
                return None


@dataclass(frozen=True)
class ChoosingChange(Page):
    """Which answer to change."""

    needs_open: ClassVar[bool] = True
    topic: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(),)

    def prompt(self, scene: Scene) -> Prompt:
        topic = scene.consultation.topic(self.topic)
        questions = topic.questionnaire
        choices = tuple(Choice(str(slot), asked(questions.question(slot), slot)) for slot, _ in _given(topic, scene))
        return Prompt(say("Which answer do you want to change?"), choices, (BACK,), title=say("Change an answer"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        topic = scene.consultation.topic(self.topic)
        match heard:
            case Chose("back"):
                return Step(answering.begin(topic, scene))
            case Chose(written) if Slot.read(written) in dict(_given(topic, scene)):
                return Step(answering.Asking(topic.id, written, changing=True))
            case _:
                return None


def _given(topic: Topic, scene: Scene) -> tuple[tuple[Slot, Answer], ...]:
    """The topic's answers in the order of the route."""
    answers = answering.on_topic(topic, scene.find(MyAnswers()).current)
    route = topic.questionnaire.route(answers, scene.me.about)
    return tuple((slot, answers[slot]) for slot in route if slot in answers)
