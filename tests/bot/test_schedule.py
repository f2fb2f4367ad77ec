"""What happens by itself keeps nobody waiting."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.messages import Incoming
from bot.schedule import Schedule
from conversations.domain.speech import Started
from conversations.domain.whens import instant
from storage import bookings, reminders, tallies
from storage.database import Transaction
from storage.schema import deliveries as ledger
from storage.schema import gatherings
from tests.service import serving
from tests.storage.acts import met, opened


async def test_turns_go_on_while_totals_are_counted(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, met = tallies.count, []
    async with serving(tmp_path, database_url=database_url, rollup_seconds="3600") as service:

        async def count_slowly(tx: Transaction) -> tallies.Counted:
            counted = await counts(tx)
            async with asyncio.timeout(20):
                met.append(await service.house.turns.take(Incoming("web", "somebody", "e0", Started(""), "en")))
            return counted

        monkeypatch.setattr(tallies, "count", count_slowly)
        await Schedule(service.house)._round(60)
    assert met[0].fresh


async def test_a_law_that_moves_the_clocks_moves_instants_and_reminders_and_no_clock_on_the_wall(
    tmp_path: Path, database_url: str
) -> None:
    """The row is as a process wrote it that did not know of the law yet: an hour beside what the zone says now."""
    start = datetime(2027, 7, 10, 19, 0)
    async with serving(tmp_path, database_url=database_url, rollup_seconds="3600") as service:
        house, hour = service.house, timedelta(hours=1)
        async with house.database.write(house.clock()) as tx:
            event, other = await opened(tx, "host", start), await opened(tx, "another", start)
            guest = await met(tx, "guest")
            for each in (event, other):
                await bookings.book(tx, guest.id, guest.address, each, wait=False)
            kept = await tx.rows(sa.select(ledger.c.source, ledger.c.not_before).order_by(ledger.c.source))
            late = ledger.c.source.startswith(f"ev-{event}")
            for row in kept:
                moved = sa.update(ledger).where(ledger.c.source == row.source, late)
                await tx.execute(moved.values(not_before=row.not_before + hour))
            before = sa.update(gatherings).where(gatherings.c.id == event)
            await tx.execute(before.values(starts=instant(start, "Europe/London") + hour))
            assert await reminders.out_of_step(tx) == [event]
        await Schedule(house)._round(60)
        async with house.database.read(house.clock()) as tx:
            assert await reminders.out_of_step(tx) == []
            after = await tx.rows(sa.select(ledger.c.source, ledger.c.not_before).order_by(ledger.c.source))
            starts = await tx.rows(sa.select(gatherings.c.starts))
        assert [tuple(row) for row in after] == [tuple(row) for row in kept]
        assert {row.starts for row in starts} == {instant(start, "Europe/London")}
