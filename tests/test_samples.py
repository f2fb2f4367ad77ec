"""The documents that come with the product: whole, and between them using everything a document can say."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from bot.library import sample_text
from conversations.document.reading import read
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not
from conversations.domain.consultation import Consultation
from conversations.domain.questions import Choosing, Email, Grid, Number, OwnWords, Ranking, Reading, Scale, Several

TODAY = date(2026, 11, 22)
OURS = ("process", "mp", "workers")
NAMES = sorted(each.name.removesuffix(".yaml") for each in resources.files("conversations.samples").iterdir() if each.name.endswith(".yaml"))  # fmt: skip  # noqa: E501


def document(name: str) -> Consultation:
    held = read(sample_text(name), TODAY).consultation
    assert held is not None
    return held


@pytest.mark.parametrize("name", NAMES)
def test_each_is_read_without_an_error_and_is_plainly_a_sample(name: str) -> None:
    reading = read(sample_text(name), TODAY)
    assert [str(finding) for finding in reading.errors] == []
    assert reading.consultation is not None
    assert reading.consultation.legal.is_sample


def test_the_sample_is_complete_in_english_and_welsh() -> None:
    held = document("fair_future")
    assert [topic.id for topic in held.topics] == ["VOTE", "OLDER", "SMOKE", "WORK", "SAFE", "LOCAL"]
    assert held.languages == ("en", "cy")
    assert held.unchecked_languages == ("cy",)
    for topic in held.topics:
        assert topic.background is not None
        for question in topic.questions():
            for text in (question.text, *(option.label for option in question.options)):
                assert set(text.translations) == {"en", "cy"}, (question.id, text)


def test_between_them_the_three_documents_use_every_kind() -> None:
    questions = [question for name in OURS for topic in document(name).topics for question in topic.questions()]
    kinds = {type(question) for question in questions}
    assert kinds == {Choosing, Scale, Several, Ranking, OwnWords, Number, Email, Grid, Reading}
    assert {True, False} == {question.money for question in questions if isinstance(question, Number)}
    assert any(isinstance(question, Choosing) and question.find for question in questions)
    assert any(isinstance(question, Choosing | Several) and question.other for question in questions)
    assert any(isinstance(question, Choosing | Several) and question.why for question in questions)
    assert any(option.alone for question in questions for option in question.options)
    assert any(question.required for question in questions)
    assert any(question.quote for question in questions)
    assert any(question.safety for question in questions)


def test_between_them_they_use_every_way_of_routing() -> None:
    used: set[type] = set()
    facts: set[str] = set()
    ends = repeats = 0
    for name in OURS:
        for topic in document(name).topics:
            for section in topic.questionnaire.sections:
                repeats += bool(section.repeat_for)
                conditions = [section.show_if, *(question.show_if for question in section.questions)]
                ends += sum(question.end_if is not None for question in section.questions)
                for condition in filter(None, conditions + [q.end_if for q in section.questions]):
                    _collect(condition, used, facts)
    assert {Is, Between, Answered, About, Not, All, Any} <= used
    assert facts == {"nation", "answering_as"}
    assert ends
    assert repeats


def _collect(condition: Condition, used: set[type], facts: set[str]) -> None:
    used.add(type(condition))
    match condition:
        case About(fact):
            facts.add(fact)
        case Not(part):
            _collect(part, used, facts)
        case All(parts) | Any(parts):
            for part in parts:
                _collect(part, used, facts)
