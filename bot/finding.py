"""A finding of the doctor: one line, which says what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "look", "wrong"]
PATIENCE = 15.0
"""Seconds that the database, and Telegram, have to answer the doctor."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to do."""

    level: Level
    told: str

    def __str__(self) -> str:
        return f"{self.level:<6}{self.told}"
