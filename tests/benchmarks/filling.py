"""Fills a database with very many people and their answers by plain SQL: rows as the program keeps them, but for sealed
values, which are rubbish that nobody reads. Ids are in rising order and spread over all there may be, so that writing
millions is quick and whoever comes later lands between them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from tests.benchmarks.asked import KINDS, SAID, TOPIC

HELD = "ten-questions"
AT_ONCE = 100_000


async def fill(database_url: str, people: int) -> None:
    """So many people, each with ten answers to the ten questions. Nobody else may use the database meanwhile."""
    on_sqlite = database_url.startswith("sqlite")
    statements = [
        statement
        for begin in range(0, people, AT_ONCE)
        for statement in _Chunk(on_sqlite, begin, min(begin + AT_ONCE, people), people).statements()
    ]
    if on_sqlite:
        await asyncio.to_thread(_into_sqlite, database_url.removeprefix("sqlite:///"), statements)
    else:
        await _into_postgresql(database_url, statements)


def _into_sqlite(file: str, statements: list[str]) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _into_postgresql(database_url: str, statements: list[str]) -> None:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(database_url.replace("postgresql+asyncpg", "postgresql"))
    try:
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        for statement in statements:
            await connection.execute(statement, timeout=600)
        await connection.execute("VACUUM ANALYZE", timeout=600)
    finally:
        await connection.close()


class _Chunk:
    """People `begin` to `end` of `people`, as statements."""

    def __init__(self, on_sqlite: bool, begin: int, end: int, people: int) -> None:
        self._on_sqlite, self._people = on_sqlite, people
        self._each = (
            f"WITH RECURSIVE n(i) AS (SELECT {begin} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {end}),"
            " q(place, question, pick, picks, worded) AS (VALUES " + ", ".join(_questions()) + ")"
        )
        self._then = _instant(on_sqlite, datetime.now(UTC) - timedelta(hours=20))
        self._no = "0" if on_sqlite else "false"

    def statements(self) -> list[str]:
        person, address, answer = self._id("i", 1, "f1"), self._id("i", 1, "f2"), self._id("i * 10 + place", 10, "f3")
        lookup, rubbish = self._text("i", "%064d", 64), self._rubbish()
        answered = f"'{HELD}', '{TOPIC}', question, question"
        flags = f"{self._no}, {self._no}, 1, 1, 'en', {self._then}"
        return [
            self._into("persons (id, pseudonym, language, zone, created)",
                       f"{person}, 'B-' || i, 'en', 'Europe/London', {self._then}"),
            self._into("addresses (id, person, channel, lookup, sealed, created)",
                       f"{address}, {person}, 'telegram', {lookup}, {rubbish}, {self._then}"),
            *(self._into("consents (person, consultation, purpose, choice, wording, channel, given)",
                         f"{person}, '{HELD}', '{purpose}', '{choice}', 'w1', 'telegram', {self._then}")
              for purpose, choice in (("take_part", "yes"), ("outcome", "with_words"))),
            self._into("responses (person, consultation, topic, address, started)",
                       f"{person}, '{HELD}', '{TOPIC}', {address}, {self._then}"),
            self._into("conversations (person, consultation, shape, state, revision, turned)",
                       f"{person}, '{HELD}', 1, {rubbish}, 13, {self._then}"),
            self._into("events (channel, event, heard)", f"'telegram', 'f' || i, {self._then}"),
            self._into("answers (id, person, consultation, topic, question, slot, picks, words, skipped, aside, shape,"
                       " wording, language, given)",
                       f"{answer}, {person}, {answered}, picks, CASE WHEN worded = 1 THEN {rubbish} END, {flags}",
                       "n CROSS JOIN q ORDER BY i, place"),
            self._into("answer_picks (answer, pick)", f"{answer}, pick",
                       "n CROSS JOIN q WHERE worded = 0 ORDER BY i, place"),
        ]  # fmt: skip

    def _into(self, columns: str, values: str, source: str = "n") -> str:
        return f"INSERT INTO {columns} {self._each} SELECT {values} FROM {source}"

    def _id(self, number: str, times: int, kind: str) -> str:
        """An id of 36 characters: its first eight rise from nothing to all that eight can be."""
        step = 2**32 // (self._people * times)
        tail = f"-{kind}00-4000-8000-"
        if self._on_sqlite:
            return f"printf('%08x{tail}%012d', ({number}) * {step}, {number})"
        return f"lpad(to_hex(({number})::bigint * {step}), 8, '0') || '{tail}' || lpad(({number})::text, 12, '0')"

    def _text(self, number: str, form: str, width: int) -> str:
        return f"printf('{form}', {number})" if self._on_sqlite else f"lpad(({number})::text, {width}, '0')"

    def _rubbish(self) -> str:
        return "randomblob(120)" if self._on_sqlite else "decode(repeat(md5(i::text), 7), 'hex')"


def _questions() -> list[str]:
    """Each question: its place from 0, its id, what is picked, the same as kept, and whether it asks for own words."""
    picked = {"yes_no": "yes", "one": "same", "scale": SAID["scale"], "words": ""}
    return [
        f"({place}, 'T{place + 1}', '{picked[kind]}', '{json.dumps([picked[kind]] if picked[kind] else [])}',"
        f" {int(kind == 'words')})"
        for place, kind in enumerate(KINDS)
    ]


def _instant(on_sqlite: bool, moment: datetime) -> str:
    return f"'{moment:%Y-%m-%d %H:%M:%S.%f}'" if on_sqlite else f"'{moment.isoformat()}'::timestamptz"
