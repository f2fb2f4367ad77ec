"""Turns: heard once, committed once, acknowledged after; a broken one hurts only itself."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import stage
from bot.channels.messages import Incoming
from bot.house import House
from bot.opening import opened
from bot.turns import BATCH, Taken, Turns
from conversations.domain.speech import Chose, Heard, Returned, Said, Started
from storage import people, tombstones
from storage.database import Database, Transaction
from storage.schema import addresses, answer_history, answers, consents, conversations, deliveries, events, persons
from storage.schema import quarantine as set_apart
from tests.conftest import trial
from tests.fakes.botapi import BotApi
from tests.service import serving

IN = (Started("SAFE"), Chose("en"), Chose("agree"))
ANSWERS = (Chose("4"), Chose("lights"), Chose("yes"), Chose("1"), Said("The path by the canal"))
PRIVATE = "what somebody said"
AFTER = (Chose("send"), Chose("with_words"), Chose("yes"), Chose("skip"), Chose("scotland"))


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with opened(trial(tmp_path, database_url=database_url)) as house:
        yield house


async def take(house: House, heard: Heard, value: str = "7", event: str = "", channel: str = "telegram") -> Taken:
    return await house.turns.take(Incoming(channel, value, event or uuid.uuid4().hex, heard))


async def story(house: House, *heard: Heard, value: str = "7", channel: str = "telegram") -> None:
    for each in heard:
        await take(house, each, value, channel=channel)


async def rows(house: House, query: Any) -> list[Any]:
    async with house.database.read() as tx:
        return await tx.rows(query)


async def count(house: House, table: sa.Table) -> int:
    return int((await rows(house, sa.select(sa.func.count()).select_from(table)))[0][0])


async def said(house: House) -> dict[str, str]:
    """Everybody's one answer a question: the picks of each slot."""
    return {row.slot: row.picks for row in await rows(house, sa.select(answers.c.slot, answers.c.picks))}


# Once


async def test_an_event_heard_again_counts_once(house: House) -> None:
    await story(house, *IN)
    first = await take(house, Chose("4"), event="e")
    replies = await count(house, deliveries)
    again = await asyncio.gather(*(take(house, Chose("4"), event="e") for _ in range(5)))
    assert (first.fresh, {each.fresh for each in again}) == (True, {False})
    assert (await count(house, answers), await count(house, deliveries)) == (1, replies)


async def test_an_event_heard_twice_at_the_same_time_counts_once(house: House, tmp_path: Path) -> None:
    """By one process and by two: a webhook may bring an update to each."""
    await story(house, *IN)
    async with opened(house.settings) as other:
        taken = await asyncio.gather(*(take(each, Chose("4"), event="e") for each in (house, other) * 4))
    assert Counter(each.fresh for each in taken) == {True: 1, False: 7}
    assert (await count(house, answers), await count(house, answer_history)) == (1, 0)


async def test_nothing_is_lost_when_the_process_is_a_new_one_for_every_line(tmp_path: Path, database_url: str) -> None:
    settings = trial(tmp_path, database_url=database_url)
    for heard in (*IN, *ANSWERS, *AFTER):
        async with opened(settings) as house:
            await take(house, heard)
            await take(house, Returned())
    async with opened(settings) as house:
        assert await said(house) == {"F1": '["4"]', "F3": '["lights"]', "F4": '["yes"]', "F5": '["1"]', "F6": "[]"}
        given = {row.purpose: row.choice for row in await rows(house, sa.select(consents.c.purpose, consents.c.choice))}
    assert given == {"take_part": "yes", "outcome": "with_words", "ask_again": "yes"} | given
    assert given["outcome"] == "with_words"


