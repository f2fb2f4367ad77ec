"""Short forms of the soak and of the small machine: that everybody is heard and told, and that the judges judge. How
long people wait is judged by `make torture` alone: here others share the cores."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.benchmarks import metronome
from tests.fakes.botapi import BotApi
from tests.torture import small, soak, strain
from tests.torture.gauge import Sample
from tests.torture.launcher import Plan
from tests.torture.program import Program, settings_for
from tests.torture.strain import Strain
from tests.torture.verdict import Asked, Engine, Verdict

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the judge reads /proc, as on Linux")
ENGINES = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strain, "PROMISED_WAIT", 15.0)
    monkeypatch.setattr(soak, "RATE", 20.0)
    monkeypatch.setattr(soak, "REACHED", 0.2)
    monkeypatch.setattr(soak, "NEWS_STOPPED", 15.0)
    monkeypatch.setattr(small, "PEOPLE", 10)
    monkeypatch.setattr(small, "STARTING", 60.0)


async def test_people_answer_at_a_steady_rate_while_news_goes_out() -> None:
    told = await soak.run(Asked("soak", "sqlite", seed=1, size=4))
    assert told.broken == []
    assert int(told.figures["updates"]) > 20
    assert int(told.figures["told"]) > 20


@pytest.mark.slow
@pytest.mark.postgres
async def test_people_answer_at_a_steady_rate_on_postgresql() -> None:
    told = await soak.run(Asked("soak", "postgresql", seed=1, size=30))
    assert told.broken == []


@pytest.mark.parametrize("engine", ENGINES)
async def test_people_answer_on_one_core_while_news_goes_out(engine: Engine) -> None:
    ours = os.sched_getaffinity(0)
    told = await small.run(Asked("small", engine, seed=1, size=40))
    assert told.broken == []
    assert told.figures["told"] == 40
    assert int(told.figures["updates"]) > 5
    assert os.sched_getaffinity(0) == ours


async def test_who_may_ask_for_too_little_memory_does_not_start(tmp_path: Path) -> None:
    program = Program(settings_for(tmp_path, f"sqlite:///{tmp_path}/bc.db"), tmp_path / "log")
    with pytest.raises(RuntimeError, match="ended by itself"):
        async with program.running(Plan(memory=16 * 2**20)):
            pass


@pytest.mark.parametrize("what", soak.ALLOWED)
def test_what_grows_is_not_flat(what: str) -> None:
    def judged(growth: float) -> list[str]:
        held = {"memory": 100.0, "handles": 50.0, "tasks": 60.0}
        samples = [Sample(**{**held, what: held[what] + growth * place}) for place in range(90)]  # type: ignore[arg-type]
        verdict = Verdict()
        soak.grown(samples, verdict, judged=True)
        return verdict.broken

    assert judged(0.0) == judged(0.05) == []
    assert [each.split()[0] for each in judged(1.0)] == [what]


async def test_who_waits_too_long_breaks_a_promise() -> None:
    async with BotApi() as api:
        people = Strain(api, 1, 1, metronome.Metronome(1).beat, waits=[0.01] * 90 + [16.0] * 10)
    verdict = Verdict()
    people.judge(verdict, 1.0)
    assert [each.split()[0] for each in verdict.broken] == ["p95"]


async def test_long_waits_are_told_with_when_they_were() -> None:
    async with BotApi() as api:
        people = Strain(api, 1, 1, metronome.Metronome(1).beat, waits=[0.01] * 90)
    people.long_waits += [12.1, 12.9, 14.0, 700.4]
    verdict = Verdict()
    people.judge(verdict, 1.0)
    assert verdict.figures["waits over 1 s, from second"] == "4: 12, 700"


async def test_a_beat_that_nobody_was_free_for_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    now, slept = [0.0], []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    monkeypatch.setattr(metronome, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(metronome, "asyncio", SimpleNamespace(sleep=sleep))
    hundred = metronome.Metronome(100)
    for busy in (0.0, 0.004, 0.2, 0.0):
        now[0] += busy
        await hundred.beat()
    assert slept == [0.0, 0.006, 0.0, 0.01]
