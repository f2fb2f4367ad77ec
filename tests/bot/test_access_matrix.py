"""Who may use what: the table that `bot/access.py` declares, tried cell by cell at the real doors.

Every route × everybody × own, foreign, unknown and NUL; every route that changes something × every way of forging;
what a GET may change; headers; every command and word. What is not declared fails here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
import typer
from aiohttp import web
from typer.testing import CliRunner

from bot.access import COMMANDS, ROUTES, WORDS, Who
from bot.commands import cli
from bot.doors.guard import guarded
from bot.doors.limits import LIMITS
from bot.doors.pages import HEADERS
from conversations.domain.words import Command
from storage.schema import persons
from tests.bot.access_table import ACTORS, SERVED, THINGS, Actor, Thing, document, verdict
from tests.bot.access_world import OWN_PAGE, SECRET_HEADER, World, a_world, changed

REFUSED = (401, 403, 404, 405, 410, 411, 413, 415)
NOT_WRONG = (200, 204, 303, 304, 400, 409, 422)
"""How what is served may end when an empty form is posted."""
PERSONAL = (Who.PERSON, Who.STAFF, Who.OFFICER, Who.SIGNER, Who.ORGANISER, Who.WRITER)
GET_CHANGES = {
    "/chat": {"conversations", "events", "deliveries"},  # what is shown is settled; coming back, and a link, is a turn
    "/chat/telegram": {"joins"},  # a one-use link
    "/desk/topics/{consultation}/{topic}": {"audit"},  # who read people's words
    "/desk/topics/{consultation}/{topic}/new": {"audit"},
    "/desk/actions/{version}": {"audit"},
    "/desk/actions/{version}/edit": {"audit"},
}
"""What a GET may change."""
ENDS_A_SESSION = (("POST", "/desk/out"), ("POST", "/desk/in/{token}"))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(f"sqlite:///{tmp_path}/world.db") as made:
        yield made


def things(path: str) -> tuple[Thing, ...]:
    return THINGS if "{" in path else ("own",)


def who_passes(method: str, path: str) -> Actor:
    """Somebody whom a route is for."""
    return next(actor for actor in reversed(ACTORS) if verdict(method, path, actor, "own") == SERVED)


# Routes


def test_every_route_is_declared_and_every_declaration_is_a_route(world: World) -> None:
    routed = {
        (route.method, route.resource.canonical)
        for route in world.desk.app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routed == set(ROUTES)


async def test_a_route_that_nobody_declared_is_refused(world: World) -> None:
    async def forgotten(request: web.Request) -> web.Response:
        return web.Response(text="all of it")

    app = guarded(world.desk.house)
    app.router.add_route("*", "/forgotten", forgotten)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/forgotten"
        for method in ("GET", "POST", "PUT", "DELETE"):
            async with world.client.session.request(method, address, headers=OWN_PAGE) as answer:
                assert (answer.status, "all of it" in await answer.text()) == (403, False), method
    finally:
        await runner.cleanup()


async def test_every_cell_of_the_table(world: World) -> None:
    cells = [(method, path, actor, thing) for method, path in ROUTES for actor in ACTORS for thing in things(path)]
    cells.sort(key=lambda cell: verdict(*cell) == SERVED)  # first all who are refused: they change nothing
    before, wrong, tried = await world.held(), [], 0
    minutes = count(step=120.0)
    world.desk.app[LIMITS].now = lambda: next(minutes)  # from one place, but never so often that a rate refuses
    for method, path, actor, thing in cells:
        expected = verdict(method, path, actor, thing)
        if expected == SERVED and before:
            assert changed(before, await world.held()) == set()
            before = {}
        if method == "POST" and "{token}" in path and expected == SERVED:
            await world.new_link()
        status = (await world.ask(method, path, actor, thing)).status
        tried += 1
        if status != expected if expected else status not in NOT_WRONG:
            wrong.append((method, path, actor.name, thing, status, expected))
        if expected == SERVED and (method, path) in ENDS_A_SESSION and verdict("GET", "/desk", actor, "own") == SERVED:
            await _back_at_the_desk(world, actor)
    print(f"{tried} cells")
    assert wrong == []


async def _back_at_the_desk(world: World, actor: Actor) -> None:
    from storage import staff

    async with world.desk.house.database.write(world.desk.house.clock()) as tx:
        world.sessions[actor.name] = await staff.sign_in(tx, await staff.make_link(tx, actor.name) or "") or ""


async def test_foreign_and_unknown_look_alike(world: World) -> None:
    """Not a letter of what is said tells something of another commission from nothing."""
    for actor in ACTORS:
        if actor.role in ("officer", "signer", "organiser"):
            for path in [
                path
                for method, path in ROUTES
                if method == "GET" and "/desk/" in path and "{" in path and "{token}" not in path
            ]:
                told = [await world.ask("GET", path, actor, thing) for thing in ("foreign", "unknown")]
                assert {answer.status for answer in told} == {404}, path
                named = {
                    held["foreign"]: "none" for held in (world.topics, world.versions, world.events, world.broadcasts)
                }
                first = await told[0].text()
                for name, instead in named.items():
                    first = first.replace(name, instead)
                assert first == await told[1].text()


async def test_every_other_method_is_refused(world: World) -> None:
    before = await world.held()
    for path in {path for _, path in ROUTES}:
        has = {method for method, each in ROUTES if each == path}
        for method in {"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "POST", "PROPFIND"} - has:
            answer = await world.client.request(method, world.address(path, "own"), headers=OWN_PAGE)
            assert answer.status == 405, (method, path)
            assert set(answer.headers["Allow"].split(",")) >= has
    assert changed(before, await world.held()) == set()


# What changes something


def forgeries(world: World, path: str, actor: Actor) -> dict[str, dict[str, Any]]:
    """Ways to have somebody's browser post what they did not mean to."""
    good = world.form(path, actor)
    host = f"http://{world.client.host}:{world.client.port}"
    unsaid = {"Sec-Fetch-Site": ""}
    ways: dict[str, dict[str, Any]] = {
        "another origin": {"headers": unsaid | {"Origin": "https://elsewhere.example"}},
        "another origin, and no fetch metadata would help": {"headers": {"Origin": "https://elsewhere.example"}},
        "another port": {"headers": unsaid | {"Origin": "http://127.0.0.1:1"}},
        "our name in another's": {"headers": unsaid | {"Origin": f"{host}.elsewhere.example"}},
        "the null origin": {"headers": unsaid | {"Origin": "null"}},
        "no address": {"headers": unsaid | {"Origin": "http://[half"}},
        "another's page, in an old browser": {"headers": unsaid | {"Referer": "https://elsewhere.example/" + host}},
        "neither origin nor referer": {"headers": unsaid},
        "cross-site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
        "a neighbour's name": {"headers": {"Sec-Fetch-Site": "same-site"}},
        "plain text": {"data": "&".join(f"{name}={value}" for name, value in good.items())},
        "json": {"data": None, "json": good},
        "multipart": {"headers": {"Content-Type": "multipart/form-data; boundary=x"}, "data": b"--x--"},
        "an unknown length": {
            "data": _in_pieces(good),
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        },
        "too much": {"data": good | {"words": "x" * 300_000}},
    }
    if ROUTES["POST", path] in PERSONAL or "{token}" in path:
        ways |= {
            "no token": {"data": {"do": "sign"}},
            "another session's token": {"data": good | {"csrf": world.form("/desk", Actor("signer"))["csrf"] + ""}},
            "no letters": {"data": good | {"csrf": "ŵ" * 32}},
        }
    return ways


