"""Checks on how texts read and how long they are: school years, sentences, jargon, parts of a text message."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from conversations.document import parts, walking
from conversations.document.kinds import AGREEING, DONT_KNOW, label_in
from conversations.document.models import ANY_LANGUAGE, Document
from conversations.document.notes import Notes
from conversations.document.plainness import grade, jargon_in, middle_sentence, words_in
from conversations.document.walking import Placed, Written
from conversations.domain.languages import label_of

MOST_GRADE, MOST_WORDS, MOST_WORDS_ALONE, FEWEST_TO_JUDGE = 6, 12, 15, 10
MOST_PARTS, MOST_PARTS_READ, MOST_PARTS_BACKGROUND = 2, 4, 6
Asked = Mapping[str, Placed]
_NOT_TALK = frozenset({"controller", "basis", "title", "name", "label", "term"})
"""Texts whose words are given by the law, or that are names: not judged by their sentences."""


def check_plainness(document: Document, notes: Notes) -> None:
    """Every text as somebody reads it, in every language."""
    for text in walking.texts(document):
        for language, words in text.languages.items():
            spoken = document.languages[0] if language == ANY_LANGUAGE and document.languages else language
            _text(text, (*text.path, language), spoken, words, notes)
    _middle(document, notes)
    for path, topic in walking.topics(document):
        asked = {placed.question.id: placed for placed in walking.questions_of(topic, path)}
        for placed in asked.values():
            for language in document.languages:
                _parts(placed, language, asked, notes)
    for path, topic in walking.topics(document):
        if topic.background:
            _card(topic.background.text, (*path, "background", "text"), document.languages, notes)


def _middle(document: Document, notes: Notes) -> None:
    for i, language in enumerate(document.languages):
        spoken_texts = (label_in(text.languages, language) for text in walking.texts(document) if _is_talk(text))
        if (middle := middle_sentence("\n".join(spoken_texts))) > MOST_WORDS:
            notes.add(("languages", i), "plain-median", words=f"{middle:g}", language=language)


def _card(text: dict[str, str], here: tuple[str | int, ...], languages: list[str], notes: Notes) -> None:
    for language in languages:
        if (count := parts.parts(label_in(text, language))) > MOST_PARTS_BACKGROUND:
            notes.add((*here, language), "read-long", count=count, language=language, most=MOST_PARTS_BACKGROUND)


def _is_talk(text: Written) -> bool:
    return text.name not in _NOT_TALK


def _text(text: Written, here: tuple[str | int, ...], language: str, words: str, notes: Notes) -> None:
    if "!" in words:
        notes.add(here, "exclamation", language=language)
    for word, instead in jargon_in(words):
        notes.add(here, "word-jargon", word=word, instead=instead)
    if not _is_talk(text) or len(words_in(words)) < FEWEST_TO_JUDGE:
        return
    if language.startswith("en") and (years := grade(words)) > MOST_GRADE:
        notes.add(here, "plain-grade", grade=ceil(years))
    if (middle := middle_sentence(words)) > MOST_WORDS_ALONE:
        notes.add(here, "plain-sentences", words=f"{middle:g}", language=language)


def _parts(placed: Placed, language: str, asked: Asked, notes: Notes) -> None:
    laid_out = laid_out_as_lines(placed, language, asked)
    count, here = parts.parts(laid_out), (*placed.path, "text", language)
    if placed.question.ask == "read":
        if count > MOST_PARTS_READ:
            notes.add(here, "read-long", count=count, language=language, most=MOST_PARTS_READ)
    elif count > MOST_PARTS:
        marks = parts.strangers(laid_out)
        because = f" (it has {' '.join(marks[:4])}, which makes each part shorter)" if marks else ""
        notes.add(here, "parts-many", count=count, language=language, because=because)


def laid_out_as_lines(placed: Placed, language: str, asked: Asked) -> str:
    """A question about as a text message shows it: how far along, the question, and numbered lines to choose from."""
    question, count = placed.question, len(asked)
    text = label_in(question.text, language)
    if "{item}" in text:
        text = text.replace("{item}", _longest_item(asked.get(placed.repeated_for()), language))
    rows = [label_in(row.label, language) for row in question.rows or ()]
    first = " ".join(filter(None, (f"{count} of {count}.", text, max(rows, key=len, default=""))))
    return "\n".join([first, *(f"{i}. {label}" for i, label in enumerate(_labels(placed, language), 1))])


def _labels(placed: Placed, language: str) -> list[str]:
    question = placed.question
    if question.ask == "scale":
        ends = ((question.low_number, question.low), (question.high_number, question.high))
        named = [f"{number} = {label_in(words, language)}" for number, words in ends if words]
        return named + ([label_of(DONT_KNOW, language)] if question.dont_know else [])
    if question.find:
        return []
    listed = [label_in(option.label, language) for option in question.options or ()]
    if question.ask == "yes_no" and not listed:
        listed = [label_of(each, language) for each in AGREEING]
    return [*listed, label_in(question.other, language)] if question.other else listed


def _longest_item(source: Placed | None, language: str) -> str:
    options = source.question.options if source else None
    return max((label_in(option.label, language) for option in options or ()), key=len, default="")
