"""The short form of `make torture PART=broadcasts`."""

from __future__ import annotations

import pytest

from tests.torture import broadcasts
from tests.torture.verdict import Asked, Engine


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_what_is_stopped_stops_and_who_says_stop_hears_no_more(engine: Engine) -> None:
    verdict = await broadcasts.run(Asked("broadcasts", engine, seed=7, size=6))
    assert verdict.broken == []
    assert verdict.figures["stops"] == 6