async def test_two_hundred_turns_of_fifty_people_at_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody answers four questions, all turns thrown in at once by two processes; each answer is there, once."""
    sizes: list[int] = []
    before = Turns._once

    async def counted(self: Turns, batch: list[Any]) -> list[Any]:
        sizes.append(len(batch))
        return await before(self, batch)

    monkeypatch.setattr(Turns, "_once", counted)
    names = [str(number) for number in range(50)]
    await asyncio.gather(*(story(house, *IN, value=name) for name in names))
    async with opened(house.settings) as other:
        for heard in ANSWERS[:4]:
            await asyncio.gather(*(take((house, other)[int(n) % 2], heard, n, f"{n}-{heard}") for n in names))
    found = await rows(house, sa.select(answers.c.person, answers.c.slot, answers.c.picks))
    assert len(found) == 200
    assert Counter((row.slot, row.picks) for row in found) == dict.fromkeys(
        [("F1", '["4"]'), ("F3", '["lights"]'), ("F4", '["yes"]'), ("F5", '["1"]')], 50
    )
    assert await count(house, answer_history) == 0
    assert max(sizes) <= BATCH
    assert max(sizes) > 10, "turns heard meanwhile are taken together"


async def test_turns_of_one_address_are_taken_in_the_order_they_came(house: House) -> None:
    await story(house, *IN)
    await asyncio.gather(*(take(house, heard) for heard in ANSWERS))
    assert len(await said(house)) == 5


async def test_two_addresses_of_one_person_in_one_batch(house: House) -> None:
    await story(house, *IN)
    async with house.database.write(house.clock()) as tx:
        person = await people.address_of(tx, "telegram", "7")
        assert person is not None
        await people.give_address(tx, "web", "cookie", person.id)
    taken = await asyncio.gather(take(house, Chose("4")), take(house, Chose("lights"), "cookie", channel="web"))
    assert [each.person for each in taken] == [person.id, person.id]
    assert await said(house) == {"F1": '["4"]', "F3": '["lights"]'}


# What breaks


@pytest.fixture
def poisonous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever says POISON breaks the machine."""
    hear = stage.engine.hear

    def broken(conversation: Any, heard: Heard, scene: Any) -> Any:
        if heard == Said("POISON"):
            raise RuntimeError(PRIVATE)
        return hear(conversation, heard, scene)

    monkeypatch.setattr(stage.engine, "hear", broken)


async def test_a_poisonous_turn_is_set_apart_and_its_neighbours_are_well(
    house: House, poisonous: None, caplog: pytest.LogCaptureFixture
) -> None:
    names = [str(number) for number in range(30)]
    await asyncio.gather(*(story(house, *IN, value=name) for name in names))
    ill = names[13]
    heard = {name: Said("POISON") if name == ill else Chose("4") for name in names}
    taken = dict(zip(names, await asyncio.gather(*(take(house, heard[n], n, f"e{n}") for n in names)), strict=True))
    assert await count(house, answers) == 29
    assert "Sorry" in taken[ill].shown[0].words
    assert all(not each.shown for name, each in taken.items() if name != ill)
    [row] = await rows(house, sa.select(set_apart))
    assert "RuntimeError" in row.error
    assert PRIVATE not in row.error + caplog.text
    again = await take(house, Said("POISON"), ill, f"e{ill}")
    assert (again.fresh, again.shown, await count(house, set_apart)) == (False, (), 1)
    await take(house, Chose("4"), ill)
    assert await count(house, answers) == 30


async def test_the_apology_is_in_the_persons_language(house: House, poisonous: None) -> None:
    await story(house, Started("SAFE"), Chose("cy"))
    [sorry] = (await take(house, Said("POISON"))).shown
    assert sorry.language == "cy"


@dataclass
class _FromServer(Exception):
    sqlstate: str


def _failing(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> list[int]:
    """The next writes of a turn fail that often."""
    left, tries = [times], []
    play = stage.play

    async def failing(*given: Any) -> Any:
        tries.append(1)
        if left[0]:
            left[0] -= 1
            raise error
        return await play(*given)

    monkeypatch.setattr("bot.turns.play", failing)
    return tries


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
async def test_a_deadlock_is_tried_again_and_blamed_on_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch, sqlstate: str
) -> None:
    await story(house, *IN)
    tries = _failing(monkeypatch, sa.exc.DBAPIError("UPDATE", None, _FromServer(sqlstate)), 2)
    assert (await take(house, Chose("4"))).fresh
    assert (len(tries), await count(house, answers), await count(house, set_apart)) == (3, 1, 0)


