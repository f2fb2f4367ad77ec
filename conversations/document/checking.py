"""The whole check of a document whose shape is right: every mistake in it is noted with its line."""

from __future__ import annotations

from datetime import date

from conversations.document import walking
from conversations.document.building import build
from conversations.document.check_calendar import check_calendar, check_legal
from conversations.document.check_ids import check_ids
from conversations.document.check_kinds import check_kinds
from conversations.document.check_languages import check_languages
from conversations.document.check_plainness import check_plainness
from conversations.document.check_references import check_references
from conversations.document.models import Document
from conversations.document.notes import Notes
from conversations.document.reach import Never, Steps, dead_ends
from conversations.domain.consultation import Consultation

MOST_LANGUAGES = 20
_WHY: dict[Never, str] = {
    "shown": "nobody who comes here can have given the answers it waits for",
    "ended": "the topic has always ended before it",
}


def check(document: Document, notes: Notes, today: date) -> Consultation | None:
    """Notes everything there is to say about a document; its consultation, when nothing is wrong."""
    if len(document.languages) > MOST_LANGUAGES:
        notes.add(("languages",), "languages-many", count=len(document.languages))
        return None
    check_ids(document, notes)
    check_languages(document, notes)
    check_kinds(document, notes)
    check_references(document, notes)
    check_calendar(document, notes, today)
    check_legal(document, notes)
    check_plainness(document, notes)
    if not document.topics:
        notes.add(("topics",), "topics-empty")
    if notes.has_errors():
        return None
    consultation = build(document, today)
    check_reach(consultation, document, notes)
    return None if notes.has_errors() else consultation


def check_reach(consultation: Consultation, document: Document, notes: Notes) -> None:
    """Notes the questions that nobody can ever be asked, and ends that never come."""
    paths = {placed.question.id: placed for placed in walking.questions(document)}
    steps = Steps()
    for topic in consultation.topics:
        for dead in dead_ends(topic.questionnaire, steps):
            placed = paths[dead.question]
            if dead.never == "ends":
                notes.add((*placed.path, "end_if"), "end-never")
                continue
            own = (*placed.path, "show_if")
            where = own if dead.never == "shown" and own in notes.places else (*placed.path, "id")
            notes.add(where, "question-unreachable", id=dead.question, why=_WHY[dead.never])
