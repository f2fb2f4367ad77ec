"""Sixty people at once: exact, whatever the machine's speed. `make bench` measures how fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.crowd import crowd


@pytest.mark.slow
async def test_sixty_people_at_once_are_each_heard_once_and_told_once(tmp_path: Path, database_url: str) -> None:
    figures = await crowd(tmp_path, database_url, 60, (0.1, 0.6))
    assert figures.faults == []
    assert figures.stored == figures.expected > 60 * 4
    assert sum(figures.people.values()) == 60
