"""The benchmarks at toy size: that they work, never how fast. `make bench` measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import targets
from tests.benchmarks.sending import told
from tests.benchmarks.targets import Bench


def toy(folder: Path, url: str) -> Bench:
    return Bench(folder, lambda: url, 1, people=4, steady_seconds=1, fan_out=100, queued=4000)


@pytest.mark.slow
async def test_publishing_to_thousands_is_queued_claimed_and_settled(tmp_path: Path, database_url: str) -> None:
    seen = await targets.queueing(toy(tmp_path, database_url), lambda _told: None)
    assert [each.target for each in seen] == ["B3", "B3", "B4"]


@pytest.mark.slow
async def test_our_bulk_lane_tells_everybody_once_and_is_never_told_to_slow_down(
    tmp_path: Path, database_url: str
) -> None:
    sent = await told("ours", tmp_path, database_url, 100, 50.0)
    assert (sent.sent, sent.lost, sent.doubled, sent.refused) == (100, 0, 0, 0)


@pytest.mark.slow
async def test_four_people_answer_our_ten_questions(tmp_path: Path, database_url: str) -> None:
    from tests.benchmarks.bots import OURS

    cost, memory = await toy(tmp_path, database_url).crowd(OURS)
    assert cost.answers == 40
    assert memory > 0
