"""Limits: one place, and one person, may ask so often; nobody else waits for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web

from bot import buckets
from bot.access import CHAT_STARTS, ONE_PERSON, RATES, ROUTES, Rate, Who
from bot.buckets import Buckets
from bot.doors import guard, limits
from bot.doors.pages import FORM
from storage.schema import addresses, persons
from tests.bot.access_table import Actor
from tests.bot.access_world import World, a_world

NOBODY, PERSON = Actor("nobody"), Actor("person", knows="chat")


@pytest.fixture
async def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The doors as people in the street see them: each request names the place it comes from."""

    def place(request: web.Request) -> str:
        return request.headers.get("X-Place", "192.0.2.1")

    monkeypatch.setattr(limits, "client_address", place)
    async with a_world(f"sqlite:///{tmp_path}/limits.db") as made:
        yield made


async def status(world: World, path: str, actor: Actor, place: str, **more: Any) -> int:
    return (await world.ask("POST", path, actor, headers={"X-Place": place}, **more)).status


def test_every_form_that_anyone_may_post_has_a_rate() -> None:
    assert set(RATES) == {
        (method, path) for (method, path), who in ROUTES.items() if method == "POST" and who is Who.ANYONE
    }


def test_a_bucket_is_filled_again_and_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    counted, rate = Buckets(lambda: now[0]), Rate(3, 0.5)
    assert [counted.take("a", "x", rate) for _ in range(5)] == [True] * 3 + [False] * 2
    assert counted.take("a", "y", rate)
    assert counted.take("b", "x", rate)
    now[0] = 2.0
    assert [counted.take("a", "x", rate) for _ in range(2)] == [True, False]
    now[0] = 10_000.0
    assert [counted.take("a", "x", rate) for _ in range(4)] == [True] * 3 + [False]
    monkeypatch.setattr(buckets, "MOST_REMEMBERED", 10)
    for number in range(100):
        counted.take("a", str(number), rate)
    assert len(counted._buckets) <= 11


def test_who_has_their_whole_share_again_is_not_remembered() -> None:
    now = [0.0]
    counted, rate = buckets.Buckets(lambda: now[0]), Rate(2, 1)
    for somebody in range(1000):
        assert counted.take("said", str(somebody), rate)
        now[0] += 1
        assert len(counted._buckets) <= 3
    for more in (True, True, False):
        assert counted.take("said", "999", rate) is more
        now[0] += 0.1


async def test_codes_that_are_guessed_are_counted_by_place(world: World) -> None:
    tried = [await status(world, "/chat/return", NOBODY, "192.0.2.7", data={"code": f"{n}"}) for n in range(12)]
    assert tried == [422] * 10 + [429] * 2
    assert await status(world, "/chat/return", NOBODY, "192.0.2.8", data={"code": "1"}) == 422
    assert await status(world, "/chat/return", NOBODY, "127.0.0.1", data={"code": "1"}) == 422


async def test_too_many_corrections_from_one_place_leave_room_for_others(world: World) -> None:
    better = {"better": "x"}
    tried = [await status(world, "/correct", NOBODY, "192.0.2.7", data=better) for _ in range(22)]
    assert tried == [303] * 20 + [429] * 2
    assert await status(world, "/cy/correct", NOBODY, "192.0.2.8", data=better) == 303


async def test_a_refusal_is_kind_and_says_how_long(world: World) -> None:
    for _ in range(11):
        answer = await world.ask("POST", "/chat/return", NOBODY, headers={"X-Place": "192.0.2.7"}, data={"code": "x"})
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "60"
    assert "That was a bit fast" in await answer.text()
    assert answer.headers["Cache-Control"] == "no-store"


async def test_one_place_does_not_make_people_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.doors.chat.CHAT_STARTS", Rate(5, 0.001))
    assert CHAT_STARTS.burst > 100  # a hall full of people
    counted = sa.select(sa.func.count()).select_from(persons)
    async with world.desk.house.database.read() as tx:
        before = (await tx.execute(counted)).scalar_one()
    started = [await status(world, "/chat", NOBODY, "192.0.2.7", data={"choice": "en"}) for _ in range(8)]
    assert started == [303] * 5 + [429] * 3
    async with world.desk.house.database.read() as tx:
        made = (await tx.execute(counted)).scalar_one() - before
    assert made == 5
    assert await status(world, "/chat", PERSON, "192.0.2.7", data={"choice": "en"}) == 303  # whoever is known goes on


