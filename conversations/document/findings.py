"""A finding: one thing the check has to say about a document, with the line it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, order=True)
class Finding:
    """One remark on a document: where, how grave, a short code that never changes, and what to do in plain words."""

    line: int
    column: int
    level: Level
    code: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.level}: {self.message}"
