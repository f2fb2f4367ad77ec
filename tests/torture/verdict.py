"""What a part of the torture is asked, what it finds, and how a long one is ended and gone on with."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

Engine = Literal["sqlite", "postgresql"]
Figure = int | float | str
SPOKEN_EVERY = 15.0
"""Seconds between two lines of progress where nobody watches a terminal."""


@dataclass
class Verdict:
    """What was measured, and every promise that was broken, in plain words. `details` are finer counts, which are
    printed and stand in no table."""

    figures: dict[str, Figure] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    details: dict[str, int] = field(default_factory=dict)

    def count(self, name: str, by: int = 1) -> None:
        """Adds to a figure that is a whole number."""
        before = self.figures.get(name, 0)
        assert isinstance(before, int)
        self.figures[name] = before + by

    def must(self, holds: object, otherwise: str) -> None:
        """A promise: what is told when it is broken."""
        if not holds:
            self.broken.append(otherwise)

    def add(self, other: Verdict) -> None:
        """Takes in another round: whole numbers add up, of fractions the greatest counts."""
        for name, value in other.figures.items():
            before = self.figures.get(name)
            if isinstance(value, int) and isinstance(before, int):
                value += before
            elif isinstance(value, float) and isinstance(before, float):
                value = max(value, before)
            self.figures[name] = value
        self.broken += other.broken
        for name, value in other.details.items():
            self.details[name] = self.details.get(name, 0) + value


@dataclass
class Asked:
    """One run of one part. `size` is in the part's own measure (kills, people …); `bug` is a seeded one, see `bugs`;
    `kept` is the file in which the rounds done so far are written down, None when nobody wants to go on later."""

    part: str
    database: Engine
    seed: int
    size: int
    bug: str | None = None
    kept: Path | None = None
    resume: bool = False
    _spoke: float = 0.0

    def dice(self, *of: object) -> random.Random:
        """Dice of this run, the same ones for the same seed; `of` names what they are for."""
        return random.Random(repr((self.part, self.seed, *of)))

    def tell(self, progress: str) -> None:
        """Says how far it is: on one line of a terminal, otherwise a line now and then."""
        if sys.stderr.isatty():
            print(f"\r\033[K{self.part}: {progress}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._spoke > SPOKEN_EVERY:
            self._spoke = time.monotonic()
            print(f"{self.part}: {progress}", file=sys.stderr, flush=True)

    async def rounds(self, sizes: list[int], play: Callable[[int, int], Awaitable[Verdict]]) -> Verdict:
        """Plays rounds of these sizes, `play(place, size)`. Each is written down when it is over, so that a run that
        was ended goes on with the next one."""
        done, whole = self._kept_so_far() if self.resume else (0, Verdict())
        for place in range(done, len(sizes)):
            began = time.monotonic()
            whole.add(await play(place, sizes[place]))
            whole.count("seconds", round(time.monotonic() - began))
            self._keep(place + 1, whole)
            self.tell(f"round {place + 1} of {len(sizes)} is over, {len(whole.broken)} broken")
        return whole

    def _kept_so_far(self) -> tuple[int, Verdict]:
        if self.kept is None or not self.kept.exists():
            return 0, Verdict()
        kept = json.loads(self.kept.read_text())
        return int(kept["rounds"]), Verdict(**kept["verdict"])

    def _keep(self, rounds: int, whole: Verdict) -> None:
        if self.kept is not None:
            self.kept.parent.mkdir(parents=True, exist_ok=True)
            fresh = self.kept.with_suffix(".new")
            fresh.write_text(json.dumps({"rounds": rounds, "verdict": asdict(whole)}))
            fresh.replace(self.kept)


def in_rounds(size: int, most: int) -> list[int]:
    """A size as rounds of at most so many."""
    return [most] * (size // most) + ([size % most] if size % most else [])
