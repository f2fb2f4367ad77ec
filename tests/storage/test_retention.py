"""What has served its purpose goes by itself, and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from conversations.domain.following import Subject, event_subject, topic_subject
from storage import actions, answers, bookings, deliveries, dialogues, people, retention, shown, staff, subscriptions
from storage.database import Database
from storage.deliveries import Lane, Reply
from storage.dialogues import Stored
from storage.people import Person
from storage.schema import (
    addresses,
    audit,
    conversations,
    corrections,
    gatherings,
    persons,
    quarantine,
    return_codes,
    standing_prompts,
)
from storage.schema import answers as answers_table
from storage.schema import bookings as booked
from storage.schema import deliveries as ledger
from storage.schema import staff as staff_table
from storage.schema import subscriptions as subscriptions_table
from tests.storage.acts import TEXTS, count, met, opened, publish, rows

NOW = datetime(2027, 1, 1, 12, tzinfo=UTC)
A_YEAR = datetime(2028, 1, 1, 12, tzinfo=UTC)
SAFETY = Subject("commission", "safety")
A_MINUTE = timedelta(minutes=1)


async def answered(database: Database, name: str, *topics: tuple[str, str]) -> Person:
    """Somebody who answered in these (consultation, topic) pairs, and asked to hear."""
    async with database.write(NOW) as tx:
        person = await met(tx, name)
        for consultation, topic in topics:
            await people.record_consent(tx, person.id, consultation, "take_part", "yes", "w1")
            await people.record_consent(tx, person.id, consultation, "outcome", "with_words", "w1")
            slot, answer = Slot(f"{topic[0]}1"), Answer(picks=("yes",))
            await answers.record_all(
                tx, [answers.Given(person.id, person.address, consultation, topic, slot, answer, 1, 1)]
            )
    return person


async def act(database: Database, kind: str, when: datetime = NOW, topic: str = "VOTE", action: str = "") -> str:
    """A published version, of a new action or as the correction of one. Returns the action."""
    async with database.write(when) as tx:
        given: Any = (kind, [f"{topic[0]}1"], TEXTS)
        if action:
            version = await actions.correct(tx, action, *given, "a reason", "Officer A")
        else:
            version = await actions.draft(tx, "talk", topic, *given, "Officer A")
        return (await publish(tx, version)).action


async def linked(database: Database, when: datetime, *, ended: tuple[str, ...] = (), closed: Any = ("talk",)) -> int:
    """How many addresses a sweep at that instant leaves."""
    async with database.write(when) as tx:
        await retention.sweep(tx, ended, closed)
    return await count(database, addresses)


# The way back to a person


async def test_it_goes_when_the_last_day_of_keeping_is_over(database: Database) -> None:
    await answered(database, "only the old one", ("old", "VOTE"))
    both = await answered(database, "both", ("old", "VOTE"), ("new", "VOTE"))
    new = await answered(database, "only the new one", ("new", "VOTE"))
    assert await linked(database, NOW, ended=("old",)) == 2
    left = await rows(database, sa.select(addresses.c.person))
    assert {row.person for row in left} == {both.id, new.id}
    assert await count(database, answers_table) == 4


@pytest.mark.parametrize("kind", actions.OUTCOMES)
async def test_it_goes_a_year_after_the_outcome_and_not_before(database: Database, kind: str) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    await act(database, kind)
    assert await linked(database, A_YEAR - A_MINUTE) == 1
    assert await linked(database, A_YEAR + A_MINUTE) == 0


async def test_without_an_outcome_it_stays_until_the_last_day(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    assert await linked(database, A_YEAR + timedelta(days=900)) == 1
    await act(database, "update")
    assert await linked(database, A_YEAR + timedelta(days=900)) == 1, "an update promises an outcome"
    assert await linked(database, A_YEAR + timedelta(days=900), ended=("talk",)) == 0


async def test_while_people_may_still_answer_it_stays(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    await act(database, "done")
    assert await linked(database, A_YEAR + timedelta(days=9), closed=()) == 1


async def test_a_second_topic_without_its_outcome_keeps_it(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    waits = await answered(database, "2", ("talk", "VOTE"), ("talk", "SAFE"))
    await act(database, "done")
    assert await linked(database, A_YEAR + A_MINUTE) == 1
    assert [row.person for row in await rows(database, sa.select(addresses))] == [waits.id]
    await act(database, "cannot", A_YEAR, "SAFE")
    assert await linked(database, A_YEAR + timedelta(days=300)) == 1
    assert await linked(database, A_YEAR + timedelta(days=367)) == 0


async def test_a_second_action_that_is_still_an_update_keeps_it(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    await act(database, "done")
    news = await act(database, "update")
    assert await linked(database, A_YEAR + timedelta(days=30)) == 1
    await act(database, "will_not", NOW + timedelta(days=90), action=news)
    assert await linked(database, A_YEAR + timedelta(days=30)) == 1
    assert await linked(database, A_YEAR + timedelta(days=92)) == 0


async def test_a_correction_starts_the_year_anew_and_one_to_an_update_stops_it(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    action = await act(database, "done")
    await act(database, "partly", NOW + timedelta(days=30), action=action)
    assert await linked(database, A_YEAR + timedelta(days=29)) == 1
    await act(database, "update", NOW + timedelta(days=31), action=action)
    assert await linked(database, A_YEAR + timedelta(days=900)) == 1


async def test_what_is_not_published_decides_nothing(database: Database) -> None:
    await answered(database, "1", ("talk", "VOTE"))
    async with database.write(NOW) as tx:
        version = await actions.draft(tx, "talk", "VOTE", "done", ["V1"], TEXTS, "Officer A")
        await actions.sign(tx, version, "Bea", alone=False)
    assert await linked(database, A_YEAR + timedelta(days=30)) == 1


async def test_every_way_back_goes_and_what_was_said_stays(database: Database) -> None:
    person = await answered(database, "7", ("talk", "VOTE"))
    async with database.write(NOW) as tx:
        await answers.send(tx, person.id, person.address, "talk", "VOTE")
        await people.keep_return_code(tx, person.id)
        await people.tell_about(tx, person.id, "nation", "wales")
        await dialogues.save(tx, {person.id: Stored("talk", 1, "{}")})
        await tx.execute(sa.insert(staff_table).values(id="s", name="Officer A", person=person.id, created=tx.now))
        await subscriptions.follow(tx, person.id, person.address, SAFETY, "weekly")
        code = people.return_code(tx, person.id)
    await act(database, "done")
    async with database.write(NOW) as tx:
        await tx.execute(sa.update(ledger).values(state="accepted", settled=NOW, remote="4711"))
    assert await linked(database, A_YEAR + A_MINUTE) == 0
    for table in (return_codes, conversations, subscriptions_table):
        assert await count(database, table) == 0, table.name
    assert [row.person for row in await rows(database, sa.select(staff_table))] == [None]
    [told] = await rows(database, sa.select(ledger))
    assert (told.state, told.address, told.remote) == ("accepted", None, None)
    for table in (answers_table, standing_prompts, persons):
        assert await count(database, table) == 1, table.name
    async with database.write(A_YEAR) as tx:
        assert await people.person_of_code(tx, code) is None
        assert (await met(tx, "7")).id != person.id, "whoever comes back is somebody new"


async def test_what_was_still_on_its_way_is_withdrawn(database: Database) -> None:
    person = await answered(database, "7", ("talk", "VOTE"))
    await act(database, "done")
    assert await linked(database, A_YEAR + A_MINUTE) == 0
    [row] = await rows(database, sa.select(ledger.c.state, ledger.c.person))
    assert tuple(row) == ("withdrawn", person.id)


@pytest.mark.parametrize(
    ("now", "before"),
    [(datetime(2028, 2, 29, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)), (A_YEAR, NOW)],
)
def test_a_year_before(now: datetime, before: datetime) -> None:
    assert retention.a_year_before(now) == before


# What else


async def test_whoever_only_looked_in_is_forgotten_after_sixty_days(database: Database) -> None:
    async with database.write(NOW) as tx:
        looked, wrote = await met(tx, "1"), await met(tx, "2")
        officer, follower = await met(tx, "3"), await met(tx, "5")
        stopped, blocked = await met(tx, "6"), await met(tx, "8")
        for each in (follower, stopped, blocked):
            await subscriptions.follow(tx, each.id, each.address, SAFETY, "weekly")
        await people.stop(tx, stopped.address)
        await people.silence(tx, blocked.address, "blocked")
        await tx.execute(sa.insert(staff_table).values(id="s", name="Officer A", person=officer.id, created=tx.now))
    stays = await answered(database, "4", ("talk", "VOTE"))
    async with database.write(NOW + timedelta(days=30)) as tx:
        await dialogues.save(tx, {wrote.id: Stored("talk", 1, "{}")})
    always = {officer.id, follower.id, stays.id}
    for days, left in (
        (59, {looked.id, wrote.id, stopped.id, blocked.id, *always}),
        (61, {wrote.id, *always}),
        (91, always),
    ):
        async with database.write(NOW + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
        assert {row.id for row in await rows(database, sa.select(persons.c.id))} == left, days


async def test_whoever_came_back_after_they_were_found_stays(database: Database) -> None:
    async with database.write(NOW) as tx:
        gone, back = await met(tx, "1"), await met(tx, "2")
    later = NOW + timedelta(days=61)
    async with database.read(later) as tx:
        found = await retention.find(tx)
    async with database.write(later) as tx:
        await dialogues.save(tx, {back.id: Stored("talk", 1, "{}")})
        await retention.sweep(tx, [], found=found)
    assert {*found.visitors} == {gone.id, back.id}
    assert {row.id for row in await rows(database, sa.select(persons.c.id))} == {back.id}


async def test_event_keys_go_after_sixty_days(database: Database) -> None:
    async with database.write(NOW) as tx:
        await dialogues.hear_once(tx, [("telegram", "1")])
    async with database.write(NOW + timedelta(days=59)) as tx:
        await retention.sweep(tx, [])
        assert await dialogues.hear_once(tx, [("telegram", "1")]) == set()
    async with database.write(NOW + timedelta(days=61)) as tx:
        await retention.sweep(tx, [])
        assert await dialogues.hear_once(tx, [("telegram", "1")]) == {("telegram", "1")}


async def test_a_reply_goes_after_thirty_days_whether_it_was_seen_or_not(database: Database) -> None:
    person = await answered(database, "7", ("talk", "VOTE"))
    async with database.write(NOW) as tx:
        waits = Reply(person.id, person.address, "web", "{}", False, "en", "1")
        await deliveries.queue_replies(tx, [waits, waits], "me")
        [first, _] = await tx.rows(sa.select(ledger.c.id).order_by(ledger.c.seq))
        await tx.execute(sa.update(ledger).where(ledger.c.id == first.id).values(state="accepted", settled=NOW))
    for days, left in ((29, 2), (31, 0)):
        await linked(database, NOW + timedelta(days=days))
        assert await count(database, ledger) == left


async def test_words_that_wait_for_somebody_to_go_on_go_after_thirty_days(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "cookie", "web")
        digest = {"id": "d-1", "lane": Lane.BROADCAST, "person": person.id, "address": person.address, "kind": "daily",
                  "channel": "web", "is_prompt": False, "state": "accepted", "attempts": 1, "not_before": NOW,
                  "created": NOW, "settled": NOW}  # fmt: skip
        await tx.execute(sa.insert(ledger).values(digest))
        await shown.keep(tx, [("d-1", "{}")])
    for days, left in ((29, 1), (31, 0)):
        async with database.write(NOW + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
            assert len(await shown.again(tx, person.id, "web")) == left, days
    [row] = await rows(database, sa.select(ledger))
    assert row.body is None


async def test_that_somebody_was_told_unasked_goes_after_four_hundred_days(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await subscriptions.follow(tx, person.id, person.address, topic_subject("talk", "VOTE"), "at_once")
    await act(database, "done")
    for days, left in ((399, 1), (401, 0)):
        async with database.write(NOW + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
        assert await count(database, ledger) == left, days


async def test_notes_corrections_and_the_audit_trail_have_their_time(database: Database) -> None:
    async with database.write(NOW) as tx:
        await dialogues.set_apart(tx, "telegram", "1", "RuntimeError")
        await staff.note(tx, "Officer A", "reveal", "P-7K3F2Q")
        await tx.execute(sa.insert(corrections).values(language="cy", page="/cy", words="{}", sent=NOW))
    for days, left in ((29, [1, 1, 1]), (31, [0, 1, 1]), (364, [0, 1, 1]), (366, [0, 0, 1]), (731, [0, 0, 0])):
        await linked(database, NOW + timedelta(days=days))
        assert [await count(database, table) for table in (quarantine, corrections, audit)] == left, days


async def test_nothing_goes_before_its_time(database: Database) -> None:
    await answered(database, "somebody", ("new", "VOTE"))
    async with database.write(NOW) as tx:
        await retention.sweep(tx, [])
    assert (await count(database, persons), await count(database, addresses)) == (1, 1)


async def test_who_came_goes_a_month_after_an_event_and_the_event_after_a_year(database: Database) -> None:
    start = datetime(2027, 4, 10, 12)  # further ahead than a visitor is remembered
    async with database.write(NOW) as tx:
        event, guest = await opened(tx, "host", start), await met(tx, "guest")
        await bookings.book(tx, guest.id, guest.address, event, wait=False)
        await subscriptions.follow(tx, guest.id, guest.address, event_subject(event), "at_once")
    kept = {80: (1, 1, True), 128: (1, 1, True), 130: (0, 1, False), 463: (0, 1, False), 465: (0, 0, False)}
    for days, (guests, events, known) in kept.items():
        async with database.write(NOW + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
        assert (await count(database, booked), await count(database, gatherings)) == (guests, events), days
        hosted = await rows(database, sa.select(gatherings.c.host).where(gatherings.c.host.is_not(None)))
        assert bool(hosted) == known, days
        found = await rows(database, sa.select(persons.c.id).where(persons.c.id == guest.id))
        assert bool(found) == known, days


async def test_an_address_is_kept_until_what_was_booked_is_over(database: Database) -> None:
    person = await answered(database, "7", ("talk", "VOTE"))
    async with database.write(A_YEAR) as tx:
        event = await opened(tx, "host", datetime(2028, 2, 1, 19))
        await bookings.book(tx, person.id, person.address, event, wait=False)
        await retention.sweep(tx, ["talk"])
        assert await people.address_of(tx, "telegram", "7") is not None
    async with database.write(A_YEAR + timedelta(days=70)) as tx:
        await retention.sweep(tx, ["talk"])
        assert await people.address_of(tx, "telegram", "7") is None
