"""Everybody of the access table at the doors of one house, things for them to ask for, and what the database holds."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import ClientResponse, DummyCookieJar
from aiohttp.test_utils import TestClient

from bot.channels.messages import Incoming
from bot.doors.pages import csrf_token
from bot.doors.telegram import SECRET_HEADER
from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.following import topic_subject
from conversations.domain.gatherings import Area
from conversations.domain.speech import Started
from storage import actions, bookings, broadcasting, broadcasts, people, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Transaction
from storage.schema import documents, marks, metadata, places
from tests.bot.access_table import Actor, Thing
from tests.bot.desk_staff import CONSULTATION, Desk, a_desk
from tests.service import OWN_PAGE
from tests.storage.acts import met, opened

SECRET = "a-webhook-secret"
OWN, ELSEWHERE = ("democracy", "VOTE"), ("health", "OLDER")
ROLES = {
    "officer": ("officer", "democracy"),
    "officer_elsewhere": ("officer", "health"),
    "signer": ("signer", "democracy"),
    "signer_elsewhere": ("signer", "health"),
    "organiser": ("organiser", "wales"),
    "organiser_elsewhere": ("organiser", "scotland"),
    "revoked": ("officer", "democracy"),
}
STILL = {"documents", "places", "marks", "alembic_version"}
assert {table.name for table in (documents, places, marks)} < STILL
Held = dict[str, str]
"""Of each table, the digest of all that is in it."""


@dataclass
class World:
    """A house with people, staff and drafts on topics of two commissions."""

    desk: Desk
    client: TestClient[Any, Any]
    sessions: dict[str, str] = field(default_factory=dict)
    versions: dict[Thing, str] = field(default_factory=dict)
    topics: dict[Thing, str] = field(default_factory=dict)
    link: str = ""
    events: dict[Thing, str] = field(default_factory=dict)
    seats: dict[Thing, str] = field(default_factory=dict)
    broadcasts: dict[Thing, str] = field(default_factory=dict)

    def headers(self, actor: Actor) -> dict[str, str]:
        """What somebody's browser, or platform, sends."""
        sent = dict(OWN_PAGE)
        if actor.knows == "chat":
            sent["Cookie"] = f"chat={actor.name}"
        if actor.name in self.sessions:
            sent["Cookie"] = f"desk={self.sessions[actor.name]}"
        if actor.knows == "secret":
            sent[SECRET_HEADER] = SECRET
        if actor.proxied:
            sent["X-Forwarded-For"] = "127.0.0.1"
        return sent

    def address(self, path: str, thing: Thing) -> str:
        """The address of a thing. A NUL stands for whatever no database keeps."""
        absent = {"unknown": "none", "null": "%00"}.get(thing, "")
        file, public = ("site.css", "VOTE") if thing in ("own", "foreign") else (absent, absent)
        filled = path.replace("/desk/topics/{consultation}/{topic}", f"/desk/topics/{CONSULTATION}/{{of_desk}}")
        return filled.format(
            of_desk=absent or self.topics[thing], version=absent or self.versions[thing], topic=public, file=file,
            event=absent or self.events[thing], code=absent or self.seats[thing],
            broadcast=absent or self.broadcasts[thing],
            token=self.link if thing == "own" else absent or "foreign",
        )  # fmt: skip

    def form(self, path: str, actor: Actor) -> dict[str, str]:
        """A form that carries its token."""
        secret = self.link if "{token}" in path else self.sessions.get(actor.name, "")
        return {"csrf": csrf_token(self.desk.house, secret)}

    async def ask(self, method: str, path: str, actor: Actor, thing: Thing = "own", **more: Any) -> ClientResponse:
        """One request, redirects not followed. What streams is closed once its head has come."""
        if method == "POST":
            body: dict[str, Any] = {"json": {}} if path == "/telegram" else {"data": self.form(path, actor)}
            more = body | more
        headers = self.headers(actor) | more.pop("headers", {})
        answer = await self.client.request(
            method, self.address(path, thing), headers=headers, allow_redirects=False, **more
        )
        if answer.content_type == "text/event-stream":
            answer.close()
        else:
            await answer.read()
        return answer

    async def held(self) -> Held:
        """What every table holds."""
        found = {}
        async with self.desk.house.database.read() as tx:
            for name, table in metadata.tables.items():
                if name not in STILL:
                    rows = sorted(repr(tuple(row)) for row in await tx.rows(sa.select(table)))
                    found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        return found

    async def new_link(self) -> None:
        """A fresh sign-in link for the officer."""
        async with self.desk.house.database.write(self.desk.house.clock()) as tx:
            self.link = await staff.make_link(tx, "officer") or ""


