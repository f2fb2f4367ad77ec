"""Digests: one for a person and period, in their own morning; nothing twice, nothing empty."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from conversations.domain.following import Subject, topic_subject
from conversations.domain.hours import next_morning
from storage import actions, deliveries, digests, subscriptions
from storage.database import Database
from storage.deliveries import Lane, Settlement
from storage.schema import deliveries as ledger
from storage.schema import persons
from tests.storage.acts import NOW, TALK, TOPIC, rows, took_part
from tests.storage.test_notices import SAFE, SAFETY, follower, out

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Auckland")


def changes(zone: str, first: int, last: int) -> list[datetime]:
    """Every hour before which, and after which, the clocks of a zone show another offset."""
    hour, here, found = datetime(first, 1, 1, tzinfo=UTC), ZoneInfo(zone), []
    while hour.year <= last:
        if hour.astimezone(here).utcoffset() != (hour + timedelta(days=1)).astimezone(here).utcoffset():
            found.append(hour)
            hour += timedelta(days=1)
        hour += timedelta(hours=6)
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("monday", [False, True])
def test_a_morning_is_nine_where_the_person_is_over_every_change_of_clocks(zone: str, monday: bool) -> None:
    looked = changes(zone, 2025, 2035) or [datetime(2025, 3, 30, tzinfo=UTC)]
    for around in looked:
        due_before = None
        for step in range(-24, 72):
            now = around + timedelta(hours=step)
            day, due = next_morning(now, zone, monday=monday)
            here = due.astimezone(ZoneInfo(zone))
            assert (here.hour, here.minute, here.date()) == (9, 0, day), now
            assert now < due <= now + timedelta(days=7 if monday else 1, hours=1), now
            assert not monday or day.weekday() == 0
            assert due_before is None or due >= due_before, "no morning is passed over, none comes twice"
            due_before = due


async def queued(database: Database) -> set[tuple[str, str, str]]:
    columns = sa.select(ledger.c.kind, ledger.c.state, ledger.c.source).order_by(ledger.c.seq)
    return {(row.kind, row.state, row.source) for row in await rows(database, columns)}


async def test_what_happens_is_gathered_once_and_has_one_digest_a_period(database: Database) -> None:
    async with database.write(NOW) as tx:
        daily = await follower(tx, "1", SAFE, SAFETY, pace="daily")
        await subscriptions.follow(tx, daily.id, daily.address, Subject("commission", "safety"), "weekly")
        first, second = await out(tx), await out(tx)
    monday = NOW.date() + timedelta(days=7)
    assert NOW.weekday() == 0
    assert await queued(database) == {
        ("notice", "gathered", first),
        ("notice", "gathered", second),
        ("daily", "waiting", f"daily-{NOW.date() + timedelta(days=1)}"),
    }
    async with database.write(NOW) as tx:
        await follower(tx, "2", SAFE, pace="weekly")
        await out(tx)
    assert ("weekly", "waiting", f"weekly-{monday}") in await queued(database)


async def test_each_has_it_in_their_own_morning(database: Database) -> None:
    async with database.write(NOW) as tx:
        for value, zone in enumerate(ZONES):
            person = await follower(tx, str(value), SAFE, pace="daily")
            await tx.execute(sa.update(persons).where(persons.c.id == person.id).values(zone=zone))
        await out(tx)
    due = sa.select(persons.c.zone, ledger.c.not_before).join(persons, persons.c.id == ledger.c.person)
    found = {row.zone: row.not_before for row in await rows(database, due.where(ledger.c.kind == "daily"))}
    assert found == {zone: next_morning(NOW, zone)[1] for zone in ZONES}


async def test_whoever_had_feedback_or_was_told_at_once_has_it_in_no_digest(database: Database) -> None:
    async with database.write(NOW) as tx:
        told = await took_part(tx, "1")
        await subscriptions.follow(tx, told.id, told.address, SAFE, "daily")
        both = await follower(tx, "2", SAFE, pace="daily")
        await subscriptions.follow(tx, both.id, both.address, SAFETY, "at_once")
        version = await out(tx)
    assert await queued(database) == {("message", "waiting", version), ("notice", "waiting", version)}


@pytest.mark.parametrize("outcome", ["accepted", "unknown", "refused"])
async def test_what_became_of_a_digest_became_of_all_that_was_in_it(database: Database, outcome: str) -> None:
    async with database.write(NOW) as tx:
        await follower(tx, "1", SAFE, pace="daily")
        await out(tx)
    morning = NOW + timedelta(days=1)
    async with database.write(morning) as tx:
        [digest] = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 9)
        [gathered] = (await digests.gathered(tx, [digest]))[digest.id]
        await digests.put_in(tx, [(digest.id, gathered)])
        later = await out(tx)  # gathered while the digest was under way
    async with database.write(morning) as tx:
        made: object = outcome
        await deliveries.settle(tx, [Settlement(digest.id, made, carries=True)], "holder")  # type: ignore[arg-type]
        counts = await actions.progress(tx, gathered.source)
        assert counts == {outcome: 1}
        [left] = (await digests.gathered(tx, [digest]))[digest.id]
        assert left.source == later


async def test_a_digest_whose_process_died_is_in_doubt_with_all_that_was_in_it(database: Database) -> None:
    async with database.write(NOW) as tx:
        await follower(tx, "1", SAFE, pace="daily")
        await out(tx)
    morning = NOW + timedelta(days=1)
    async with database.write(morning) as tx:
        [digest] = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 9)
        [gathered] = (await digests.gathered(tx, [digest]))[digest.id]
        await digests.put_in(tx, [(digest.id, gathered)])
    async with database.write(morning + deliveries.LEASE * 2) as tx:
        await deliveries.park_lapsed(tx, "telegram")
    assert {row.state for row in await rows(database, sa.select(ledger.c.state))} == {"unknown"}


async def test_what_the_desk_holds_back_is_in_no_digest(database: Database) -> None:
    async with database.write(NOW) as tx:
        await follower(tx, "1", SAFE, pace="daily")
        paused, stopped = await out(tx), await out(tx)
        await actions.steer(tx, paused, "paused")
        await actions.steer(tx, stopped, "stopped")
    async with database.write(NOW + timedelta(days=1)) as tx:
        [digest] = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 9)
        assert await digests.gathered(tx, [digest]) == {digest.id: []}
        await actions.steer(tx, paused, "running")
        assert [each.source for each in (await digests.gathered(tx, [digest]))[digest.id]] == [paused]


def test_a_follow_of_a_topic_names_its_consultation() -> None:
    assert topic_subject(TALK, TOPIC) == SAFE
    assert next_morning(datetime(2026, 10, 5, 7, 59, tzinfo=UTC), "no such zone")[0] == date(2026, 10, 5)
