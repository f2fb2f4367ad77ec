"""A condition said in words: "you answered Yes to “Do you vote?”", for the readable questionnaire and the drawing.

What is said is a clause about the reader, to stand after "Only if" or "The topic ends if"; it is translated like
everything we say. "Not" is carried inward, so that no clause says more than one "not".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from conversations.domain.answers import Slot
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Question
from conversations.domain.speech import Text, say

Called = Callable[[Question], Text]
"""What a question is called in a clause: its text, its number, or its id."""


def in_words(condition: Condition, questionnaire: Questionnaire, called: Called | None = None) -> Text:
    """The clause that is true exactly when the condition holds."""
    return _clause(condition, questionnaire, called or _by_text, holds=True)


def _by_text(question: Question) -> Text:
    return say("“{question}”", question=question.text)


def _clause(condition: Condition, questionnaire: Questionnaire, called: Called, *, holds: bool) -> Text:
    match condition:
        case Not(part):
            return _clause(part, questionnaire, called, holds=not holds)
        case All(parts) | Any(parts):
            clauses = [_clause(part, questionnaire, called, holds=holds) for part in parts]
            return _all(clauses) if isinstance(condition, All) is holds else _either(clauses)
        case About("nation", values):
            where = _or([_nation(value) for value in values])
            return say("you live in {place}", place=where) if holds else say("you do not live in {place}", place=where)
        case About(_, values):
            return _role(values, holds=holds)
        case Is() | Between() | Answered():
            return _about_answer(condition, questionnaire, called, holds=holds)
        case _:
            assert_never(condition)


def _about_answer(
    condition: Is | Between | Answered, questionnaire: Questionnaire, called: Called, *, holds: bool
) -> Text:
    asked = questionnaire.question(Slot(condition.question))
    question = called(asked)
    match condition:
        case Answered():
            given, not_given = say("you answered {question}"), say("you did not answer {question}")
            return say((given if holds else not_given).message, question=question)
        case Is(_, values):
            answer = _or([_label(asked, value) for value in values])
            if holds:
                return say("you answered {answer} to {question}", answer=answer, question=question)
            return say("you did not answer {answer} to {question}", answer=answer, question=question)
        case Between(_, least, most):
            answer = _span(least, most)
            if holds:
                return say("you answered {answer} to {question}", answer=answer, question=question)
            return say("you did not answer {answer} to {question}", answer=answer, question=question)


def _label(question: Question, value: str) -> Text:
    return next((option.label for option in question.options if option.id == value), value)


def _span(least: float | None, most: float | None) -> Text:
    low, high = f"{least or 0:g}", f"{most or 0:g}"
    if least is None:
        return say("{number} or less", number=high)
    if most is None:
        return say("{number} or more", number=low)
    return low if least == most else say("from {least} to {most}", least=low, most=high)


def _nation(value: str) -> Text:
    return {
        "england": say("England"),
        "scotland": say("Scotland"),
        "wales": say("Wales"),
        "northern_ireland": say("Northern Ireland"),
    }.get(value, value)


def _role(values: tuple[str, ...], *, holds: bool) -> Text:
    own = {
        "person": say("you answer for yourself"),
        "organisation": say("you answer for an organisation"),
        "role": say("you answer because of your work or role"),
    }
    other = {
        "person": say("you do not answer for yourself"),
        "organisation": say("you do not answer for an organisation"),
        "role": say("you do not answer because of your work or role"),
    }
    if holds:
        return _either([own.get(value, value) for value in values])
    return _all([other.get(value, value) for value in values])


def _or(names: list[Text]) -> Text:
    return _fold(names, lambda first, second: say("{first} or {second}", first=first, second=second))


def _either(clauses: list[Text]) -> Text:
    return _fold(clauses, lambda first, second: say("{first}, or {second}", first=first, second=second))


def _all(clauses: list[Text]) -> Text:
    return _fold(clauses, lambda first, second: say("{first}, and {second}", first=first, second=second))


def _fold(parts: list[Text], join: Callable[[Text, Text], Text]) -> Text:
    whole = parts[0]
    for part in parts[1:]:
        whole = join(whole, part)
    return whole
