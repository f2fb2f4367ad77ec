"""Meters: what this process has done, as figures for an operator. No ids, no texts, nothing of one person."""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TURN_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
PREFIX = "bigconversation_"


@dataclass
class Histogram:
    """How often a figure was up to each bound, as Prometheus counts."""

    bounds: tuple[float, ...]
    _counts: list[int] = field(init=False)
    _sum: float = 0.0

    def __post_init__(self) -> None:
        self._counts = [0] * (len(self.bounds) + 1)

    def see(self, figure: float) -> None:
        self._counts[bisect_left(self.bounds, figure)] += 1
        self._sum += figure

    def lines(self, name: str, told: str) -> Iterator[str]:
        yield from _head(name, told, "histogram")
        so_far = 0
        for bound, count in zip((*self.bounds, "+Inf"), self._counts, strict=True):
            so_far += count
            yield f'{PREFIX}{name}_bucket{{le="{bound}"}} {so_far}'
        yield f"{PREFIX}{name}_sum {self._sum:.6f}"
        yield f"{PREFIX}{name}_count {so_far}"


@dataclass
class Meters:
    """The turns of this process since it began."""

    turns: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("new", "repeated", "quarantined", "failed", "too_fast"), 0)
    )
    seconds: Histogram = field(default_factory=lambda: Histogram(TURN_SECONDS))
    batches: Histogram = field(default_factory=lambda: Histogram(BATCH_SIZES))

    def lines(self) -> Iterator[str]:
        """Everything, in the Prometheus text format."""
        turns = {f'{{result="{result}"}}': count for result, count in self.turns.items()}
        yield from series("turns_total", "Turns taken by this process; failed ones come again.", "counter", turns)
        yield from self.seconds.lines("turn_seconds", "From hearing to the commit.")
        yield from self.batches.lines("batch_turns", "Turns in one transaction.")
        yield from series("tasks", "Tasks of this process.", "gauge", {"": len(asyncio.all_tasks())})
        memory = resident_bytes()
        if memory is not None:
            yield "# HELP process_resident_memory_bytes Memory of this process."
            yield "# TYPE process_resident_memory_bytes gauge"
            yield f"process_resident_memory_bytes {memory}"


def series(name: str, told: str, kind: str, values: Mapping[str, float]) -> Iterator[str]:
    """One figure, once for each set of labels."""
    yield from _head(name, told, kind)
    for labels, value in values.items():
        yield f"{PREFIX}{name}{labels} {value:.10g}"


def _head(name: str, told: str, kind: str) -> Iterator[str]:
    yield f"# HELP {PREFIX}{name} {told}"
    yield f"# TYPE {PREFIX}{name} {kind}"


def resident_bytes() -> int | None:
    """The memory this process holds; None where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None
