"""The kinds of question, and how each reads what a person said.

`question.read(words)` gives an answer or a named misreading. Chat pages, the public questionnaire, text
messages and paper entry call only this, so a reply means the same wherever it is given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Literal

from conversations.domain.answers import Answer, Misreading
from conversations.domain.conditions import Condition
from conversations.domain.languages import LANGUAGES
from conversations.domain.speech import Content
from conversations.domain.words import COMMANDS, agreement, number, plain

Given = Literal["picks", "number", "words", "address", "nothing"]
"""What an answer is made of, which says how it is tallied; an address is never shown, and having read is nothing."""

Keyboard = Literal["", "email", "numeric", "decimal"]
"""What a phone should offer to type with; empty where any letters are wanted."""

OTHER = "other"
FINDABLE_FROM = 12
SHORTEST = 3
"""The fewest letters that may stand for a whole label."""
JOINING = "|".join(rf"\b{word}\b(?=\s)" for each in LANGUAGES.values() for word in each.joining)
EMAIL = re.compile(r"^[^\s@<>(),;:\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$")


@dataclass(frozen=True)
class Option:
    """One thing to choose. `alone` is an exclusive "none of these"; `means` is yes, no or unsure."""

    id: str
    label: Content
    alone: bool = False
    means: Literal["yes", "no", "unsure", ""] = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every question has. `quote` names an earlier question whose answer is repeated above this one."""

    given: ClassVar[Given] = "picks"

    id: str
    text: Content
    help: Content | None = None
    show_if: Condition | None = None
    end_if: Condition | None = None
    required: bool = False
    safety: bool = False
    quote: str = ""
    repeat_for: str = ""

    @property
    def options(self) -> tuple[Option, ...]:
        return ()

    @property
    def keyboard(self) -> Keyboard:
        return ""


@dataclass(frozen=True, kw_only=True)
class Choosing(Asked):
    """One choice: yes/no/not sure, a list, or a scale. `find` is a long list, found by typing."""

    choices: tuple[Option, ...]
    other: Content | None = None
    why: Content | None = None
    find: bool = False

    @property
    def options(self) -> tuple[Option, ...]:
        return self.choices + ((Option(OTHER, self.other),) if self.other else ())

    @property
    def by_typing(self) -> bool:
        """Whether the list is too long to be shown whole: then it has no numbers to pick by."""
        return self.find and len(self.options) >= FINDABLE_FROM

    def read(self, words: str) -> Answer | Misreading:
        picked = find_option(words, self.options) if self.by_typing else match_option(words, self.options)
        if isinstance(picked, Misreading):
            return picked
        return Answer(picks=(picked.id,))


@dataclass(frozen=True, kw_only=True)
class Scale(Choosing):
    """A number between two named ends, with an optional "don't know" that stands outside the scale."""

    low: int
    high: int
    low_label: Content
    high_label: Content

    def read(self, words: str) -> Answer | Misreading:
        given = number(words)
        if given is not None:
            inside = self.low <= given <= self.high
            return Answer(picks=(str(given),)) if inside else Misreading("not_an_option", str(given))
        return super().read(words)


@dataclass(frozen=True, kw_only=True)
class Several(Asked):
    """Up to `limit` choices; an option that is `alone` excludes the rest."""

    choices: tuple[Option, ...]
    limit: int
    other: Content | None = None
    why: Content | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        return self.choices + ((Option(OTHER, self.other),) if self.other else ())

    def read(self, words: str) -> Answer | Misreading:
        found = match_options(words, self.options)
        return found if isinstance(found, Misreading) else self.accept(tuple(option.id for option in found))

    def accept(self, picks: Sequence[str]) -> Answer | Misreading:
        """A whole set of picks, in the document's order; a named misreading when the set does not stand."""
        known = {option.id: option for option in self.options}
        if not picks:
            return Misreading("too_few")
        if any(pick not in known for pick in picks):
            return Misreading("not_an_option")
        if len(set(picks)) > self.limit:
            return Misreading("too_many", str(self.limit))
        if len(set(picks)) > 1 and any(known[pick].alone for pick in picks):
            return Misreading("none_stands_alone")
        return Answer(picks=tuple(key for key in known if key in picks))


@dataclass(frozen=True, kw_only=True)
class Ranking(Asked):
    """Options put in order, the first the most wanted; `limit` is how many places are asked for."""

    choices: tuple[Option, ...]
    limit: int

    @property
    def options(self) -> tuple[Option, ...]:
        return self.choices

    def read(self, words: str) -> Answer | Misreading:
        found = match_options(words, self.options)
        return found if isinstance(found, Misreading) else self.accept(tuple(option.id for option in found))

    def accept(self, picks: Sequence[str]) -> Answer | Misreading:
        """An order of exactly `limit` different options."""
        if any(pick not in {option.id for option in self.choices} for pick in picks):
            return Misreading("not_an_option")
        if len(picks) != self.limit or len(set(picks)) != len(picks):
            return Misreading("order_all", str(self.limit))
        return Answer(picks=tuple(picks))


@dataclass(frozen=True, kw_only=True)
class OwnWords(Asked):
    """A person's own words, up to `limit` characters."""

    given: ClassVar[Given] = "words"
    limit: int = 1000

    def read(self, words: str) -> Answer | Misreading:
        kept = words.strip()
        if not kept:
            return Misreading("empty")
        if len(kept) > self.limit:
            return Misreading("too_long", str(self.limit))
        return Answer(words=kept)


