"""The whole timetable, from the open conversation to the last day of keeping, played on a clock that moves.

Everything is the real thing: turns, the sender against our Bot API server, the schedule, what the desk does. Everybody
who asked is told the outcome, once; nobody else is; then every way back from an answer to a person goes by itself.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import library, looking, schedule
from bot.app import running
from bot.channels.messages import Incoming
from bot.doors.pages import HOUSE
from bot.house import House
from conversations.domain.speech import Chose, Heard, Said, Started
from storage import actions, retention
from storage.schema import (
    addresses,
    audit,
    conversations,
    corrections,
    deliveries,
    events,
    joins,
    persons,
    quarantine,
    responses,
    return_codes,
    sessions,
    sign_in_links,
    standing_prompts,
)
from storage.schema import answers as answers_table
from tests.conftest import trial
from tests.fakes.botapi import BotApi

OPENS = datetime(2027, 1, 5, 12, tzinfo=UTC)
HELD = "fair-future"
IN = (Started("SAFE"), Chose("en"), Chose("agree"))
SAFE = (Chose("4"), Chose("lights"), Chose("yes"), Chose("1"), Said("The path by the canal"), Chose("send"))
REST = (Chose("skip"), Chose("skip"), Chose("skip"))
WHOLE = (*IN, *SAFE, Chose("with_words"), *REST)
CYMRAEG = (Started("SAFE"), Chose("cy"), *WHOLE[2:])
VOTE = (Started("VOTE"), Chose("yes"), Chose("work_tax"))
FATES: dict[str, tuple[Heard, ...]] = {
    "whole": WHOLE,
    "welsh": CYMRAEG,
    "only that there is news": (*IN, *SAFE, Chose("news_only"), *REST),
    "no": (*IN, *SAFE, Chose("no"), *REST),
    "left that open": (*IN, *SAFE, Chose("skip"), *REST),
    "left early": (*IN, *SAFE[:2]),
    "stopped": (*WHOLE, Said("STOP")),
    "stopped and came back": (*WHOLE, Said("STOP")),
    "deleted": (*WHOLE, Said("DELETE"), Chose("delete")),
    "deleted after the first news": WHOLE,
    "blocked": WHOLE,
    "blocked and came back": WHOLE,
    "came back after a month": (*IN, *SAFE[:2]),
    "two topics": (*WHOLE, *VOTE),
    "a topic without an outcome": (*WHOLE, Started("SMOKE"), Chose("same")),
    "looked in": (Started("SAFE"),),
    "too young": (*IN[:2], Chose("under")),
    "not this time": (*IN[:2], Chose("no")),
}
TOLD = {
    "whole", "welsh", "only that there is news", "stopped and came back", "blocked and came back",
    "came back after a month", "two topics", "a topic without an outcome",
}  # fmt: skip
"""Whoever asked, and can be written to, when the outcome comes."""
GONE = {"deleted", "deleted after the first news", "looked in", "too young", "not this time"}


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a round of the schedule takes seconds, and the rest after it would be half a minute."""
    monkeypatch.setattr(schedule, "RESTS", 0)


