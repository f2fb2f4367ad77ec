"""Updates that come again, to processes that are killed: in short. The full size is `make torture PART=redelivery`."""

from __future__ import annotations

import random

import pytest

from tests.torture import redelivery
from tests.torture.verdict import Asked, Engine


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_each_update_counts_once_and_in_its_order(engine: Engine) -> None:
    verdict = await redelivery.run(Asked("redelivery", engine, 11, 120))
    assert verdict.broken == []
    assert verdict.figures["events"] == verdict.figures["updates"]
    assert int(verdict.figures["deliveries"]) > 1.5 * int(verdict.figures["updates"])
    assert verdict.figures["restarts"] == 2
    assert int(verdict.figures["answers"]) >= 2 * redelivery.ROUNDS


async def test_a_program_that_remembers_no_event_is_found_out() -> None:
    verdict = await redelivery.run(Asked("redelivery", "sqlite", 11, 60, bug="no-unique-key"))
    assert any("led astray" in each for each in verdict.broken)


def test_a_crowd_is_the_same_for_the_same_seed() -> None:
    (some, count), (same, _) = redelivery.crowd_of(500, random.Random(4)), redelivery.crowd_of(500, random.Random(4))
    assert [list(each.updates) for each in some] == [list(each.updates) for each in same]
    assert sum(len(each.updates) for each in some) == count
