"""Soak: two hundred updates a second for twenty minutes, while news goes out to very many. People hardly wait, and the
program is no larger at the end than it was before.

*Flat* means: the median of the run's last third is no more than a little above that of its second third; the first
third is warming up. A little is 3 % or 3 MiB of memory, 8 handles (connections come and go), 10 % or 20 tasks (so do
turns and sends). A leak of 1 MiB a minute does not pass twenty minutes. A run of less than five minutes is all warming
up: its growth is told and not judged.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bot.settings import Settings
from tests.benchmarks.metronome import Metronome
from tests.fakes.botapi import BotApi
from tests.torture.gauge import Cores, Gauge, Sample, memory_of
from tests.torture.program import Program, databases, settings_for
from tests.torture.strain import Strain
from tests.torture.verdict import Asked, Verdict

FULL = 1200
PROMISE = "so many seconds at 200 updates/s while news goes out: memory, handles and tasks flat, p95 under 300 ms"
RATE, REACHED = 200.0, 0.98
PLACES_FOR_EACH = 2
"""People there are at a time for each update a second: each thinks about two seconds."""

SAMPLES, SLOWEST_LOOK = 120, 5.0
SETTLED = 300
NEWS_STOPPED = 3.0
"""Seconds without anybody being told, at the end, after which news was not going out all the while."""

ALLOWED = {"memory": (0.03, 3.0), "handles": (0.0, 8.0), "tasks": (0.10, 20.0)}
"""By how much each may grow and still be flat: a share, or so many, whichever is more."""


async def run(asked: Asked) -> Verdict:
    """One soak of `size` seconds: it is one round."""
    with databases(asked.database) as new:

        async def play(_place: int, seconds: int) -> Verdict:
            with tempfile.TemporaryDirectory(prefix="bc-") as name:
                folder = Path(name)
                return await _soak(asked, folder, new(folder), seconds)

        return await asked.rounds([asked.size], play)


async def _soak(asked: Asked, folder: Path, database_url: str, seconds: int) -> Verdict:
    verdict = Verdict()
    async with BotApi() as api:
        given = settings_for(folder, database_url, api)
        settings = Settings(**given)  # type: ignore[arg-type]
        strain = Strain(api, asked.seed, round(RATE * PLACES_FOR_EACH), Metronome(RATE).beat)
        asked.tell("gathering those who are told")
        await strain.gather(settings, round(1.2 * settings.telegram_per_second * (seconds + 10)))
        program = Program(given, folder / "log", webhook=True)
        async with program.running():
            gauge, cores = Gauge(program, min(SLOWEST_LOOK, seconds / SAMPLES)), Cores(program.pid)
            async with gauge.watching():
                took = await strain.answer(_for(seconds, asked, strain))
                verdict.figures["cores, program"] = cores.told()
            silent = time.monotonic() - strain.last_told
            verdict.figures["most memory, MiB"] = round(memory_of(program.pid, "VmHWM"), 1)
    strain.judge(verdict, took)
    reached = len(strain.waits) / took
    verdict.must(reached >= REACHED * RATE, f"only {reached:.0f} updates a second were reached, of {RATE:.0f}")
    verdict.must(silent < NEWS_STOPPED, f"nobody was told anything in the last {silent:.0f} s")
    grown(gauge.samples, verdict, judged=seconds >= SETTLED)
    verdict.broken += [f"the log: {line}" for line in program.complaints()[:3]]
    return verdict


def _for(seconds: float, asked: Asked, strain: Strain) -> Callable[[], bool]:
    began = time.monotonic()

    def lasts() -> bool:
        past = time.monotonic() - began
        asked.tell(f"{past:.0f} of {seconds:.0f} s, {len(strain.waits):,} updates, {len(strain.told):,} told")
        return past < seconds

    return lasts


def grown(samples: Sequence[Sample], verdict: Verdict, *, judged: bool) -> None:
    """What the program held in the second third and in the last; growth is a broken promise if it is judged."""
    third = len(samples) // 3
    for name, (share, flat) in ALLOWED.items():
        held = [float(getattr(each, name)) for each in samples]
        before, after = (statistics.median(some) for some in (held[third : 2 * third], held[-third:]))
        verdict.figures[f"{name}, second third → last"] = f"{before:.1f} → {after:.1f}"
        allowed = max(share * before, flat)
        if judged:
            verdict.must(
                after - before <= allowed, f"{name} grew from {before:.1f} to {after:.1f} in a third of the run"
            )
