"""Reminders over every change of clocks: none doubled, none missed, none by night, through restarts and jumps."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.bulk import Bulk
from bot.channels.sending import Channel
from bot.channels.telegram import TelegramChannel
from bot.feedback import settled
from bot.house import House
from bot.opening import opened as house_opened
from bot.pace import Pace
from bot.restraint import Restraint
from bot.stage_events import perform_of_events
from conversations.domain.effects import MoveEvent
from conversations.domain.exits import ASKED_FOR
from conversations.domain.reminding import due
from conversations.domain.whens import USUAL_MINUTES, When, instant
from storage import bookings, deliveries, gatherings, reminders
from storage.people import Person
from storage.schema import deliveries as ledger
from storage.schema import persons
from tests.bot.test_sender import Clock
from tests.conftest import trial
from tests.storage.acts import described, met, organiser

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Auckland", "Africa/Casablanca")
"""Half an hour of summer in one, the other hemisphere in two, and the moon decides in the last."""
AROUND = (-26, -2, 0, 1.5, 9.5, 12, 21, 25)
"""Hours by the clock on the wall, from a change of clocks to an event."""
BOOKED = timedelta(days=5)
A_MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONG = timedelta(minutes=USUAL_MINUTES)


def changes(zone: str, first: int = 2025, last: int = 2035) -> list[datetime]:
    """The instants at which clocks change there, to the quarter of an hour."""
    found, step = [], timedelta(minutes=15)
    here, day = ZoneInfo(zone), datetime(first, 1, 1, tzinfo=UTC)
    while day.year <= last:
        if day.astimezone(here).utcoffset() != (day + A_DAY).astimezone(here).utcoffset():
            moment = day
            while moment.astimezone(here).utcoffset() == (moment + step).astimezone(here).utcoffset():
                moment += step
            found.append(moment + step)
        day += A_DAY
    return found


def is_open(moment: datetime, zone: str) -> bool:
    """Whether somebody there may be written to."""
    return 9 <= moment.astimezone(ZoneInfo(zone)).hour < 20


def wanted_at(which: str, start: datetime, zone: str) -> datetime:
    """When a reminder is wanted, found by walking back minute by minute to where it is open."""
    here = ZoneInfo(zone)
    if which == "after":
        ends = (start.replace(tzinfo=here).astimezone(UTC) + LONG).astimezone(here)
        return datetime.combine(ends.date() + A_DAY, time(9), here).astimezone(UTC)
    if which == "day":
        moment = (start - A_DAY).replace(tzinfo=here).astimezone(UTC)
    else:
        moment = start.replace(tzinfo=here).astimezone(UTC) - AN_HOUR
    while not is_open(moment, zone):
        moment -= A_MINUTE
    return moment


@dataclass
class Life:
    """A service that reminds, and is stopped and started again. `sent` is what went out, and when."""

    house: House
    clock: Clock
    starts: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    sent: list[tuple[str, str, datetime]] = field(default_factory=list)
    rounds: list[datetime] = field(default_factory=list)

    async def book_around(self, change: datetime, zone: str, around: tuple[float, ...], *, moved: bool) -> None:
        """Events around a change of clocks there, each with a guest, booked days before; some were moved since."""
        local = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for hours in around:
            start = local + timedelta(hours=hours)
            first = start - A_DAY if moved else start
            async with self.house.database.write(change - BOOKED) as tx:
                host = await organiser(tx, f"host {zone} {start}", "")
                await tx.execute(sa.update(persons).where(persons.c.id == host.id).values(zone=zone))
                event = await described(tx, host, first)
                await gatherings.offer(tx, await gatherings.actor(tx, host.id))
                guest = await met(tx, f"guest {zone} {start}")
                await tx.execute(sa.update(persons).where(persons.c.id == guest.id).values(zone=zone))
                assert await bookings.book(tx, guest.id, guest.address, event, wait=False) == "booked"
                if moved:
                    who = Person(host.id, host.address, "telegram", "en", stopped=False)
                    await perform_of_events(tx, who, MoveEvent(event, When(start)))
                self.starts[event] = (start, zone)

    async def begin(self) -> Bulk:
        """A process: what it had in memory is gone."""
        self.house.holder = f"process {len(self.rounds)}"
        channel = TelegramChannel("0:x", "http://127.0.0.1:1")
        channel.per_second = 4000
        return _bulk(self.house, channel)

    async def one_round(self, bulk: Bulk) -> None:
        """Everything that is due now goes out."""
        self.rounds.append(self.clock())
        while True:
            await bulk._round()
            if not bulk._ready:
                if not bulk._going:  # what is late was withdrawn, and somebody may have more than one thing due
                    return
                continue
            done = []
            while bulk._ready:
                prepared = bulk._ready.popleft()
                source = reminders.read_source(prepared.delivery.source)
                assert source is not None
                if source.news != "moved":
                    self.sent.append((source.gathering, source.news, self.clock()))
                done.append(settled(prepared))
            async with self.house.database.write(self.clock()) as tx:
                await deliveries.settle(tx, done, self.house.holder)

    async def live(self, chance: random.Random | None) -> None:
        """Goes from one due time to the next until nothing waits; with `chance`, is sometimes away when it comes."""
        bulk = await self.begin()
        while (ahead := await self._next()) is not None:
            self.clock.now = max(ahead, self.clock.now)
            if chance is not None:
                self.clock.now += chance.choice((timedelta(), timedelta(), AN_HOUR, A_DAY))
                bulk = await self.begin() if chance.random() < 0.3 else bulk
            await self.one_round(bulk)

    async def _next(self) -> datetime | None:
        query = sa.select(sa.func.min(ledger.c.not_before).label("at")).where(ledger.c.state == "waiting")
        async with self.house.database.read() as tx:
            row = await tx.first(query)
        return row.at if row else None

    def expected(self) -> Iterator[tuple[str, str, datetime]]:
        """What a judge who knows when the process was awake expects: the first moment from its time on that is open,
        before the event and, for the day before, before the last hour's is due."""
        for event, (start, zone) in self.starts.items():
            begins = start.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            late = {"day": wanted_at("hour", start, zone), "hour": begins, "after": begins + LONG + ASKED_FOR}
            for which in ("day", "hour", "after"):
                wanted = wanted_at(which, start, zone)
                chances = (at for at in self.rounds if wanted <= at < late[which] and is_open(at, zone))
                first = next(chances, None)
                if first is not None:
                    yield event, which, first


