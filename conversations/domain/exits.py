"""The exit check: three questions to whoever came to an event, counted without a name, shown from five people on; and
words of their own, for whoever held it, as soon as five have come to where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

ExitQuestion = Literal["heard", "easy", "again"]
ExitAnswer = Literal["yes", "partly", "no"]
QUESTIONS: tuple[ExitQuestion, ...] = ("heard", "easy", "again")
"""In the order in which they are asked."""
ANSWERS: tuple[ExitAnswer, ...] = ("yes", "partly", "no")
FEWEST = 5
"""Fewer answers than these to a question are shown to nobody."""
ASKED_FOR = timedelta(days=14)
"""So long after an event people are asked, and may answer."""
WORDS_LIMIT = 500
BUTTON = "x"
"""The token of the buttons under the message that asks: a choice names the event and the first answer."""


@dataclass(frozen=True)
class Share:
    """How a question was answered: out of ten people, how many said each. Never a count of people."""

    question: ExitQuestion
    out_of_ten: Mapping[ExitAnswer, int]


def shares(counts: Mapping[tuple[ExitQuestion, ExitAnswer], int]) -> tuple[Share, ...]:
    """What may be shown of these counts."""
    found = []
    for question in QUESTIONS:
        people = {answer: counts.get((question, answer), 0) for answer in ANSWERS}
        if (total := sum(people.values())) >= FEWEST:
            found.append(Share(question, {answer: _out_of_ten(count, total) for answer, count in people.items()}))
    return tuple(found)


def _out_of_ten(count: int, total: int) -> int:
    """Rounded to the nearest, a half upwards."""
    return (20 * count + total) // (2 * total)
