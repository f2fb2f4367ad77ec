"""Slots and answers: one place for one answer, and what a person replied there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple


class Slot(NamedTuple):
    """One place for one answer: a question, and where it is asked more than once its row, item or part.

    Written `question`, `question.row`, `question@item`, `question+why`. The written form is what is stored,
    exported and named in tokens.
    """

    question: str
    row: str = ""
    item: str = ""
    part: str = ""

    def __str__(self) -> str:
        item, row, part = self.item and f"@{self.item}", self.row and f".{self.row}", self.part and f"+{self.part}"
        return f"{self.question}{item}{row}{part}"

    @staticmethod
    @lru_cache(maxsize=4096)
    def read(written: str) -> Slot:
        """The slot that `str(slot)` wrote."""
        rest, _, part = written.partition("+")
        rest, _, row = rest.partition(".")
        question, _, item = rest.partition("@")
        return Slot(question, row, item, part)


@dataclass(frozen=True)
class Answer:
    """One person's reply in one slot. Exactly one of the fields carries it; all empty and `skipped` is a skip.

    `picks` are option ids (in order of preference for a ranking); `words` are the person's own, and may stand
    beside the pick "other"; `number` is exact.
    """

    picks: tuple[str, ...] = ()
    words: str = ""
    number: Decimal | None = None
    skipped: bool = False
    language: str = ""


Answers = Mapping[Slot, Answer]

Fault = Literal[
    "not_an_option",
    "too_many",
    "too_few",
    "none_stands_alone",
    "too_long",
    "empty",
    "not_a_number",
    "too_small",
    "too_big",
    "not_whole",
    "not_an_email",
    "ambiguous",
    "order_all",
]


@dataclass(frozen=True)
class Misreading:
    """Why words could not be read as an answer: a named fault, and the figure that explains it if there is one."""

    fault: Fault
    figure: str = ""
    candidates: tuple[str, ...] = ()
