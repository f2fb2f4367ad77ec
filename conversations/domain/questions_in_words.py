"""A question kind said in words: how it is answered, and how its answers are counted, for whoever reads about it."""

from __future__ import annotations

from typing import assert_never

from conversations.domain.questions import (
    Choosing,
    Email,
    Grid,
    Number,
    OwnWords,
    Question,
    Ranking,
    Reading,
    Scale,
    Several,
)
from conversations.domain.speech import Text, say


def how_answered(question: Question) -> Text:
    """What one does to answer."""
    match question:
        case Scale():
            return say(
                "Pick a number from {low} to {high}. {low} is {low_label}, {high} is {high_label}.",
                low=question.low, high=question.high, low_label=question.low_label, high_label=question.high_label,
            )  # fmt: skip
        case Several() if question.limit > 1:
            return say("Pick up to {limit}.", limit=question.limit)
        case Ranking():
            return say("Put {limit} in order. The one you want most goes first.", limit=question.limit)
        case Grid():
            return say("Pick one for each.")
        case Choosing() | Several():
            return say("Pick one.")
        case _:
            return _how_typed(question)


def _how_typed(question: OwnWords | Number | Email | Reading) -> Text:
    match question:
        case OwnWords():
            return say("Answer in your own words, up to {limit} characters.", limit=f"{question.limit:,}")
        case Number():
            return say("Give an amount in pounds.") if question.money else say("Give a number.")
        case Email():
            return say("Give an e-mail address.")
        case Reading():
            return say("This is something to read first.")
        case _:
            assert_never(question)


def how_counted(question: Question) -> Text | None:
    """What a reader must know of how the answers were counted; None when there is nothing to know."""
    match question:
        case Several() if question.limit > 1:
            return say("People could pick up to {limit}.", limit=question.limit)
        case Ranking():
            return say("People put {limit} in order. We count who chose each.", limit=question.limit)
        case _ if question.given == "words":
            return say("People answered this in their own words. The group reads them all.")
        case _ if question.given == "number":
            return say("People answered this with a number. We do not count those here.")
        case _:
            return None
