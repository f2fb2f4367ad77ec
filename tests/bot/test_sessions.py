"""Sessions at the desk and the links that open them: how they end, and that nothing outlives its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.access import BY_ITSELF, ROUTES, Who
from bot.channels.messages import Incoming
from conversations.domain.speech import Said, Started
from storage import people, staff
from tests.bot.access_table import Actor
from tests.bot.access_world import World, a_world
from tests.service import OWN_PAGE

STAFF_ROUTES = [key for key, who in ROUTES.items() if who in (Who.STAFF, Who.OFFICER, Who.SIGNER)]
OFFICER = Actor("officer", role="officer")


class Clock:
    """The moment, which a test moves."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with a_world(database_url) as made:
        made.desk.house.clock = Clock()
        yield made


def later(world: World, **time: float) -> None:
    clock = world.desk.house.clock
    assert isinstance(clock, Clock)
    clock.now += timedelta(**time)


async def shut_out(world: World, actor: Actor = OFFICER) -> bool:
    """Whether no route of the desk lets this actor in any more."""
    return {(await world.ask(*route, actor)).status for route in STAFF_ROUTES} == {401}


async def test_half_an_hour_of_nothing_ends_a_session(world: World) -> None:
    later(world, minutes=29)
    assert (await world.ask("GET", "/desk", OFFICER)).status == 200
    later(world, minutes=29)
    assert (await world.ask("GET", "/desk", OFFICER)).status == 200
    later(world, minutes=30, seconds=1)
    assert await shut_out(world)


async def test_a_page_that_draws_itself_anew_keeps_nobody_signed_in(world: World) -> None:
    for _ in range(4):
        for path in BY_ITSELF:
            await world.ask("GET", path, OFFICER)
        later(world, minutes=9)
    assert await shut_out(world)


async def test_twelve_hours_end_a_session_whatever_is_done_in_it(world: World) -> None:
    for _ in range(36):
        later(world, minutes=20)
        last = (await world.ask("GET", "/desk", OFFICER)).status
    assert last == 401
    assert await shut_out(world)


async def test_a_stolen_cookie_is_worth_nothing_after_signing_out(world: World) -> None:
    assert (await world.ask("POST", "/desk/out", OFFICER)).status == 303
    assert await shut_out(world)


async def test_taking_a_role_away_ends_its_sessions_and_links_at_once(world: World) -> None:
    async with world.desk.house.database.write(world.desk.house.clock()) as tx:
        assert await staff.revoke(tx, "officer", "officer", "democracy")
    assert await shut_out(world)
    assert (await world.ask("GET", "/desk/in/{token}", OFFICER)).status == 410
    assert (await world.ask("POST", "/desk/in/{token}", Actor("nobody"))).status == 410


async def test_signing_in_gives_a_new_session_and_ends_the_one_before(world: World) -> None:
    before = world.sessions["officer"]
    answer = await world.ask("POST", "/desk/in/{token}", OFFICER)
    world.sessions["officer"] = answer.cookies["desk"].value
    assert world.sessions["officer"] not in ("", before)
    assert (await world.ask("GET", "/desk", OFFICER)).status == 200
    world.sessions["officer"] = before
    assert await shut_out(world)


async def test_a_session_that_somebody_made_up_is_nobodys(world: World) -> None:
    for made_up in ("", "x", world.link, world.sessions["officer"][:-1], "%00", "é" * 40):
        answer = await world.client.get("/desk", headers=OWN_PAGE | {"Cookie": f"desk={made_up}"})
        assert answer.status == 401, made_up


# Links


@pytest.mark.parametrize("how", ["used", "expired", "made up"])
async def test_a_link_that_is_over_signs_nobody_in(world: World, how: str) -> None:
    nobody = Actor("nobody")
    if how == "used":
        assert (await world.ask("POST", "/desk/in/{token}", nobody)).status == 303
    elif how == "expired":
        later(world, minutes=30, seconds=1)
    else:
        world.link = world.link[:-1] + ("_" if world.link[-1] != "_" else "-")
    for method in ("GET", "POST"):
        answer = await world.ask(method, "/desk/in/{token}", nobody)
        assert (answer.status, dict(answer.cookies)) == (410, {}), method


async def test_whoever_looks_ahead_spends_nothing(world: World) -> None:
    """A preview, a scanner of mails, a browser that fetches before it is asked."""
    for method in ("GET", "HEAD", "GET", "HEAD"):
        ahead = {"Sec-Purpose": "prefetch", "Sec-Fetch-Site": "none"}
        assert (await world.ask(method, "/desk/in/{token}", Actor("nobody"), headers=ahead)).status == 200
    assert (await world.ask("POST", "/desk/in/{token}", Actor("nobody"))).status == 303


async def test_a_link_pressed_twice_at_once_opens_one_session(world: World) -> None:
    answers = await asyncio.gather(*(world.ask("POST", "/desk/in/{token}", Actor("nobody")) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [303] + [410] * 7


async def test_a_link_into_the_chat_works_once_and_for_an_hour(world: World) -> None:
    house = world.desk.house
    asked = [await world.ask("GET", "/chat/telegram", Actor("person", knows="chat")) for _ in range(2)]
    token, late = (answer.headers["Location"].split("=join-", 1)[1] for answer in asked)

    async def starts(chat: str, event: str, joins: str, heard: Any) -> str:
        return (await house.turns.take(Incoming("telegram", chat, event, heard, joins=joins))).person

    async with house.database.read() as tx:
        person = await people.address_of(tx, "web", "person")
    assert person is not None
    assert await starts("7", "1", token, Started()) == person.id
    assert await starts("8", "2", token, Started()) != person.id  # used
    house.turns.clock = lambda: house.clock() + timedelta(hours=1, seconds=1)
    assert await starts("9", "3", late, Started()) != person.id  # over
    assert await starts("7", "4", "", Said("hello")) == person.id


async def test_return_codes_open_only_their_own_place(world: World) -> None:
    async with world.desk.house.database.write(world.desk.house.clock()) as tx:
        person = await people.address_of(tx, "web", "person")
        assert person is not None
        code = people.return_code(tx, person.id)
        await people.keep_return_code(tx, person.id)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "2")
    nobody = Actor("nobody")
    assert (await world.ask("POST", "/chat/return", nobody, data={"code": wrong})).status == 422
    found = await world.ask("POST", "/chat/return", nobody, data={"code": code.lower()})
    assert found.status == 303
    async with world.desk.house.database.read() as tx:
        again = await people.address_of(tx, "web", found.cookies["chat"].value)
    assert again is not None
    assert again.id == person.id
