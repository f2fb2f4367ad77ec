"""A consultation document read and checked: text in, findings and a consultation out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conversations.document.checking import check
from conversations.document.findings import Finding
from conversations.document.misfits import fitted
from conversations.document.notes import Notes
from conversations.document.tree import grow
from conversations.domain.consultation import Consultation


@dataclass(frozen=True)
class Reading:
    """What came of reading a document: the consultation, unless there are errors, and all findings by line."""

    consultation: Consultation | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "warning")


def read(text: str | bytes, today: date) -> Reading:
    """Reads a document. Whatever the text is, this answers, and soon; `today` settles "today" and "in 12 weeks"."""
    source = grow(text)
    if isinstance(source, Finding):
        return Reading(None, (source,))
    notes = Notes(source.places)
    document = fitted(source.tree, notes)
    consultation = check(document, notes, today) if document else None
    return Reading(consultation, notes.in_order())
