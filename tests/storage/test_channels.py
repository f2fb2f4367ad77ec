"""Where each kind of message comes: where somebody chose, as long as that can be written to; else where they asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from conversations.domain.broadcasts import Audience
from conversations.domain.channels import MESSAGE_KINDS, Channels, MessageKind
from conversations.domain.following import Subject
from storage import actions, bookings, broadcasting, broadcasts, channels, notices, people, retention, subscriptions
from storage.actions import ActionVersion, Reach
from storage.broadcasting import Rules
from storage.database import Database, Transaction
from storage.deliveries import ITS_HOUR
from storage.people import Person
from storage.schema import addresses, channel_choices, deliveries
from tests.storage.acts import NOW, count, met, opened, published, rows, took_part
from tests.storage.broadcasting import IN_WALES, granted

SAFETY = Subject("commission", "safety")
START = datetime(2026, 12, 5, 19)


async def on_two(tx: Transaction, value: str = "1") -> tuple[Person, Person]:
    """Somebody who asked for everything in Telegram, and has a web chat besides: one person, two addresses."""
    person = await took_part(tx, value)
    assert await people.give_address(tx, "web", f"web {value}", person.id)
    await people.tell_about(tx, person.id, "nation", "wales")
    await subscriptions.follow(tx, person.id, person.address, SAFETY, "at_once")
    other = await people.address_of(tx, "web", f"web {value}")
    assert other is not None
    return person, other


async def told_everything(tx: Transaction, *booking: Person) -> ActionVersion:
    """One message of each kind is queued for whoever it concerns; the action of which some are told."""
    await granted(tx, IN_WALES)
    event = await opened(tx, "host", START, seats=9)
    for each in booking:
        await bookings.book(tx, each.id, each.address, event, wait=False)
    version = await published(tx)
    notice = await notices.note(tx, "opens", "talk", NOW)
    assert notice is not None
    await notices.tell_followers(tx, notice, [SAFETY])
    made = await broadcasts.draft(tx, IN_WALES, "ordinary", Audience("wales"), {"en": "A meeting."}, "wales")
    written = await broadcasts.one(tx, made)
    assert written is not None
    await broadcasting.send(tx, IN_WALES, made, len(booking), Rules(cooling=timedelta()))
    await broadcasting.begin(tx, made)
    return version


async def came(database: Database, person: Person) -> dict[MessageKind, set[tuple[str, str]]]:
    """At which address, and on which channel, each kind of message is to come."""
    found = await rows(database, sa.select(deliveries).where(deliveries.c.person == person.id))
    kinds: dict[MessageKind, set[tuple[str, str]]] = {}
    for row in found:
        kinds.setdefault(channels.OF_DELIVERIES[row.kind], set()).add((row.address, row.channel))
    return kinds


@pytest.mark.parametrize("chosen", MESSAGE_KINDS)
async def test_one_kind_comes_where_it_was_chosen_and_the_others_where_they_were_asked_for(
    database: Database, chosen: MessageKind
) -> None:
    async with database.write(NOW) as tx:
        person, web = await on_two(tx)
        never, _ = await on_two(tx, "2")
        await channels.choose(tx, person.id, person.address, chosen, "web")
        await told_everything(tx, person, never)
    here, there = {(person.address, "telegram")}, {(web.address, "web")}
    assert await came(database, person) == {each: there if each == chosen else here for each in MESSAGE_KINDS}
    assert set(map(frozenset, (await came(database, never)).values())) == {frozenset({(never.address, "telegram")})}
    looked_at = await rows(database, sa.select(deliveries.c.waits_for).where(deliveries.c.channel == "web"))
    assert {row.waits_for for row in looked_at} == {"looking"}


async def test_what_cannot_be_written_to_any_more_is_chosen_no_more(database: Database) -> None:
    async with database.write(NOW) as tx:
        stopped, silent, gone, given = [await on_two(tx, value) for value in "1234"]
        for person, _ in (stopped, silent, gone, given):
            for kind in MESSAGE_KINDS:
                await channels.choose(tx, person.id, person.address, kind, "web")
        await people.stop(tx, stopped[1].address)
        await people.silence(tx, silent[1].address, "gone")
        await tx.execute(sa.delete(addresses).where(addresses.c.id == gone[1].address))
        stranger = await met(tx, "stranger")
        theirs = sa.update(addresses).where(addresses.c.id == given[1].address)
        await tx.execute(theirs.values(person=stranger.id))
        await told_everything(tx, stopped[0], silent[0], gone[0], given[0])
    for person, _ in (stopped, silent, gone, given):
        assert set().union(*(await came(database, person)).values()) == {(person.address, "telegram")}
    assert await count(database, channel_choices) == 3 * len(MESSAGE_KINDS), "with the address its choices go"


async def test_who_says_stop_where_they_asked_still_hears_where_they_chose(database: Database) -> None:
    async with database.write(NOW) as tx:
        chose, only = await on_two(tx), await on_two(tx, "2")
        for kind in MESSAGE_KINDS:
            await channels.choose(tx, chose[0].id, chose[0].address, kind, "web")
        for person, _ in (chose, only):
            await people.stop(tx, person.address)
        version = await told_everything(tx, chose[0])
        assert await actions.reach(tx, version) == Reach(told=1, unreachable=1)
        kept = await channels.of(tx, [chose[0].id, only[0].id])
    assert set().union(*(await came(database, chose[0])).values()) == {(chose[1].address, "web")}
    left = await came(database, only[0])
    assert set(left) == {"outcomes"}, "and that is refused when it is sent"
    assert kept[chose[0].id] == Channels(("web",), dict.fromkeys(MESSAGE_KINDS, "web"))
    async with database.write(NOW + retention.VISITORS_LIVE * 2) as tx:
        assert chose[0].id not in (await retention.find(tx)).visitors


async def test_what_waits_comes_along_when_somebody_chooses_and_back_again(database: Database) -> None:
    async def reminders() -> set[tuple[str, str, str]]:
        of_event = sa.select(deliveries).where(deliveries.c.kind == "event", deliveries.c.person == person.id)
        return {(row.address, row.channel, row.waits_for) for row in await rows(database, of_event)}

    async with database.write(NOW) as tx:
        person, web = await on_two(tx)
        event = await opened(tx, "host", START)
        await bookings.book(tx, person.id, person.address, event, wait=False)
    assert await reminders() == {(person.address, "telegram", ITS_HOUR)}
    for channel, waits in (
        ("web", {(web.address, "web", "looking")}),
        ("telegram", {(person.address, "telegram", ITS_HOUR)}),
        ("", {(person.address, "telegram", ITS_HOUR)}),
    ):
        async with database.write(NOW) as tx:
            await channels.choose(tx, person.id, person.address, "events", channel)
        assert await reminders() == waits, channel
    assert await count(database, channel_choices) == 0


async def test_a_digest_comes_where_news_of_what_is_followed_was_chosen_to_come(database: Database) -> None:
    async with database.write(NOW) as tx:
        person, web = await on_two(tx)
        await subscriptions.follow(tx, person.id, person.address, SAFETY, "daily")
        await channels.choose(tx, person.id, person.address, "follows", "web")
        notice = await notices.note(tx, "opens", "talk", NOW)
        assert notice is not None
        await notices.tell_followers(tx, notice, [SAFETY])
    found = await rows(database, sa.select(deliveries.c.kind, deliveries.c.address, deliveries.c.state))
    assert {tuple(row) for row in found} == {
        ("notice", web.address, "gathered"), ("daily", web.address, "waiting"),
    }  # fmt: skip


async def test_nobody_chooses_a_channel_that_is_not_theirs(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "1")
        await met(tx, "somebody else", "web")
        await channels.choose(tx, person.id, person.address, "follows", "web")
        assert await channels.of(tx, [person.id]) == {person.id: Channels(("telegram",))}
