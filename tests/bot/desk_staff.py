"""A desk for tests: an open house with the sample consultation, staff with roles, people who answered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.app import build_web
from bot.channels.telegram import TelegramChannel
from bot.doors.telegram import TelegramDoor
from bot.house import House
from bot.library import load, sample_text
from bot.opening import build_house
from bot.settings import Settings
from conversations.domain.answers import Answer, Slot
from storage import answers, people, staff
from storage.database import migrate, open_database
from storage.people import Person
from storage.sealing import Keys, new_key
from tests.service import OWN_PAGE

CONSULTATION = "fair-future"
TOPIC = f"/desk/topics/{CONSULTATION}/VOTE"
"""A topic of the commission "democracy"."""
GOOD = {
    "kind": "partly",
    "questions": "V5",
    **{
        f"{part}.{language}": f"{part} in {language}"
        for part in ("headline", "said", "did", "why", "decided", "next", "by")
        for language in ("en", "cy")
    },
}


@dataclass
class Desk:
    """The running desk. `woken` counts how often the sender was told."""

    house: House
    app: web.Application
    woken: list[str] = field(default_factory=list)
    browsers: list[TestClient[Any, Any]] = field(default_factory=list)

    async def browser(self) -> TestClient[Any, Any]:
        """A browser of its own, with its own cookies."""
        if not self.browsers:
            self.browsers.append(TestClient(TestServer(self.app), headers=OWN_PAGE))
            await self.browsers[0].start_server()
            return self.browsers[0]
        self.browsers.append(TestClient(self.browsers[0].server, headers=OWN_PAGE))
        return self.browsers[-1]

    async def grant(self, name: str, role: str, commission: str = "") -> str:
        """Gives a role and a sign-in link; returns the link's address."""
        async with self.house.database.write(self.house.clock()) as tx:
            await staff.grant(tx, name, role, commission)
            return f"/desk/in/{await staff.make_link(tx, name)}"

    async def signed_in(self, name: str, role: str = "officer", commission: str = "") -> TestClient[Any, Any]:
        """A browser in which somebody with this role is signed in."""
        link = await self.grant(name, role, commission)
        client = await self.browser()
        assert (await post(client, link)).status == 200
        return client

    async def person(
        self,
        value: str,
        words: str = "",
        *,
        channel: str = "telegram",
        outcome: str = "with_words",
        question: str = "V5",
    ) -> Person:
        """Somebody who answered in own words, sent it, and said whether they want to hear."""
        async with self.house.database.write(self.house.clock()) as tx:
            found = (await people.meet(tx, [(channel, value, "en")]))[0]
            assert found is not None
            given = Answer(words=words or f"words of {value}", language="cy" if words.startswith("Mae") else "en")
            await people.record_consent(tx, found.id, CONSULTATION, "take_part", "yes", "consent-1")
            await answers.record_all(
                tx, [answers.Given(found.id, found.address, CONSULTATION, "VOTE", Slot(question), given, 1, 1)]
            )
            await answers.send(tx, found.id, found.address, CONSULTATION, "VOTE")
            if outcome:
                await people.record_consent(tx, found.id, CONSULTATION, "outcome", outcome, "outcome-1")
        return found


@asynccontextmanager
async def a_desk(
    database_url: str, *, trial: bool, public_url: str = "http://talk.example.org", webhook_secret: str = ""
) -> AsyncIterator[Desk]:
    """A desk over a fresh database with the sample in it, behind the doors that `serve` opens. With a webhook's secret
    there is Telegram's too."""
    settings = Settings(
        database_url=database_url,
        public_url="" if trial else public_url,
        telegram_webhook_secret=webhook_secret,
        security_contact="mailto:security@example.org",
    )
    assert settings.trial is trial
    database = open_database(settings.database_url, Keys.read(new_key(), new_key()))
    await migrate(database)
    async with database.write(datetime.now(UTC)) as tx:
        await load(tx, sample_text(), datetime.now(UTC).date(), production=False)
    house = build_house(settings, database, {})
    house.library.production = False  # the desk is tried with the sample, which production does not open
    await house.library.refresh(database)
    door = TelegramDoor(house, TelegramChannel("1:token", "http://127.0.0.1:9")) if webhook_secret else None
    app = build_web(house, door)
    made = Desk(house, app)
    house.wake = lambda: made.woken.append("wake")
    try:
        yield made
    finally:
        for client in reversed(made.browsers):
            await client.close()
        await house.turns.close()
        await database.close()


def hidden(html: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    return found[1] if found else ""


async def post(client: TestClient[Any, Any], path: str, /, page: str = "", **form: Any) -> ClientResponse:
    """Posts a form the way its page would: with the hidden fields of `page` (the same address unless named)."""
    html = await (await client.get(page or path)).text()
    values = {"csrf": hidden(html, "csrf"), "seen": hidden(html, "seen")} | form
    return await client.post(path, data=values)


async def written(client: TestClient[Any, Any], **changed: str) -> str:
    """Writes an action; returns the address of its page."""
    answer = await post(client, f"{TOPIC}/new", **(GOOD | changed))
    assert answer.status == 200, await answer.text()
    return answer.url.path


async def published(desk: Desk, client: TestClient[Any, Any], **changed: str) -> str:
    """Writes, has somebody else sign, and publishes an action."""
    path = await written(client, **changed)
    other = await desk.signed_in("Second", "signer")
    assert (await post(other, path, do="sign")).status == 200
    assert (await post(client, path, do="publish")).status == 200
    return path
