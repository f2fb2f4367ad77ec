"""What goes with each kind of question: which names it takes, which option ids it has, and the words we add."""

from __future__ import annotations

from conversations.document.models import Kind, QuestionPart
from conversations.domain.languages import Usual

TAKES: dict[Kind, frozenset[str]] = {
    "yes_no": frozenset({"why", "options"}),
    "one": frozenset({"why", "other", "find", "options"}),
    "several": frozenset({"why", "other", "options", "limit"}),
    "scale": frozenset({"why", "low_number", "high_number", "low", "high", "dont_know"}),
    "words": frozenset({"limit"}),
    "ranking": frozenset({"options", "limit"}),
    "grid": frozenset({"options", "rows"}),
    "number": frozenset({"least", "most", "whole"}),
    "money": frozenset({"least", "most"}),
    "email": frozenset(),
    "read": frozenset(),
}
"""The names each kind takes beside those that every question has."""

SPECIAL = frozenset().union(*TAKES.values())
LISTED: tuple[Kind, ...] = ("one", "several", "ranking", "grid")
"""Kinds that must list their options."""

COMPARED: tuple[Kind, ...] = ("scale", "number", "money")
PICKED: tuple[Kind, ...] = ("yes_no", "one", "several", "scale", "ranking")
AGREEING: tuple[Usual, ...] = ("yes", "no", "not_sure")
OTHER = "other"
DONT_KNOW: Usual = "dont_know"
USUAL_CHARACTERS, MOST_CHARACTERS, MOST_STEPS = 1000, 4000, 11


def option_ids(question: QuestionPart) -> tuple[str, ...]:
    """The ids of everything that can be picked at a question."""
    listed = tuple(option.id for option in question.options or ())
    if question.ask == "yes_no":
        return listed or AGREEING
    if question.ask == "scale":
        return steps(question) + ((DONT_KNOW,) if question.dont_know else ())
    return (*listed, OTHER) if question.other else listed


def steps(question: QuestionPart) -> tuple[str, ...]:
    """The numbers of a scale, as option ids; none when its ends are missing or too far apart."""
    low, high = question.low_number, question.high_number
    if low is None or high is None or not 0 <= high - low < 100:
        return ()
    return tuple(str(step) for step in range(low, high + 1))


def label_in(words: dict[str, str], language: str) -> str:
    """A text in one language, or the one text that is written for all."""
    return words.get(language, words.get("*", ""))
