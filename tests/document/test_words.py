"""Parts of a text message, syllables, school years, jargon."""

from __future__ import annotations

import pytest

from conversations.document.parts import parts, strangers
from conversations.document.plainness import grade, jargon_in, middle_sentence, sentences, syllables


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("ŵ" * 70, 1),
        ("ŷ" + "a" * 70, 2),
        ("ŵ" * 134, 2),
        ("ŵ" * 135, 3),
        ("👍" * 35, 1),
        ("👍" * 36, 2),
        ("👍" * 67, 3),
        ("a" * 66 + "👍" + "a" * 66, 3),
        ("é" * 160, 1),
        ("â" * 71, 2),
        ("’" + "a" * 70, 2),
        ("a\n" * 80, 1),
    ],
)
def test_parts(text: str, count: int) -> None:
    assert parts(text) == count


def test_marks_a_text_message_lacks() -> None:
    assert strangers("Tŷ a dŵr, tŷ") == ("ŷ", "ŵ")
    assert strangers("Café £5 {x} [€]") == ()


SPOKEN = {
    1: "the asked 16",
    2: "people wanted places nation science sometimes rhythm create agreed little cases",
    3: "idea government everyone",
    4: "society democracy",
    5: "organisation",
}


@pytest.mark.parametrize(("word", "count"), [(word, n) for n, words in SPOKEN.items() for word in words.split()])
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_school_years() -> None:
    assert grade("The cat sat on the mat. It was a big cat.") < 2
    assert grade("Stakeholder engagement facilitates comprehensive organisational transformation.") > 15
    assert grade("") == 0


def test_sentences() -> None:
    text = "How are you? Say so. In 3.5 words:\nyes"
    assert sentences(text) == ["How are you", "Say so", "In 3.5 words", "yes"]
    assert middle_sentence(text) == 2.5
    assert middle_sentence("") == 0


def test_jargon() -> None:
    assert jargon_in("We engage our Stakeholders in the engine room.") == [
        ("engage", "talk with"),
        ("Stakeholders", "the people it touches"),
    ]
