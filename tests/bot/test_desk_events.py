"""Events at the desk: an organiser opens and changes them, sees what was offered, says yes or no, and calls off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.turns import utc_now
from conversations.domain.gatherings import Area, Gathering
from storage import bookings, gatherings, staff, visits
from storage.gatherings import Actor
from storage.schema import audit, persons
from storage.schema import deliveries as ledger
from tests.service import Service, serving
from tests.storage.acts import described, met, opened

START = datetime(2027, 7, 10, 19, 0)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as running:
        await running.desk.sign_in("Sample organiser", "organiser", "wales")
        yield running


async def _offered(service: Service) -> str:
    house = service.house
    async with house.database.write(house.clock()) as tx:
        host = await met(tx, "77")
        made = await described(tx, host, START)
        await gatherings.offer(tx, await gatherings.actor(tx, host.id))
    return made


async def _told(service: Service) -> list[str]:
    async with service.house.database.read() as tx:
        rows = await tx.rows(
            sa.select(ledger.c.source).where(ledger.c.source.is_not(None), ledger.c.state != "withdrawn")
        )
    return sorted(row.source.split("-", 2)[2] for row in rows)


async def test_the_desk_names_an_area_as_people_do_and_all_of_them_at_once(service: Service) -> None:
    assert "You are Sample organiser, for Wales." in await service.desk.get("/desk")
    async with service.house.database.write(service.house.clock()) as tx:
        await staff.grant(tx, "Sample organiser", "organiser", "")
    assert "You are Sample organiser, for all areas." in await service.desk.get("/desk")


ANSWERS = [("approve", "Seats booked: 0 of 2.", "approved"), ("decline", "An organiser said no to it.", "declined")]


async def test_an_organiser_for_whom_nothing_waits_sees_what_they_can_do(service: Service) -> None:
    home = (await service.desk.get("/desk")).partition("<h1")[2]
    for href in ("/desk/events", "/desk/broadcasts", "/desk/members"):
        assert f'<li><a href="{href}">' in home
    assert "You have no topics yet." not in home


@pytest.mark.parametrize(("do", "stands", "news"), ANSWERS)
async def test_an_offer_waits_on_the_first_page_and_is_decided_in_one_step(
    service: Service, do: str, stands: str, news: str
) -> None:
    made = await _offered(service)
    home = unescape(await service.desk.get("/desk"))
    assert "Offered: A talk about lights, Saturday 10 July 2027, 19:00" in home
    page, path = await service.desk.post(f"/desk/events/{made}", do=do)
    assert (path, stands in page) == (f"/desk/events/{made}", True)
    assert await _told(service) == [f"1-{news}"]
    assert "Offered:" not in await service.desk.get("/desk")
    async with service.house.database.read() as tx:
        trail = await tx.rows(sa.select(audit.c.act, audit.c.staff).where(audit.c.what == made))
    assert [tuple(row) for row in trail] == [("open event" if do == "approve" else "decline event", "Sample organiser")]


async def test_what_is_called_off_at_the_desk_is_told_to_those_who_booked(service: Service) -> None:
    house = service.house
    async with house.database.write(house.clock()) as tx:
        event, guest = await opened(tx, "host", START), await met(tx, "1")
        await bookings.book(tx, guest.id, guest.address, event, wait=False)
    page = await service.desk.get(f"/desk/events/{event}")
    assert "Seats booked: 1 of 2." in page
    assert "One person who booked is told. It cannot be undone." in page
    page, _ = await service.desk.post(f"/desk/events/{event}", do="call_off")
    assert "It was called off." in page
    assert await _told(service) == ["2-cancelled"]


async def test_a_form_that_is_too_late_changes_nothing(service: Service) -> None:
    made = await _offered(service)
    await service.desk.post(f"/desk/events/{made}", do="approve")
    page = await service.desk.get(f"/desk/events/{made}")
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    for do, status in (("decline", 409), ("", 400)):
        data = {"csrf": token, "do": do}
        async with service.client.post(f"{service.base}/desk/events/{made}", data=data) as answer:
            assert answer.status == status
    async with service.house.database.read() as tx:
        found = await gatherings.one(tx, made)
    assert found is not None
    assert found.state == "open"


async def test_what_is_due_waits_on_the_first_page_and_is_ticked_off(service: Service) -> None:
    house = service.house
    async with house.database.write(house.clock()) as tx:
        made = await opened(tx, "host", (tx.now + timedelta(days=1)).replace(tzinfo=None))
    house.clock = lambda: utc_now() + timedelta(days=2)
    async with house.database.write(house.clock()) as tx:
        for what, words in (("who", "Market traders"), ("follow_up", "Ask the council")):
            due = tx.now.date() if what == "follow_up" else None
            await visits.note(tx, Actor(await gatherings.host_of(tx, made)), made, what, words, due)
    await service.desk.sign_in("Sample organiser", "organiser", "wales")
    assert "Due " in await service.desk.get("/desk")
    assert "Market traders" in await service.desk.get(f"/desk/events/{made}")
    page, _ = await service.desk.post(f"/desk/events/{made}", do="tick")
    assert "It was done on" in page
    assert "Due " not in await service.desk.get("/desk")
    async with house.database.read() as tx:
        trail = await tx.rows(sa.select(audit.c.staff).where(audit.c.what == made, audit.c.act == "tick off"))
    assert [row.staff for row in trail] == ["Sample organiser"]


# Written at the desk

TALK = {
    "title": "A talk about  lights", "place": "Sample hall, 4 Canal Street", "area": "",
    "when": "10/7/2027 19:00-20:30", "seats": "2", "step_free": "yes", "details": "Ring the low bell.",
    "format": "stall", "topic": "SAFE",
    "language": "en", "reminder": "Bring a coat.", "host": "1",
}  # fmt: skip
WHOLE = Gathering(
    "", "open", "A talk about lights", "Sample hall, 4 Canal Street", Area("wales"), START, 90, seats=2,
    step_free="yes", format="stall", details="Ring the low bell.", reminder="Bring a coat.", topic="SAFE",
)  # fmt: skip


async def _open(service: Service, **changed: str) -> str:
    page, path = await service.desk.post("/desk/events/new", **TALK | changed)
    assert "Your event is open. People can book now." in page, page
    return path.rpartition("/")[2]


async def _kept(service: Service, event: str) -> Gathering:
    async with service.house.database.read() as tx:
        found = await gatherings.one(tx, event)
    assert found is not None
    return found


async def _refused(service: Service, path: str, **fields: str) -> tuple[str, int]:
    """What is said to a form that is not taken."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', await service.desk.get(path)))
    async with service.client.post(service.base + path, data=hidden | fields) as answer:
        return unescape(await answer.text()), answer.status


