"""The three sides of a consultation as plain data: its shape, its words, its calendar. Digests are made of these.

Nothing here may depend on how a class happens to be called: a stored digest must come out the same in every release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any as Anything
from typing import assert_never

from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.questions import (
    Choosing,
    Email,
    Grid,
    Number,
    Option,
    OwnWords,
    Question,
    Ranking,
    Reading,
    Scale,
    Section,
    Several,
)
from conversations.domain.speech import Content

Data = dict[str, Anything]


def shape_of(consultation: Consultation) -> Data:
    """Ids, kinds, options, routing, limits: what a conversation pins."""
    return {
        "id": consultation.id,
        "ask_age": consultation.ask_age,
        "topics": [
            {
                "id": topic.id,
                "commission": topic.commission.id,
                "sections": [section_shape(section) for section in topic.questionnaire.sections],
            }
            for topic in consultation.topics
        ],
    }


def section_shape(section: Section) -> Data:
    return {
        "id": section.id,
        "show_if": written(section.show_if),
        "repeat_for": section.repeat_for,
        "questions": [question_shape(question) for question in section.questions],
    }


def question_shape(question: Question) -> Data:
    """One question without its words; the names are those of the document."""
    return {
        "id": question.id,
        "ask": kind_of(question),
        "show_if": written(question.show_if),
        "end_if": written(question.end_if),
        "required": question.required,
        "safety": question.safety,
        "quote": question.quote,
        "repeat_for": question.repeat_for,
        "options": _options(question.options),
        **_special(question),
    }


def _special(question: Question) -> Data:
    match question:
        case Scale():
            return {"from": question.low, "to": question.high, "why": question.why is not None}
        case Choosing():
            return {"find": question.find, "why": question.why is not None}
        case Several():
            return {"limit": question.limit, "why": question.why is not None}
        case Ranking() | OwnWords():
            return {"limit": question.limit}
        case Grid():
            return {"rows": _options(question.rows)}
        case Number():
            return {"min": _number(question.least), "max": _number(question.most), "whole": question.whole}
        case Email() | Reading():
            return {}
        case _:
            assert_never(question)


def kind_of(question: Question) -> str:
    """The kind as it is written after `ask:`."""
    match question:
        case Scale():
            return "scale"
        case Choosing():
            return "yes_no" if any(choice.means for choice in question.choices) else "one"
        case Several():
            return "several"
        case Ranking():
            return "ranking"
        case Grid():
            return "grid"
        case OwnWords():
            return "words"
        case Number():
            return "money" if question.money else "number"
        case Email():
            return "email"
        case Reading():
            return "read"
        case _:
            assert_never(question)


def _number(value: object) -> str | None:
    return None if value is None else str(value)


def _options(options: tuple[Option, ...]) -> list[str]:
    return [option.id + (" (alone)" if option.alone else "") for option in options]


def written(condition: Condition | None) -> Anything:
    """A condition as it is written in a document; None for none."""
    match condition:
        case None:
            return None
        case Is(question, values):
            return {question: list(values)}
        case Between(question, least, most):
            return {question: {"min": least, "max": most}}
        case Answered(question):
            return {question: "answered"}
        case About(fact, values):
            return {fact: list(values)}
        case Not(part):
            return {"not": written(part)}
        case All(parts):
            return {"all": [written(part) for part in parts]}
        case Any(parts):
            return {"any": [written(part) for part in parts]}
        case _:
            assert_never(condition)


def words_of(consultation: Consultation) -> dict[str, str]:
    """Every text and what people are told besides, each under a name that says where it stands."""
    legal = consultation.legal
    told = {
        "languages": " ".join(consultation.languages),
        "languages not checked yet": " ".join(consultation.unchecked_languages),
        "legal: phone": legal.phone,
        "legal: postal address": legal.postal_address,
        "legal: email": legal.email,
        "legal: sample": str(legal.is_sample),
    }
    told |= {f"{topic.id}: sources": _sources(topic) for topic in consultation.topics}
    return told | dict(_texts(consultation, ""))


def _sources(topic: Topic) -> str:
    card = topic.background
    return "\n".join([str(card.checked), *(source.url for source in card.sources)]) if card else ""


def _texts(part: object, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(part, Content):
        yield from ((f"{name} ({language})", text) for language, text in part.translations.items())
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _texts(value, f"{name} {key}".strip())
    elif isinstance(part, tuple):
        for count, item in enumerate(part, 1):
            known = getattr(item, "id", None)
            yield from _texts(item, f"{name} {known or count}".strip())
    elif is_dataclass(part):
        for field in fields(part):
            inner = "" if field.name in _UNNAMED else field.name.replace("_", " ")
            yield from _texts(getattr(part, field.name), f"{name} {inner}".strip())


_UNNAMED = frozenset({"topics", "questionnaire", "sections", "questions", "commission"})


def calendar_of(consultation: Consultation) -> dict[str, str]:
    """The days, and whether it is withdrawn."""
    calendar, keep = consultation.calendar, consultation.legal.keep_until
    return {
        "opens": calendar.opens.isoformat(),
        "closes": calendar.closes.isoformat(),
        "hear by": calendar.hear_by.isoformat() if calendar.hear_by else "",
        "keep until": keep.isoformat() if keep else "",
        "withdrawn": str(calendar.withdrawn),
    }
