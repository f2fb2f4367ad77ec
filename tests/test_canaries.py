"""Canaries: a number, a name, a text and tokens go through a whole journey, and are found only where they belong.

Looked through are all logs at DEBUG with their tracebacks, every byte of the database and of what lies beside it, every
row of every table, the public pages, the metrics, the desk, everybody else's chat, and the export.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from bot import stage
from bot.commands import in_cell
from conversations.domain.speech import Said
from storage import tallies
from storage.database import Database, migrate, open_database
from storage.schema import marks, metadata
from storage.sealing import Keys, new_key
from tests import canaries
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer, WebPlayer
from tests.service import Service, serving
from tests.storage.acts import NOW

NUMBER, OTHER = 447700900142, 4
NAME = "Zephyrine"
TEXT = "the quokka by the viaduct"
BROKEN = "POISON quokka, said in confidence"
PUBLIC = ("/", "/topics/SAFE", "/topics/SAFE/tallies", "/said-did", "/privacy", "/chat", "/metrics", "/chat/data")
TOPIC = "/desk/topics/fair-future/SAFE"
QUIETED = ("httpx", "telegram", "aiohttp.access", "alembic", "asyncio")
"""What the program never lets speak below a warning (`bot/commands.py`), and the tests' own loop."""


@dataclass
class Places:
    """What was written, said or kept, by the place where it lies."""

    held: dict[str, bytearray] = field(default_factory=dict)

    def add(self, place: str, found: str | bytes) -> None:
        lower = (found.encode() if isinstance(found, str) else found).lower()
        self.held.setdefault(place, bytearray()).extend(lower)

    def where(self, canary: object) -> set[str]:
        """The places in which a canary sings."""
        return {place for place, found in self.held.items() if str(canary).casefold().encode() in found}

    def files(self, folder: Path) -> None:
        """Every byte of every file."""
        for file in folder.rglob("*"):
            if file.is_file():
                self.add("files", file.read_bytes())

    async def tables(self, database: Database) -> None:
        """Every row of every table, as somebody without the keys reads it."""
        async with database.read() as tx:
            for table in metadata.sorted_tables:
                for row in await tx.rows(sa.select(table)):
                    self.add("tables", repr(tuple(row)))


class Ear(logging.Handler):
    """Writes down every record there is, with its traceback."""

    def __init__(self, places: Places) -> None:
        super().__init__(logging.NOTSET)
        self.places = places

    def emit(self, record: logging.LogRecord) -> None:
        self.places.add("logs", self.format(record) + "\n")


@pytest.fixture
def places() -> Iterator[Places]:
    made = Places()
    root, ear = logging.getLogger(), Ear(made)
    levels = {logger: logger.level for logger in (root, *map(logging.getLogger, QUIETED))}
    for logger in levels:
        logger.setLevel(logging.DEBUG if logger is root else logging.WARNING)
    root.addHandler(ear)
    yield made
    root.removeHandler(ear)
    for logger, level in levels.items():
        logger.setLevel(level)


async def answers(player: TelegramPlayer, words: str) -> None:
    """A whole topic, from START to the receipt; the outcome is wanted, with one's own words."""
    await player.start()
    acts = ("English", "Yes, I am 16 or over and I agree", "Safe streets", "4", "Lights and cameras", "Yes", "1")
    for label in acts:
        await player.press([label])
    await player.type(words)
    for label in ("Send", "Yes, with my words", "Skip", "Skip", "Skip", "Skip"):
        await player.press([label])