async def _in_pieces(form: dict[str, str]) -> AsyncIterator[bytes]:
    for name, value in form.items():
        yield f"{name}={value}&".encode()


async def test_no_forged_form_is_taken(world: World) -> None:
    before, taken, tried = await world.held(), [], 0
    posted = [path for method, path in ROUTES if method == "POST" and ROUTES[method, path] is not Who.PLATFORM]
    for path in posted:
        actor = who_passes("POST", path) if ROUTES["POST", path] in PERSONAL else Actor("person", knows="chat")
        if ROUTES["POST", path] in PERSONAL:
            name = "organiser" if ROUTES["POST", path] is Who.ORGANISER else "officer"
            actor = next(each for each in ACTORS if each.name == name)
        for way, more in forgeries(world, path, actor).items():
            answer = await world.ask("POST", path, actor, **more)
            tried += 1
            if answer.status not in (403, 411, 413, 415):
                taken.append((path, way, answer.status))
    print(f"{tried} forged forms on {len(posted)} routes")
    assert taken == []
    assert changed(before, await world.held()) == set()


async def test_what_every_browser_says_of_our_own_pages_is_taken(world: World) -> None:
    host = f"http://{world.client.host}:{world.client.port}"
    for said in (
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": host},
        {"Referer": f"{host}/chat"},
        {"Origin": "http://talk.example.org"},
    ):
        answer = await world.ask("POST", "/chat", ACTORS[1], headers={"Sec-Fetch-Site": ""} | said)
        assert answer.status == 303, said