@dataclass
class Years:
    """The service, its clock, and everybody in it."""

    house: House
    api: BotApi
    clock: Clock
    ids: dict[str, int] = field(default_factory=lambda: {fate: 9000 + place for place, fate in enumerate(FATES)})

    async def hear(self, fate: str, *heard: Heard) -> None:
        for each in heard:
            await self.house.turns.take(Incoming("telegram", str(self.ids[fate]), uuid.uuid4().hex, each))

    async def rows(self, query: Any) -> list[Any]:
        async with self.house.database.read(self.clock()) as tx:
            return await tx.rows(query)

    async def count(self, table: sa.Table, *where: Any) -> int:
        return int((await self.rows(sa.select(sa.func.count()).select_from(table).where(*where)))[0][0])

    async def go(self, to: datetime) -> None:
        """On to another day: what is due is sent, the schedule does its round, and nothing is over its age."""
        assert to > self.clock()
        async with self.house.database.write(to) as tx:  # when this old key is gone, the round is over
            await tx.execute(sa.insert(events).values(channel="-", event="-", heard=to - timedelta(days=999)))
        self.clock.now = to
        self.house.wake()
        await _until(lambda: self.count(events, events.c.channel == "-"), 0)
        due = sa.and_(deliveries.c.state.in_(["waiting", "claimed"]), deliveries.c.not_before <= to)
        await _until(lambda: self.count(deliveries, due, deliveries.c.channel == "telegram"), 0)
        assert await self.over_age() == {}

    async def over_age(self) -> dict[str, int]:
        """Technical rows that should not be here any more."""
        now, day = self.clock(), timedelta(days=1)
        oldest = {
            events: events.c.heard < now - 60 * day,
            deliveries: sa.and_(deliveries.c.lane == 0, deliveries.c.created < now - 30 * day),
            quarantine: quarantine.c.heard < now - 30 * day,
            audit: audit.c.at < now - 731 * day,
            corrections: corrections.c.sent < now - 366 * day,
            **{table: table.c.expires < now - day for table in (joins, sessions, sign_in_links)},
        }
        found = {table.name: await self.count(table, where) for table, where in oldest.items()}
        return {name: rows for name, rows in found.items() if rows}

    async def act(self, topic: str, kind: str, headline: str, action: str = "") -> str:
        """The commission publishes; a second person signs. Returns the action."""
        words = dict.fromkeys(["said", "did", "why", "who", "next", "by"], "words")
        texts = {"en": words | {"headline": headline}, "cy": words | {"headline": f"{headline} (cy)"}}
        asked = ["F1", "F6"] if topic == "SAFE" else ["V1"]
        async with self.house.database.write(self.clock()) as tx:
            if action:
                version = await actions.correct(tx, action, kind, asked, texts, "It has moved on.", "Officer A")
            else:
                version = await actions.draft(tx, HELD, topic, kind, asked, texts, "Officer A")
            await actions.sign(tx, version, "Officer B", alone=False)
            await actions.publish(tx, version)
            found = await actions.version_of(tx, version)
        self.house.wake()
        assert found is not None
        return found.action

    def heard(self, headline: str) -> dict[str, int]:
        """How often each was told that headline, by those who were at all."""
        told = {fate: 0 for fate in FATES}
        for fate, id_ in self.ids.items():
            told[fate] = sum(headline in message.text for message in self.api.person(id_).messages)
        return {fate: times for fate, times in told.items() if times}

    async def linked(self) -> set[str]:
        """Who could still be found from their answers."""
        found = {row.lookup for row in await self.rows(sa.select(addresses.c.lookup))}
        keys = self.house.database.keys
        return {fate for fate, id_ in self.ids.items() if keys.find("telegram", str(id_)) in found}


@dataclass
class Clock:
    now: datetime = OPENS

    def __call__(self) -> datetime:
        return self.now


async def _until(look: Callable[[], Awaitable[int]], wanted: int, seconds: float = 120) -> None:
    async with asyncio.timeout(seconds):
        while await look() != wanted:  # noqa: ASYNC110 - what it waits for is in the database
            await asyncio.sleep(0.05)


@asynccontextmanager
async def opening(folder: Path, url: str, api: BotApi) -> AsyncIterator[Years]:
    """The service on the opening day, with the sample's topics on the timetable; it keeps quiet hours."""
    more = {"telegram_token": api.token, "telegram_api_url": api.url, "telegram_per_second": 500}
    settings = trial(folder, database_url=url, rollup_seconds=0.2, **more)
    clock = Clock()
    async with running(settings, clock=clock) as app:
        house = app[HOUSE]
        house.settings = settings.model_copy(update={"host": "0.0.0.0"})
        text = re.sub(r"closes: .*", "closes: in 25 weeks", library.sample_text())
        text = re.sub(r"hear_by: .*", "hear_by: in 24 months", text)
        text = re.sub(r"keep_until: .*", "keep_until: in 45 months", text)
        async with house.database.write(clock()) as tx:
            await library.load(tx, text, clock().date(), production=False)
        await house.library.refresh(house.database)
        yield Years(house, api, clock)


@pytest.fixture
async def years(tmp_path: Path, database_url: str, bot_api: BotApi) -> AsyncIterator[Years]:
    async with opening(tmp_path, database_url, bot_api) as years:
        for id_ in years.ids.values():
            bot_api.person(id_, known=True)
        yield years