async def breaks(player: TelegramPlayer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that breaks us, with an error that quotes what was said."""
    hear = stage.engine.hear

    def broken(conversation: Any, heard: Any, scene: Any) -> Any:
        if heard == Said(BROKEN):
            raise RuntimeError(f"cannot cope with {BROKEN}")
        return hear(conversation, heard, scene)

    with monkeypatch.context() as patched:
        patched.setattr(stage.engine, "hear", broken)
        await player.type(BROKEN)
        assert "something went wrong" in await player.sees()


async def journey(service: Service, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody answers, breaks us, asks for their data, and is told the outcome; somebody else does much the same."""
    canary, other = TelegramPlayer(api, id_=NUMBER), TelegramPlayer(api, id_=OTHER)
    for called in (canary.person.user, canary.person.chat.title):
        called["first_name"] = NAME
    await answers(canary, TEXT)
    await answers(other, "nothing in particular")
    await breaks(canary, monkeypatch)
    await canary.type("mydata")
    assert TEXT in await canary.sees()
    await service.desk.sign_in()
    await service.desk.write("fair-future", "SAFE", ["F6"])
    await service.desk.sign_and_publish()
    await canary.news()
    assert TEXT in await canary.sees()


async def listened(places: Places, service: Service, api: BotApi) -> None:
    """Everything that anybody but the person can read."""
    for each in api.person(OTHER).messages:
        places.add("another person's chat", each.text)
    places.add("the person's own chat", " ".join(each.text for each in api.person(NUMBER).messages))
    for path in (f"{TOPIC}?question=F6", TOPIC, service.desk.action):
        places.add("the commission's desk", await service.desk.get(path))
    async with aiohttp.ClientSession() as stranger:
        for path in PUBLIC:
            async with stranger.get(service.base + path) as answer:
                places.add("public pages", await answer.text())
        async with stranger.get(service.base + TOPIC) as answer:
            assert answer.status == 401
            places.add("the desk, not signed in", await answer.text())
    async with service.house.database.read() as tx:
        for pseudonym, (row, answer) in await tallies.export(tx):
            places.add("the export", f"{pseudonym} {row.slot} {in_cell(answer)}\n")


BELONGS = {
    NUMBER: set[str](),  # only Telegram is told it: it is where to write to
    NAME: set[str](),  # we never need it, so it is nowhere
    TEXT: {"the person's own chat", "the commission's desk", "the export"},
    BROKEN: set[str](),  # not even the operator, who has to mend it, reads it
}


@pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.slow])],
    indirect=True,
)
async def test_canaries_are_found_only_where_they_belong(
    tmp_path: Path, database_url: str, bot_api: BotApi, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    telegram = {"telegram_token": bot_api.token, "telegram_api_url": bot_api.url}
    async with serving(tmp_path, database_url=database_url, **telegram) as service:
        await journey(service, bot_api, monkeypatch)
        web = WebPlayer(service.base, service.client)
        await web.start()
        await web.press(["English"])
        cookies = {cookie.key: cookie.value for cookie in service.client.cookie_jar}
        assert set(cookies) >= {"chat", "desk"}
        await listened(places, service, bot_api)
        await places.tables(service.house.database)
        places.files(tmp_path)
    places.files(tmp_path)
    assert {"logs", "files", "tables"} <= set(places.held)
    found = {canary: places.where(canary) for canary in BELONGS}
    assert found == BELONGS
    tokens = {name: places.where(token) for name, token in {"bot": bot_api.token, **cookies}.items()}
    assert not any(tokens.values()), tokens


@pytest.mark.plants
async def test_the_search_finds_what_is_planted(tmp_path: Path, places: Places) -> None:
    """A canary that would be missed proves nothing."""
    logging.getLogger("bot.turns").debug("said %s", TEXT)
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger("storage").exception("it broke")
    database = open_database(f"sqlite:///{tmp_path}/bc.db", Keys.read(new_key(), new_key()))
    await migrate(database)
    async with database.write(NOW) as tx:
        await tx.execute(sa.insert(marks).values(name="planted", value=str(NUMBER)))
    await places.tables(database)
    places.files(tmp_path)
    await database.close()
    places.add("public pages", f"<p>{BROKEN}</p>")
    assert [places.where(canary) for canary in (TEXT, NAME, BROKEN)] == [{"logs"}, {"logs"}, {"public pages"}]
    assert {"tables", "files"} <= places.where(NUMBER)


@pytest.mark.plants
def test_the_look_through_the_whole_suite_finds_what_is_planted(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "bc.db").write_bytes(b"\x00\xffTHE PATH BY THE CANAL IS TOO DARK\x00")
    (tmp_path / "log").write_text(f"/bot7000001:{canaries.TOKEN}/getMe")
    assert canaries.in_files(tmp_path) == [f"log: {canaries.TOKEN}", f"var/bc.db: {canaries.WORDS[0]}"]
    logged = [("Captured log call", f"hello {canaries.NAME}"), ("Captured stdout call", canaries.NUMBERS)]
    assert canaries.in_logs(logged) == [f"log: {canaries.NAME}"]
