"""Broadcasts in a transcript: who hears of the player, and who works beside them.

! broadcast followers 4 wales   so many people who live in Wales follow something, and look at the web chat
! broadcast officer democracy    the player becomes an officer of a group
! broadcast topic 3 VOTE          so many follow a topic, and look at the web chat
! broadcast guests 3            so many who look at the web chat book the last event
! broadcast look 2              so many of them look, and get what waits for them
! broadcast two sign            from now on one person is not enough, as outside a trial
! broadcast colleague           another organiser of Wales is known in a chat
! broadcast told                the colleague was told that something waits for their name
! broadcast signs | returns     the colleague signs what waits, or sends it back
! broadcast asks 60             the colleague wrote to so many, and it waits for the player's name
! broadcast begins              what has cooled off goes out, without waiting for the steward
"""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from bot import stage_broadcasts
from bot.house import House
from bot.looking import look, settle
from conversations.broadcast_view import fingerprint
from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.following import Subject, topic_subject
from storage import bookings, broadcasting, broadcasts, people, places, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Transaction
from storage.people import Person
from storage.schema import deliveries, persons
from tests.events import newest, player
from tests.storage.acts import met

COLLEAGUE = "Sample colleague"
WORDS = "There is a meeting about lights in every town in Wales this month."


async def direct(words: str, house: House) -> None:
    """Performs one stage direction."""
    act, _, rest = words.partition(" ")
    turns = house.turns
    if act == "look":
        await _look(house, int(rest))
        return
    async with house.database.write(house.clock()) as tx:
        match act:
            case "followers":
                count, _, nation = rest.partition(" ")
                await _followers(tx, int(count), nation)
            case "guests":
                event = await newest(tx)
                for number in range(int(rest)):
                    guest = await met(tx, f"guest {number}", "web")
                    await bookings.book(tx, guest.id, guest.address, event, wait=False)
            case "officer":
                row = await player(tx)
                await staff.grant(tx, "Sample officer", "officer", rest)
                assert await staff.tie(tx, "Sample officer", row.pseudonym)
            case "topic":
                count, _, topic = rest.partition(" ")
                await _followers(tx, int(count), "wales", topic_subject("fair-future", topic))
            case "two":
                turns.performer = replace(turns.performer, rules=Rules())
            case "begins":
                for id_ in await broadcasting.due(tx):
                    await broadcasting.begin(tx, id_)
            case _:
                await _colleague(tx, house, act)
    house.wake()


async def _look(house: House, count: int) -> None:
    waits = sa.and_(deliveries.c.kind == "broadcast", deliveries.c.channel == "web", deliveries.c.state == "waiting")
    async with house.database.read(house.clock()) as tx:
        found = await tx.rows(sa.select(deliveries.c.person).where(waits).order_by(deliveries.c.seq).limit(count))
    for row in found:
        await settle(house, await look(house, row.person, "web"))


async def _followers(tx: Transaction, count: int, nation: str, of: Subject | None = None) -> None:
    await places.load_sample(tx)
    for number in range(count):
        person = await met(tx, f"{nation} {number}", "web")
        await people.tell_about(tx, person.id, "nation", nation)
        await subscriptions.follow(tx, person.id, person.address, of or Subject("area", nation), "at_once")


async def _colleague(tx: Transaction, house: House, act: str) -> None:
    """What another organiser of Wales does."""
    person = await _known(tx)
    who = await stage_broadcasts.writer(tx, person.id, house.library)
    match act:
        case "colleague":
            return
        case "told":
            news = sa.select(deliveries.c.seq).where(deliveries.c.person == person.id, deliveries.c.kind == "staff")
            assert await tx.first(news) is not None
        case "signs":
            [waiting] = await broadcasts.to_sign(tx, who)
            await stage_broadcasts.sign(tx, who, waiting.id, fingerprint(waiting), house.turns.performer.rules)
        case "returns":
            [waiting] = await broadcasts.to_sign(tx, who)
            await stage_broadcasts.undo(tx, who, waiting.id)
        case "asks":
            await _asks(tx, house, who)
        case _:
            raise ValueError(f"no stage direction {act!r}")


async def _asks(tx: Transaction, house: House, who: Writer) -> None:
    await _followers(tx, 50, "wales")
    made = await broadcasts.draft(tx, who, "ordinary", Audience("wales"), {"en": WORDS + " Come along."}, "wales")
    await stage_broadcasts.send(tx, who, made, 50, house.library, house.turns.performer.rules)


async def _known(tx: Transaction) -> Person:
    """The colleague, known in a chat under the name they have at the desk."""
    person = await met(tx, COLLEAGUE)
    await staff.grant(tx, COLLEAGUE, "organiser", "wales")
    row = await tx.first(sa.select(persons.c.pseudonym).where(persons.c.id == person.id))
    assert await staff.tie(tx, COLLEAGUE, row.pseudonym)
    return person
