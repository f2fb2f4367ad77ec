"""Short form of the faults."""

from __future__ import annotations

import pytest

from tests.torture import faults
from tests.torture.test_power import ENGINES, compiled
from tests.torture.verdict import Asked, Engine


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """How fast all is well again is judged by `make torture` alone: here others share the cores."""
    monkeypatch.setattr(faults, "BACK", 60.0)
    monkeypatch.setattr(faults, "P95", 20.0)


@compiled
async def test_a_full_and_a_read_only_disk_confirm_nothing_and_are_got_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "HELD_FOR", 1.5)
    asked = Asked("faults", "sqlite", seed=1, size=1)
    with faults.place_of(asked) as place:
        async with faults.talking(asked, place) as scene:
            for name in ("full", "read-only"):
                verdict = await faults.strike(scene, name, place.troubles[name])
                assert verdict.broken == []
                assert verdict.figures[f"{name}, refused"]
        assert scene.people.stuck == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
async def test_each_fault_strikes_once_and_nobody_is_told_what_is_not_so(engine: Engine) -> None:
    verdict = await faults.run(Asked("faults", engine, seed=1, size=1))
    assert verdict.broken == []
