"""Events: five answers, offered and approved by who may, moved, called off, found near a place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversations.domain.gatherings import Area, Gathering
from conversations.domain.lookups import WhatsOn
from conversations.domain.whens import When
from storage import gatherings, people, places, programme
from storage.database import Database, Transaction
from storage.gatherings import Actor
from tests.storage.acts import NOW, described, met, opened, organiser, rows

START = datetime(2026, 12, 5, 19, 0)
CSV = """PCON24CD,PCON24NM,RGN23NM
W07000001,Swansea West,
W07000002,Gower,
E14000001,Bristol West,South West
E14000002,Bath,South West
"""


async def event(tx: Transaction, id_: str) -> gatherings.Gathering:
    found = await gatherings.one(tx, id_)
    assert found is not None
    return found


async def test_an_event_stands_after_five_answers_and_not_before(database: Database) -> None:
    async with database.write(NOW) as tx:
        host = await organiser(tx, "1", "wales")
        who = await gatherings.actor(tx, host.id)
        await gatherings.begin(tx, host.id, host.address, "en", "A talk about lights")
        draft = await gatherings.draft_of(tx, host.id)
        assert draft is not None
        given: dict[str, Any] = {
            "place": "Sample hall", "area": Area("wales"), "when": When(START), "seats": 30, "step_free": "no",
        }  # fmt: skip
        for what, value in given.items():
            assert (await event(tx, draft.id)).asks_next() == what
            await gatherings.offer(tx, who)
            assert (await event(tx, draft.id)).state == "draft"
            await gatherings.describe(tx, who, draft.id, what, value)
        await gatherings.offer(tx, who)
        made = await event(tx, draft.id)
    assert (made.state, made.title, made.place, made.start, made.seats) == (
        "open", "A talk about lights", "Sample hall", START, 30,
    )  # fmt: skip


async def test_anyone_offers_and_only_an_organiser_of_the_area_decides(database: Database) -> None:
    async with database.write(NOW) as tx:
        host, theirs = await met(tx, "1"), await organiser(tx, "2", "wales")
        others = [await organiser(tx, "3", "scotland", "london"), await met(tx, "4"), host]
        made = await described(tx, host, START)
        await gatherings.offer(tx, await gatherings.actor(tx, host.id))
        assert (await event(tx, made)).state == "offered"
        for other in others:
            assert not await gatherings.decide(tx, await gatherings.actor(tx, other.id), made, approved=True)
            assert not (await programme.of_mine(tx, other.id)).undecided
        assert await programme.as_seen_by(tx, others[1].id, made) is None
        who = await gatherings.actor(tx, theirs.id)
        assert [each.id for each in (await programme.of_mine(tx, theirs.id)).undecided] == [made]
        assert await gatherings.decide(tx, who, made, approved=True)
        assert not await gatherings.decide(tx, who, made, approved=False)
        assert (await event(tx, made)).state == "open"
        assert await programme.as_seen_by(tx, others[1].id, made) is not None


@pytest.mark.parametrize("area", ["wales", "south_west", "E14000001", ""])
async def test_an_organiser_holds_a_nation_a_region_a_constituency_or_all(database: Database, area: str) -> None:
    bristol = Area("england", "south_west", "E14000001", "Bristol West")
    who = Actor(name="Sample organiser", areas=frozenset({area}))
    async with database.write(NOW) as tx:
        await places.load(tx, CSV)
        made = await described(tx, await met(tx, "1"), START, area=bristol)
        held = await event(tx, made)
    assert who.organises(held) == (area != "wales")
    assert held.area == bristol


async def test_nobody_else_describes_moves_or_calls_off(database: Database) -> None:
    async with database.write(NOW) as tx:
        made, other = await opened(tx, "1", START), await organiser(tx, "2", "scotland")
        who = await gatherings.actor(tx, other.id)
        before = await event(tx, made)
        await gatherings.describe(tx, who, made, "details", "Ring twice")
        assert await gatherings.move(tx, who, made, When(START + timedelta(days=1))) is None
        assert await gatherings.call_off(tx, who, made) is None
        assert await event(tx, made) == before


async def test_its_five_answers_stand_once_it_is_open_and_the_rest_may_follow(database: Database) -> None:
    async with database.write(NOW) as tx:
        made = await opened(tx, "1", START)
        host = await gatherings.actor(tx, await gatherings.host_of(tx, made))
        await gatherings.describe(tx, host, made, "title", "Something else")
        await gatherings.describe(tx, host, made, "seats", 1000)
        await gatherings.describe(tx, host, made, "details", "The bell is low")
        await gatherings.describe(tx, host, made, "format", "stall")
        after = await event(tx, made)
    assert (after.title, after.seats, after.details, after.format) == (
        "A talk about lights", 2, "The bell is low", "stall",
    )  # fmt: skip


async def test_what_is_moved_or_called_off_has_its_next_number(database: Database) -> None:
    async with database.write(NOW) as tx:
        made = await opened(tx, "1", START)
        host = await gatherings.actor(tx, await gatherings.host_of(tx, made))
        assert await gatherings.move(tx, host, made, When(START)) is None
        assert await gatherings.move(tx, host, made, When(START, 60)) is not None
        moved = await event(tx, made)
        assert await gatherings.move(tx, host, made, None, moved.place) is None
        assert await gatherings.move(tx, host, made, None, "Sample library") is not None
        assert ((await event(tx, made)).place, (await event(tx, made)).start) == ("Sample library", START)
        assert await gatherings.call_off(tx, host, made) is not None
        assert await gatherings.call_off(tx, host, made) is None
        over = await event(tx, made)
    assert (moved.version, moved.standing(NOW), moved.minutes) == (2, "changed", 60)
    assert (over.version, over.standing(NOW)) == (4, "cancelled")


async def test_the_same_as_last_time_lacks_its_day_alone(database: Database) -> None:
    async with database.write(NOW) as tx:
        made = await opened(tx, "1", START, seats=40)
        host = await gatherings.host_of(tx, made)
        address = (await tx.first(sa.text("SELECT id FROM addresses"))).id
        await gatherings.begin(tx, host, address, "en", "", made)
        again = await gatherings.draft_of(tx, host)
        stranger = await met(tx, "2")
        await gatherings.begin(tx, stranger.id, stranger.address, "en", "", made)
        theirs = await gatherings.draft_of(tx, stranger.id)
    assert again is not None
    assert (again.asks_next(), again.title, again.seats, again.start) == ("when", "A talk about lights", 40, None)
    assert theirs is not None
    assert theirs.title == ""  # another's event is nobody's to copy


async def test_so_many_offers_wait_and_no_more(database: Database) -> None:
    async with database.write(NOW) as tx:
        host = await met(tx, "1")
        for _ in range(gatherings.MOST_OFFERS):
            await described(tx, host, START)
            await gatherings.offer(tx, await gatherings.actor(tx, host.id))
        await gatherings.begin(tx, host.id, host.address, "en", "One more")
        assert await gatherings.draft_of(tx, host.id) is None


async def test_offers_go_with_who_made_them_and_what_is_public_stays(database: Database) -> None:
    async with database.write(NOW) as tx:
        host = await organiser(tx, "1", "wales")
        public = await described(tx, host, START)
        await gatherings.offer(tx, await gatherings.actor(tx, host.id))
        draft = await described(tx, host, START)
        await people.forget(tx, host.id)
        assert await gatherings.one(tx, draft) is None
        assert (await event(tx, public)).state == "open"
        assert await gatherings.host_of(tx, public) == ""


async def test_no_words_of_an_event_are_read_without_the_key(database: Database) -> None:
    async with database.write(NOW) as tx:
        await opened(tx, "1", START, details="The bell is low")
    [row] = await rows(database, sa.text("SELECT * FROM gatherings"))
    assert "lights" not in repr(row)
    assert "bell" not in repr(row)


async def _found(tx: Transaction, place: str = "", **more: Any) -> list[str]:
    return [each.place for each in (await programme.whats_on(tx, WhatsOn(place, **more))).events]


async def test_events_are_found_by_place_day_and_step_free(database: Database) -> None:
    swansea, gower = (Area("wales", "", code, "") for code in ("W07000001", "W07000002"))
    bath = Area("england", "south_west", "E14000002", "Bath")
    async with database.write(NOW) as tx:
        await places.load(tx, CSV)
        host = await organiser(tx, "1", "")
        who = await gatherings.actor(tx, host.id)
        for days, (place, area, free) in enumerate(
            [("S", swansea, "yes"), ("W", Area("wales"), "no"), ("B", bath, "yes"), ("S2", swansea, "unsure")]
        ):
            await described(tx, host, START + timedelta(days=days), place=place, area=area, step_free=free)
            await gatherings.offer(tx, who)
        assert await _found(tx) == ["S", "W", "B", "S2"]
        assert await _found(tx, "swan") == ["S", "W", "S2"]
        assert await _found(tx, "wales") == ["S", "W", "S2"]
        assert await _found(tx, "south_west") == ["B"]
        assert await _found(tx, "W07000001", step_free=True) == ["S"]
        assert await _found(tx, "swan", since=START + timedelta(days=1)) == ["W", "S2"]
        assert gower.constituency
        around = await programme.whats_on(tx, WhatsOn("Bristol"))
        assert ([each.place for each in around.events], around.widened, around.near.region) == (
            ["B"],
            True,
            "south_west",
        )
        assert not (await programme.whats_on(tx, WhatsOn("Atlantis"))).known
        first = await programme.whats_on(tx, WhatsOn(), shown=3)
        rest = await programme.whats_on(tx, WhatsOn(page=1), shown=3)
        assert ([len(first.events), len(rest.events)], first.more, rest.more) == ([3, 1], True, False)
    async with database.write(NOW + timedelta(days=62)) as tx:
        assert await _found(tx) == ["W", "B", "S2"]  # what has begun is found no more


async def test_an_organiser_opens_a_whole_event_at_once_in_their_own_area_and_once(database: Database) -> None:
    whole = Gathering("EV3NT001", title="A talk", place="Sample hall", area=Area("wales"), start=START, seats=9,
                      step_free="no")  # fmt: skip
    theirs = Actor(name="Sample organiser", areas=frozenset({"wales"}))
    async with database.write(NOW) as tx:
        for nobody in (Actor(), Actor((await met(tx, "1")).id), replace(theirs, areas=frozenset({"scotland"}))):
            assert not await gatherings.hold(tx, nobody, whole)
        for missing in ({"title": ""}, {"place": ""}, {"area": Area()}, {"start": None}, {"seats": None}):
            assert not await gatherings.hold(tx, theirs, replace(whole, **missing))
        assert await gatherings.one(tx, whole.id) is None
        assert await gatherings.hold(tx, theirs, whole)
        assert not await gatherings.hold(tx, theirs, replace(whole, title="Another")), "it stands"
        made = await event(tx, whole.id)
        assert made == replace(whole, state="open", changed=made.changed)
        assert await gatherings.host_of(tx, whole.id) == ""
        for areas, found in (({"wales"}, [made]), ({""}, [made]), ({"scotland"}, []), (set(), [])):
            assert await gatherings.run_in(tx, frozenset(areas), coming=True, most=5) == found
    async with database.read(NOW + timedelta(days=100)) as tx:
        assert await gatherings.run_in(tx, theirs.areas, coming=True, most=5) == []
        assert await gatherings.run_in(tx, theirs.areas, coming=False, most=5) == [made]


async def test_steps_that_were_not_there_make_a_new_version(database: Database) -> None:
    async with database.write(NOW) as tx:
        made = await opened(tx, "1", START)
        who = await gatherings.actor(tx, await gatherings.host_of(tx, made))
        assert await gatherings.move(tx, who, made, None, step_free="yes") is None, "it was so already"
        before = await gatherings.move(tx, who, made, None, step_free="no")
        now = await event(tx, made)
    assert before is not None
    assert (before.step_free, now.step_free, now.version, now.moved) == ("yes", "no", 2, True)