async def _trail(service: Service, event: str) -> list[str]:
    async with service.house.database.read() as tx:
        rows = await tx.rows(sa.select(audit.c.act).where(audit.c.what == event).order_by(audit.c.seq))
    return [row.act for row in rows]


async def _booked(service: Service, event: str, *people: str) -> None:
    async with service.house.database.write(service.house.clock()) as tx:
        for value in people:
            guest = await met(tx, value)
            await bookings.book(tx, guest.id, guest.address, event, wait=True)


async def test_an_event_is_opened_at_the_desk_and_everybody_can_see_it(service: Service) -> None:
    assert "Nothing is planned in your areas yet." in await service.desk.get("/desk/events")
    event = await _open(service)
    kept = await _kept(service, event)
    assert kept == replace(WHOLE, id=event, changed=kept.changed)
    assert "A talk about lights" in await service.desk.get("/desk/events")
    assert "Ring the low bell." in await service.desk.get(f"/events/{event}")
    assert await _trail(service, event) == ["open event"]


async def test_a_form_that_is_posted_twice_makes_one_event(service: Service) -> None:
    event = await _open(service)
    await service.desk.post("/desk/events/new", **TALK, id=event)
    assert (await service.desk.get("/desk/events")).count("A talk about lights") == 1
    assert await _trail(service, event) == ["open event"]