@pytest.mark.parametrize(
    ("path", "actor", "other"),
    [
        ("/chat/stream", PERSON, Actor("other_person", knows="chat")),
        ("/desk/actions/{version}/stream", Actor("officer"), Actor("signer")),
    ],
)
async def test_the_open_pages_of_one_person_have_an_end(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, actor: Actor, other: Actor
) -> None:
    monkeypatch.setattr(limits, "MOST_STREAMS", 3)

    async def listens(who: Actor) -> aiohttp.ClientResponse:
        return await world.client.get(world.address(path, "own"), headers=world.headers(who))

    streams = [await listens(actor) for _ in range(4)]
    assert [each.status for each in streams] == [200, 200, 200, 429]
    assert streams[-1].headers["Retry-After"] == "60"
    assert (await listens(other)).status == 200
    streams[0].close()  # a page that was left holds no place
    async with asyncio.timeout(20):
        while (await listens(actor)).status == 429:  # noqa: ASYNC110 - the server notices when the line closes
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("path", "actor"), [("/chat", PERSON), ("/chat/return", NOBODY), ("/desk/out", Actor("officer"))]
)
async def test_a_body_that_does_not_come_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str, actor: Actor
) -> None:
    assert guard.PATIENCE == 30
    monkeypatch.setattr(guard, "PATIENCE", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", world.client.port)
    heads = world.headers(actor) | {"Host": "x", "Content-Type": FORM, "Content-Length": "100"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in heads.items())]
    writer.write("\r\n".join([*lines, "", "words=slo"]).encode())
    async with asyncio.timeout(20):
        assert b" 408 " in await reader.readline()
    writer.close()


async def flood(world: World, requests: int) -> tuple[list[int], list[float]]:
    """Somebody posts as fast as they can, eight at a time; meanwhile somebody else answers. The statuses of the one,
    and how long the other waited each time, in seconds."""
    left, statuses, waits = iter(range(requests)), [], []

    async def floods() -> None:
        for _ in left:
            statuses.append(await status(world, "/chat", PERSON, "192.0.2.7", data={"words": "again"}))

    async def answers() -> None:
        while len(statuses) < requests:
            begun = time.perf_counter()
            assert await status(world, "/chat", other, "192.0.2.8", data={"words": "hello"}) == 303
            waits.append(time.perf_counter() - begun)
            await asyncio.sleep(0.5)

    other = Actor("other_person", knows="chat")
    await asyncio.gather(answers(), *(floods() for _ in range(8)))
    return statuses, waits


@pytest.mark.parametrize("requests", [400, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_whoever_floods_is_told_so_and_delays_nobody_else(world: World, requests: int) -> None:
    begun = time.perf_counter()
    statuses, waits = await flood(world, requests)
    took = time.perf_counter() - begun
    print(f"{requests} in {took:.1f} s, {statuses.count(429)} refused; another waited at most {max(waits):.3f} s")
    assert set(statuses) == {303, 429}
    assert statuses.count(303) <= ONE_PERSON.burst + took * ONE_PERSON.per_second + 1
    assert sorted(waits)[len(waits) // 2] < 1


async def test_stop_is_heard_however_much_was_said_before(world: World) -> None:
    async def says(words: str) -> int:
        async with world.client.post(
            "/chat", data={"words": words}, headers=world.headers(PERSON), allow_redirects=False
        ) as answer:
            return answer.status

    while await says("nonsense") != 429:
        pass
    assert await says("STOP") == 303
    async with world.desk.house.database.read() as tx:
        stopped = await tx.rows(sa.select(addresses.c.stopped_at).where(addresses.c.channel == "web"))
    assert sum(row.stopped_at is not None for row in stopped) == 1
