"""Answering: one question a message, until there are none left; then the answers are looked over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from conversations import asking_about_you, reviewing
from conversations.domain.answers import Answer, Answers, Misreading, Slot
from conversations.domain.consultation import Topic
from conversations.domain.effects import Effect, RecordAnswer, SetAside
from conversations.domain.lookups import Held, Lookup, MyAnswers
from conversations.domain.page import Page
from conversations.domain.questions import OwnWords, Question, Ranking, Several
from conversations.domain.scene import Scene
from conversations.domain.speech import Chose, ChoseSeveral, Heard, Prompt, Said, Step, Text, lines, say
from conversations.misreadings import explain
from conversations.putting import choices_of, put


@dataclass(frozen=True)
class Asking(Page):
    """Waiting for the answer in one slot. `picked` holds toggles not yet sent; `changing` came from the review."""

    reads_words: ClassVar[bool] = True
    needs_open: ClassVar[bool] = True
    topic: str = ""
    slot: str = ""
    picked: tuple[str, ...] = ()
    changing: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(),)

    def prompt(self, scene: Scene) -> Prompt:
        topic, slot, held = scene.consultation.topic(self.topic), Slot.read(self.slot), scene.find(MyAnswers())
        answers = on_topic(topic, held.current)
        first = topic.questionnaire.previous(slot, answers, scene.me.about) is None
        return put(topic, slot, held, scene, self.picked, back=self.changing or not first)

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        topic, slot = scene.consultation.topic(self.topic), Slot.read(self.slot)
        question = topic.questionnaire.question(slot)
        match heard:
            case Chose("skip"):
                return self._skip(question, scene)
            case Chose("back"):
                before = self._before(topic, slot, scene)
                return Step(before, say("This is the first question.") if before == self else None)
            case Chose("what"):
                return Step(self, meaning(question, scene))
            case Chose("keep") if slot in scene.find(MyAnswers()).aside:
                return self._answered(scene.find(MyAnswers()).aside[slot], scene)
            case Chose(choice) if isinstance(question, Several | Ranking) and not slot.part:
                return self._toggle(question, choice, scene)
            case ChoseSeveral(choices) if isinstance(question, Several | Ranking) and not slot.part:
                return self._read(question.accept(choices), question, scene)
            case Chose(choice):
                known = not slot.part and choice in {each.id for each in choices_of(question)}
                return self._answered(Answer(picks=(choice,)), scene) if known else None
            case Said(words):
                return self._read(_reader(question, slot).read(words), question, scene)
            case _:
                return None

    def _toggle(self, question: Several | Ranking, choice: str, scene: Scene) -> Step[Page] | None:
        if choice == "done":
            return self._read(question.accept(self.picked), question, scene)
        option = next((option for option in question.options if option.id == choice), None)
        if option is None:
            return None
        if choice in self.picked:
            picked = tuple(each for each in self.picked if each != choice)
        elif option.alone:
            picked = (choice,)
        else:
            alone = {each.id for each in question.options if each.alone}
            picked = (*(each for each in self.picked if each not in alone), choice)
        if len(picked) > question.limit:
            return Step(self, explain(Misreading("too_many", str(question.limit)), question), amends=True)
        if isinstance(question, Ranking) and len(picked) == question.limit:
            return self._read(question.accept(picked), question, scene)
        return Step(replace(self, picked=picked), amends=True)

    def _read(self, read: Answer | Misreading, question: Question, scene: Scene) -> Step[Page]:
        if isinstance(read, Misreading):
            return Step(self, explain(read, question, part=Slot.read(self.slot).part))
        return self._answered(read, scene)

    def _skip(self, question: Question, scene: Scene) -> Step[Page]:
        slot = Slot.read(self.slot)
        if question.required and not slot.part:
            return Step(self, say("We do need an answer to this one. You can also stop here. We keep the rest."))
        return self._answered(Answer(skipped=True), scene)

    def _answered(self, answer: Answer, scene: Scene) -> Step[Page]:
        topic, slot, held = scene.consultation.topic(self.topic), Slot.read(self.slot), scene.find(MyAnswers())
        answer = replace(answer, language=answer.language or scene.me.language)
        before = on_topic(topic, held.current)
        after = {**before, slot: answer}
        lost = tuple(each for each in topic.questionnaire.unreachable(after, scene.me.about) if each in before)
        after = {each: kept for each, kept in after.items() if each not in lost}
        effects: tuple[Effect, ...] = (RecordAnswer(topic.id, slot, answer),)
        effects += (SetAside(topic.id, lost),) if lost else ()
        return Step(following(topic, after, scene), effects=effects)

    def _before(self, topic: Topic, slot: Slot, scene: Scene) -> Page:
        answers = on_topic(topic, scene.find(MyAnswers()).current)
        if self.changing:
            return following(topic, answers, scene)
        previous = topic.questionnaire.previous(slot, answers, scene.me.about)
        return Asking(topic.id, str(previous)) if previous else self


def begin(topic: Topic, scene: Scene) -> Page:
    """Where a topic starts, or goes on, for this person."""
    held = scene.findings.get(MyAnswers(), Held())
    current = held.current if isinstance(held, Held) else {}
    return following(topic, on_topic(topic, current), scene)


def following(topic: Topic, answers: Answers, scene: Scene) -> Page:
    """The page after these answers: something we must know for the route, the next question, or the review."""
    fact = topic.questionnaire.fact_needed(answers, scene.me.about)
    if fact:
        return asking_about_you.for_route(fact, topic.id)
    slot = topic.questionnaire.next(answers, scene.me.about)
    return Asking(topic.id, str(slot)) if slot else reviewing.Reviewing(topic.id)


def on_topic(topic: Topic, answers: Answers) -> Answers:
    """Of all answers, those in this topic's slots."""
    return {slot: answer for slot, answer in answers.items() if topic.questionnaire.has(slot)}


def meaning(question: Question, scene: Scene) -> Text:
    """What WHAT answers: the question's own help, and the hard words in it."""
    terms = scene.consultation.terms_in(question.text)
    known = tuple(say("{word}: {meaning}", word=term.word, meaning=term.meaning) for term in terms)
    if not known and question.help is None:
        return say("There are no hard words noted here. Answer as you understand it, or skip it.")
    return lines(question.help, *known)


def _reader(question: Question, slot: Slot) -> Question:
    """What reads words given in a slot: the question itself, or own words where the slot asks for them."""
    return OwnWords(id=question.id, text=question.text) if slot.part else question
