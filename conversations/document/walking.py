"""Ways through a document as it is written: its questions, its options and its texts, each with its path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel

from conversations.document.models import Document, OptionPart, QuestionPart, SectionPart, TermPart, TopicPart
from conversations.document.tree import Path


@dataclass(frozen=True)
class Placed:
    """A question as it is written, where it is, and what it stands in."""

    path: Path
    question: QuestionPart
    section: SectionPart
    topic: TopicPart

    def repeated_for(self) -> str:
        """The question once per item of which this one is asked; empty when it is asked once."""
        return self.section.repeat_for or self.question.repeat_for


def sections(topic: TopicPart, path: Path) -> Iterator[tuple[Path, SectionPart]]:
    """A topic's sections; questions written without sections make one called "main"."""
    if topic.sections is None:
        yield path, SectionPart(id="main", questions=topic.questions or [])
    else:
        yield from (((*path, "sections", i), section) for i, section in enumerate(topic.sections))


def questions_of(topic: TopicPart, path: Path) -> Iterator[Placed]:
    """A topic's questions in order."""
    for inside, section in sections(topic, path):
        for i, question in enumerate(section.questions):
            yield Placed((*inside, "questions", i), question, section, topic)


def topics(document: Document) -> Iterator[tuple[Path, TopicPart]]:
    yield from ((("topics", i), topic) for i, topic in enumerate(document.topics))


def questions(document: Document) -> Iterator[Placed]:
    """All questions of a document in order."""
    for path, topic in topics(document):
        yield from questions_of(topic, path)


def options(placed: Placed) -> Iterator[tuple[Path, OptionPart]]:
    """The options of a question as they are written."""
    for i, option in enumerate(placed.question.options or []):
        yield (*placed.path, "options", i), option


@dataclass(frozen=True)
class Written:
    """One text in all its languages: where it is, what it is called there, and the question it belongs to."""

    path: Path
    name: str
    languages: dict[str, str]


def texts(part: BaseModel, path: Path = ()) -> Iterator[Written]:
    """Every text in a part of the document, however deep."""
    for name, field in type(part).model_fields.items():
        key = field.alias or name
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            yield from texts(value, (*path, key))
        elif isinstance(value, list):
            for i, item in enumerate(value):
                if isinstance(item, BaseModel):
                    yield from texts(item, (*path, key, i))
        elif key == "commissions":
            yield from (Written((*path, key, id_), "name", words) for id_, words in value.items())
        elif isinstance(value, dict) and key not in {"show_if", "end_if"}:
            yield Written((*path, key), "term" if isinstance(part, TermPart) else key, value)
