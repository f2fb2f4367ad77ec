"""The audit trail: each privileged act has one row, content-free, and without its row an act is not done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.access import ROUTES, Who
from bot.doors import desk_events_form
from bot.doors.desk_actions import seen_of
from storage import actions, gatherings, places, staff
from storage.schema import audit
from tests.bot.access_table import Actor
from tests.bot.access_world import World, a_world, changed
from tests.bot.desk_staff import GOOD, TOPIC, Desk, a_desk, post, published, written

OFFICER = Actor("officer", role="officer")
ORGANISER = Actor("organiser", role="organiser")
EVENT = {
    "title": "A talk", "place": "Sample hall", "when": "tomorrow 19:00", "seats": "9", "step_free": "no", "host": "1",
    "format": "stall", "language": "en",
}  # fmt: skip
WORDS = "the bus stop by the old mill"


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(database_url, trial=False) as made:
        yield made


async def rows(desk: Desk) -> list[tuple[str, str, str]]:
    async with desk.house.database.read() as tx:
        return [(row.staff, row.act, row.what) for row in await tx.rows(sa.select(audit).order_by(audit.c.seq))]


async def test_each_privileged_act_has_exactly_one_row(desk: Desk) -> None:
    """Told as it is done: after every step, the new rows."""
    await desk.person("a", WORDS)
    told: list[tuple[str, str, str]] = []

    async def new() -> list[tuple[str, str]]:
        everything = await rows(desk)
        fresh = everything[len(told) :]
        told.extend(fresh)
        return [(act, what) for _, act, what in fresh]

    link = await desk.grant("Officer A", "officer", "democracy")
    assert await new() == [("grant", "officer democracy"), ("link", "")]
    client = await desk.browser()
    await client.get(link)
    assert await new() == []
    await post(client, link)
    assert await new() == [("sign in", "")]
    await client.get("/desk")
    assert await new() == []  # figures, and nobody's words
    await client.get(TOPIC)
    assert await new() == [("read", "fair-future/VOTE")]
    await client.get(f"{TOPIC}?q=mill")
    assert await new() == [("search", "fair-future/VOTE")]
    path = await written(client)
    version = path.rsplit("/", 1)[1]
    read = ("read", version)
    assert await new() == [("read", "fair-future/VOTE"), ("write", version), read]
    await post(client, f"{path}/edit", **GOOD)
    assert await new() == [("read", "fair-future/VOTE"), ("write", version), read]
    signer = await desk.signed_in("Signer S", "signer", "democracy")
    await new()
    for who, act in ((signer, "sign"), (client, "publish"), (client, "pause"), (client, "resume"), (client, "stop")):
        await post(who, path, page="/desk", do=act, seen=await _seen(desk, version))
        assert await new() == [(act, version), read], act
    refused = await post(client, path, page="/desk", do="resume")
    assert (refused.status, await new()) == (409, [read])
    for _ in range(3):
        await client.get(f"{path}/live")
    assert await new() == []  # the same reading
    corrected = await post(client, f"{path}/edit", **(GOOD | {"reason": "A secret reason"}))
    second = corrected.url.path.rsplit("/", 1)[1]
    assert await new() == [("read", "fair-future/VOTE"), ("correct", second), ("read", second)]
    await post(client, "/desk/out", page="/desk")
    assert await new() == [("sign out", "")]
    async with desk.house.database.write(desk.house.clock()) as tx:
        await staff.revoke(tx, "Officer A", "officer", "democracy")
    assert await new() == [("revoke", "officer democracy")]
    everything = str(told)
    assert not [word for word in ("mill", "A secret reason", "in en", "P-") if word in everything]


async def test_rule_14_one_question_tells_who_read_what_and_when(desk: Desk) -> None:
    """Breach readiness: what a stolen session read is known from the trail alone, by name and by time."""
    await desk.person("a", WORDS)
    ours, stolen = [await desk.signed_in(name, "officer", "democracy") for name in ("Officer A", "Officer B")]
    began = desk.house.clock()
    await ours.get(TOPIC)
    await stolen.get(TOPIC)
    await stolen.get(f"{TOPIC}?q=mill")
    ended = desk.house.clock()
    async with desk.house.database.read() as tx:
        everything = await staff.trail(tx, began, ended + timedelta(seconds=1), "")
        theirs = await staff.trail(tx, began, ended + timedelta(seconds=1), "Officer B")
        before = await staff.trail(tx, began - timedelta(days=1), began, "Officer B")
    assert [(each.name, each.act) for each in everything] == [
        ("Officer A", "read"), ("Officer B", "read"), ("Officer B", "search")
    ]  # fmt: skip
    assert [(each.act, each.what) for each in theirs] == [("read", "fair-future/VOTE"), ("search", "fair-future/VOTE")]
    assert all(began <= each.at <= ended for each in theirs)
    assert "read" not in {each.act for each in before}
    async with desk.house.database.write(ended) as tx:
        await staff.revoke(tx, "Officer B", "officer", "democracy")
    assert WORDS not in await (await stolen.get(TOPIC)).text(), "the session ends with the role"
    assert WORDS in await (await ours.get(TOPIC)).text()


async def _seen(desk: Desk, version: str) -> str:
    async with desk.house.database.read() as tx:
        found = await actions.version_of(tx, version)
    assert found is not None
    return seen_of(found)


async def _seen_of_event(world: World) -> str:
    async with world.desk.house.database.read() as tx:
        found = await gatherings.one(tx, world.events["own"])
    assert found is not None
    return desk_events_form.seen_of(found, desk_events_form.Offered())


async def test_a_page_that_was_left_open_is_read_again_after_a_while(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    before = len(await rows(desk))
    monkeypatch.setattr(staff, "READING_LASTS", staff.READING_LASTS * 0)
    await client.get(f"{path}/live")
    assert len(await rows(desk)) == before + 1


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(f"sqlite:///{tmp_path}/audit.db") as made:
        yield made


async def test_without_its_row_nothing_is_read_or_done(world: World) -> None:
    """The trail cannot be written: no words are shown, nothing is changed, and nobody comes in."""
    await world.desk.person("a", WORDS)
    async with world.desk.house.database.write(world.desk.house.clock()) as tx:
        await places.load_sample(tx)
        refuses = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
        await tx.execute(sa.text(refuses))
    before = await world.held()
    shows_none = {
        ("GET", "/desk/actions/{version}/stream"), ("GET", "/desk/in/{token}"), ("GET", "/desk"),
        ("GET", "/desk/events"), ("GET", "/desk/events/new"), ("GET", "/desk/events/{event}"),
        ("GET", "/desk/events/{event}/edit"), ("GET", "/desk/members"),
    }  # fmt: skip
    desk = [key for key in ROUTES if key[1].startswith("/desk") and key not in shows_none]
    privileged = [key for key in desk if ROUTES[key] is not Who.WRITER]  # those: test_desk_broadcasts.py
    seen = await _seen(world.desk, world.versions["own"])
    for method, path in privileged:
        organises = ROUTES[method, path] is Who.ORGANISER
        for actor in (ORGANISER,) if organises else (OFFICER, Actor("signer", role="signer")):
            done = {"do": "call_off" if organises else "sign", "seen": seen} | (EVENT if organises else {})
            if path.endswith("{event}/edit"):
                done["seen"] = await _seen_of_event(world)
            if path == "/desk/members":
                done = {"do": "make", "place": "cardiff", "count": "10"}
            form = {"data": world.form(path, actor) | GOOD | done} if method == "POST" else {}
            answer = await world.ask(method, path, actor, **form)
            assert answer.status == (403 if ROUTES[method, path] is Who.OFFICER and actor is not OFFICER else 503), path
            assert WORDS not in await answer.text()
    assert changed(before, await world.held()) == set()
