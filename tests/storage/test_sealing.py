"""Sealed values open only with their keys and in their place; addresses are found without being read."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.messages import Incoming
from bot.opening import opened
from conversations.domain.answers import Answer
from conversations.domain.speech import Said, Started
from storage import answers, deliveries, people, replies
from storage.database import Database, migrate, open_database
from storage.deliveries import Reply
from storage.schema import answer_history, events
from storage.sealing import Keys, Unopenable, new_key, read_key
from tests.conftest import trial
from tests.storage.acts import F1, NOW, met, published, rows, says, took_part


def test_a_sealed_text_opens_in_its_place() -> None:
    keys = Keys.read(new_key(), new_key())
    sealed = keys.seal("Llanfair 👋", "answers", "words", "row")
    assert keys.open(sealed, "answers", "words", "row") == "Llanfair 👋"
    assert keys.seal("Llanfair 👋", "answers", "words", "row") != sealed


@pytest.mark.parametrize("place", [("persons", "words", "row"), ("answers", "body", "row"), ("answers", "words", "r2")])
def test_a_value_moved_elsewhere_does_not_open(place: tuple[str, str, str]) -> None:
    keys = Keys.read(new_key(), new_key())
    with pytest.raises(Unopenable):
        keys.open(keys.seal("x", "answers", "words", "row"), *place)


def test_a_changed_byte_or_another_key_does_not_open() -> None:
    keys, others = Keys.read(new_key(), new_key()), Keys.read(new_key(), new_key())
    sealed = keys.seal("x", "t", "c", "r")
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:10], b""):
        with pytest.raises(Unopenable):
            keys.open(broken, "t", "c", "r")
    with pytest.raises(Unopenable):
        others.open(sealed, "t", "c", "r")


def test_a_new_key_in_front_seals_and_the_old_ones_open() -> None:
    old, new, lookup = new_key(), new_key(), new_key()
    before = Keys.read(old, lookup).seal("x", "t", "c", "r")
    both = Keys.read(f"{new},{old}", lookup)
    assert both.open(before, "t", "c", "r") == "x"
    with pytest.raises(Unopenable):
        Keys.read(old, lookup).open(both.seal("x", "t", "c", "r"), "t", "c", "r")


def test_the_lookup_key_decides_what_is_found() -> None:
    ring, lookup = new_key(), new_key()
    keys = Keys.read(ring, lookup)
    assert keys.find("telegram", "7") == Keys.read(new_key(), lookup).find("telegram", "7")
    assert keys.find("telegram", "7") not in (keys.find("web", "7"), Keys.read(ring, new_key()).find("telegram", "7"))


@pytest.mark.parametrize("written", ["", "short", "é" * 44, "A" * 43, "A" * 88])
def test_a_key_that_is_none_is_refused_in_plain_words(written: str) -> None:
    with pytest.raises(ValueError, match="44 characters"):
        read_key(written)


def everything_in(folder: Path) -> bytes:
    """The bytes of the database, its journal and what else lies there."""
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def test_the_file_holds_no_words_and_no_address(tmp_path: Path) -> None:
    words, phone = "Xylophonic canal path", "447700900123"
    keys = Keys.read(new_key(), new_key())
    database = open_database(f"sqlite:///{tmp_path}/bc.db", keys)
    await migrate(database)
    async with database.write(NOW) as tx:
        person = await took_part(tx, phone)
        await says(tx, person, Answer(words=words, language="en"))
        await says(tx, person, Answer(words=f"{words} again", language="en"))  # the first goes to history
        body = f'{{"words": "{words}"}}'
        await deliveries.queue_replies(
            tx, [Reply(person.id, person.address, "telegram", body, False, "en", "1")], "holder"
        )
        await published(tx)
        [standing] = await tx.rows(sa.text("SELECT token FROM standing_prompts"))
        await replies.record(tx, person.id, standing.token, "not_done")
        await replies.add_words(tx, person.id, standing.token, words)
        await people.keep_return_code(tx, person.id)
        code = people.return_code(tx, person.id)
    await database.close()
    held = everything_in(tmp_path)
    assert b"SAFE" in held, "the file is where we look"
    for secret in (words, phone, code, code.replace("-", "")):
        assert secret.encode() not in held


async def test_states_and_events_hold_no_words_and_no_address(tmp_path: Path) -> None:
    async with opened(trial(tmp_path)) as house:
        for place, heard in enumerate((Started(), Said("English"), Said("Zzyzx Road"))):
            await house.turns.take(Incoming("telegram", "447700900123", f"album:447700900123:{place}", heard))
        assert len(await rows(house.database, sa.select(events))) == 3
    held = everything_in(tmp_path)
    assert b"telegram" in held
    assert b"447700900123" not in held
    assert b"Zzyzx" not in held


async def test_words_in_history_open_too(database: Database) -> None:
    async with database.write(NOW) as tx:
        person = await met(tx, "7")
        await says(tx, person, Answer(words="first"))
        await says(tx, person, Answer(words="second"))
        [row] = await tx.rows(sa.select(answer_history))
        assert answers.read_answer(tx, row).words == "first"
        assert (await answers.held_by(tx, {person.id: "talk"}))[person.id].current[F1].words == "second"


async def test_a_delivery_that_does_not_open_holds_nobody_up(database_url: str, keys: Keys) -> None:
    lost = open_database(database_url, Keys((read_key(new_key()),), keys.lookup))
    await migrate(lost)
    kept = open_database(database_url, keys)
    for database, value in ((lost, "1"), (kept, "2")):
        async with database.write(NOW) as tx:
            person = await met(tx, value)
            reply = Reply(person.id, person.address, "telegram", "{}", False, "en", "1")
            await deliveries.queue_replies(tx, [reply], "gone")
    async with kept.write(NOW + deliveries.LEASE * 2) as tx:
        claimed = await deliveries.claim(tx, [deliveries.Lane.REPLY], ["telegram"], "me", 10)
    await lost.close()
    await kept.close()
    assert [each.value for each in claimed] == ["2"]
