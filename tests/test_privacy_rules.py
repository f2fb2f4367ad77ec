"""The rules of privacy, each tried as it is written. Consent (rule 2) is in `storage/test_consent.py`, what goes by
itself (rule 9) in `storage/test_retention.py` and `test_two_years.py`."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from bot.channels.messages import Incoming
from bot.house import House
from bot.opening import opened
from conversations import saving
from conversations.domain.answers import Answer
from conversations.domain.effects import StopMessages
from conversations.domain.speech import Chose, Heard, Said, Started
from storage import actions, people
from storage.answers import read_answer
from storage.database import Database, migrate, open_database
from storage.schema import addresses, answer_history, consents, metadata
from storage.sealing import Keys, Unopenable, new_key
from tests.bot.test_sender import Clock, Post, posted, until
from tests.conftest import trial
from tests.conversations.somebody import Somebody
from tests.conversations.test_saving import STATES
from tests.fakes.botapi import BotApi
from tests.playing import WebPlayer
from tests.service import OWN_PAGE, serving
from tests.storage.acts import NOW, TALK, TEXTS, TOPIC, publish, rows, says, took_part

NUMBER = "447700900177"
WORDS = "Xylophonic canal path"
WHOLE = (
    Started("SAFE"), Chose("en"), Chose("agree"), Chose("4"), Chose("lights"), Chose("yes"), Chose("1"), Said(WORDS),
    Chose("send"), Chose("with_words"), Chose("yes"), Chose("no"), Chose("wales"),
)  # fmt: skip


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = open_database(database_url, Keys.read(new_key(), new_key()))
    await migrate(made)
    yield made
    await made.close()


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with opened(trial(tmp_path, database_url=database_url)) as house:
        yield house


async def take(house: House, *heard: Heard, value: str = NUMBER) -> None:
    for each in heard:
        await house.turns.take(Incoming("telegram", value, uuid.uuid4().hex, each))


# 1. Nobody is chosen by what they answered


async def test_rule_1_whatever_they_answered_everybody_who_answered_is_told(database: Database) -> None:
    async with database.write(NOW) as tx:
        for pick in ("1", "2", "3", "4", "5"):
            person = await took_part(tx, pick)
            await says(tx, person, Answer(picks=(pick,), language="en"))
        version = await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A")
        assert await actions.will_hear(tx, await publish(tx, version), queued=True) == 5


def test_rule_1_there_is_no_way_to_say_whom_by_their_answers() -> None:
    """An action names its questions, never an answer; nothing else queues feedback."""
    acts = (actions.draft, actions.correct, actions.rewrite, actions.publish)
    names = {name for act in acts for name in inspect.signature(act).parameters}
    about = {"tx", "action", "version", "author", "reason"}
    assert names - about == {"consultation", "topic", "commission", "kind", "questions", "texts"}
    kept = [column.name for name in ("actions", "action_versions") for column in metadata.tables[name].columns]
    for word in ("pick", "answer", "audience", "segment", "filter"):
        assert not [name for name in kept if word in name]


# 2. Consent: four, each alone


async def test_rule_2_four_consents_each_by_its_own_act(house: House) -> None:
    async def given() -> dict[str, str]:
        found = await rows(house.database, sa.select(consents.c.purpose, consents.c.choice))
        return {row.purpose: row.choice for row in found}

    await take(house, *WHOLE[:2])
    assert await given() == {}
    await take(house, *WHOLE[2:9])
    assert await given() == {"take_part": "yes"}
    await take(house, WHOLE[9])
    assert await given() == {"take_part": "yes", "outcome": "with_words"}
    await take(house, WHOLE[10])
    assert await given() == {"take_part": "yes", "outcome": "with_words", "ask_again": "yes"}
    await take(house, WHOLE[11])
    assert await given() == {"take_part": "yes", "outcome": "with_words", "ask_again": "yes", "quote": "no"}


# 3. Withdrawing is as easy as giving


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.stem)
@pytest.mark.parametrize("word", ["stop", "STOP.", "unsubscribe"])
def test_rule_3_one_word_stops_on_every_page(state: Path, word: str) -> None:
    somebody = Somebody()
    somebody.conversation = saving.load(json.loads(state.read_text(encoding="utf-8")))
    assert somebody.hear(Said(word)).effects == (StopMessages(),)


async def test_rule_3_what_is_queued_is_not_sent_within_five_seconds_of_stop(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    async with posted(tmp_path, bot_api, Clock(), database_url) as post:
        told = {id_: await post.somebody(id_) for id_ in range(1, 31)}
        bot_api.latency = 0.5
        await post.publish()
        await bot_api.until(lambda: bot_api.sent)
        await asyncio.gather(*(_stop(post, id_) for id_ in range(25, 31)))
        await until(lambda: _waiting(post), 0, 20)
    news = {id_: sum("More lights" in each.text for each in person.messages) for id_, person in told.items()}
    assert news == {id_: int(id_ < 25) for id_ in told}


async def _stop(post: Post, id_: int) -> None:
    async with post.house.database.write(post.clock()) as tx:
        person = await people.address_of(tx, "telegram", str(id_))
        assert person is not None
        await people.stop(tx, person.address)


async def _waiting(post: Post) -> int:
    return len([state for state in await post.states() if state in ("waiting", "claimed")])


# 4, 5, 6. Kept apart, found by keyed hash, sealed in its place


def _digests(secret: str) -> Iterator[str]:
    for shape in (secret, f"telegram:{secret}", f"telegram\0{secret}", f"+{secret}"):
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            yield hashlib.new(name, shape.encode()).hexdigest()


async def test_rules_4_and_5_without_the_keys_no_opinion_leads_to_a_number(house: House) -> None:
    await take(house, *WHOLE)
    kept = ""
    async with house.database.read() as tx:
        for table in metadata.sorted_tables:
            kept += "".join(repr(tuple(row)) for row in await tx.rows(sa.select(table)))
        person = await people.address_of(tx, "telegram", NUMBER)
        assert person is not None
        code = people.plain_code(people.return_code(tx, person.id))
    assert "SAFE" in kept
    for secret in (NUMBER, WORDS, code):
        assert secret not in kept
        assert not [digest for digest in _digests(secret) if digest in kept or digest[:32] in kept]
    tied = {table.name for table in metadata.sorted_tables if {"person", "lookup"} <= {c.name for c in table.columns}}
    assert tied == {"addresses"}, "one table knows where people are, and it knows no answer"


async def test_rule_6_what_is_sealed_opens_in_its_own_row_only(database: Database) -> None:
    async with database.write(NOW) as tx:
        one, two = await took_part(tx, "1"), await took_part(tx, "2")
        for person in (one, two):
            await says(tx, person, Answer(words="former"))
            await says(tx, person, Answer(words=f"words of {person.id}"))
        await people.keep_return_code(tx, one.id)
    places = {"addresses": ("sealed", "id"), "answers": ("words", "id"), "answer_history": ("words", "seq")}
    for name, (column, key) in places.items():
        await _swapped(database, metadata.tables[name], column, key)
    async with database.read() as tx:
        for row in await tx.rows(sa.select(addresses)):
            with pytest.raises(Unopenable):
                tx.keys.open(row.sealed, "addresses", "sealed", row.id)
        for table in (metadata.tables["answers"], answer_history):
            for row in await tx.rows(sa.select(table).where(table.c.words.is_not(None))):
                with pytest.raises(Unopenable):
                    read_answer(tx, row)


async def _swapped(database: Database, table: sa.Table, column: str, key: str) -> None:
    """Two people's sealed values change places."""
    async with database.write(NOW) as tx:
        first, second = await tx.rows(sa.select(table).where(table.c[column].is_not(None)).order_by(table.c.person))
        for row, other in ((first, second), (second, first)):
            value = {column: getattr(other, column)}
            await tx.execute(sa.update(table).where(table.c[key] == getattr(row, key)).values(**value))


# 8. One's data, in one's own session


async def test_rule_8_the_address_of_ones_data_is_worth_nothing_to_anybody_else(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as service,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=OWN_PAGE) as other,
    ):
        mine, theirs = WebPlayer(service.base, service.client), WebPlayer(service.base, other)
        for player in (mine, theirs):
            await player.start()
            await player.press(["English"])
        await mine.press(["Yes, I am 16 or over and I agree"])
        url = f"{service.base}/chat/data"
        async with service.client.get(url) as answer:
            own = await answer.text()
            assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        async with other.get(url) as answer:
            assert answer.status == 200
            assert await answer.text() != own, "the same address gives everybody only their own"
        async with aiohttp.ClientSession() as nobody:
            for headers in ({}, {"Cookie": "chat="}, {"Cookie": "chat=guessed"}):
                async with nobody.get(url, headers=headers) as answer:
                    assert answer.status == 404
