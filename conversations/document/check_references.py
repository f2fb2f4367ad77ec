"""Checks on what points at something else: conditions, quotes, repeats and commissions."""

from __future__ import annotations

from collections.abc import Mapping

from conversations.document import walking
from conversations.document.conditions import ConditionReader, Scope
from conversations.document.models import Document, TopicPart
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.document.walking import Placed

Asked = Mapping[str, tuple[int, Placed]]


def check_references(document: Document, notes: Notes) -> None:
    """Everything in the document that names something else in it."""
    everywhere = frozenset(placed.question.id for placed in walking.questions(document))
    for path, topic in walking.topics(document):
        _commission(document, topic, path, notes)
        asked, start = asked_in(topic, path), 0
        for inside, section in walking.sections(topic, path):
            if section.show_if is not None:
                scope = Scope(asked, everywhere, start)
                ConditionReader(scope, notes).read(section.show_if, (*inside, "show_if"))
            if section.repeat_for:
                _repeat(section.repeat_for, (*inside, "repeat_for"), asked, start, notes)
            start += len(section.questions)
        for position, placed in asked.values():
            _question(placed, position, asked, everywhere, notes)
    used = {topic.commission for topic in document.topics}
    for id_ in document.commissions:
        if id_ not in used:
            notes.add(("commissions", id_), "commission-unused", id=id_)


def asked_in(topic: TopicPart, path: Path) -> dict[str, tuple[int, Placed]]:
    """A topic's questions by id, each with its place in the order; of two with one id, the first."""
    asked: dict[str, tuple[int, Placed]] = {}
    for position, placed in enumerate(walking.questions_of(topic, path)):
        asked.setdefault(placed.question.id, (position, placed))
    return asked


def _commission(document: Document, topic: TopicPart, path: Path, notes: Notes) -> None:
    if topic.commission not in document.commissions:
        meant = notes.hint(topic.commission, document.commissions)
        notes.add((*path, "commission"), "commission-unknown", id=topic.commission, hint=meant)
    if topic.sections is not None and topic.questions is not None:
        notes.add((*path, "questions"), "sections-both")
    elif not topic.sections and not topic.questions:
        notes.add(path, "topic-empty", id=topic.id)
    for inside, section in walking.sections(topic, path) if topic.sections else ():
        if not section.questions:
            notes.add(inside, "section-empty", id=section.id)


def _question(placed: Placed, position: int, asked: Asked, everywhere: frozenset[str], notes: Notes) -> None:
    question, path = placed.question, placed.path
    for key, written, before in (
        ("show_if", question.show_if, position),
        ("end_if", question.end_if, position + 1),
    ):
        if written is not None:
            scope = Scope(asked, everywhere, before, placed.repeated_for())
            ConditionReader(scope, notes).read(written, (*path, key))
    if question.quote:
        _quote(placed, position, asked, notes)
    if question.repeat_for:
        here = (*path, "repeat_for")
        if placed.section.repeat_for:
            notes.add(here, "repeat-inside")
        else:
            _repeat(question.repeat_for, here, asked, position, notes)


def _quote(placed: Placed, position: int, asked: Asked, notes: Notes) -> None:
    name, here = placed.question.quote, (*placed.path, "quote")
    if name not in asked:
        notes.add(here, "quote-unknown", id=name, hint=notes.hint(name, asked))
        return
    other, quoted = asked[name]
    alone = not quoted.repeated_for() or quoted.repeated_for() == placed.repeated_for()
    if other >= position:
        notes.add(here, "quote-later", id=name)
    elif quoted.question.ask in {"read", "grid"} or not alone:
        notes.add(here, "quote-nothing", id=name)


def _repeat(name: str, here: Path, asked: Asked, before: int, notes: Notes) -> None:
    if name not in asked:
        notes.add(here, "repeat-unknown", id=name, hint=notes.hint(name, asked))
        return
    position, source = asked[name]
    if position >= before:
        notes.add(here, "repeat-later", id=name)
    elif source.question.ask not in {"several", "ranking"}:
        notes.add(here, "repeat-kind", id=name)
    elif source.repeated_for():
        notes.add(here, "repeat-inside")
