"""The tally of one question for staff: every answer with its exact count and its share of those who answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Any

from bot.doors.desk_frame import Spot, figure, language, said, words_of
from conversations.domain.answers import Slot
from conversations.domain.questions import Choosing, Grid, Number, Option, Question, Ranking, Scale, Several
from conversations.domain.speech import say
from storage import tallies
from storage.database import Transaction

Counts = Mapping[tuple[str, str], int]
BANDS = 6
SHOWN_SINGLY = 8
"""So many different numbers are counted one by one; more are counted in bands."""


def has_words(question: Question) -> bool:
    """Whether people answer a question in their own words. An e-mail address is none: it would name a pseudonym."""
    if isinstance(question, Choosing | Several):
        return question.other is not None or question.why is not None
    return question.given == "words"


async def rows_of(
    tx: Transaction, spot: Spot, question: Question, counts: Counts, answered: int
) -> list[dict[str, Any]]:
    """The rows of a question's tally; none where there is nothing to count."""
    if isinstance(question, Ranking) or question.given == "number":
        given = await tallies.spread(tx, spot.consultation.id, spot.topic.id, question.id)
        if isinstance(question, Ranking):
            return _first_places(question, [(picks, people) for picks, _, people in given], answered)
        return _numbers(question, Counter({n: people for _, n, people in given if n is not None}), answered)
    rows = []
    for slot in _slots(spot, question, counts):
        before = _place(spot, question, slot)
        for option in question.options:
            people = counts.get((str(slot), option.id), 0)
            rows.append(_row(before + _label(question, option), people, answered, _language(option)))
    return rows


def _row(text: str, people: int, answered: int, language: str | None = None) -> dict[str, Any]:
    share = min(100, round(100 * people / answered)) if answered else 0
    return {"text": text, "lang": language, "shown": figure(people), "share": share}


def _label(question: Question, option: Option) -> str:
    words = words_of(option.label)
    if isinstance(question, Scale) and words in {str(question.low), str(question.high)}:
        return f"{words}: {words_of(question.low_label if words == str(question.low) else question.high_label)}"
    return words


def _language(option: Option) -> str | None:
    really = option.label.in_language(language())[1]
    return really if really != language() else None


# A question that is asked more than once


def _slots(spot: Spot, question: Question, counts: Counts) -> Iterable[Slot]:
    """Every place a question is answered in: its rows, and the items it was asked for."""
    rows = [row.id for row in question.rows] if isinstance(question, Grid) else [""]
    items = [option.id for option in _items(spot, question)] if _repeats(spot, question) else [""]
    asked = {Slot.read(slot).item for slot, _ in counts if Slot.read(slot).question == question.id}
    return [Slot(question.id, row, item) for item in items if not item or item in asked for row in rows]


def _place(spot: Spot, question: Question, slot: Slot) -> str:
    """What stands before the answers of one such place."""
    rows = question.rows if isinstance(question, Grid) else ()
    named = [each for each in _items(spot, question) if each.id == slot.item]
    named += [row for row in rows if row.id == slot.row]
    return "".join(f"{words_of(each.label)}: " for each in named)


def _repeats(spot: Spot, question: Question) -> str:
    sections = spot.topic.questionnaire.sections
    return question.repeat_for or next(each.repeat_for for each in sections if question in each.questions)


def _items(spot: Spot, question: Question) -> tuple[Option, ...]:
    source = _repeats(spot, question)
    return next((each.options for each in spot.topic.questions() if each.id == source), ()) if source else ()


# Rankings and numbers


def _first_places(question: Ranking, given: list[tuple[tuple[str, ...], int]], answered: int) -> list[dict[str, Any]]:
    firsts: Counter[str] = Counter()
    for picks, people in given:
        firsts[picks[0] if picks else ""] += people
    return [
        _row(said(say("{answer}, put first", answer=option.label)), firsts[option.id], answered, _language(option))
        for option in question.options
    ]


def _numbers(question: Question, given: Counter[Decimal], answered: int) -> list[dict[str, Any]]:
    sign = "£" if isinstance(question, Number) and question.money else ""
    if len(given) <= SHOWN_SINGLY:
        return [_row(f"{sign}{number:,f}", given[number], answered) for number in sorted(given)]
    least, most = min(given), max(given)
    width = ((most - least) / BANDS).to_integral_value(ROUND_CEILING) or Decimal(1)
    rows = []
    for place in range(BANDS):
        start, end = least + place * width, least + (place + 1) * width
        people = sum(count for number, count in given.items() if start <= number < end)
        is_last = place == BANDS - 1 and most == end
        people += given[most] if is_last else 0
        between = say("{least} to {most}") if is_last else say("{least} to under {most}")
        between = say(between.message, least=f"{sign}{start:,f}", most=f"{sign}{end:,f}")
        rows.append(_row(said(between), people, answered))
    return rows
