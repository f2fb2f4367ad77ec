"""Checks on ids: their form, their length, and that each names one thing only."""

from __future__ import annotations

import re

from conversations.document import walking
from conversations.document.conditions import KEPT
from conversations.document.kinds import AGREEING, OTHER
from conversations.document.models import Document
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.document.walking import Placed
from conversations.domain.words import RESERVED

TAKEN = frozenset({OTHER, "answered", "done", "skip", "back", "what", "keep"})
"""Option ids that mean something else: the acts beside a question, and what conditions say."""
MOST_LETTERS, MOST_LETTERS_CONSULTATION = 24, 30


def check_ids(document: Document, notes: Notes) -> None:
    """Every id in the document."""
    name, path = document.consultation, ("consultation",)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        notes.add(path, "id-consultation", id=name)
    if len(name) > MOST_LETTERS_CONSULTATION:
        notes.add(path, "id-long", id=name, most=MOST_LETTERS_CONSULTATION)
    for key in document.commissions:
        _form(key, ("commissions", key), notes)
    _topics(document, notes)
    asked: dict[str, Path] = {}
    for placed in walking.questions(document):
        here = (*placed.path, "id")
        _form(placed.question.id, here, notes)
        _once(placed.question.id, here, asked, "question", notes)
        if placed.question.id in KEPT:
            notes.add(here, "id-kept", id=placed.question.id)
        _options(placed, notes)


def _topics(document: Document, notes: Notes) -> None:
    used: dict[str, Path] = {}
    for path, topic in walking.topics(document):
        here = (*path, "id")
        if not re.fullmatch(r"[A-Za-z0-9]+", topic.id):
            notes.add(here, "id-topic", id=topic.id)
        if len(topic.id) > MOST_LETTERS:
            notes.add(here, "id-long", id=topic.id, most=MOST_LETTERS)
        if topic.id.casefold() in RESERVED:
            notes.add(here, "id-reserved", id=topic.id)
        _once(topic.id, here, used, "topic", notes)
        parts: dict[str, Path] = {}
        for inside, section in walking.sections(topic, path):
            if topic.sections is not None:
                _form(section.id, (*inside, "id"), notes)
                _once(section.id, (*inside, "id"), parts, "section", notes)


def _options(placed: Placed, notes: Notes) -> None:
    for key, entries in (("options", placed.question.options), ("rows", placed.question.rows)):
        used: dict[str, Path] = {}
        for i, entry in enumerate(entries or ()):
            here = (*placed.path, key, i, "id")
            _form(entry.id, here, notes)
            _once(entry.id, here, used, "option" if key == "options" else "row", notes)
            if key == "options" and entry.id in TAKEN:
                notes.add(here, "id-kept", id=entry.id)
            if key == "options" and placed.question.ask == "yes_no" and entry.id not in AGREEING:
                notes.add(here, "options-yes-no")


def _form(name: str, path: Path, notes: Notes) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        notes.add(path, "id-form", id=name)
    elif len(name) > MOST_LETTERS:
        notes.add(path, "id-long", id=name, most=MOST_LETTERS)


def _once(name: str, path: Path, used: dict[str, Path], what: str, notes: Notes) -> None:
    key = name.casefold()
    if key in used:
        notes.add(path, "id-twice", id=name, what=what, first=notes.place(used[key]).line)
    used.setdefault(key, path)
