"""An answer in words again: as the review shows it, and as it stands beside a decision."""

from __future__ import annotations

from conversations.domain.answers import Answer, Slot
from conversations.domain.questions import OTHER, Grid, Number, Question, Scale
from conversations.domain.speech import Content, Quoted, Series, Text, lines, say


def in_words(question: Question, slot: Slot, answer: Answer) -> Text:
    """What the person answered, in the reader's language where it was a choice, in their own words where not."""
    if answer.skipped:
        return say("skipped")
    if answer.words:
        return say("“{words}”", words=Quoted(answer.words, answer.language or "en"))
    if answer.number is not None:
        money = isinstance(question, Number) and question.money
        figure = f"{answer.number:f}"
        return say("£{amount}", amount=figure) if money else figure
    if answer.picks == ("read",):
        return say("read")
    return Series(tuple(_label(question, pick) for pick in answer.picks))


def asked(question: Question, slot: Slot) -> Text:
    """What was asked in a slot, short: the question, and where there are several of it the row or item."""
    if slot.part == "other":
        return say("In your own words")
    if slot.part == "why":
        return say("Why?")
    if slot.row and isinstance(question, Grid):
        row = next((row.label for row in question.rows if row.id == slot.row), slot.row)
        return say("{question} {row}", question=question.text, row=row)
    return question.text


def about(question: Question, slot: Slot, answer: Answer) -> Text:
    """One entry of a review: what was asked, and under it what was said."""
    return lines(asked(question, slot), say("You said: {answer}", answer=in_words(question, slot, answer)))


def _label(question: Question, pick: str) -> Text:
    if isinstance(question, Scale) and pick.lstrip("-").isdigit():
        return pick
    label: Content | str = next((option.label for option in question.options if option.id == pick), pick)
    return say("something else") if pick == OTHER else label