async def test_a_platform_without_its_secret_leaves_no_row(world: World) -> None:
    before, update = await world.held(), {"update_id": 1, "message": {"text": "hello"}}
    for forged in (None, "", "x", world.headers(Actor("platform", knows="secret"))[SECRET_HEADER][:-1], "ŵ"):
        headers = {} if forged is None else {SECRET_HEADER: forged}
        answer = await world.client.post("/telegram", json=update, headers=headers)
        assert answer.status in (400, 403), forged
    assert changed(before, await world.held()) == set()


# What looks only


async def test_a_get_changes_nothing(world: World) -> None:
    found = {}
    for method, path in ROUTES:
        if method == "GET":
            before = await world.held()
            for also in ({}, {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE"}):
                answer = await world.ask("GET", path, who_passes("GET", path), headers=also, params={"_method": "POST"})
                assert answer.status < 400, path
            await world.ask("HEAD", path, who_passes("GET", path))
            found[path] = changed(before, await world.held()) - GET_CHANGES.get(path, set())
    assert {path: tables for path, tables in found.items() if tables} == {}


# Headers


async def test_every_answer_has_safe_headers(world: World) -> None:
    for (method, path), who in ROUTES.items():
        for actor in (Actor("nobody"), who_passes(method, path)):
            answer = await world.ask(method, path, actor)
            _safe(answer.headers, f"{method} {path} {actor.name} {answer.status}")
            if who in PERSONAL or path.startswith(("/chat", "/desk")):
                assert answer.headers["Cache-Control"] == "no-store", path
            elif path.startswith("/static"):
                assert "immutable" in answer.headers["Cache-Control"]
            else:
                assert "Set-Cookie" not in answer.headers, path
    for method, path in (("GET", "/nowhere"), ("PUT", "/"), ("POST", "/chat"), ("GET", "/desk/actions/%00")):
        answer = await world.client.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status >= 400
        _safe(answer.headers, path)


def _safe(headers: Any, where: str) -> None:
    assert {name: headers.get(name) for name in HEADERS} == HEADERS, where
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"], where


@pytest.mark.parametrize("public_url", ["https://talk.example.org", "http://talk.example.org"])
async def test_cookies_are_kept_from_scripts_and_from_other_sites(tmp_path: Path, public_url: str) -> None:
    async with a_world(f"sqlite:///{tmp_path}/cookies.db", public_url=public_url) as world:
        signed_in = await world.ask("POST", "/desk/in/{token}", Actor("nobody"))
        begun = await world.ask("POST", "/chat", Actor("nobody"), data={"choice": "en"})
    for answer, name, path, site in ((signed_in, "desk", "/desk", "Strict"), (begun, "chat", "/chat", "Lax")):
        cookie = answer.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, site, path)
        assert bool(cookie["secure"]) == public_url.startswith("https")
        assert not cookie["domain"]


# Commands and words


def test_every_command_is_declared_and_every_declaration_is_a_command() -> None:
    assert set(_commands(typer.main.get_command(cli))) == set(COMMANDS)


def _commands(group: Any, before: str = "") -> list[str]:
    below = getattr(group, "commands", None)
    if below is None:
        return [before.strip()]
    return [name for each, command in below.items() for name in _commands(command, f"{before} {each}")]


def test_a_command_that_nobody_declared_is_refused() -> None:
    ran = []
    cli.command("forgotten")(lambda: ran.append(1))
    try:
        result = CliRunner().invoke(cli, ["forgotten"])
    finally:
        cli.registered_commands.pop()
    assert (result.exit_code, ran) == (1, [])


def test_every_word_of_the_chat_is_declared() -> None:
    assert set(WORDS) == set(get_args(Command))


def test_the_table_in_the_documents_is_the_one_in_force() -> None:
    kept = Path(__file__).parents[2] / "docs" / "access.md"
    assert kept.read_text() == document(), "python -m tests.bot.access_table > docs/access.md"


async def test_many_at_once_are_told_apart(world: World) -> None:
    """Each gets their own answer, also when all ask at once: nothing of one request is left for the next."""
    asked = [(actor, path) for actor in ACTORS for path in ("/desk", "/chat/data") for _ in range(5)]
    told = await asyncio.gather(*(world.ask("GET", path, actor) for actor, path in asked))
    for (actor, path), answer in zip(asked, told, strict=True):
        assert answer.status == (verdict("GET", path, actor, "own") or 200), (actor, path)
        if path == "/desk" and answer.status == 200:
            assert actor.name in await answer.text()


async def test_nobody_is_made_by_asking(world: World) -> None:
    async with world.desk.house.database.read() as tx:
        before = await tx.rows(sa.select(persons.c.id))
    for method, path in ROUTES:
        if method == "GET":
            await world.ask("GET", path, Actor("nobody"), headers={"Cookie": "chat=made-up; desk=made-up"})
    async with world.desk.house.database.read() as tx:
        assert await tx.rows(sa.select(persons.c.id)) == before
