"""Checks on texts: there in every language, none empty, no brace that stays unfilled, no hard word for nothing."""

from __future__ import annotations

import re

from conversations.document import walking
from conversations.document.models import ANY_LANGUAGE, Document
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.document.walking import Written
from conversations.domain.languages import LANGUAGES


def check_languages(document: Document, notes: Notes) -> None:
    """The languages a document lists, and every text in each of them."""
    _listed(document, notes)
    repeated = _repeated(document)
    for text in walking.texts(document):
        _complete(text, document.languages, notes)
        inside = any(text.path[:length] in repeated for length in range(len(text.path)))
        _braces(text, notes, in_repeat=inside)
    _terms(document, notes)


def _listed(document: Document, notes: Notes) -> None:
    if not document.languages:
        notes.add(("languages",), "languages-empty")
    for i, language in enumerate(document.languages):
        here = ("languages", i)
        if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
            notes.add(here, "language-form", language=language)
        elif language in document.languages[:i]:
            notes.add(here, "language-twice", language=language)
        elif language not in LANGUAGES:
            notes.add(here, "language-ours", language=language, ours=" and ".join(LANGUAGES))
    for i, language in enumerate(document.unchecked):
        if language not in document.languages:
            notes.add(("unchecked", i), "unchecked-unknown", language=language)


def _complete(text: Written, languages: list[str], notes: Notes) -> None:
    written = dict(text.languages)
    if ANY_LANGUAGE in written and languages:
        written[languages[0]] = written.pop(ANY_LANGUAGE)
    for language in languages:
        if language not in written:
            notes.add(text.path, "translation-missing", language=language)
    for language, words in written.items():
        here = (*text.path, language)
        if language not in languages:
            notes.add(here, "language-unknown", language=language)
        elif not words.strip() and text.path[0] != "legal":
            notes.add(here, "text-empty")


def _repeated(document: Document) -> set[Path]:
    """The parts of the document that are asked once per item."""
    found: set[Path] = set()
    for path, topic in walking.topics(document):
        found |= {inside for inside, section in walking.sections(topic, path) if section.repeat_for}
        found |= {placed.path for placed in walking.questions_of(topic, path) if placed.repeated_for()}
    return found


def _braces(text: Written, notes: Notes, *, in_repeat: bool) -> None:
    for language, words in text.languages.items():
        for name in re.findall(r"\{([^{}]*)\}", words):
            if name != "item":
                notes.add((*text.path, language), "brace-unknown", name=name)
            elif not in_repeat:
                notes.add((*text.path, language), "item-outside")


def _terms(document: Document, notes: Notes) -> None:
    everything = "\n".join(
        words
        for text in walking.texts(document)
        if text.name != "term"
        for words in text.languages.values()
    ).casefold()  # fmt: skip
    used: dict[str, Path] = {}
    for i, term in enumerate(document.words[:500]):
        here = ("words", i, "word")
        words = [word.casefold() for word in term.word.values() if word.strip()]
        if words and not any(word in everything for word in words):
            notes.add(here, "term-unused", word=next(iter(term.word.values())))
        for word in words[:1]:
            if word in used:
                notes.add(here, "id-twice", id=word, what="word", first=notes.place(used[word]).line)
            used.setdefault(word, here)