def _bulk(house: House, channel: Channel) -> Bulk:
    pace = Pace(4000)
    return Bulk(house, channel, pace, Restraint(house.clock), asyncio.Event(), lambda _: None, lambda d, f: None)  # type: ignore[arg-type,return-value]


async def _lived(
    folder: Path, zones: tuple[str, ...], chance: random.Random | None, around: tuple[float, ...] = AROUND
) -> Life:
    every = sorted((change, zone) for zone in zones for change in changes(zone))
    clock = Clock(every[0][0] - BOOKED)
    settings = trial(folder)
    async with house_opened(settings, clock=clock) as house:
        house.settings = settings.model_copy(update={"host": "0.0.0.0"})  # quiet hours are kept, as in production
        life = Life(house, clock)
        for number, (change, zone) in enumerate(every):
            clock.now = max(clock.now, change - BOOKED)
            await life.book_around(change, zone, around, moved=number % 3 == 0)
        clock.now = every[0][0] - BOOKED
        await life.live(chance)
    return life


def _judged(life: Life) -> None:
    asleep = [(event, at) for event, _, at in life.sent if not is_open(at, life.starts[event][1])]
    doubled = [each for each, times in Counter((event, which) for event, which, _ in life.sent).items() if times > 1]
    expected = set(life.expected())
    missed, unasked = expected - set(life.sent), set(life.sent) - expected
    print(f"{len(life.starts)} events, {len(life.sent)} reminders: {len(doubled)} doubled, {len(missed)} missed,"
          f" {len(unasked)} at another time, {len(asleep)} by night")  # fmt: skip
    assert (doubled, missed, unasked, asleep) == ([], set(), set(), [])


async def test_over_every_change_of_clocks_in_london_each_comes_once_on_time(tmp_path: Path) -> None:
    life = await _lived(tmp_path, ZONES[:1], None, AROUND[::2])
    _judged(life)
    assert len(life.sent) == 3 * 22 * len(AROUND[::2])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
async def test_over_every_change_of_clocks_in_five_zones_with_restarts_and_jumps(
    tmp_path: Path, seed: int | None
) -> None:
    _judged(await _lived(tmp_path, ZONES, random.Random(seed) if seed else None))


def test_there_are_changes_in_every_zone() -> None:
    assert {zone: len(changes(zone)) for zone in ZONES[:4]} == dict.fromkeys(ZONES[:4], 22)
    assert len(changes(ZONES[4])) >= 20


@pytest.mark.parametrize("zone", ZONES)
def test_a_reminder_is_due_by_the_clock_on_the_wall(zone: str) -> None:
    for change in changes(zone):
        local = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        for hours in AROUND:
            start = local + timedelta(hours=hours)
            assert due("day", start, zone, zone) == wanted_at("day", start, zone)
            assert due("hour", start, zone, zone) == wanted_at("hour", start, zone)
            assert due("day", start, zone, zone) < instant(start, zone)
