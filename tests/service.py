"""The whole service on loopback, as `serve` runs it, and somebody at its desk."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.app import running
from bot.doors.guard import runner_of
from bot.doors.pages import HOUSE
from bot.house import House
from bot.settings import Settings
from storage import staff
from tests.conftest import trial

OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What every browser says of a form of our own page."""


def free_port() -> int:
    """A port nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Service:
    """A running service: its house, its address, a browser-like client, and sheets of codes made in it."""

    house: House
    base: str
    client: aiohttp.ClientSession
    sheets: list[list[str]] = field(default_factory=list)
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self)


@asynccontextmanager
async def serving(folder: Path, **more: Any) -> AsyncIterator[Service]:
    """Runs the service with a trial's settings until the end of the block."""
    port = more.pop("port", None) or free_port()
    settings: Settings = trial(folder, port=port, **more)
    async with running(settings) as app:
        runner = runner_of(app, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            jar = aiohttp.CookieJar(unsafe=True)
            async with aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE) as client:
                yield Service(app[HOUSE], f"http://127.0.0.1:{port}", client)
        finally:
            await runner.cleanup()


CANAL = {
    "en": {
        "headline": "More lights on paths by water",
        "said": "Many people told us that paths by water are dark.",
        "did": "The group has put lights on paths by water in its plan.",
        "why": "Most people who wrote asked for it.",
        "decided": "The Safer Communities group",
        "next": "The council will be asked to begin.",
        "by": "March 2027",
    },
    "cy": {
        "headline": "Mwy o oleuadau ar lwybrau ger dŵr",
        "said": "Dywedodd llawer fod llwybrau ger dŵr yn dywyll.",
        "did": "Mae'r grŵp wedi rhoi goleuadau ar lwybrau ger dŵr yn ei gynllun.",
        "why": "Gofynnodd y rhan fwyaf am hynny.",
        "decided": "Y grŵp Cymunedau Diogelach",
        "next": "Bydd y grŵp yn gofyn i'r cyngor ddechrau.",
        "by": "Mawrth 2027",
    },
}


@dataclass
class Desk:
    """An officer in a browser without scripts."""

    service: Service
    action: str = ""

    async def sign_in(self, name: str = "Officer of the test", role: str = "officer", commission: str = "") -> None:
        """Signs in by a one-time link."""
        house = self.service.house
        async with house.database.write(house.clock()) as tx:
            await staff.grant(tx, name, role, commission)
            token = await staff.make_link(tx, name)
        await self.post(f"/desk/in/{token}")

    async def get(self, path: str) -> str:
        """A page of the desk."""
        async with self.service.client.get(self.service.base + path) as answer:
            assert answer.status == 200, (path, answer.status)
            return await answer.text()

    async def post(self, path: str, **fields: Any) -> tuple[str, str]:
        """Posts a form of the desk with its token; the page that follows and its address."""
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', await self.get(path)))
        assert "csrf" in hidden, path
        data = [(name, value) for name, value in hidden.items() if name not in fields]
        for name, value in fields.items():
            data += [(name, each) for each in value] if isinstance(value, list) else [(name, value)]
        async with self.service.client.post(self.service.base + path, data=data) as answer:
            page = await answer.text()
            assert answer.status == 200, (path, answer.status, page[:300])
            return page, answer.url.path

    async def write(self, consultation: str, topic: str, questions: list[str], texts: Any = None, **more: str) -> None:
        """Writes an action and keeps its draft."""
        fields: dict[str, Any] = {"kind": "done", "questions": questions, "reason": "", "do": "save", **more}
        for language, parts in (texts or CANAL).items():
            fields |= {f"{name}.{language}": words for name, words in parts.items()}
        _, self.action = await self.post(f"/desk/topics/{consultation}/{topic}/new", **fields)
        assert "/desk/actions/" in self.action, self.action

    async def sign_and_publish(self) -> None:
        """Signs and publishes the action in hand."""
        await self.post(self.action, do="sign")
        await self.post(self.action, do="publish")
