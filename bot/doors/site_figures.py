"""Figures for the public: from the roll-up only, never about fewer than ten people, in steps of ten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.doors.site_views import Here, inline
from conversations.domain.answers import Slot
from conversations.domain.consultation import Topic
from conversations.domain.effects import Verdict
from conversations.domain.figures import published
from conversations.domain.questions import Choosing, Grid, Question
from conversations.domain.questions_in_words import how_counted
from conversations.domain.speech import Text
from conversations.putting import title_of
from conversations.replying import VERDICTS
from storage.tallies import TOPIC

Figures = Mapping[tuple[str, str], int]
"""A topic's exact figures as they were rolled up, by slot and pick."""
NAMES: dict[Verdict, str] = {"that_is_it": "that_is_it", "not_what_i_meant": "not_meant", "not_done": "not_done"}


def shown(people: int) -> str | None:
    """A figure as the public sees it: "1,240", or None when it is under ten."""
    figure = published(people)
    return None if figure is None else f"{figure:,}"


def four_counts(figures: Figures) -> dict[str, str | None]:
    """Who answered, asked to hear, was told an outcome, and wrote back."""
    each = sum(figures.get((TOPIC, verdict), 0) for verdict in VERDICTS)
    counted = {name: figures.get((TOPIC, name), 0) for name in ("answered", "asked", "told")}
    return {name: shown(people) for name, people in counted.items()} | {
        "replied": shown(figures.get((TOPIC, "replied"), each))
    }


def three_replies(figures: Figures) -> dict[str, str | None]:
    """The three replies, unwelcome ones shown alike."""
    return {name: shown(figures.get((TOPIC, verdict), 0)) for verdict, name in NAMES.items()}


def by_question(topic: Topic, figures: Figures, here: Here) -> list[dict[str, Any]]:
    """What people answered to each question that can be counted, and a word on those that cannot."""
    return [
        _counted(topic, question, slot, figures, here)
        for question in topic.questions()
        if question.given in {"picks", "words", "number"}
        for slot in _slots(topic, question)
    ]


def _slots(topic: Topic, question: Question) -> Iterator[Slot]:
    """Every slot of a question: for each thing it is repeated for, each row."""
    section = next(section for section in topic.questionnaire.sections if question in section.questions)
    repeated = question.repeat_for or section.repeat_for
    items = [option.id for option in topic.questionnaire.question(Slot(repeated)).options] if repeated else [""]
    rows = [row.id for row in question.rows] if isinstance(question, Grid) else [""]
    return (Slot(question.id, row=row, item=item) for item in items for row in rows)


def _counted(topic: Topic, question: Question, slot: Slot, figures: Figures, here: Here) -> dict[str, Any]:
    note = how_counted(question)
    view: dict[str, Any] = {
        "text": inline(title_of(topic, slot), here.language),
        "note": inline(note, here.language) if note else None,
        "answered": "",
        "rows": [],
    }
    if question.given != "picks":
        return view
    picks = {pick: people for (where, pick), people in figures.items() if where == str(slot)}
    one_each = isinstance(question, Choosing | Grid)
    whole = sum(picks.values()) if one_each else figures.get((TOPIC, "answered"), 0)
    rows = [_row(option.label, picks.get(option.id, 0), whole, here) for option in question.options]
    if published(whole) is None or not (one_each or any(row["shown"] for row in rows)):
        return view | {"answered": None}
    return view | {"rows": rows, "answered": shown(whole) if one_each else ""}


def _row(label: Text, people: int, whole: int, here: Here) -> dict[str, Any]:
    figure, of = published(people), published(whole)
    share = min(100, round(100 * figure / of)) if figure and of else None
    return {"text": inline(label, here.language), "shown": shown(people), "share": share}