async def test_deadlocks_without_end_are_handed_back_and_nothing_was_heard(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await story(house, *IN)
    with monkeypatch.context() as patched:
        _failing(patched, sa.exc.DBAPIError("UPDATE", None, _FromServer("40P01")), 999)
        with pytest.raises(sa.exc.DBAPIError):
            await take(house, Chose("4"), event="e")
    assert await count(house, set_apart) == 0
    assert (await take(house, Chose("4"), event="e")).fresh


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("no server"),
        TimeoutError(),
        sa.exc.TimeoutError("no free connection"),
        sa.exc.DBAPIError("BEGIN", None, _FromServer("57P03")),
        sa.exc.DBAPIError("INSERT", None, _FromServer("53100")),
    ],
)
async def test_a_database_that_is_away_is_an_exception_and_nothing_was_heard(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await story(house, *IN)
    heard = await count(house, events)
    with monkeypatch.context() as patched:
        _failing(patched, error, 999)
        results = await asyncio.gather(*(take(house, Chose("4"), str(n)) for n in range(5)), return_exceptions=True)
    assert {type(each) for each in results} == {type(error)}
    assert (await count(house, events), await count(house, set_apart), await count(house, persons)) == (heard, 0, 1)
    assert (await take(house, Chose("4"))).fresh


class _AnswerLost(Database):
    """The commit happens; that it did, nobody hears."""

    @asynccontextmanager
    async def write(self, now: datetime, *, brief: bool = False) -> AsyncIterator[Transaction]:
        async with super().write(now, brief=brief) as tx:
            yield tx
        raise ConnectionResetError


async def test_a_reply_whose_commit_was_never_confirmed_does_not_wait_for_its_lease(house: House) -> None:
    await story(house, *IN)
    whole, house.turns.database = house.turns.database, _AnswerLost(house.database.engine, house.database.keys)
    with pytest.raises(ConnectionResetError):
        await take(house, Chose("4"), event="e")
    house.turns.database = whole
    assert len(await rows(house, sa.select(deliveries.c.id).where(deliveries.c.state == "claimed"))) == 4
    assert not (await take(house, Chose("4"), event="e")).fresh
    newest = sa.select(deliveries.c.state, deliveries.c.holder).order_by(deliveries.c.seq.desc()).limit(1)
    assert await rows(house, newest) == [("waiting", None)], "somebody presses, and nobody would answer for a minute"
    assert len(await rows(house, sa.select(deliveries.c.id).where(deliveries.c.state == "claimed"))) == 3


async def test_a_database_file_that_cannot_be_opened(tmp_path: Path) -> None:
    """The real thing: the file's folder goes away and comes back."""
    folder = tmp_path / "data"
    async with opened(trial(folder)) as house:
        await story(house, *IN)
        await house.database.engine.dispose()
        folder.rename(tmp_path / "away")
        with pytest.raises(sa.exc.OperationalError):
            await take(house, Chose("4"), event="e")
        (tmp_path / "away").rename(folder)
        assert (await take(house, Chose("4"), event="e")).fresh


async def test_a_full_or_read_only_database_is_away_too(tmp_path: Path) -> None:
    async with opened(trial(tmp_path)) as house:
        await story(house, *IN)
        await house.database.engine.dispose()
        sa.event.listen(
            house.database.engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA query_only=ON"), named=False
        )
        with pytest.raises(sa.exc.OperationalError):
            await take(house, Chose("4"), event="e")
        assert await count(house, set_apart) == 0


# Who leaves, and who comes by another way


async def test_forget_leaves_nothing_and_the_receipt_is_shown(house: House) -> None:
    await story(house, *IN, *ANSWERS, *AFTER[:2])
    [row] = await rows(house, sa.select(persons.c.id))
    await take(house, Said("DELETE"))
    gone = await take(house, Chose("delete"))
    assert "DEL-" in gone.shown[0].words
    for table in (persons, addresses, answers, answer_history, conversations, deliveries, consents):
        assert await count(house, table) == 0, table.name
    assert list(tombstones.buried(house.settings.tombstone_files)) == [row.id]


async def test_under_sixteen_keeps_nothing(house: House) -> None:
    await story(house, *IN[:2])
    kind = await take(house, Chose("under"))
    assert kind.shown
    for table in (persons, addresses, conversations, deliveries, consents):
        assert await count(house, table) == 0, table.name


async def test_a_joining_link_ties_telegram_to_the_person_on_the_web(house: House) -> None:
    await story(house, *IN, *ANSWERS[:2], value="cookie", channel="web")
    async with house.database.write(house.clock()) as tx:
        web = await people.address_of(tx, "web", "cookie")
        assert web is not None
        token = await people.make_join(tx, web.id)
    joining = Incoming("telegram", "7", "e1", Started(), joins=token)
    assert (await house.turns.take(joining)).person == web.id
    await take(house, Chose("yes"))  # goes on where the web left off
    assert len(await said(house)) == 3
    assert (await house.turns.take(replace(joining, value="8", event="e2"))).person != web.id, "the link is spent"


# Blocked


async def silent(house: House) -> list[str | None]:
    return [row.silent for row in await rows(house, sa.select(addresses.c.silent))]


async def test_blocked_and_unblocked_are_noted_and_nothing_is_said(house: House) -> None:
    await story(house, *IN)
    before = (await count(house, deliveries), (await rows(house, sa.select(conversations.c.revision)))[0][0])
    for place, free in enumerate((False, True, False)):
        taken = await house.turns.take(Incoming("telegram", "7", f"m{place}", Returned(), unblocked=free))
        assert (taken.fresh, taken.shown) == (True, ())
        assert await silent(house) == [None if free else "blocked"]
    again = await house.turns.take(Incoming("telegram", "7", "m1", Returned(), unblocked=True))
    assert (again.fresh, await silent(house)) == (False, ["blocked"]), "an old update brought again changes nothing"
    assert (await count(house, deliveries), (await rows(house, sa.select(conversations.c.revision)))[0][0]) == before


async def test_a_stranger_who_blocks_or_unblocks_is_not_made_a_person(house: House) -> None:
    for free in (False, True):
        await house.turns.take(Incoming("telegram", "99", f"m{free}", Returned(), unblocked=free))
    assert await count(house, persons) == 0


async def test_whoever_writes_can_be_written_to_again(house: House) -> None:
    await story(house, *IN)
    await house.turns.take(Incoming("telegram", "7", "m", Returned(), unblocked=False))
    await take(house, Chose("4"))
    assert await silent(house) == [None]


# On Telegram itself


@pytest.fixture
async def on_telegram(tmp_path: Path, bot_api: BotApi) -> AsyncIterator[House]:
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as service:
        yield service.house


async def test_the_receipt_of_delete_arrives_on_telegram(on_telegram: House, bot_api: BotApi) -> None:
    person = bot_api.person(7)
    await person.start()
    for act in ("English", "Yes, I am 16 or over and I agree"):
        await person.hears()
        await person.press(act)
    await person.hears()
    await person.say("delete")
    await person.hears()
    await person.press("Yes, delete everything")
    await _until_told(person, lambda text: "DEL-" in text)
    assert await count(on_telegram, persons) == 0


async def test_the_page_for_the_young_arrives_on_telegram(on_telegram: House, bot_api: BotApi) -> None:
    person = bot_api.person(7)
    await person.start()
    await person.hears()
    await person.press("English")
    await person.hears()
    await person.press("I am under 16")
    [kind] = await person.hears()
    assert "16" in kind.text
    assert await count(on_telegram, persons) == 0


async def test_the_apology_arrives_on_telegram(on_telegram: House, bot_api: BotApi, poisonous: None) -> None:
    person = bot_api.person(7)
    await person.start()
    await person.hears()
    await person.say("POISON")
    await _until_told(person, lambda text: "something went wrong" in text)


async def test_blocking_and_coming_back_on_telegram(
    on_telegram: House, bot_api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    person = bot_api.person(7)
    await person.start()
    await person.hears()
    sent = len(bot_api.sent)
    await person.block()
    await _until(lambda: silent(on_telegram), ["blocked"])
    await person.unblock()
    await _until(lambda: silent(on_telegram), [None])
    await person.hears_nothing()
    assert len(bot_api.sent) == sent
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def _until_told(person: Any, right: Callable[[str], bool]) -> None:
    for _ in range(3):
        [message] = await person.hears()
        if right(message.text):
            return
    raise AssertionError(message.text)


async def _until(look: Callable[[], Any], wanted: Any) -> None:
    async with asyncio.timeout(5):
        while await look() != wanted:  # noqa: ASYNC110 - what it waits for is in the database
            await asyncio.sleep(0.02)
