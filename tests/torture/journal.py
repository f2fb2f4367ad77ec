"""The outside observer's own journal: what people said, and what they then saw. The program's database is no part of
it; the two are laid side by side for the verdict, while the program is dead."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class Answered:
    """An answer somebody gave. `seen`: the next question was seen, so it was taken for saved. `found`: it was then
    found in the database."""

    who: str
    slot: str
    picks: tuple[str, ...]
    words: str
    seen: bool = False
    found: bool = False


@dataclass
class Journal:
    """Everything in the order it happened. With a file, each line is also written there, for whoever looks into it."""

    file: Path | None = None
    answers: list[Answered] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    latest: float = field(default_factory=time.monotonic)

    def note(self, who: str, what: str, **more: object) -> None:
        """A line of the journal."""
        self.latest = time.monotonic()
        if self.file is not None:
            line = {"at": round(time.monotonic() - self.began, 3), "who": who, "what": what, **more}
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")

    def answers_with(self, who: str, slot: str, picks: tuple[str, ...], words: str) -> Answered:
        """Somebody is about to give an answer; `sees` follows when the next question is there."""
        given = Answered(who, slot, picks, words)
        self.answers.append(given)
        self.note(who, "answers", **{name: value for name, value in asdict(given).items() if name != "who"})
        return given

    @property
    def silence(self) -> float:
        """Seconds since anybody did or saw anything."""
        return time.monotonic() - self.latest
