"""What is said and heard: texts, prompts, choices and steps, before any language, channel or clock.

A text is *lazy*: a phrase of ours is looked up in a catalogue, and content of a consultation document
in its translations, only when it is rendered for one person. The machine never knows a locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from conversations.domain.effects import Effect


@dataclass(frozen=True)
class Phrase:
    """One interface text: a catalogue message with its values; `many` and `count` when it has a plural."""

    message: str
    values: Mapping[str, Text] = field(default_factory=dict)
    many: str | None = None
    count: int = 0


@dataclass(frozen=True)
class Content:
    """One text of a consultation document, by language code."""

    translations: Mapping[str, str]

    def languages(self) -> tuple[str, ...]:
        return tuple(self.translations)

    def variants(self) -> tuple[str, ...]:
        return tuple(self.translations.values())

    def in_language(self, language: str) -> tuple[str, str]:
        """The text and the language it is really in: asked for, else the document's first."""
        if language in self.translations:
            return self.translations[language], language
        first = next(iter(self.translations), "en")
        return self.translations.get(first, ""), first


@dataclass(frozen=True)
class Quoted:
    """Somebody's own words, never translated; `language` is the one they were given in."""

    words: str
    language: str = "en"


@dataclass(frozen=True)
class Day:
    """A calendar day, written out the way the reader's language writes it."""

    day: date


@dataclass(frozen=True)
class Moment:
    """A day and an hour by the clock on the wall, written out with the weekday."""

    moment: datetime


@dataclass(frozen=True)
class Series:
    """A list inside a sentence: "lighting, traffic and drugs"."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Paragraphs:
    """Texts one under another; each stays whole when a long message is divided."""

    parts: tuple[Text, ...]


@dataclass(frozen=True)
class InEach:
    """One text said once in each of several languages, for somebody who has not chosen yet."""

    text: Text
    languages: tuple[str, ...]


Text = InEach | Phrase | Content | Quoted | Day | Moment | Series | Paragraphs | str


def say(message: str, /, **values: Text | int) -> Phrase:
    """One interface text. The message is the English source and the key in every catalogue."""
    return Phrase(message, {name: str(value) if isinstance(value, int) else value for name, value in values.items()})


def say_many(one: str, many: str, count: int, /, **values: Text | int) -> Phrase:
    """An interface text that depends on a number, written `{count}` in both forms."""
    named = say(one, count=count, **values)
    return Phrase(one, named.values, many, count)


def lines(*parts: Text | None) -> Paragraphs:
    """Paragraphs from the parts that are there."""
    return Paragraphs(tuple(part for part in parts if part is not None and part != ""))


# What is heard


@dataclass(frozen=True)
class Said:
    """Typed words, cleaned of control characters by the door that heard them."""

    words: str


@dataclass(frozen=True)
class Chose:
    """One choice of a prompt, pressed or picked out of typed words."""

    choice: str


@dataclass(frozen=True)
class ChoseSeveral:
    """The whole set of a several-choice prompt, given at once (a form). `prompt` is the number that prompt had."""

    choices: tuple[str, ...]
    prompt: int = 0


@dataclass(frozen=True)
class Started:
    """START, or a link followed; `link` is what the link carried (a topic, or nothing)."""

    link: str = ""


@dataclass(frozen=True)
class Returned:
    """The person looks again without saying anything: show where we are."""


@dataclass(frozen=True)
class Unreadable:
    """A voice note, photo, sticker: something we cannot read."""


@dataclass(frozen=True)
class Amended:
    """A message sent earlier was edited. Nothing changes by it; the person is told how to change an answer."""


@dataclass(frozen=True)
class Pressed:
    """A button pressed on some prompt of ours: `prompt` is the number that prompt had."""

    prompt: int
    choice: str


@dataclass(frozen=True)
class PressedStanding:
    """A choice of a standing prompt, named by its token."""

    token: str
    choice: str


Heard = Pressed | PressedStanding | Said | Chose | ChoseSeveral | Started | Returned | Unreadable | Amended

# What is asked


@dataclass(frozen=True)
class Choice:
    """One thing to choose. `means` lets "yeah" and "nope" be understood where that is safe."""

    id: str
    label: Text
    means: Literal["yes", "no", ""] = ""


@dataclass(frozen=True)
class Code:
    """A code that somebody shows: in words, and where a picture of it leads whoever points a phone at it."""

    words: str
    leads_to: str


Ask = Literal["one", "several", "order", "words", "line", "find"]


@dataclass(frozen=True)
class Prompt:
    """What ends a turn: a question and how it may be answered. It states an intention, never a keyboard.

    `choices` answer it; `also` are acts beside it (skip, back), named by a word on channels without buttons.
    `picked` marks what is chosen so far in `several` and `order`. `limit` counts choices, or characters of
    own words. `title` names the page for a browser and a screen reader. `code` is in the text too: a channel that can
    carry pictures shows it as one.
    """

    text: Text
    choices: tuple[Choice, ...] = ()
    also: tuple[Choice, ...] = ()
    ask: Ask = "one"
    picked: tuple[str, ...] = ()
    limit: int = 0
    title: Text = ""
    progress: Text = ""
    own_words: bool = False
    code: Code | None = None


P_co = TypeVar("P_co", covariant=True)


@dataclass(frozen=True)
class Step(Generic[P_co]):
    """What a page answers: the next page, a remark said before its prompt, and effects in order.

    `amends` says that the next prompt is the same one with other marks: channels edit it in place.
    """

    page: P_co
    remark: Text | None = None
    effects: tuple[Effect, ...] = ()
    amends: bool = False


@dataclass(frozen=True)
class Begin:
    """The way from a page to wherever a link would lead: the floor goes there."""

    link: str


@dataclass(frozen=True)
class Leave:
    """The way out of a page that was opened on top of another: what lay under it is shown again."""
