"""The notebook of a check: findings are written down by path, and get their lines here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from conversations.document.findings import Finding, Level
from conversations.document.messages import finding
from conversations.document.tree import Path, Place

MOST_FINDINGS, MOST_HINTS = 500, 30


@dataclass
class Notes:
    """Findings on one document, collected in any order."""

    places: Mapping[Path, Place]
    found: set[Finding] = field(default_factory=set)
    hints: int = 0

    def add(self, path: Path, code: str, level: Level | None = None, **values: object) -> None:
        """Notes a finding at the part this path leads to."""
        place = self.place(path)
        remark = finding(code, place.line, place.column, level, **values)
        if len(self.found) < MOST_FINDINGS:
            self.found.add(remark)

    def place(self, path: Path) -> Place:
        """Where a part is written; for a part that is not there, where the nearest part around it is."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place())

    def has_errors(self) -> bool:
        return any(remark.level == "error" for remark in self.found)

    def in_order(self) -> tuple[Finding, ...]:
        return tuple(sorted(self.found))

    def hint(self, written: str, known: Iterable[str]) -> str:
        """Did you mean …? with a space before it, or nothing."""
        self.hints += 1
        if self.hints > MOST_HINTS:
            return ""
        near = difflib.get_close_matches(written[:60], list(known)[:500], n=1, cutoff=0.6)
        return f" Did you mean “{near[0]}”?" if near else ""
