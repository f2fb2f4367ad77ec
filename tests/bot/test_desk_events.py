"""Events at the desk: an organiser sees what was offered in their area, says yes or no, and calls off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.turns import utc_now
from storage import bookings, gatherings, staff, visits
from storage.gatherings import Actor
from storage.schema import audit
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
    assert "Seats booked: 1 of 2." in await service.desk.get(f"/desk/events/{event}")
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
