"""Members: sheets of codes and who may make them; each code confirms one person, once; and what is left of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.broadcasts import Audience
from conversations.domain.following import topic_subject
from conversations.domain.members import CODES_LIVE, TRIES, TRIES_COUNT, Tries, in_groups, members_of
from storage import audiences, broadcasting, broadcasts, members, people, places, retention, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Database, Transaction
from storage.people import Person
from storage.schema import audit, code_sheets, deliveries, member_codes, member_tries, metadata
from storage.schema import subscriptions as followed
from storage.staff import Member
from tests.storage.acts import NOW, TALK, TOPIC, count, met, rows
from tests.storage.broadcasting import IN_LONDON, IN_WALES, OFFICER

CARDIFF, BANGOR, EDINBURGH = "W-SAMPLE-13", "W-SAMPLE-15", "S-SAMPLE-11"


def organiser(*areas: str, role: str = "organiser") -> Member:
    return Member("m", "Sample organiser", frozenset((role, area) for area in areas))


WALES = organiser("wales")


async def sheet(tx: Transaction, who: Member = WALES, place: str = CARDIFF, codes: int = 10) -> list[str]:
    await places.load_sample(tx)
    return await members.make(tx, who, place, codes)


async def confirm(tx: Transaction, person: Person, code: str) -> bool:
    return await members.confirm(tx, person.id, person.address, code)


async def member_of(tx: Transaction, person: Person) -> list[str]:
    return [each.subject.id for each in (await subscriptions.of(tx, [person.id]))[person.id]]


# Sheets


WHO = {
    "an organiser of the nation": (WALES, True),
    "of the constituency": (organiser(CARDIFF), True),
    "of everywhere": (organiser(""), True),
    "of the place next door": (organiser(BANGOR), False),
    "of another nation": (organiser("scotland"), False),
    "an officer of everything": (organiser("", role="officer"), False),
    "nobody": (organiser(), False),
}


async def test_only_an_organiser_of_the_area_makes_sees_and_revokes_codes(database: Database) -> None:
    for named, (who, theirs) in WHO.items():
        async with database.write(NOW) as tx:
            await tx.execute(sa.delete(code_sheets))
            await sheet(tx)
            [held] = await members.sheets(tx, WALES)
            assert bool(await sheet(tx, who)) is theirs, named
            assert (held.id in {each.id for each in await members.sheets(tx, who)}) is theirs, named
            assert await members.revoke(tx, who, held.id) is theirs, named
            assert not await members.revoke(tx, who, "ms-UNKNOWN"), named
        assert await count(database, code_sheets) == 1 + theirs, named


async def test_a_sheet_is_of_one_constituency_and_neither_so_small_that_it_names_nor_too_long(
    database: Database,
) -> None:
    async with database.write(NOW) as tx:
        for place in ("wales", "", "W-SAMPLE-99", "north_west"):
            assert await sheet(tx, organiser(""), place) == [], place
        for codes in (0, 9, 201):
            with pytest.raises(ValueError, match="10 to 200"):
                await sheet(tx, codes=codes)


async def test_codes_are_kept_as_hashes_and_every_making_and_revoking_is_on_the_trail(database: Database) -> None:
    async with database.write(NOW) as tx:
        codes = await sheet(tx, codes=200)
        [held] = await members.sheets(tx, WALES)
        assert (held.codes, held.used, held.area.name, held.counts(NOW)) == (200, 0, "Cardiff South and Penarth", True)
        assert await members.revoke(tx, WALES, held.id)
        assert not await members.revoke(tx, WALES, held.id), "once is once"
    assert len(set(codes)) == 200
    assert all(len(code) == 10 and not set(code) & set("ILOU") for code in codes)
    assert in_groups("7K3F2Q9XMT") == "7K3F2-Q9XMT"
    for table in metadata.sorted_tables:
        kept = repr(await rows(database, sa.select(table)))
        assert not [code for code in codes if code in kept or in_groups(code) in kept], table.name
    trail = [(row.staff, row.act, row.what) for row in await rows(database, sa.select(audit).order_by("seq"))]
    assert trail == [
        ("Sample organiser", "make codes", f"{held.id} {CARDIFF} 200"),
        ("Sample organiser", "revoke codes", held.id),
    ]


# Confirming


async def test_a_code_confirms_once_and_nothing_says_whose_it_was(database: Database) -> None:
    async with database.write(NOW) as tx:
        code, other, *_ = await sheet(tx)
        mine, late = await met(tx, "1"), await met(tx, "2")
        assert await confirm(tx, mine, in_groups(code).lower())
        assert (await member_of(tx, mine), await member_of(tx, late)) == ([CARDIFF], [])
        assert not await confirm(tx, late, code)
        assert await members.tries(tx, late.id) == Tries(TRIES - 1, "used")
        assert not await confirm(tx, mine, other)
        assert await members.tries(tx, mine.id) == Tries(TRIES - 1, "already")
        assert await confirm(tx, late, other.replace("0", "O").replace("1", "l")), "what is misread is read rightly"
        assert await members.tries(tx, late.id) == Tries(), "a good one wipes out the others"
        [held] = await members.sheets(tx, WALES)
        assert held.used == 2
    assert {each.name for each in member_codes.c} == {"hash", "sheet", "used"}, "neither who nor when"


async def test_of_many_at_once_with_one_code_one_is_confirmed(database: Database) -> None:
    async with database.write(NOW) as tx:
        code, *_ = await sheet(tx)
        everybody = [await met(tx, str(number)) for number in range(12)]

    async def try_it(person: Person) -> bool:
        async with database.write(NOW) as tx:
            return await confirm(tx, person, code)

    done = await asyncio.gather(*(try_it(person) for person in everybody))
    assert sum(done) == 1
    assert await count(database, followed) == 1
    missed = await rows(database, sa.select(member_tries.c.why))
    assert [row.why for row in missed] == ["used"] * 11


async def test_what_was_taken_back_or_is_too_old_confirms_nothing_and_what_was_confirmed_stays(
    database: Database,
) -> None:
    async with database.write(NOW) as tx:
        before, after, *_ = await sheet(tx)
        old, last, *_ = await sheet(tx, place=BANGOR)
        person = await met(tx, "1")
        assert await confirm(tx, person, before)
        [held] = [each for each in await members.sheets(tx, WALES) if each.area.constituency == CARDIFF]
        assert await members.revoke(tx, WALES, held.id)
        assert not await confirm(tx, await met(tx, "2"), after)
        assert await member_of(tx, person) == [CARDIFF]
    async with database.write(NOW + CODES_LIVE - timedelta(minutes=1)) as tx:
        assert await confirm(tx, person, last)
    async with database.write(NOW + CODES_LIVE) as tx:
        late = await met(tx, "3")
        assert not await confirm(tx, late, old)
        assert (await members.tries(tx, late.id)).last == "expired"


async def test_guessing_ends_after_a_handful_even_with_a_good_code_and_begins_anew_an_hour_later(
    database: Database,
) -> None:
    async with database.write(NOW) as tx:
        code, *_ = await sheet(tx)
        person = await met(tx, "1")
        for number in range(TRIES):
            assert not await confirm(tx, person, f"AAAAAAAAA{number}")
        assert await members.tries(tx, person.id) == Tries(0, "unknown")
        assert not await confirm(tx, person, code)
    assert await count(database, member_tries) == TRIES, "what is not looked at is not counted"
    async with database.write(NOW + TRIES_COUNT + timedelta(seconds=1)) as tx:
        assert await members.tries(tx, person.id) == Tries()
        assert await confirm(tx, person, code)


async def test_nobody_becomes_a_member_by_following(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "1")
        with pytest.raises(ValueError, match="a code is needed"):
            await subscriptions.follow(tx, person.id, person.address, members_of(CARDIFF), "weekly")


# What it adds, and what is left of it


async def told(tx: Transaction, place: str = "wales") -> str:
    """What an organiser of Wales wrote to members, on its way to one."""
    await staff.grant(tx, IN_WALES.name, "organiser", "wales")
    to_members = Audience(place, members=True)
    made = await broadcasts.draft(tx, IN_WALES, "ordinary", to_members, {"en": "We meet on Friday."}, "wales")
    assert await broadcasting.send(tx, IN_WALES, made, 1, Rules(cooling=timedelta())) == "cooling"
    await broadcasting.begin(tx, made)
    return made


async def test_ending_it_leaves_nothing_that_says_they_were_a_member(database: Database) -> None:
    async with database.write(NOW) as tx:
        code, *_ = await sheet(tx)
        person = await met(tx, "1")
        await subscriptions.follow(tx, person.id, person.address, topic_subject(TALK, TOPIC), "daily")
        assert await confirm(tx, person, code)
        sent, waits = await told(tx), await told(tx, CARDIFF)
        settled = {"state": "accepted", "settled": NOW, "digest": "d"}
        await tx.execute(sa.update(deliveries).where(deliveries.c.source == sent).values(settled))
        await subscriptions.end(tx, person.id, [members_of(CARDIFF)])
        await members.leave(tx, person.id)
    left = await rows(database, sa.select(deliveries).where(deliveries.c.person == person.id))
    assert [(row.state, row.source, row.digest) for row in left] == [("accepted", None, None)], "it counts as unasked"
    of_people = [table for table in metadata.sorted_tables if "person" in table.c]
    kept = repr([await rows(database, sa.select(each).where(each.c.person == person.id)) for each in of_people])
    for trace in (CARDIFF, "member", sent, waits):
        assert trace not in kept, trace


async def test_members_are_written_to_by_an_organiser_of_their_place_and_as_nothing_more(database: Database) -> None:
    async with database.write(NOW) as tx:
        code, *_ = await sheet(tx)
        far, *_ = await sheet(tx, organiser(""), EDINBURGH)
        here, there, lives_here = await met(tx, "1"), await met(tx, "2"), await met(tx, "3")
        assert await confirm(tx, here, code)
        assert await confirm(tx, there, far)
        await people.tell_about(tx, there.id, "constituency", CARDIFF)
        await people.tell_about(tx, lives_here.id, "constituency", CARDIFF)
        for place in ("wales", CARDIFF, ""):
            made = await broadcasts.draft(
                tx, IN_WALES, "ordinary", Audience(place, members=True), {"en": "We meet."}, "wales"
            )
            assert await reached(tx, made) == {here.id}, place
        assert await reached(tx, await broadcasts.draft(
            tx, IN_WALES, "ordinary", Audience("wales"), {"en": "A meeting."}, "wales"
        )) == set(), "to be a member is no wish to hear from organisers of anything else"  # fmt: skip
        await people.stop(tx, here.address)
        assert await reached(tx, made) == set(), "STOP ends it as it ends everything"
        for who, audience, area in (
            (IN_LONDON, Audience(CARDIFF, members=True), "london"),
            (IN_WALES, Audience(EDINBURGH, members=True), "wales"),
            (IN_WALES, Audience("wales", topic=f"{TALK}/{TOPIC}", members=True), "wales"),
            (IN_WALES, Audience("wales", organisers=True, members=True), "wales"),
            (OFFICER, Audience(CARDIFF, members=True), ""),
            (OFFICER, Audience(topic=f"{TALK}/{TOPIC}", members=True), ""),
        ):
            with pytest.raises(broadcasts.Refused, match="not yours"):
                await broadcasts.draft(tx, who, "ordinary", audience, {"en": "We meet."}, area)


async def reached(tx: Transaction, made: str) -> set[str]:
    found = await broadcasts.one(tx, made)
    assert found is not None
    return {row.person for row in await tx.rows(await audiences.chosen(tx, found))}


async def test_sheets_go_a_month_after_their_last_day_and_tries_after_an_hour(database: Database) -> None:
    async with database.write(NOW) as tx:
        code, *_ = await sheet(tx)
        person = await met(tx, "1")
        assert await confirm(tx, person, code)
        assert not await confirm(tx, person, "AAAAAAAAAA")
    a_month = CODES_LIVE + retention.SPENT_CODES_LIVE
    for later, sheets, tries in ((TRIES_COUNT, 1, 1), (2 * TRIES_COUNT, 1, 0), (a_month, 1, 0), (2 * a_month, 0, 0)):
        async with database.write(NOW + later) as tx:
            await retention.sweep(tx, ())
        assert (await count(database, code_sheets), await count(database, member_tries)) == (sheets, tries)
        assert await count(database, member_codes) == 10 * sheets
    assert await count(database, followed) == 1, "what was confirmed is theirs to end"
