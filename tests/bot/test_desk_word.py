"""DESK in a chat: a one-time link for whoever is on the staff, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import staff
from tests.playing import Player, TerminalPlayer, WebPlayer
from tests.service import serving


@pytest.mark.parametrize("channel", ["terminal", "web"])
async def test_desk_gives_a_link_to_staff_only(tmp_path: Path, channel: str) -> None:
    async with serving(tmp_path) as service:
        player: Player = WebPlayer(service.base, service.client) if channel == "web" else TerminalPlayer(service.house)
        await player.start()
        await player.press(["English"])
        await player.press(["Yes, I am 16 or over and I agree"])
        await player.type("desk")
        assert "There is no link for you here" in await player.sees()
        assert "What would you like to talk about?" in await player.sees()
        await player.type("my data")
        seen = await player.sees()
        name = seen[seen.index("P-") :][:8]
        async with service.house.database.write(service.house.clock()) as tx:
            await staff.grant(tx, "Test officer", "officer", "")
            assert not await staff.tie(tx, "Test officer", "P-NOBODY")
            assert await staff.tie(tx, "Test officer", name)
        await player.type("desk")
        seen = await player.sees()
        link = next(word for word in seen.split() if "/desk/in/" in word)
        async with service.client.get(link) as page:
            assert page.status == 200
            assert "Test officer" in await page.text()
        await player.type("desk")
        assert link not in await player.sees()
