"""Who came: each seat is checked in once, by whoever may, and by nobody else."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.gatherings import read_code, spaced
from storage import arrivals, bookings, gatherings
from storage.database import Database
from storage.gatherings import Actor
from storage.schema import bookings as kept
from tests.storage.acts import NOW, met, opened, organiser, rows

START = datetime(2026, 12, 5, 19)
THAT_EVENING = datetime(2026, 12, 5, 18, 30, tzinfo=UTC)
ANYWHERE = Actor(name="Sample organiser", areas=frozenset({""}))


async def _event(database: Database, guests: int = 2, host: str = "host") -> tuple[str, list[str]]:
    """An event with two seats, and the codes of those who have one."""
    async with database.write(NOW) as tx:
        event = await opened(tx, host, START)
        people = [await met(tx, f"{host} guest {number}") for number in range(guests)]
        for each in people:
            await bookings.book(tx, each.id, each.address, event, wait=True)
        codes = [await bookings.code_of(tx, each.id, event) for each in people]
    return event, codes


async def test_a_seat_is_checked_in_once_however_many_press_at_once(database: Database) -> None:
    event, [code, _] = await _event(database)

    async def press() -> bool:
        async with database.write(THAT_EVENING) as tx:
            return await arrivals.check_in(tx, ANYWHERE, event, code)

    assert sum(await asyncio.gather(*(press() for _ in range(16)))) == 1
    async with database.read(THAT_EVENING) as tx:
        host = await gatherings.host_of(tx, event)
        seen = await arrivals.at_the_door(tx, host, event, code)
    assert seen is not None
    assert (seen.checked_in, seen.without_seat, seen.has_seat, seen.came) == (1, 0, True, THAT_EVENING)


async def test_whoever_comes_without_a_seat_is_counted_by_each_press(database: Database) -> None:
    event, _ = await _event(database)

    async def press() -> None:
        async with database.write(THAT_EVENING) as tx:
            await arrivals.count_one(tx, ANYWHERE, event)

    await asyncio.gather(*(press() for _ in range(8)))
    async with database.read(THAT_EVENING) as tx:
        seen = await arrivals.at_the_door(tx, await gatherings.host_of(tx, event), event, "")
    assert seen is not None
    assert (seen.people, seen.has_seat) == (8, False)


async def test_nobody_but_its_host_or_an_organiser_of_its_area_checks_in(database: Database) -> None:
    event, [code, _] = await _event(database)
    async with database.write(THAT_EVENING) as tx:
        guest = await met(tx, "host guest 0")
        elsewhere = await organiser(tx, "elsewhere", "scotland")
        for person in (guest, elsewhere, await met(tx, "nobody")):
            who = await gatherings.actor(tx, person.id)
            assert not await arrivals.check_in(tx, who, event, code)
            await arrivals.count_one(tx, who, event)
            assert await arrivals.at_the_door(tx, person.id, event, code) is None
        host = await gatherings.host_of(tx, event)
        near = await organiser(tx, "near", "wales")
        seen = await arrivals.at_the_door(tx, near.id, event, code)
        assert seen is not None
        assert (seen.people, seen.came) == (0, None)
        assert await arrivals.check_in(tx, Actor(host), event, code)
        assert await arrivals.at_the_door(tx, host, "NOTHING0", code) is None


async def test_a_code_of_another_event_or_of_who_waits_is_of_no_seat(database: Database) -> None:
    event, [_, _, waits] = await _event(database, 3)
    _, [other, _] = await _event(database, host="another")
    assert waits == "", "who waits has no code to show"
    [row] = await rows(database, sa.select(kept.c.code).where(kept.c.gathering == event, kept.c.state == "waiting"))
    async with database.write(THAT_EVENING) as tx:
        host = await gatherings.host_of(tx, event)
        for code in (other, row.code, "000000"):
            assert not await arrivals.check_in(tx, Actor(host), event, code)
            seen = await arrivals.at_the_door(tx, host, event, code)
            assert seen is not None
            assert not seen.has_seat
            assert not await arrivals.is_seat(tx, event, code)


@pytest.mark.parametrize(
    ("hours", "state", "counts"),
    [(-13, "open", False), (-11, "open", True), (1, "open", True), (200, "open", True), (1, "cancelled", False)],
)
async def test_people_are_checked_in_from_the_morning_of_the_day(
    database: Database, hours: int, state: str, counts: bool
) -> None:
    event, [code, _] = await _event(database)
    if state == "cancelled":
        async with database.write(NOW) as tx:
            assert await gatherings.call_off(tx, ANYWHERE, event)
    async with database.write(START.replace(tzinfo=UTC) + timedelta(hours=hours)) as tx:
        assert await arrivals.check_in(tx, ANYWHERE, event, code) == counts


async def test_a_code_that_is_taken_is_drawn_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["AAAAAA", "AAAAAA", "BBBBBB"])
    monkeypatch.setattr(bookings, "short_code", lambda _: next(drawn))
    _, codes = await _event(database)
    assert codes == ["AAAAAA", "BBBBBB"]


@pytest.mark.parametrize("typed", ["7K3F2Q", "7k-3f-2q", " 7k 3f 2q.", "7K3F2Q\n"])
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert read_code(typed) == "7K3F2Q"
    assert read_code(spaced("7K3F2Q")) == "7K3F2Q"


def test_what_can_be_no_code_is_none_and_letters_that_look_alike_are_digits() -> None:
    assert read_code("O1lI0o") == "011100"
    for typed in ("", "7K3F2", "7K3F2QQ", "who are you", "７K3F2Q", "é23456"):
        assert read_code(typed) == "", typed
