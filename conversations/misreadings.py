"""What we say when words could not be read as an answer: what we need, and what to do now."""

from __future__ import annotations

from conversations.domain.answers import Misreading
from conversations.domain.questions import Choosing, Number, OwnWords, Question, Scale
from conversations.domain.speech import Series, Text, say

PLAIN: dict[str, Text] = {
    "too_few": say("Please pick at least one, or say SKIP."),
    "none_stands_alone": say("“None of these” goes alone. Pick it alone, or pick the others."),
    "empty": say("We got no words. Please write your answer, or say SKIP."),
    "not_whole": say("Please give a whole number, such as 3."),
    "not_an_email": say("That does not look like an email address. It should look like name@example.org."),
}


def explain(misreading: Misreading, question: Question, *, part: str = "") -> Text:
    """One or two short sentences for a named misreading of this question."""
    match misreading.fault:
        case "not_a_number":
            return _number(question)
        case "ambiguous":
            return say("That could be {choices}. Which one?", choices=_labels(question, misreading.candidates))
        case "not_an_option":
            return _option(question, part)
        case fault if fault in PLAIN:
            return PLAIN[fault]
        case _:
            return _with_figure(misreading)


def _with_figure(misreading: Misreading) -> Text:
    figure = misreading.figure
    match misreading.fault:
        case "too_many":
            return say("That is more than {limit}. Please pick {limit} at most.", limit=figure)
        case "order_all":
            return say("Please give {count} numbers, the one you want most first. For example: 2, 1, 3.", count=figure)
        case "too_long":
            return say("That is longer than we can keep. Please use {limit} characters or fewer.", limit=figure)
        case "too_small":
            return say("That is too low. The lowest is {figure}.", figure=figure)
        case _:
            return say("That is too high. The highest is {figure}.", figure=figure)


def _number(question: Question) -> Text:
    if isinstance(question, Number) and question.money:
        return say("Please give an amount in pounds, such as 12.50.")
    return say("Please give a number, such as 3.")


def _labels(question: Question, ids: tuple[str, ...]) -> Text:
    return Series(tuple(option.label for option in question.options if option.id in ids))


def _option(question: Question, part: str) -> Text:
    if part or isinstance(question, OwnWords):
        return say("Sorry, I did not get that. Please say it in your own words, or say SKIP.")
    if isinstance(question, Choosing) and question.by_typing:
        return say("Sorry, we did not find that. Type another part of the name.")
    if isinstance(question, Scale):
        low, high = str(question.low), str(question.high)
        return say(
            "Sorry, I did not get that. Please pick a number from {low} to {high}, or say SKIP.", low=low, high=high
        )
    count = str(len(question.options))
    if question.options:
        return say("Sorry, I did not get that. Please pick a number from 1 to {count}, or say SKIP.", count=count)
    return say("Sorry, I did not get that.")
