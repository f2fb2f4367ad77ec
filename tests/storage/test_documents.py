"""Loads are numbered: shape, words and calendar apart. A conversation begun in an old shape still reads it."""

from __future__ import annotations

from datetime import date

from bot.library import Library, load, sample_text
from storage import documents
from storage.database import Database
from storage.documents import StoredDocument
from tests.storage.acts import NOW

TODAY = date(2026, 12, 1)


async def store(database: Database, shape: str, words: str, calendar: str) -> StoredDocument:
    digests = {"shape": shape, "words": words, "calendar": calendar}
    async with database.write(NOW) as tx:
        return await documents.store(tx, "talk", "".join(digests.values()), digests, TODAY)


async def test_each_part_is_numbered_by_itself(database: Database) -> None:
    loads = [("a", "a", "a"), ("a", "b", "a"), ("b", "b", "a"), ("b", "b", "b"), ("b", "b", "b"), ("a", "b", "b")]
    stored = [await store(database, *each) for each in loads]
    numbers = [(each.number, each.shape, each.words, each.calendar) for each in stored]
    assert numbers == [(1, 1, 1, 1), (2, 1, 2, 1), (3, 2, 2, 1), (4, 2, 2, 2), (4, 2, 2, 2), (5, 1, 2, 2)]
    async with database.read(NOW) as tx:
        assert [each.number for each in await documents.all_loaded(tx)] == [1, 2, 3, 4, 5]


async def loaded(database: Database, *changes: tuple[str, str]) -> Library:
    text = sample_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    async with database.write(NOW) as tx:
        await load(tx, text, TODAY, production=False)
    library = Library()
    await library.refresh(database)
    return library


GONE = '          - {id: habit, label: {en: "Voting becomes a habit", cy: "Mae pleidleisio\'n dod yn arfer"}}\n'


async def test_a_conversation_pinned_to_the_old_shape_still_reads_it(database: Database) -> None:
    first = (await loaded(database)).all()[0]
    library = await loaded(database, (GONE, ""))
    newest = library.newest(first.id)
    old = library.pinned(first.id, first.version.shape)
    assert newest is not None
    assert old is not None
    assert (old.version.shape, newest.version.shape) == (1, 2)

    def options(consultation: object) -> set[str]:
        question = consultation.topic("VOTE").questionnaire.questions()[1]  # type: ignore[attr-defined]
        return {option.id for option in question.options}

    assert "habit" in options(old)
    assert "habit" not in options(newest)


async def test_new_words_serve_every_conversation_of_the_same_shape(database: Database) -> None:
    first = (await loaded(database)).all()[0]
    library = await loaded(database, ("Voting becomes a habit", "It becomes a habit to vote"))
    pinned = library.pinned(first.id, first.version.shape)
    assert pinned is not None
    assert (pinned.version.shape, pinned.version.words) == (1, 2)
