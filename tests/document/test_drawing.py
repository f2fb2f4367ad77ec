"""The drawing of a consultation, and conditions in words."""

from __future__ import annotations

import pytest

from conversations.document.drawing import draw
from conversations.document.plain_text import plain_text
from conversations.document.reading import read
from conversations.domain.answers import Slot
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not
from conversations.domain.conditions_in_words import in_words
from conversations.domain.consultation import Consultation
from tests.document.good import GOOD, TODAY


@pytest.fixture
def streets() -> Consultation:
    consultation = read(GOOD, TODAY).consultation
    assert consultation
    return consultation


def test_the_drawing(streets: Consultation) -> None:
    drawn = draw(streets, "en")
    for line in (
        "STREET  Your street  (Safety)",
        "    3  S2   one of 3      Which way do you go?",
        "            └ only if you answered Yes or Not sure to S1",
        "            └ only if you answered from 1 to 2 to S4, and you did not answer None of these to S3",
        "            └ repeats what was said at S3",
        "            └ then: Why?",
        "       asked once for each thing chosen at S3",
        "       only if you answered S3, or you live in Wales",
        "            └ the topic ends here if you answer for an organisation",
        "BINS  Bins  (Safety)",
    ):
        assert line in drawn.splitlines()
    assert max(map(len, drawn.splitlines())) <= 110


def test_the_drawing_in_welsh_shows_the_welsh_questions(streets: Consultation) -> None:
    assert "Pa ffordd ewch chi?" in draw(streets, "cy")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Is("S1", ("yes",)), "you answered Yes to “Do you walk here?”"),
        (Not(Is("S1", ("yes", "no"))), "you did not answer Yes or No to “Do you walk here?”"),
        (Between("S4", None, 2), "you answered 2 or less to “How safe is it?”"),
        (Between("S4", 3, None), "you answered 3 or more to “How safe is it?”"),
        (Between("S4", 3, 3), "you answered 3 to “How safe is it?”"),
        (Answered("S5"), "you answered “What would help?”"),
        (Not(Answered("S5")), "you did not answer “What would help?”"),
        (About("nation", ("wales", "england")), "you live in Wales or England"),
        (Not(About("nation", ("wales",))), "you do not live in Wales"),
        (
            Not(Any((About("answering_as", ("person",)), About("answering_as", ("role",))))),
            "you do not answer for yourself, and you do not answer because of your work or role",
        ),
        (Not(Not(Answered("S5"))), "you answered “What would help?”"),
        (
            Not(All((Is("S1", ("yes",)), Answered("S5")))),
            "you did not answer Yes to “Do you walk here?”, or you did not answer “What would help?”",
        ),
    ],
)
def test_a_condition_in_words(streets: Consultation, condition: Condition, words: str) -> None:
    assert plain_text(in_words(condition, streets.topics[0].questionnaire), "en") == words


def test_a_question_may_be_called_by_anything(streets: Consultation) -> None:
    questionnaire = streets.topics[0].questionnaire
    number = {question.id: str(count) for count, question in enumerate(questionnaire.questions(), 1)}
    said = in_words(Is("S1", ("no",)), questionnaire, lambda question: f"question {number[question.id]}")
    assert plain_text(said, "en") == "you answered No to question 2"
    assert questionnaire.question(Slot("S1"))
