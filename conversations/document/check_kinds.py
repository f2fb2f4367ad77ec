"""Checks on what each kind of question needs and takes: options, rows, limits, scales, ranges, labels."""

from __future__ import annotations

from conversations.document import walking
from conversations.document.kinds import (
    LISTED,
    MOST_CHARACTERS,
    MOST_STEPS,
    SPECIAL,
    TAKES,
    label_in,
    option_ids,
)
from conversations.document.models import Document, QuestionPart
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.document.walking import Placed
from conversations.domain.words import RESERVED, plain

MOST_OPTIONS, MOST_LABEL = 10, 40


def check_kinds(document: Document, notes: Notes) -> None:
    """Every question, by its kind."""
    for placed in walking.questions(document):
        _names(placed, notes)
        _options(placed, notes)
        _limits(placed, notes)
        if placed.question.ask == "scale":
            _scale(placed, notes)
        for language in document.languages:
            _labels(placed, language, notes)


def _names(placed: Placed, notes: Notes) -> None:
    question = placed.question
    for name in sorted(question.model_fields_set & (SPECIAL - TAKES[question.ask])):
        alias = QuestionPart.model_fields[name].alias or name
        notes.add((*placed.path, alias), "key-not-for-kind", key=alias, kind=question.ask)
    if question.ask != "several":
        for path, option in walking.options(placed):
            if option.alone:
                notes.add((*path, "alone"), "alone-outside")


def _options(placed: Placed, notes: Notes) -> None:
    question, here = placed.question, (*placed.path, "options")
    options = question.options
    if question.ask == "grid" and not question.rows:
        notes.add((*placed.path, "rows"), "rows-missing")
    if question.ask in LISTED and options is None:
        notes.add(placed.path, "options-missing", kind=question.ask)
    if options is None or "options" not in TAKES[question.ask]:
        return
    if len(option_ids(question)) < 2:
        notes.add(here, "options-few")
    if len(options) > MOST_OPTIONS and not question.find:
        notes.add(here, "options-many", count=len(options))
    if question.find and len(options) <= MOST_OPTIONS:
        notes.add((*placed.path, "find"), "find-few")
    if question.ask == "several" and sum(option.alone for option in options) > 1:
        notes.add(here, "alone-twice")


def _limits(placed: Placed, notes: Notes) -> None:
    question = placed.question
    limit, here = question.limit, (*placed.path, "limit")
    if limit is not None and "limit" in TAKES[question.ask]:
        choices = [option for option in question.options or () if not option.alone]
        most = MOST_CHARACTERS if question.ask == "words" else len(choices) + bool(question.other)
        least = 10 if question.ask == "words" else 1
        if not least <= limit <= max(most, least):
            notes.add(here, "limit-range", limit=limit, least=least, most=max(most, least))
    if question.least is not None and question.most is not None and question.least > question.most:
        notes.add((*placed.path, "max"), "range-order")


def _scale(placed: Placed, notes: Notes) -> None:
    question, here = placed.question, placed.path
    ends = {"from": question.low_number, "to": question.high_number, "low": question.low, "high": question.high}
    for name, value in ends.items():
        if value is None:
            notes.add(here, "scale-missing", key=name)
    low, high = question.low_number, question.high_number
    if low is None or high is None:
        return
    if low >= high:
        notes.add((*here, "from"), "scale-order", low=low, high=high)
    elif high - low + 1 > MOST_STEPS:
        notes.add((*here, "to"), "scale-long", steps=high - low + 1)


def _labels(placed: Placed, language: str, notes: Notes) -> None:
    labels = [((*path, "label"), label_in(option.label, language)) for path, option in walking.options(placed)]
    if placed.question.other:
        labels.append(((*placed.path, "other"), label_in(placed.question.other, language)))
    used: set[str] = set()
    for place, (path, label) in enumerate(labels, 1):
        bare = plain(label)
        if bare and bare in used:
            notes.add(path, "label-twice", label=label)
        used.add(bare)
        _label(path, label, language, place, notes)


def _label(path: Path, label: str, language: str, place: int, notes: Notes) -> None:
    bare = plain(label)
    if bare in RESERVED:
        notes.add(path, "word-reserved", label=label)
    if len(label) > MOST_LABEL:
        notes.add(path, "label-long", label=label, length=len(label), language=language)
    if bare.isdecimal() and bare != str(place):
        notes.add(path, "label-number", label=label)
