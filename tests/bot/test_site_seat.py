"""The page of a seat: the picture on it is read by a scanner, and leads whoever holds the event to check it in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.doors import site_seat
from bot.turns import utc_now
from storage import bookings, gatherings
from storage.database import Transaction
from storage.gatherings import Actor
from storage.people import Person
from storage.schema import exit_answers
from tests.events import player
from tests.playing import WebPlayer
from tests.scanning import scanned_svg
from tests.service import Service, serving
from tests.storage.acts import described, met, opened


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as running:
        yield running


async def _held(service: Service, channel: str = "web") -> tuple[str, str]:
    """An event that begins in an hour, held on this channel, and the code of the one seat that is booked."""
    house = service.house
    async with house.database.write(house.clock()) as tx:
        start = (tx.now + timedelta(hours=1)).replace(tzinfo=None)
        event = await opened(tx, "host", start) if channel == "telegram" else await _on_web(tx, start)
        guest = await met(tx, "guest")
        await bookings.book(tx, guest.id, guest.address, event, wait=False)
        return event, await bookings.code_of(tx, guest.id, event)


async def _on_web(tx: Transaction, start: datetime) -> str:
    """An event of whoever is in the web chat, which an organiser opened."""
    row = await player(tx)
    host = Person(row.id, row.address, "web", "en", stopped=False)
    made = await described(tx, host, start)
    await gatherings.offer(tx, await gatherings.actor(tx, host.id))
    assert await gatherings.decide(tx, Actor(name="Sample organiser", areas=frozenset({""})), made, approved=True)
    return made


async def _page(service: Service, address: str, status: int = 200) -> str:
    async with service.client.get(service.base + address) as answer:
        assert answer.status == status, (address, answer.status)
        return await answer.text()


async def test_the_picture_leads_to_the_chat_in_which_the_event_is_held(service: Service) -> None:
    service.house.telegram_name = "sample_bot"
    event, code = await _held(service, "telegram")
    page = await _page(service, f"/events/{event}/seat/{code}")
    assert "-".join((code[:2], code[2:4], code[4:])) in page
    assert scanned_svg(page) == f"https://t.me/sample_bot?start=in-{event}-{code}"
    service.house.telegram_name = ""
    assert scanned_svg(await _page(service, f"/cy/events/{event}/seat/{code}")).startswith("http://127.0.0.1:")


async def test_whoever_holds_it_checks_in_by_the_picture_once(service: Service) -> None:
    host = WebPlayer(service.base, service.client)
    await host.start()
    await host.press(["English"])
    await host.press(["Yes, I am 16 or over and I agree"])
    event, code = await _held(service)
    link = scanned_svg(await _page(service, f"/events/{event}/seat/{code}"))
    assert link.startswith(service.base)
    for told in ("Checked in:", "Already in:"):
        await host.start(link.partition("topic=")[2])
        assert f"{told} {code[:2]}-{code[2:4]}-{code[4:]}." in await host.sees()
    assert "Checked in so far: 1." in await host.sees()


async def test_a_code_of_another_event_or_of_nobody_is_no_page(service: Service) -> None:
    event, code = await _held(service, "telegram")
    async with service.house.database.write(service.house.clock()) as tx:
        start = (tx.now + timedelta(hours=1)).replace(tzinfo=None)
        other = await opened(tx, "another", start)
    for event_, code_ in ((other, code), (event, "000000"), (event, code.lower()), (event, "%00"), ("none", code)):
        await _page(service, f"/events/{event_}/seat/{code_}", 404)


def test_a_picture_of_any_length_is_read() -> None:
    for link in (
        "https://t.me/b?start=in-EV3NT001-7K3F2Q",
        "https://a-long-name.example.org/chat?topic=in-" + ("A" * 90),
    ):
        assert scanned_svg(str(site_seat.picture(link))) == link


async def test_a_press_under_what_is_asked_after_the_event_answers_it_on_the_web(service: Service) -> None:
    guest = WebPlayer(service.base, service.client)
    await guest.start()
    await guest.press(["English"])
    await guest.press(["Yes, I am 16 or over and I agree"])
    house = service.house
    async with house.database.write(house.clock()) as tx:
        event = await opened(tx, "host", (tx.now + timedelta(hours=1)).replace(tzinfo=None))
        row = await player(tx)
        await bookings.book(tx, row.id, row.address, event, wait=False)
    house.clock = house.turns.clock = lambda: utc_now() + timedelta(days=2)
    await guest.news()
    assert "You were at this event:" in await guest.sees()
    await guest.press(["In part"])
    assert "Was it easy to get in and take part?" in await guest.sees()
    async with house.database.read() as tx:
        found = await tx.rows(sa.select(exit_answers))
    assert [(row.question, row.answer) for row in found] == [("heard", "partly")]