async def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_is_lost(service: Service) -> None:
    bad = {
        "title": "", "place": "x" * 161, "when": "at seven", "seats": "none", "step_free": "", "area": "Atlantis",
        "details": "Ring the low bell. " * 50,
    }  # fmt: skip
    page, status = await _refused(service, "/desk/events/new", **TALK | bad)
    assert status == 422
    for field, told in {
        "title": "Please give it a name.",
        "place": "Please use 160 characters or fewer.",
        "when": "Sorry, I did not find a day in that.",
        "seats": "Please type a number from 1 to 10000.",
        "step_free": "Please say if there are steps.",
        "area": "We do not know a place called “Atlantis”.",
        "details": "Please use 500 characters or fewer.",
    }.items():
        assert re.search(rf'<a href="#{field}">[^<]*{re.escape(told)}', page), field
        assert re.search(rf'id="{field}"', page), field
    assert all(words in page for words in (bad["place"], bad["when"], bad["details"].strip(), "Bring a coat."))
    assert "Nothing is planned in your areas yet." in await service.desk.get("/desk/events")


AREAS = [
    # what they are an organiser of from here on, what they type and choose, the area it is then in, what is told
    ("wales", "Swansea West", "", "Swansea West", ""),
    ("wales", "Nottingham South", "", "", "Nottingham South is not in Wales."),
    ("scotland", "Swansea West", "scotland", "", "Swansea West is not in Scotland."),
    ("scotland", "Swansea West", "", "Swansea West", ""),
    ("scotland", "Nottingham South", "", "", "Nottingham South is in none of your areas."),
    ("scotland", "", "", "", "Please choose the area it is in."),
    ("scotland", "", "england", "", "Please choose the area it is in."),
]


async def test_an_event_is_in_an_area_of_its_organiser(service: Service) -> None:
    for second, typed, within, named, told in AREAS:
        async with service.house.database.write(service.house.clock()) as tx:
            await staff.grant(tx, "Sample organiser", "organiser", second)
        fields = TALK | {"area": typed, "within": within}
        if told:
            page, status = await _refused(service, "/desk/events/new", **fields)
            assert (status, told in page) == (422, True), told
        else:
            assert (await _kept(service, await _open(service, **fields))).area.name == named


async def test_the_same_as_last_time_asks_only_the_day(service: Service) -> None:
    event = await _open(service)
    page = unescape(await service.desk.get(f"/desk/events/new?copy={event}"))
    assert re.search(r'name="when" value=""', page)
    for kept in ("A talk about lights", "Sample hall, 4 Canal Street", "Ring the low bell.", "Bring a coat."):
        assert kept in page
    async with service.client.get(f"{service.base}/desk/events/new?copy=7K3F2Q9X") as answer:
        assert answer.status == 404


async def test_whoever_is_known_in_the_chat_holds_it_there_too_or_does_not(service: Service) -> None:
    async with service.house.database.write(service.house.clock()) as tx:
        me = await met(tx, "me")
        row = await tx.first(sa.select(persons.c.pseudonym).where(persons.c.id == me.id))
        assert await staff.tie(tx, "Sample organiser", row.pseudonym)
    mine, nobodys = await _open(service), await _open(service, host="")
    async with service.house.database.read() as tx:
        assert [await gatherings.host_of(tx, event) for event in (mine, nobodys)] == [me.id, ""]


async def test_a_change_is_told_once_to_those_who_booked_and_how_many_is_said_before(service: Service) -> None:
    event = await _open(service)
    await _booked(service, event, "1", "2", "3")
    form = await service.desk.get(f"/desk/events/{event}/edit")
    assert "3 people who booked are told." in form
    moved = {"when": "11/7/2027 10:00", "place": "Sample library", "step_free": "no", "seats": "3", "format": "union"}
    page, _ = await service.desk.post(f"/desk/events/{event}/edit", **TALK | moved)
    assert "Done. 3 people who booked are told." in page
    assert [each for each in await _told(service) if "moved" in each] == ["2-moved"] * 3, "once each"
    kept = await _kept(service, event)
    assert kept == replace(
        WHOLE, id=event, start=datetime(2027, 7, 11, 10, 0), minutes=120, place="Sample library", step_free="no",
        seats=3, taken=3, format="union", version=2, moved=True, changed=kept.changed,
    )  # fmt: skip
    assert await _trail(service, event) == ["open event", "move event", "change event"]


