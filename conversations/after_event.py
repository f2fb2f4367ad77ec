"""After an event: three questions to whoever came, one press each, and room for words; then the conversation's own
questions, for who wants them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, get_args

from conversations.domain.effects import AddExitWords, RecordExit
from conversations.domain.exits import ANSWERS, BUTTON, QUESTIONS, WORDS_LIMIT, ExitAnswer, ExitQuestion, Share
from conversations.domain.gatherings import is_event_id
from conversations.domain.lookups import ExitAsked, HowItWas, Lookup
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Begin,
    Choice,
    Chose,
    Heard,
    Leave,
    PressedStanding,
    Prompt,
    Quoted,
    Said,
    Step,
    Text,
    lines,
    say,
    say_many,
)
from conversations.domain.words import agreement
from conversations.event_answers import Wrong, read_words

ASKS: Mapping[ExitQuestion, Text] = {
    "heard": say("Were you heard?"),
    "easy": say("Was it easy to get in and take part?"),
    "again": say("Would you come again?"),
}
LABELS: Mapping[ExitAnswer, Text] = {"yes": say("Yes"), "partly": say("In part"), "no": say("No")}
OVER = say("You have told us that, or it is too late now. Thank you.")


def choices(event: str = "") -> tuple[Choice, ...]:
    """The answers; under a message of its own, with the event they are about."""
    before = f"{event}/" if event else ""
    return tuple(Choice(f"{before}{answer}", LABELS[answer]) for answer in ANSWERS)


def needs(heard: Heard) -> tuple[Lookup[Any], ...]:
    """What must be looked up before a press under the message that asks can be heard."""
    pressed = _pressed(heard)
    return (HowItWas(pressed[0]),) if pressed else ()


def _pressed(heard: Heard) -> tuple[str, str] | None:
    if not isinstance(heard, PressedStanding) or heard.token != BUTTON:
        return None
    event, _, answer = heard.choice.partition("/")
    return (event, answer) if is_event_id(event) else None


def pressed(heard: Heard, scene: Scene) -> Step[Page] | Text | None:
    """A press under the message that asks: the first answer, and the next question. A text where it is too late; None
    for any other press."""
    found = _pressed(heard)
    if found is None:
        return None
    event, answer = found
    asked = scene.find(HowItWas(event))
    if asked is None or asked.answered or answer not in ANSWERS:
        return OVER
    return _answered(event, asked, answer)


def _answered(event: str, asked: ExitAsked, answer: str) -> Step[Page]:
    given: ExitAnswer = next(each for each in ANSWERS if each == answer)
    last = asked.answered == len(QUESTIONS) - 1
    follows = AddingToHowItWas(event) if last else SayingHowItWas(event)
    return Step(follows, effects=(RecordExit(event, QUESTIONS[asked.answered], given),))


@dataclass(frozen=True)
class SayingHowItWas(Page):
    """The next of the three questions; after the last, what we ask anyway, if that is open."""

    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (HowItWas(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        asked, title = scene.find(HowItWas(self.event)), say("How it was")
        if asked is None:
            return Prompt(OVER, (_on(),), title=title)
        if asked.answered >= len(QUESTIONS):
            return self._thanks(asked, scene)
        nobody = say("Nobody learns who said what.") if asked.answered == 0 else None
        ask = ASKS[QUESTIONS[asked.answered]]
        return Prompt(lines(nobody, ask), choices(), (Choice("later", say("Not now")),), title=title)

    def _thanks(self, asked: ExitAsked, scene: Scene) -> Prompt:
        thanks = say("Thank you. That is all about the event.")
        topic = _open_topic(asked.event.topic, scene)
        if topic is None:
            return Prompt(thanks, (_on(),), title=say("How it was"))
        ask = say("We also ask everybody about “{topic}”. Shall we go on with that?", topic=topic)
        return Prompt(
            lines(thanks, ask), (Choice("questions", say("Yes, ask me"), "yes"), _on()), title=say("How it was")
        )

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        asked = scene.find(HowItWas(self.event))
        match heard:
            case Chose("done" | "later"):
                return Step(Leave())
            case Chose("questions") if asked and _open_topic(asked.event.topic, scene) is not None:
                return Step(Begin(asked.event.topic))
            case Chose(answer) if asked and asked.answered < len(QUESTIONS) and answer in get_args(ExitAnswer):
                return _answered(self.event, asked, answer)
            case _:
                return None


@dataclass(frozen=True)
class AddingToHowItWas(Page):
    """Room for words of their own, after the three questions."""

    reads_words: ClassVar[bool] = True
    event: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (HowItWas(self.event),)

    def prompt(self, scene: Scene) -> Prompt:
        if scene.find(HowItWas(self.event)) is None:
            return Prompt(OVER, (_on(),), title=say("How it was"))
        ask = say("Would you like to say more? Whoever held it can read it, without your name.")
        enough = (Choice("enough", say("No, that is all"), "no"),)
        return Prompt(ask, also=enough, ask="words", limit=WORDS_LIMIT, title=say("How it was"), own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        if scene.find(HowItWas(self.event)) is None:
            return Step(Leave()) if isinstance(heard, Chose | Said) else None
        match heard:
            case Chose("enough"):
                return self._added("")
            case Said(words) if agreement(words) == "no":
                return self._added("")
            case Said(words) if added := read_words(words, WORDS_LIMIT):
                return Step(self, added.why) if isinstance(added, Wrong) else self._added(added)
            case _:
                return None

    def _added(self, words: str) -> Step[Any]:
        return Step(SayingHowItWas(self.event), effects=(AddExitWords(self.event, words),))


def _on() -> Choice:
    return Choice("done", say("Go on"), "no")


def _open_topic(id_: str, scene: Scene) -> Text | None:
    """The title of a topic that may be answered now."""
    found = (held.find_topic(id_) for held in scene.open)
    return next((topic.title for topic in found if topic), None)


def said_in_words(said: tuple[Share, ...]) -> tuple[Text, ...]:
    """What those who came said of an event, out of ten people."""
    return tuple(
        say(
            "{question} Out of ten people: yes {yes}, in part {partly}, no {no}.",
            question=ASKS[share.question],
            **{answer: share.out_of_ten[answer] for answer in ANSWERS},
        )
        for share in said
    )


MOST_READ = 20


def added_in_words(added: tuple[Quoted, ...]) -> tuple[Text, ...]:
    """What those who came added, for whoever writes the report: so much of it as can be read in a chat."""
    if not added:
        return ()
    more = len(added) - MOST_READ
    rest = (say_many("There is one more.", "There are {count} more.", more),) if more > 0 else ()
    told = tuple(say("“{words}”", words=each) for each in added[:MOST_READ])
    return say("Some who came wrote more. Only you see it:"), *told, *rest
