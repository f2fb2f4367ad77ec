"""The route through a consultation drawn in letters: each question, and in words when it is asked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from conversations.document.plain_text import plain_text
from conversations.document.shape import kind_of
from conversations.domain.conditions import Condition
from conversations.domain.conditions_in_words import in_words
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.questions import Choosing, Grid, Question, Ranking, Scale, Section, Several

WIDTH = 110


def draw(consultation: Consultation, language: str) -> str:
    """Every topic with its questions in order, one a line, their conditions under them."""
    drawn = [line for topic in consultation.topics for line in (*_topic(topic, language), "")]
    return "\n".join(drawn)


def _topic(topic: Topic, language: str) -> Iterator[str]:
    yield f"{topic.id}  {plain_text(topic.title, language)}  ({plain_text(topic.commission.name, language)})"
    widest = max((len(question.id) for question in topic.questions()), default=0)
    kinds = max((len(kind_in_words(question)) for question in topic.questions()), default=0)
    number = 0
    for section in topic.questionnaire.sections:
        yield from _section(section, topic, language)
        for question in section.questions:
            number += 1
            start = f"  {number:>3}  {question.id:<{widest}}  {kind_in_words(question):<{kinds}}  "
            yield start + _shortened(plain_text(question.text, language), WIDTH - len(start))
            yield from (f"{'':>7}{'':<{widest}}  {line}" for line in _routing(question, topic, language))


def _section(section: Section, topic: Topic, language: str) -> Iterator[str]:
    title = f"  {plain_text(section.title, language)}" if section.title else ""
    if len(topic.questionnaire.sections) > 1 or title:
        yield f"  [{section.id}]{title}"
    if section.repeat_for:
        yield f"       asked once for each thing chosen at {section.repeat_for}"
    if section.show_if:
        yield f"       only if {_told(section.show_if, topic, language)}"


def _routing(question: Question, topic: Topic, language: str) -> Iterator[str]:
    """What is special about when and how a question is asked."""
    if question.show_if:
        yield f"└ only if {_told(question.show_if, topic, language)}"
    if question.repeat_for:
        yield f"└ once for each thing chosen at {question.repeat_for}"
    if question.quote:
        yield f"└ repeats what was said at {question.quote}"
    if isinstance(question, Choosing | Several) and question.why:
        yield f"└ then: {_shortened(plain_text(question.why, language), WIDTH // 2)}"
    if question.required:
        yield "└ cannot be skipped"
    if question.end_if:
        yield f"└ the topic ends here if {_told(question.end_if, topic, language)}"


def _told(condition: Condition, topic: Topic, language: str) -> str:
    return plain_text(in_words(condition, topic.questionnaire, lambda question: question.id), language)


def _shortened(text: str, width: int) -> str:
    return textwrap.shorten(text, max(width, 20), placeholder=" …")


def kind_in_words(question: Question) -> str:
    """What kind of question this is, in a word or three."""
    count = len(question.options)
    match question:
        case Scale(low=low, high=high):
            return f"{low} to {high}"
        case Choosing(choices=choices) if any(choice.means for choice in choices):
            return "yes or no"
        case Choosing(find=find):
            return f"find one of {count}" if find else f"one of {count}"
        case Several(limit=limit):
            return f"up to {limit} of {count}"
        case Ranking(limit=limit):
            return f"order {limit} of {count}"
        case Grid(rows=rows):
            return f"{len(rows)} rows"
    return _PLAIN_KINDS[kind_of(question)]


_PLAIN_KINDS = {"words": "own words", "number": "number", "money": "money", "email": "e-mail", "read": "to read"}
