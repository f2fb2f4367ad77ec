"""What happens by itself keeps nobody waiting."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.channels.messages import Incoming
from bot.schedule import Schedule
from conversations.domain.speech import Started
from storage import tallies
from storage.database import Transaction
from tests.service import serving


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