def on(year: int, month: int, day: int = 5, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])],
    indirect=True,
)
async def test_two_years_and_then_nobody_can_be_traced(years: Years) -> None:
    on_the_web = await _open_conversation(years)
    report = await _what_we_heard(years)
    await _decided(years, report, on_the_web)
    await _forgotten(years)
    assert not years.api.refusals or {each.status for each in years.api.refusals} == {403}, years.api.refusals


async def _open_conversation(years: Years) -> str:
    """January to June: people answer. One of them in a browser; the person behind it is returned."""
    await asyncio.gather(*(years.hear(fate, *heard) for fate, heard in FATES.items()))
    web = ""
    for heard in WHOLE:
        web = (await years.house.turns.take(Incoming("web", "a-cookie", uuid.uuid4().hex, heard))).person
    await years.go(on(2027, 2, 6))
    await years.hear("came back after a month", Started(), *SAFE[2:], Chose("with_words"), *REST)
    await years.api.person(years.ids["blocked"]).block()
    await years.api.person(years.ids["blocked and came back"]).block()
    await _until(lambda: years.count(addresses, addresses.c.silent == "blocked"), 2)
    await years.go(on(2027, 4))
    assert "looked in" not in await years.linked()
    return web


async def _what_we_heard(years: Years) -> str:
    """The listening report in summer, and the draft in winter: news, and not yet the outcome."""
    await years.go(on(2027, 8))
    report = await years.act("SAFE", "update", "What we heard")
    await years.go(on(2027, 8, 6))
    everybody = (TOLD - {"stopped and came back", "blocked and came back"}) | {"deleted after the first news"}
    assert years.heard("What we heard") == dict.fromkeys(everybody, 1)
    await years.hear("deleted after the first news", Said("DELETE"), Chose("delete"))
    await years.hear("stopped and came back", Started())
    await years.api.person(years.ids["blocked and came back"]).unblock()
    await years.go(on(2028, 2))
    await years.act("SAFE", "update", "It is in the draft", report)
    await years.go(on(2028, 2, 6))
    assert years.heard("It is in the draft") == dict.fromkeys(TOLD, 1)
    return report


async def _decided(years: Years, report: str, on_the_web: str) -> None:
    """After Conference: the outcome, published late in the evening, told in the morning, once."""
    await years.go(on(2028, 10, 3, 21))
    await years.act("SAFE", "partly", "Half the paths are lit", report)
    await years.go(on(2028, 10, 3, 23))
    assert years.heard("Half the paths are lit") == {}, "nobody is woken"
    await years.go(on(2028, 10, 4, 9))
    await years.go(on(2028, 10, 20))
    assert years.heard("Half the paths are lit") == dict.fromkeys(TOLD, 1)
    seen = await looking.look_to_draw(years.house, on_the_web, "web")
    assert sum("Half the paths are lit" in each.message.words for each in seen) == 1
    await years.go(on(2029, 1))
    await years.act("VOTE", "will_not", "The age stays as it is")
    await years.go(on(2029, 1, 6))
    assert years.heard("The age stays as it is") == {"two topics": 1}
    assert await years.linked() == set(FATES) - GONE
    assert await years.count(answers_table) > 0


async def _forgotten(years: Years) -> None:
    """A year after the outcome the way back goes; for two topics after the last; for no outcome on the last day."""
    answered, said = await years.count(answers_table), len(years.api.sent)
    await years.go(on(2029, 10, 2))
    assert await years.linked() == set(FATES) - GONE
    await years.go(on(2029, 10, 5))
    assert await years.linked() == {"two topics", "a topic without an outcome"}
    await years.go(on(2030, 1, 7))
    assert await years.linked() == {"a topic without an outcome"}
    await years.go(on(2030, 10, 5))
    assert await years.linked() == {"a topic without an outcome"}
    await years.go(on(2030, 10, 7))
    for table in (addresses, return_codes, joins, conversations):
        assert await years.count(table) == 0, table.name
    assert await years.count(responses, responses.c.address.is_not(None)) == 0
    tied = sa.or_(deliveries.c.address.is_not(None), deliveries.c.remote.is_not(None), deliveries.c.body.is_not(None))
    assert await years.count(deliveries, tied) == 0
    assert (await years.count(answers_table), len(years.api.sent)) == (answered, said), "answers stay; nothing is said"
    assert await years.count(persons) == len(set(FATES) - GONE) + 1
    assert await years.count(standing_prompts) > 0
    assert retention.a_year_before(years.clock()) > on(2029, 10, 5)
