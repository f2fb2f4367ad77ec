"""Conditions read from the file: `show_if: {V1: yes}` made into what the questionnaire walks by."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any as Anything
from typing import Literal

from conversations.document.kinds import COMPARED, PICKED, option_ids
from conversations.document.models import QuestionPart
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.document.walking import Placed
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not

FACTS: dict[str, tuple[str, ...]] = {
    "nation": ("england", "scotland", "wales", "northern_ireland"),
    "answering_as": ("person", "organisation", "role"),
}
JOINS = ("all", "any", "not")
KEPT = frozenset({*FACTS, *JOINS, "answered"})
"""Ids that would be mistaken for a part of a condition."""


@dataclass(frozen=True)
class Scope:
    """What a condition may look at: the topic's questions in order, and how many of them come before it."""

    asked: Mapping[str, tuple[int, Placed]]
    elsewhere: frozenset[str]
    before: int
    repeated_for: str = ""


@dataclass(frozen=True)
class ConditionReader:
    """Reads one condition; whatever is wrong with it is noted, and then there is none."""

    scope: Scope
    notes: Notes

    def read(self, written: Anything, path: Path) -> Condition | None:
        """The condition, or None when some part of it could not be read. Several names in one map mean "and"."""
        if not isinstance(written, dict) or not written:
            return self._unread(path, "it needs a question and an answer, such as {V1: yes}") or None
        found = [self._pair(name, value, (*path, name)) for name, value in written.items()]
        parts = [part for part in found if part is not None]
        if len(parts) < len(found):
            return None
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _unread(self, path: Path, why: str) -> Literal[False]:
        self.notes.add(path, "condition-form", why=why)
        return False

    def _pair(self, name: str, value: Anything, path: Path) -> Condition | None:
        if name in {"all", "any"}:
            return self._join(name, value, path)
        if name == "not":
            inner = self.read(value, path)
            return Not(inner) if inner else None
        return self._fact(name, value, path) if name in FACTS else self._question(name, value, path)

    def _join(self, name: str, value: Anything, path: Path) -> Condition | None:
        if not isinstance(value, list) or not value:
            return self._unread(path, f"“{name}” needs a list of conditions, such as [{{V1: yes}}, {{V2: no}}]") or None
        found = [self.read(each, (*path, i)) for i, each in enumerate(value)]
        parts = tuple(part for part in found if part is not None)
        if len(parts) < len(found):
            return None
        return All(parts) if name == "all" else Any(parts)

    def _values(self, value: Anything, path: Path) -> tuple[str, ...] | None:
        listed = value if isinstance(value, list) else [value]
        if not listed or not all(isinstance(each, str) for each in listed):
            return self._unread(path, "an answer, or a list of answers, is missing") or None
        return tuple(listed)

    def _fact(self, name: str, value: Anything, path: Path) -> Condition | None:
        values = self._values(value, path)
        wrong = [each for each in values or () if each not in FACTS[name]]
        for each in wrong:
            allowed = ", ".join(FACTS[name])
            self.notes.add(path, "condition-fact", value=each, allowed=allowed, hint=self.notes.hint(each, FACTS[name]))
        return About(name, values) if values and not wrong else None

    def _question(self, name: str, value: Anything, path: Path) -> Condition | None:
        question = self._found(name, path)
        if question is None:
            return None
        if value == "answered" and question.ask != "grid":
            return Answered(name)
        if isinstance(value, dict):
            return self._between(question, value, path)
        values = self._values(value, path)
        return self._is(question, values, path) if values else None

    def _found(self, name: str, path: Path) -> QuestionPart | None:
        """The earlier question of this name, if a condition may look at it from here."""
        if name not in self.scope.asked:
            elsewhere = name in self.scope.elsewhere
            code = "condition-elsewhere" if elsewhere else "condition-unknown"
            self.notes.add(path, code, id=name, hint=self.notes.hint(name, [*self.scope.asked, *FACTS, *JOINS]))
            return None
        position, placed = self.scope.asked[name]
        if position >= self.scope.before:
            self.notes.add(path, "condition-later", id=name)
            return None
        if placed.repeated_for() and placed.repeated_for() != self.scope.repeated_for:
            self.notes.add(path, "condition-repeated", id=name)
            return None
        return placed.question

    def _is(self, question: QuestionPart, values: tuple[str, ...], path: Path) -> Condition | None:
        if question.ask not in PICKED:
            instead = "Use an earlier question of one choice" if question.ask == "grid" else "Write “answered”"
            instead = "Write {min: …, max: …}" if question.ask in COMPARED else instead
            self.notes.add(path, "condition-kind", id=question.id, kind=question.ask, instead=instead)
            return None
        known = option_ids(question)
        wrong = [each for each in values if each not in known]
        for each in wrong:
            meant = {"true": "yes", "false": "no"}.get(each.casefold(), each)
            self.notes.add(path, "condition-option", value=each, id=question.id, hint=self.notes.hint(meant, known))
        return None if wrong else Is(question.id, values)

    def _between(self, question: QuestionPart, value: dict[str, Anything], path: Path) -> Condition | None:
        if question.ask not in COMPARED:
            instead = "Write “answered”" if question.ask not in PICKED else "Name one of its options"
            self.notes.add(path, "condition-kind", id=question.id, kind=question.ask, instead=instead)
            return None
        ends = {key: _figure(number) for key, number in value.items()}
        if not ends or ends.keys() - {"min", "max"} or None in ends.values():
            return self._unread(path, "between two numbers is written {min: 1, max: 2}") or None
        least, most = ends.get("min"), ends.get("max")
        if least is not None and most is not None and least > most:
            self.notes.add(path, "condition-range", least=value["min"], most=value["max"])
            return None
        return Between(question.id, least, most)


def _figure(written: Anything) -> float | None:
    if not isinstance(written, str) or not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", written):
        return None
    figure = float(written)
    return figure if math.isfinite(figure) else None
