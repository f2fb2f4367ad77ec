"""What a notice says. How to end it is said by whoever sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversations.domain.following import Followed, Subject
from conversations.domain.speech import Text


@dataclass(frozen=True)
class Happening:
    """What a notice is about, what is said of it around the line that says why this person hears it, and the one line
    that says it in a digest."""

    subjects: tuple[Subject, ...]
    before: tuple[Text | None, ...]
    after: tuple[Text | None, ...]
    line: Text
    happened: datetime

    def followed(self, mine: Sequence[Followed]) -> Followed | None:
        """Which of somebody's follows this is; None where they follow nothing of it any more."""
        return next((each for each in mine if each.subject in self.subjects), None)
