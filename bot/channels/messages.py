"""Messages: what a channel is given to lay out and send, and what a door hands in.

A message is rendered already: every word is in its person's language. How a choice looks (a button, a numbered line, a
form) is the channel's business alone.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from bot.rendering import Paragraph, Run, as_words, render
from conversations.domain.speech import Ask, Choice, Code, Heard, Prompt, Text


@dataclass(frozen=True)
class Label:
    """One choice as it is shown: its id, its words, and the language they are in."""

    id: str
    words: str
    language: str


@dataclass(frozen=True)
class Asked:
    """A prompt as it is shown. `number` goes into every button, so that an old press is known for what it is."""

    number: int
    ask: Ask
    title: str
    progress: str
    choices: tuple[Label, ...]
    also: tuple[Label, ...]
    picked: tuple[str, ...]
    limit: int
    own_words: bool


@dataclass(frozen=True)
class StandingAsked:
    """The choices of a standing prompt, under feedback. `letter` names the first where letters are used."""

    token: str
    letter: str
    choices: tuple[Label, ...]


@dataclass(frozen=True)
class Message:
    """One thing said: paragraphs of runs, and below them what is asked, if anything is; and a code to be shown."""

    paragraphs: tuple[Paragraph, ...]
    language: str
    asked: Asked | None = None
    standing: StandingAsked | None = None
    code: Code | None = None

    @property
    def words(self) -> str:
        return as_words(self.paragraphs)

    def to_json(self) -> str:
        """The message as it is sealed in the ledger."""
        return json.dumps(vars(self), default=vars, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Message:
        """The message that `to_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        paragraphs = tuple(tuple(Run(**run) for run in paragraph) for paragraph in raw["paragraphs"])
        code = Code(**raw["code"]) if raw.get("code") else None
        return cls(paragraphs, raw["language"], _asked(raw["asked"]), _standing(raw["standing"]), code)


@dataclass(frozen=True)
class Incoming:
    """One thing heard on a channel. `event` is the channel's own id of it: heard twice, it counts once.

    `value` is the address on that channel, `language` a first guess at the person's language, and `pressed` the
    channel's id of the message whose button was pressed, so that it can be edited in place.
    """

    channel: str
    value: str
    event: str
    heard: Heard
    language: str = "en"
    pressed: str | None = None
    unblocked: bool | None = None
    joins: str = field(default="")


def clean(words: str) -> str:
    """Words without NUL, other control characters and half surrogate pairs. Lines and joined emoji stay."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(ch for ch in lines if ch == "\n" or unicodedata.category(ch) not in ("Cc", "Cs"))


def message(text: Text, language: str) -> Message:
    """A remark."""
    return Message(render(text, language), language)


def prompted(prompt: Prompt, number: int, language: str) -> Message:
    """A prompt, rendered."""
    asked = Asked(
        number,
        prompt.ask,
        as_words(render(prompt.title, language)),
        as_words(render(prompt.progress, language)),
        tuple(label(choice, language) for choice in prompt.choices),
        tuple(label(choice, language) for choice in prompt.also),
        prompt.picked,
        prompt.limit,
        prompt.own_words,
    )
    return Message(render(prompt.text, language), language, asked, code=prompt.code)


def label(choice: Choice, language: str) -> Label:
    """A choice's words, and the language they are really in."""
    runs = [run for paragraph in render(choice.label, language) for run in paragraph]
    return Label(choice.id, "".join(run.words for run in runs), runs[0].language if runs else language)


def _labels(raw: list[dict[str, str]]) -> tuple[Label, ...]:
    return tuple(Label(**each) for each in raw)


def _asked(raw: dict[str, Any] | None) -> Asked | None:
    if raw is None:
        return None
    shown = {**raw, "choices": _labels(raw["choices"]), "also": _labels(raw["also"]), "picked": tuple(raw["picked"])}
    return Asked(**shown)


def _standing(raw: dict[str, Any] | None) -> StandingAsked | None:
    return StandingAsked(raw["token"], raw["letter"], _labels(raw["choices"])) if raw else None