def changed(before: Held, after: Held) -> set[str]:
    """The tables that do not hold the same."""
    return {name for name in before if before[name] != after[name]}


@asynccontextmanager
async def a_world(database_url: str, **more: Any) -> AsyncIterator[World]:
    """Everybody is there, and has something."""
    async with AsyncExitStack() as stack:
        desk = await stack.enter_async_context(a_desk(database_url, trial=False, webhook_secret=SECRET, **more))
        server = (await desk.browser()).server
        world = World(desk, TestClient(server, cookie_jar=DummyCookieJar()))
        desk.browsers.append(world.client)
        desk.house.telegram_name = "sample_bot"
        await _people(world, ("person", "other_person"))
        async with desk.house.database.write(desk.house.clock()) as tx:
            for name, (role, commission) in ROLES.items():
                await staff.grant(tx, name, role, commission)
                token = await staff.make_link(tx, name)
                world.sessions[name] = await staff.sign_in(tx, token or "") or ""
            await staff.revoke(tx, "revoked", *ROLES["revoked"])
            for thing, (commission, topic) in (("own", OWN), ("foreign", ELSEWHERE)):
                assert _commission_of(desk, topic) == commission
                world.topics[thing] = topic  # type: ignore[index]
                made = await actions.draft(tx, CONSULTATION, topic, "done", [], {"en": {"headline": "x"}}, "Author")
                world.versions[thing] = made  # type: ignore[index]
            start = (tx.now + timedelta(days=9)).replace(tzinfo=None)
            for thing, area in (("own", "wales"), ("foreign", "scotland")):
                made = await opened(tx, f"an organiser of {area}", start, area=Area(area))
                world.events[thing] = made  # type: ignore[index]
                guest = await met(tx, f"a guest in {area}")
                await bookings.book(tx, guest.id, guest.address, made, wait=False)
                world.seats[thing] = await bookings.code_of(tx, guest.id, made)  # type: ignore[index]
            for thing, topic, area in (("own", OWN[1], "wales"), ("foreign", ELSEWHERE[1], "scotland")):
                world.broadcasts[thing] = await _asked(tx, topic, area)  # type: ignore[index]
        await world.new_link()
        yield world


async def _asked(tx: Transaction, topic: str, area: str) -> str:
    """What somebody wrote to the followers of a topic in an area, and waits for a second person."""
    who = Writer(f"Author in {area}", areas=frozenset({area}))
    reader = await met(tx, f"a reader in {area}")
    subject = topic_subject(CONSULTATION, topic)
    await people.tell_about(tx, reader.id, "nation", area)
    await subscriptions.follow(tx, reader.id, reader.address, subject, "at_once")
    audience = Audience(topic=subject.id)
    made = await broadcasts.draft(tx, who, "ordinary", audience, {"en": "The hall has a new door."}, area)
    assert await broadcasting.send(tx, who, made, 1, Rules(second_from=1)) == "asked"
    return made


async def _people(world: World, names: Iterable[str]) -> None:
    for name in names:
        taken = await world.desk.house.turns.take(Incoming("web", name, f"start-{name}", Started(), "en"))
        assert taken.fresh


def _commission_of(desk: Desk, topic: str) -> str:
    held = desk.house.library.all()[0]
    return next(each.commission.id for each in held.topics if each.id == topic)
