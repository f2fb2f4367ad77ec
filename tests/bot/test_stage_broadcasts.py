"""What a chat may do with broadcasts: who may, what stands in the way, and that only the words that were read are
signed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.messages import Incoming
from bot.house import House
from bot.opening import opened
from bot.stage_broadcasts import events_of, find, perform, writer
from conversations.broadcast_view import fingerprint
from conversations.domain import broadcast_effects as acts
from conversations.domain.broadcasts import Audience, Broadcast, Powers
from conversations.domain.lookups import BroadcastOf, MyPowers, SeenBroadcast
from conversations.domain.speech import Said, Started
from storage import broadcasts, staff
from storage.broadcasting import Rules
from storage.people import Person
from storage.schema import deliveries, persons
from tests.broadcasts import direct
from tests.conftest import trial
from tests.storage.acts import met, organiser, rows

WALES = Audience("wales")
TWO = Rules(second_from=2)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with opened(trial(tmp_path, database_url=database_url)) as house:
        await direct("followers 2 wales", house)
        yield house


async def _known(house: House, *areas: str, value: str = "an organiser") -> Person:
    async with house.database.write(house.clock()) as tx:
        return await organiser(tx, value, *areas) if areas else await met(tx, value)


async def _does(house: House, person: Person, effect: acts.OfBroadcasts, rules: Rules = TWO) -> str:
    async with house.database.write(house.clock()) as tx:
        return await perform(tx, person, effect, house.library, rules)


async def _finds(house: House, person: Person, lookup: object) -> object:
    async with house.database.read(house.clock()) as tx:
        return await find(tx, person.id, lookup, house.library)


async def _draft(house: House, person: Person) -> Broadcast:
    written = acts.WriteBroadcast("ordinary", WALES, "wales", "en", "Come to the hall.")
    assert await _does(house, person, written) == ""
    return await _mine(house, person)


async def _mine(house: House, person: Person, id_: str = "") -> Broadcast:
    seen = await _finds(house, person, BroadcastOf(id_))
    assert isinstance(seen, SeenBroadcast)
    return seen.broadcast


async def test_who_is_neither_organiser_nor_officer_has_no_power_and_is_not_obeyed(house: House) -> None:
    author = await _known(house, "wales")
    held = await _draft(house, author)
    assert await _does(house, author, acts.SendBroadcast(held.id, 2)) == ""
    for who in (await _known(house, value="somebody"), await _known(house, "scotland", value="elsewhere")):
        seen = await _finds(house, who, MyPowers())
        assert seen is None or (isinstance(seen, Powers) and not seen.waiting and not seen.mine)
        assert await _finds(house, who, BroadcastOf(held.id)) is None
        for effect in (
            acts.SignBroadcast(held.id, fingerprint(held)), acts.UndoBroadcast(held.id), acts.SendBroadcast(held.id, 2),
            acts.WithdrawBroadcast(held.id), acts.SteerBroadcast(held.id, "stopped"), acts.TryBroadcast(held.id),
            acts.RewordBroadcast(held.id, "en", "Other words."), acts.TimeBroadcast(held.id, None),
            acts.CorrectBroadcast(held.id, "en", "Other words."),
            acts.WriteBroadcast("ordinary", WALES, "wales", "en", "Come to the hall."),
        ):  # fmt: skip
            assert await _does(house, who, effect) in ("not yours", "not now"), effect
    assert await _mine(house, author, held.id) == replace(held, state="asked", counted=2)


async def test_the_word_is_nothing_to_whoever_may_not(house: House) -> None:
    """Not a letter tells somebody that there is such a word."""
    told = []
    for number, words in enumerate(("broadcast", "brocdast")):
        for event, heard in (("start", Started()), ("en", Said("english")), ("says", Said(words))):
            await house.turns.take(Incoming("web", f"person {number}", f"{number} {event}", heard))
        [last] = await rows(
            house.database,
            deliveries.select().where(deliveries.c.channel == "web").order_by(deliveries.c.seq.desc()).limit(1),
        )
        told.append(house.database.keys.open(last.body, "deliveries", "body", last.id))
    assert told[0] == told[1]


async def test_other_words_than_those_that_were_read_are_not_signed(house: House) -> None:
    author, second = await _known(house, "wales"), await _known(house, "wales", value="second")
    held = await _draft(house, author)
    await _does(house, author, acts.SendBroadcast(held.id, 2))
    read = fingerprint(await _mine(house, second, held.id))
    assert await _does(house, author, acts.SignBroadcast(held.id, read)) == "own words"
    await _does(house, author, acts.UndoBroadcast(held.id))
    await _does(house, author, acts.RewordBroadcast(held.id, "en", "The hall is shut."))
    await _does(house, author, acts.SendBroadcast(held.id, 2))
    assert await _does(house, second, acts.SignBroadcast(held.id, read)) == "not now"
    assert (await _mine(house, author, held.id)).state == "asked"
    again = fingerprint(await _mine(house, second, held.id))
    assert await _does(house, second, acts.SignBroadcast(held.id, again)) == ""
    assert (await _mine(house, author, held.id)).signer == "Organiser second"


async def test_whoever_may_sign_is_told_once_and_its_author_is_not(house: House) -> None:
    author, second = await _known(house, "wales"), await _known(house, "wales", value="second")
    await _known(house, "scotland", value="elsewhere")
    held = await _draft(house, author)
    await _does(house, author, acts.SendBroadcast(held.id, 2))
    told = await rows(house.database, deliveries.select().where(deliveries.c.kind == "staff"))
    assert [each.person for each in told] == [second.id]


async def test_what_stands_in_the_way_is_told(house: House) -> None:
    author = await _known(house, "wales")
    held = await _draft(house, author)
    assert await _does(house, author, acts.SendBroadcast(held.id, 3)) == "counted otherwise"
    assert await _does(house, author, acts.SteerBroadcast(held.id, "paused")) == "not now"
    same = await _draft(house, author)
    assert await _does(house, author, acts.SendBroadcast(held.id, 2)) == ""
    assert await _does(house, author, acts.SendBroadcast(same.id, 2)) == "same text"


async def test_a_role_that_ended_ends_what_one_may_do(house: House) -> None:
    author = await _known(house, "wales")
    held = await _draft(house, author)
    async with house.database.write(house.clock()) as tx:
        assert await staff.revoke(tx, "Organiser an organiser", "organiser", "wales")
        assert await staff.member_of(tx, author.id) is None
        assert await events_of(tx, await writer(tx, author.id, house.library), 9) == []
    assert await _does(house, author, acts.SendBroadcast(held.id, 2)) == "not yours"
    async with house.database.read(house.clock()) as tx:
        kept = await broadcasts.one(tx, held.id)
        assert (await tx.first(persons.select().where(persons.c.id == author.id))) is not None
    assert kept is not None
    assert kept.state == "draft"