@dataclass(frozen=True, kw_only=True)
class Number(Asked):
    """A number, exact; `money` in pounds with at most two decimals; limits are inclusive."""

    given: ClassVar[Given] = "number"
    money: bool = False
    whole: bool = False
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def keyboard(self) -> Keyboard:
        return "numeric" if self.whole else "decimal"

    def read(self, words: str) -> Answer | Misreading:
        bare = re.sub(r"[\s£]", "", words.strip())
        bare = bare.replace(",", "") if re.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare) else bare
        try:
            value = Decimal(bare) if re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,6})?", bare) else None
        except InvalidOperation:
            value = None
        if value is None:
            return Misreading("not_a_number")
        if (self.whole and value != value.to_integral_value()) or (self.money and value * 100 % 1):
            return Misreading("not_whole" if self.whole else "not_a_number")
        if self.least is not None and value < self.least:
            return Misreading("too_small", str(self.least))
        if self.most is not None and value > self.most:
            return Misreading("too_big", str(self.most))
        return Answer(number=value)


@dataclass(frozen=True, kw_only=True)
class Email(Asked):
    """An e-mail address, checked for its shape only (RFC 5321 lengths); kept sealed like own words."""

    given: ClassVar[Given] = "address"

    @property
    def keyboard(self) -> Keyboard:
        return "email"

    def read(self, words: str) -> Answer | Misreading:
        bare = words.strip().strip("<>")
        return Answer(words=bare) if len(bare) <= 254 and EMAIL.match(bare) else Misreading("not_an_email")


@dataclass(frozen=True, kw_only=True)
class Grid(Asked):
    """The same choice asked row by row; each row is a slot of its own."""

    rows: tuple[Option, ...]
    choices: tuple[Option, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        return self.choices

    def read(self, words: str) -> Answer | Misreading:
        picked = match_option(words, self.options)
        return picked if isinstance(picked, Misreading) else Answer(picks=(picked.id,))


@dataclass(frozen=True, kw_only=True)
class Reading(Asked):
    """A text to read first; the answer is that it was read."""

    given: ClassVar[Given] = "nothing"

    def read(self, words: str) -> Answer | Misreading:
        ready = agreement(words) == "yes" or plain(words) in {"read", "1", *COMMANDS["SKIP"]}
        return Answer(picks=("read",)) if ready else Misreading("not_an_option")


Question = Choosing | Scale | Several | Ranking | OwnWords | Number | Email | Grid | Reading


@dataclass(frozen=True)
class Section:
    """Questions that belong together. `repeat_for` asks the section once per item chosen there."""

    id: str
    title: Content | None
    questions: tuple[Question, ...]
    show_if: Condition | None = None
    repeat_for: str = ""


@dataclass(frozen=True)
class _Spoken:
    option: Option
    forms: frozenset[str] = field(default_factory=frozenset)


def _spoken(options: Iterable[Option]) -> tuple[_Spoken, ...]:
    return tuple(
        _Spoken(option, frozenset({plain(option.id), *(plain(label) for label in option.label.variants())}))
        for option in options
    )


def match_option(words: str, options: Sequence[Option]) -> Option | Misreading:
    """The one option these words name: by label in any language, id, number, yes/no, or a plain beginning."""
    spoken, bare = _spoken(options), plain(words)
    exact = next((entry.option for entry in spoken if bare in entry.forms), None)
    if exact or not bare:
        return exact or Misreading("not_an_option")
    given = number(words)
    if given is not None:
        inside = 1 <= given <= len(options)
        return options[given - 1] if inside else Misreading("not_an_option", str(given))
    meant = agreement(words)
    by_meaning = next((option for option in options if meant and option.means == meant), None)
    if by_meaning:
        return by_meaning
    begins = [e.option for e in spoken if len(bare) >= SHORTEST and any(form.startswith(bare) for form in e.forms)]
    if len(begins) == 1:
        return begins[0]
    return Misreading("ambiguous", "", tuple(o.id for o in begins)) if begins else Misreading("not_an_option")


def match_options(words: str, options: Sequence[Option]) -> tuple[Option, ...] | Misreading:
    """Several options out of one message: "1, 3", "1 3", "lighting and traffic"."""
    whole = match_option(words, options)
    if isinstance(whole, Option):
        return (whole,)
    spaced = re.fullmatch(r"[\d\s,;.&+/]+", words.strip())
    found: list[Option] = []
    for piece in _pieces(r"[\s,;.&+/]+" if spaced else r"[,;\n&+]", words):
        named = match_option(piece, options)
        each = [named] if isinstance(named, Option) else [match_option(p, options) for p in _pieces(JOINING, piece)]
        for option in each:
            if isinstance(option, Misreading):
                return option
            if option not in found:
                found.append(option)
    return tuple(found) or Misreading("not_an_option")


def _pieces(marks: str, words: str) -> list[str]:
    return [piece.strip() for piece in re.split(marks, words) if piece.strip()]


def find_option(words: str, options: Sequence[Option]) -> Option | Misreading:
    """The one option of a long list that these words name, or in whose label a word begins with them."""
    wanted = plain(words)
    exact = next((entry.option for entry in _spoken(options) if wanted in entry.forms), None)
    if exact:
        return exact
    found = [o for o in options if any(f" {wanted}" in f" {plain(label)}" for label in o.label.variants())]
    if len(wanted) < SHORTEST or not found:
        return Misreading("not_an_option")
    return found[0] if len(found) == 1 else Misreading("ambiguous", "", tuple(o.id for o in found))
