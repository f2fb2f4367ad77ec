"""The pulse of a process: who is cut off stops sending, and judges nobody until it could have heard of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.opening import opened
from bot.pulse import LIFE, Pulse
from storage.schema import leases
from tests.conftest import trial


class Time:
    """The clock on the wall and the one that only counts, moved together."""

    counted = 100.0

    def __call__(self) -> datetime:
        return datetime(2026, 11, 22, 12, tzinfo=UTC) + timedelta(seconds=self.counted)

    def monotonic(self) -> float:
        return self.counted


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr("bot.pulse.time.monotonic", time.monotonic)
    return time


async def test_a_process_that_could_not_beat_holds_its_sends_back(tmp_path: Path, time: Time) -> None:
    async with opened(trial(tmp_path), clock=time) as house:
        pulse = Pulse(house)
        assert not pulse.alive()
        await pulse._beat()
        assert pulse.alive()
        time.counted += LIFE * 0.8
        assert not pulse.alive(), "before anybody else can think so"
        await pulse._beat()
        assert pulse.alive()


async def test_after_the_database_was_away_everybody_has_time_to_say_that_they_live(tmp_path: Path, time: Time) -> None:
    async with opened(trial(tmp_path), clock=time) as house, opened(trial(tmp_path), clock=time) as other:
        mine, theirs = Pulse(house), Pulse(other)
        await mine._beat()
        await theirs._beat()
        for _ in range(6):
            time.counted += LIFE / 4
            await mine._beat()
            await theirs._beat()
        time.counted += LIFE * 5  # the database was away for both
        await mine._beat()
        time.counted += LIFE / 4
        await mine._beat()
        async with house.database.read() as tx:
            held = {row.holder for row in await tx.rows(sa.select(leases.c.holder))}
        assert held == {house.holder, other.holder}, "nobody was taken for dead"
        for _ in range(4):
            time.counted += LIFE / 4
            await mine._beat()
        async with house.database.read() as tx:
            assert [row.holder for row in await tx.rows(sa.select(leases.c.holder))] == [house.holder]


async def test_whoever_closes_leaves_no_pulse(tmp_path: Path) -> None:
    async with opened(trial(tmp_path)) as house:
        pulse = Pulse(house)
        await pulse.start()
        await pulse.close()
        async with house.database.read() as tx:
            assert await tx.rows(sa.select(leases)) == []
