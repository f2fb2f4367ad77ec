"""Broadcasts: sent once, by who may, signed by another, undone in time; steered, corrected, never twice the same."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.lookups import MyRecord
from storage import (
    actions,
    bookings,
    broadcasting,
    broadcasts,
    deliveries,
    findings,
    people,
    programme,
    retention,
    staff,
    steering,
)
from storage.broadcasting import Rules
from storage.broadcasts import Refused
from storage.database import Database
from storage.deliveries import Lane, Outcome, Settlement
from storage.schema import audit
from storage.schema import deliveries as ledger
from tests.storage.acts import NOW, met, opened, organiser, rows
from tests.storage.broadcasting import (
    ALSO_IN_WALES,
    FOLLOWERS,
    IN_LONDON,
    IN_WALES,
    OUTSIDER,
    TEXTS,
    drafted,
    found,
    granted,
    lives,
    sent,
)

SIGNED_BY_TWO = Rules(second_from=2)
COOL = Rules().cooling


async def _refused(act: object) -> str:
    with pytest.raises(Refused) as refused:
        await act  # type: ignore[misc]
    return refused.value.hindrance


async def test_a_small_one_cools_off_and_is_queued_once_for_each(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        people_ = {(await lives(tx, str(each))).id for each in range(3)}
        id_ = await drafted(tx)
        assert await _refused(broadcasting.send(tx, IN_WALES, id_, 4, Rules())) == "counted otherwise"
        assert await broadcasting.send(tx, IN_WALES, id_, 3, Rules()) == "cooling"
        assert await broadcasting.due(tx) == []
        await broadcasting.begin(tx, id_)
    assert await rows(database, sa.select(ledger)) == [], "nothing goes out before its moment"
    for _ in range(2):
        async with database.write(NOW + COOL) as tx:
            for each in await broadcasting.due(tx):
                await broadcasting.begin(tx, each)
    queued = await rows(database, sa.select(ledger.c.person, ledger.c.source, ledger.c.lane, ledger.c.kind))
    assert {tuple(row) for row in queued} == {(each, id_, Lane.BROADCAST, "broadcast") for each in people_}
    async with database.read(NOW) as tx:
        assert (await found(tx, id_)).state == "running"


async def test_what_was_written_is_read_as_it_was_and_kept_sealed(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        id_ = await drafted(tx)
        kept = await found(tx, id_)
        assert (kept.texts, kept.audience, kept.area, kept.author) == (TEXTS, FOLLOWERS, "wales", IN_WALES.name)
        [row] = await tx.rows(sa.text("SELECT words FROM broadcasts"))
        assert b"door" not in bytes(row.words)
        await broadcasts.rewrite(tx, IN_WALES, id_, {"en": "Other"}, Audience(place="wales"), NOW)
        kept = await found(tx, id_)
        assert (kept.texts, kept.audience, kept.scheduled) == ({"en": "Other"}, Audience(place="wales"), NOW)
        assert [each.id for each in await broadcasts.of_author(tx, IN_WALES)] == [id_]
        assert await broadcasts.of_author(tx, OUTSIDER) == []


async def test_what_no_check_passes_is_refused_at_the_door_of_storage_too(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        id_ = await drafted(tx)
        for words in ("Vote for us.", "See https://evil.example", "{name}", " "):
            await broadcasts.rewrite(tx, IN_WALES, id_, {"en": words})
            assert await _refused(broadcasting.send(tx, IN_WALES, id_, 1, Rules())) == "faulty"
        await broadcasts.rewrite(tx, IN_WALES, id_, {"en": "See https://talk.example.org/events"})
        assert await _refused(broadcasting.send(tx, IN_WALES, id_, 1, Rules())) == "faulty"
        ours = Rules(link_domains=("talk.example.org",))
        assert await broadcasting.send(tx, IN_WALES, id_, 1, ours) == "cooling"


async def test_a_scheduled_one_waits_for_its_time(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        id_ = await drafted(tx)
        await broadcasts.rewrite(tx, IN_WALES, id_, TEXTS, scheduled=NOW + timedelta(days=2))
        assert await broadcasting.send(tx, IN_WALES, id_, 1, Rules()) == "cooling"
    for late, ready in ((COOL, []), (timedelta(days=2), [id_])):
        async with database.read(NOW + late) as tx:
            assert await broadcasting.due(tx) == ready


async def test_many_need_a_second_person_who_is_not_the_author(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES, ALSO_IN_WALES)
        for each in range(2):
            await lives(tx, str(each))
        id_, state = await sent(tx, 2, SIGNED_BY_TWO)
        assert state == "asked"
        assert await _refused(broadcasting.sign(tx, IN_WALES, id_, SIGNED_BY_TWO)) == "own words"
        assert await _refused(broadcasting.sign(tx, IN_LONDON, id_, SIGNED_BY_TWO)) == "not yours"
        assert await _refused(broadcasting.sign(tx, OUTSIDER, id_, SIGNED_BY_TWO)) == "not yours"
        assert [each.id for each in await broadcasts.to_sign(tx, ALSO_IN_WALES)] == [id_]
        assert await broadcasts.to_sign(tx, IN_WALES) == await broadcasts.to_sign(tx, IN_LONDON) == []
        assert await broadcasting.sign(tx, ALSO_IN_WALES, id_, SIGNED_BY_TWO) == "cooling"
        assert (await found(tx, id_)).signer == ALSO_IN_WALES.name
        assert await _refused(broadcasting.sign(tx, ALSO_IN_WALES, id_, SIGNED_BY_TWO)) == "not now"
    trail = {(row.staff, row.act) for row in await rows(database, sa.select(audit)) if row.act != "grant"}
    assert trail == {(IN_WALES.name, "send broadcast"), (ALSO_IN_WALES.name, "sign broadcast")}


async def test_an_author_who_signs_at_the_moment_another_does_is_refused_every_time(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES, ALSO_IN_WALES)
        for each in range(2):
            await lives(tx, str(each))
        id_, _ = await sent(tx, 2, SIGNED_BY_TWO)

    async def sign(who: Writer) -> str:
        try:
            async with database.write(NOW) as tx:
                return await broadcasting.sign(tx, who, id_, SIGNED_BY_TWO)
        except Refused as refused:
            return refused.hindrance

    signed = await asyncio.gather(*(sign(who) for who in (IN_WALES, IN_WALES, ALSO_IN_WALES, IN_WALES, ALSO_IN_WALES)))
    assert sorted(signed) == ["cooling", "not now", "own words", "own words", "own words"]


async def test_undone_while_it_cools_off_it_is_a_draft_again_and_may_be_sent_again(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        id_, _ = await sent(tx, 1)
        assert await _refused(broadcasting.undo(tx, IN_LONDON, id_)) == "not yours"
        await broadcasting.undo(tx, IN_WALES, id_)
    async with database.write(NOW + COOL) as tx:
        await broadcasting.begin(tx, id_)
        assert (await found(tx, id_)).state == "draft"
        assert await broadcasting.send(tx, IN_WALES, id_, 1, Rules()) == "cooling"
        await broadcasting.withdraw(tx, IN_WALES, id_)
        assert await _refused(broadcasting.undo(tx, IN_WALES, id_)) == "not now"
    assert await rows(database, sa.select(ledger)) == []


async def test_the_same_text_to_the_same_audience_is_refused_for_a_day(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        await sent(tx, 1)
        again = await drafted(tx, ALSO_IN_WALES)
        spaced = {language: f" {words.upper()}  " for language, words in TEXTS.items()}
        await broadcasts.rewrite(tx, ALSO_IN_WALES, again, spaced)
        assert await _refused(broadcasting.send(tx, ALSO_IN_WALES, again, 1, Rules())) == "same text"
        others = await drafted(tx, audience=Audience(topic=FOLLOWERS.topic, place="wales"))
        assert await broadcasting.send(tx, IN_WALES, others, 1, Rules()) == "cooling", "that is another audience"
    async with database.write(NOW + timedelta(days=1, seconds=1)) as tx:
        assert await broadcasting.send(tx, ALSO_IN_WALES, again, 1, Rules()) == "cooling"


async def test_the_same_text_sent_by_many_at_once_is_sent_by_one(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        drafts = [await drafted(tx) for _ in range(12)]

    async def send(id_: str) -> str:
        try:
            async with database.write(NOW) as tx:
                return await broadcasting.send(tx, IN_WALES, id_, 1, Rules())
        except Refused as refused:
            return refused.hindrance

    became = await asyncio.gather(*(send(id_) for id_ in drafts))
    assert sorted(became) == ["cooling", *["same text"] * 11]


async def test_news_of_ones_own_event_goes_out_at_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", datetime(2026, 12, 5, 19))
        guest, waits = await met(tx, "1"), await met(tx, "2")
        for each in (guest, waits):
            await bookings.book(tx, each.id, each.address, event, wait=True)
        host = await people.address_of(tx, "telegram", "host")
        assert host is not None
        own = Writer(person=host.id)
        id_ = await broadcasts.draft(tx, own, "event", Audience(event=event), TEXTS)
        stranger = Writer(person=guest.id)
        assert await _refused(broadcasting.send(tx, stranger, id_, None, SIGNED_BY_TWO)) == "not yours"
        assert await broadcasting.send(tx, own, id_, None, SIGNED_BY_TWO) == "running"
    told = sa.select(ledger.c.person, ledger.c.lane).where(ledger.c.source == id_)
    assert {tuple(row) for row in await rows(database, told)} == {(guest.id, Lane.FEEDBACK), (waits.id, Lane.FEEDBACK)}


async def test_what_a_host_wrote_is_in_what_we_keep_of_them(database: Database) -> None:
    async with database.write(NOW) as tx:
        await opened(tx, "host", datetime(2026, 12, 5, 19))
        host = await people.address_of(tx, "telegram", "host")
        assert host is not None
        [held] = (await programme.of_mine(tx, host.id)).hosted
        await broadcasts.draft(tx, Writer(person=host.id), "event", Audience(event=held.id), TEXTS)
        found = await findings.find(tx, {host.id: ("talk", "telegram", (MyRecord(),))})
        [written] = found[host.id][MyRecord()].written  # type: ignore[attr-defined]
        assert written.texts == TEXTS


async def test_who_may_write_to_whom(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES, IN_LONDON)
        event = await opened(tx, "host", datetime(2026, 12, 5, 19))
        guest = await met(tx, "1")
        refused = [
            (IN_LONDON, "ordinary", Audience(place="wales"), "london"),
            (IN_LONDON, "ordinary", Audience(place="wales"), "wales"),
            (IN_LONDON, "ordinary", Audience(topic=FOLLOWERS.topic), ""),
            (IN_LONDON, "ordinary", Audience(event=event), "london"),
            (IN_LONDON, "event", Audience(event=event), "london"),
            (IN_WALES, "event", Audience(topic=FOLLOWERS.topic), "wales"),
            (IN_WALES, "event", Audience(event=event, topic=FOLLOWERS.topic), "wales"),
            (IN_WALES, "ordinary", Audience(place="nowhere"), "wales"),
            (IN_WALES, "ordinary", Audience(place="wa"), "wales"),
            (IN_WALES, "ordinary", Audience(), "wales"),
            (IN_WALES, "ordinary", Audience(received="bc-1"), "wales"),
            (OUTSIDER, "ordinary", FOLLOWERS, ""),
            (Writer(person=guest.id), "ordinary", FOLLOWERS, ""),
            (Writer(person=guest.id), "event", Audience(event=event), ""),
            (IN_WALES, "event", Audience(event="unknown"), "wales"),
        ]
        for who, kind, audience, area in refused:
            act = broadcasts.draft(tx, who, kind, audience, TEXTS, area)  # type: ignore[arg-type]
            assert await _refused(act) == "not yours", (who, audience, area)


async def test_what_was_sent_is_steered_by_who_may_and_its_rows_follow(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        for each in range(3):
            await lives(tx, str(each))
        id_, _ = await sent(tx, 3)
    async with database.write(NOW + COOL) as tx:
        await broadcasting.begin(tx, id_)
        [claimed] = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 1)
        assert await _refused(broadcasting.steer(tx, IN_LONDON, id_, "stopped")) == "not yours"
        for to, after in (("paused", "paused"), ("running", "waiting"), ("stopped", "withdrawn")):
            await broadcasting.steer(tx, ALSO_IN_WALES, id_, to)  # type: ignore[arg-type]
            assert await steering.out_of_step(tx) == [(id_, to)]
            assert await steering.bring_in_step(tx, id_, to) == 2
            assert await steering.out_of_step(tx) == []
            assert await actions.progress(tx, id_) == {"claimed": 1, after: 2}
        assert await _refused(broadcasting.steer(tx, IN_WALES, id_, "running")) == "not now"
        await deliveries.settle(tx, [Settlement(claimed.id, "again")], "holder")
        assert await actions.progress(tx, id_) == {"withdrawn": 3}, "what comes back from the wire stays back"


async def test_it_is_done_when_nothing_of_it_is_on_its_way(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        id_, _ = await sent(tx, 1)
    async with database.write(NOW + COOL) as tx:
        await broadcasting.begin(tx, id_)
        await steering.finish(tx)
        assert (await found(tx, id_)).state == "running"
        [claimed] = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 1)
        await deliveries.settle(tx, [Settlement(claimed.id, "accepted")], "holder")
        await steering.finish(tx)
        assert (await found(tx, id_)).state == "done"


async def test_a_correction_goes_to_exactly_those_who_received_it_or_may_have(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        persons = [await lives(tx, str(each)) for each in range(4)]
        id_, _ = await sent(tx, 4)
        assert await _refused(broadcasts.correct(tx, IN_WALES, id_, {"en": "Sorry"})) == "not now"
    async with database.write(NOW + COOL) as tx:
        await broadcasting.begin(tx, id_)
        claimed = await deliveries.claim(tx, [Lane.BROADCAST], ["telegram"], "holder", 4)
        outcomes: tuple[Outcome, ...] = ("accepted", "unknown", "refused", "again")
        became = dict(zip([each.person for each in claimed], outcomes, strict=True))
        await deliveries.settle(tx, [Settlement(each.id, became[each.person]) for each in claimed], "holder")
        assert await _refused(broadcasts.correct(tx, IN_LONDON, id_, {"en": "Sorry"})) == "not yours"
        put_right = await broadcasts.correct(tx, IN_WALES, id_, {"en": "Sorry"})
        assert await broadcasting.send(tx, IN_WALES, put_right, 2, Rules()) == "running", "an error waits for nothing"
        await lives(tx, "new")
    queued = await rows(database, sa.select(ledger.c.person).where(ledger.c.source == put_right))
    assert {row.person for row in queued} == {who for who, state in became.items() if state in ("accepted", "unknown")}
    assert len(persons) == 4


async def test_news_of_an_event_is_corrected_by_who_runs_it(database: Database) -> None:
    async with database.write(NOW) as tx:
        event = await opened(tx, "host", datetime(2026, 12, 5, 19))
        guest, late = await met(tx, "1"), await met(tx, "2")
        await bookings.book(tx, guest.id, guest.address, event, wait=True)
        host = await people.address_of(tx, "telegram", "host")
        assert host is not None
        own = Writer(person=host.id)
        id_ = await broadcasts.draft(tx, own, "event", Audience(event=event), TEXTS)
        await broadcasting.send(tx, own, id_, None, Rules())
        [claimed] = await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "holder", 1)
        await deliveries.settle(tx, [Settlement(claimed.id, "accepted")], "holder")
        await bookings.book(tx, late.id, late.address, event, wait=True)
        assert await _refused(broadcasts.correct(tx, Writer(person=guest.id), id_, {"en": "Sorry"})) == "not yours"
        put_right = await broadcasts.correct(tx, own, id_, {"en": "Sorry, {event} is on {when}."})
        assert await broadcasting.send(tx, own, put_right, None, Rules()) == "running"
    told = await rows(database, sa.select(ledger.c.person).where(ledger.c.source == put_right))
    assert [row.person for row in told] == [guest.id]


async def test_nobody_reaches_those_who_received_anothers_broadcast(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        id_ = await drafted(tx)
        for audience in (Audience(received="bc-1"), Audience(place="wales", received="bc-1")):
            assert await _refused(drafted(tx, audience=audience)) == "not yours"
            assert await _refused(broadcasts.rewrite(tx, IN_WALES, id_, TEXTS, audience)) == "not yours"


async def test_a_test_goes_to_its_author_alone(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        me = await organiser(tx, "me", "wales")
        name, areas = await staff.organiser(tx, me.id)
        who = Writer(name, me.id, areas)
        id_ = await drafted(tx, who)
        for _ in range(2):
            await broadcasting.try_out(tx, who, id_)
        assert await _refused(broadcasting.try_out(tx, IN_WALES, id_)) == "not yours"
        assert (await found(tx, id_)).state == "draft"
    queued = await rows(database, sa.select(ledger.c.person, ledger.c.source))
    assert [row.person for row in queued] == [me.id] * 2
    assert all(row.source.startswith(id_.replace("bc-", "bt-")) for row in queued)


async def test_a_draft_goes_after_a_month_and_what_was_sent_with_the_last_trace_of_who_was_sent_it(
    database: Database,
) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        await lives(tx, "1")
        unsent, (far, _) = await drafted(tx), await sent(tx, 1)
        await broadcasting.undo(tx, IN_WALES, far)
        await broadcasts.rewrite(tx, IN_WALES, far, TEXTS, scheduled=NOW + timedelta(days=60))
        await broadcasting.send(tx, IN_WALES, far, 1, Rules())
        on_its_way = await drafted(tx)
        await broadcasts.rewrite(tx, IN_WALES, on_its_way, {"en": "Other news."})
        await broadcasting.send(tx, IN_WALES, on_its_way, 1, Rules())
    async with database.write(NOW + COOL) as tx:
        await broadcasting.begin(tx, on_its_way)
    kept = {}
    for days in (29, 31, 399, 401):
        async with database.write(NOW + timedelta(days=days)) as tx:
            await retention.sweep(tx, [])
            kept[days] = {row.id for row in await tx.rows(sa.text("SELECT id FROM broadcasts"))}
            texts = await tx.rows(sa.text("SELECT name FROM leases WHERE name LIKE 'same:%'"))
            assert not texts, "which text it was is known for a day"
    assert kept == {29: {unsent, far, on_its_way}, 31: {far, on_its_way}, 399: {on_its_way}, 401: set()}


async def test_five_hundred_presses_on_send_are_one_broadcast(database: Database) -> None:
    async with database.write(NOW) as tx:
        await granted(tx, IN_WALES)
        people_ = {(await lives(tx, str(each))).id for each in range(3)}
        id_ = await drafted(tx)

    async def press() -> str:
        try:
            async with database.write(NOW) as tx:
                return await broadcasting.send(tx, IN_WALES, id_, 3, Rules(cooling=timedelta(0)))
        except Refused as refused:
            return refused.hindrance

    async def begin() -> None:
        async with database.write(NOW) as tx:
            await broadcasting.begin(tx, id_)

    became = await asyncio.gather(*(press() for _ in range(500)))
    assert sorted(became) == ["cooling", *["not now"] * 499]
    await asyncio.gather(*(begin() for _ in range(20)))
    queued = await rows(database, sa.select(ledger.c.person, ledger.c.source))
    assert sorted(tuple(row) for row in queued) == sorted((each, id_) for each in people_)
    assert len([row for row in await rows(database, sa.select(audit)) if row.act == "send broadcast"]) == 1