async def test_what_concerns_nobody_who_booked_is_told_to_nobody(service: Service) -> None:
    event = await _open(service)
    await _booked(service, event, "1", "2")
    page, status = await _refused(service, f"/desk/events/{event}/edit", **TALK | {"seats": "1"})
    assert (status, "Please type a number from 2 to 10000." in page) == (422, True)
    page, _ = await service.desk.post(f"/desk/events/{event}/edit", **TALK | {"seats": "9", "details": ""})
    assert "Done. We have noted it." in page
    kept = await _kept(service, event)
    assert (kept.seats, kept.details, kept.version) == (9, "", 1)
    assert not [each for each in await _told(service) if "moved" in each]


async def test_the_second_of_two_is_told_what_the_first_changed_and_loses_nothing(service: Service) -> None:
    event = await _open(service)
    path = f"/desk/events/{event}/edit"
    seen = re.findall(r'name="seen" value="([^"]*)"', await service.desk.get(path))[0]
    await service.desk.post(path, **TALK | {"place": "Sample library", "seats": "40", "details": ""})
    mine = TALK | {"seats": "50", "reminder": "Bring a lamp."}
    page, status = await _refused(service, path, **mine | {"seen": seen})
    assert status == 409
    assert "Somebody else has changed “Where”. It is now: Sample library" in page
    assert "Somebody else has changed “How many can come”. It is now: 40" in page
    assert "Somebody else has changed “Good to know”. Nothing stands there now." in page
    assert 'name="place" value="Sample library"' in page, "what they had not touched is as it is now"
    assert 'name="seats" value="50"' in page, "what they wrote themselves stays"
    assert "Bring a lamp." in page
    assert (await _kept(service, event)).seats == 40
    again = mine | {"place": "Sample library", "details": ""}
    await service.desk.post(path, **again)
    kept = await _kept(service, event)
    assert (kept.place, kept.seats, kept.reminder) == ("Sample library", 50, "Bring a lamp.")


@pytest.mark.slow
async def test_of_many_who_change_one_event_at_the_same_moment_one_does(tmp_path: Path, database_url: str) -> None:
    async with serving(tmp_path, database_url=database_url) as service:
        await service.desk.sign_in("Sample organiser", "organiser", "wales")
        await _one_of_many(service)


async def _one_of_many(service: Service) -> None:
    event = await _open(service)
    path = f"/desk/events/{event}/edit"
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', await service.desk.get(path)))

    async def changes(seats: int) -> int:
        form = hidden | TALK | {"seats": str(seats)}
        async with service.client.post(service.base + path, data=form, allow_redirects=False) as answer:
            return answer.status

    told = await asyncio.gather(*(changes(seats) for seats in range(11, 19)))
    assert sorted(told) == [303] + [409] * 7
    assert (await _kept(service, event)).seats == 11 + told.index(303)
    assert (await _trail(service, event)).count("change event") == 1


async def test_what_was_called_off_meanwhile_is_not_changed(service: Service) -> None:
    event = await _open(service)
    path = f"/desk/events/{event}/edit"
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', await service.desk.get(path)))
    assert "It cannot be undone. Call it off?" in await service.desk.get(f"/desk/events/{event}")
    await service.desk.post(f"/desk/events/{event}", do="call_off")
    async with service.client.post(service.base + path, data=hidden | TALK | {"reminder": "My own"}) as answer:
        page = await answer.text()
        assert (answer.status, "It was called off." in page, "My own" in page) == (409, True, True)
    async with service.client.get(service.base + path) as answer:
        assert answer.url.path == f"/desk/events/{event}", "there is nothing to change any more"


async def test_an_organiser_of_elsewhere_sees_and_changes_nothing_of_it(service: Service) -> None:
    event = await _open(service)
    await service.desk.sign_in("Organiser of elsewhere", "organiser", "scotland")
    token = re.findall(r'name="csrf" value="([^"]*)"', await service.desk.get("/desk/events/new"))[0]
    assert "A talk about lights" not in await service.desk.get("/desk/events")
    for path in (f"/desk/events/{event}", f"/desk/events/{event}/edit", f"/desk/events/new?copy={event}"):
        async with service.client.get(service.base + path) as answer:
            assert answer.status == 404, path
    for path, form in ((f"/desk/events/{event}/edit", TALK), ("/desk/events/new", TALK | {"id": event})):
        async with service.client.post(service.base + path, data={"csrf": token} | form) as answer:
            assert answer.status == 404, path
    assert (await _kept(service, event)).version == 1
