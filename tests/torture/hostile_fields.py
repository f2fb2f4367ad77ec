"""Hostile words in every field there is: what is kept must be what was said, and nothing may break over it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode

import aiohttp
import sqlalchemy as sa
from ruamel.yaml import YAML
from yarl import URL

from bot.channels.messages import clean
from bot.doors.desk_frame import tidy
from bot.doors.telegram import PATH, SECRET_HEADER
from bot.house import House
from conversations import answering, replying, saving
from conversations.document.reading import read
from conversations.domain.answers import Answer, Slot
from conversations.domain.page import Page
from conversations.domain.questions import OwnWords
from conversations.domain.speech import Content
from conversations.domain.words import command
from conversations.turning import Conversation
from storage import answers, dialogues, people, replies
from storage.dialogues import Stored
from storage.schema import action_versions, corrections, standing_prompts
from tests.benchmarks.crowd import HELD, TOPIC
from tests.document.good import GOOD, TODAY
from tests.fakes.botapi import BotApi
from tests.service import OWN_PAGE, Service
from tests.torture.hostile_wire import Wire, posted

FORM = {"Content-Type": "application/x-www-form-urlencoded"} | OWN_PAGE
SLOT, OTHER_TOPIC, OTHER = "F6", "VOTE", "V2+other"
FIRST = 700_000
VERSION = "00000000-0000-4000-8000-000000000001"
REPLY_LIMIT, CORRECTION_LIMIT, CORRECTIONS = 1000, 2000, 190
READER = OwnWords(id=SLOT, text=Content({"en": "any"}))


@dataclass
class Fields:
    """Puts words into fields, and looks afterwards. `faults` is empty when all is well."""

    base: str
    secret: str
    api: BotApi
    house: House
    faults: list[str] = field(default_factory=list)
    stored: int = 0
    _numbers: count[int] = field(default_factory=lambda: count(800_000_000))
    _people: count[int] = field(default_factory=lambda: count(FIRST))

    async def all(self, words: list[str]) -> None:
        """Every field with all these words. Each door goes through its fields in order, the doors side by side."""
        typed = [_as_a_browser(each) for each in words]
        await asyncio.gather(
            self._in_a_chat([_as_telegram(each) for each in words], "telegram"),
            self._in_a_chat(typed, "web"),
            self._on_the_site(typed),
            self._desk(typed),
        )

    async def _in_a_chat(self, words: list[str], channel: str) -> None:
        await self._on_a_page(words, channel, TOPIC, SLOT)
        await self._on_a_page(words, channel, OTHER_TOPIC, OTHER)
        await self._under_news(words, channel)

    async def _on_the_site(self, words: list[str]) -> None:
        await self._return_code(words)
        await self._corrections(words)

    # What people type

    async def _on_a_page(self, words: list[str], channel: str, topic: str, slot: str) -> None:
        values = [await self._placed(channel, (answering.Asking(topic, slot),)) for _ in words]
        for value, each in zip(values, words, strict=True):
            await self._types(channel, value, each)
        async with self.house.database.read() as tx:
            for value, each in zip(values, words, strict=True):
                person = await people.address_of(tx, channel, value)
                assert person is not None
                held = (await answers.held_by(tx, {person.id: HELD}))[person.id].current.get(Slot.read(slot))
                self._same(f"own words on {channel}", each, held.words if held else "", _answered(each))

    async def _under_news(self, words: list[str], channel: str) -> None:
        tokens = [f"t{channel[0]}{place}" for place in range(len(words))]
        floor = answering.Asking(TOPIC, SLOT)
        for token, each in zip(tokens, words, strict=True):
            value = await self._placed(channel, (floor, replying.AddingWords(token, "not_done")), token=token)
            await self._types(channel, value, each)
        async with self.house.database.read() as tx:
            for token, each in zip(tokens, words, strict=True):
                row = await tx.first(sa.select(standing_prompts.c.words).where(standing_prompts.c.token == token))
                assert row is not None
                found = tx.keys.open(row.words, "standing_prompts", "words", token) if row.words else ""
                self._same(f"a reply on {channel}", each, found, _replied(each))
            await replies.to_version(tx, VERSION)

    def _same(self, where: str, said: str, found: str, wanted: str) -> None:
        self.stored += bool(found)
        if found != wanted:
            self.faults.append(f"{where}: {said[:200]!r} was said, {found[:200]!r} is kept, not {wanted[:200]!r}")

    async def _placed(self, channel: str, stack: tuple[Page, ...], token: str = "") -> str:
        """Somebody new who stands on these pages; their address."""
        id_ = next(self._people)
        value = str(id_) if channel == "telegram" else f"cookie-of-{id_}"
        if channel == "telegram":
            self.api.person(id_, known=True)
        held = self.house.library.newest(HELD)
        assert held is not None
        async with self.house.database.write(self.house.clock()) as tx:
            [person] = await people.meet(tx, [(channel, value, "en")])
            assert person is not None
            await people.record_consent(tx, person.id, HELD, "take_part", "yes", "w")
            for slot, pick in (("V1", "yes"), ("V2", "other")):
                answer = Answer(picks=(pick,), language="en")
                await answers.record_all(
                    tx, [answers.Given(person.id, person.address, HELD, OTHER_TOPIC, Slot(slot), answer, 1, 1)]
                )
            if token:
                row = {"token": token, "person": person.id, "source": VERSION, "letter": "A", "opened": tx.now}
                await tx.execute(sa.insert(standing_prompts).values(**row, verdict="not_done", replied=tx.now))
            state = json.dumps(saving.save(Conversation(stack)))
            await dialogues.save(tx, {person.id: Stored(HELD, held.version.shape, state)})
        return value

    async def _types(self, channel: str, value: str, words: str) -> None:
        number = next(self._numbers)
        if channel == "telegram":
            chat = {"id": int(value), "type": "private"}
            user = {"id": int(value), "is_bot": False, "first_name": "Person"}
            message = {"message_id": number, "date": 1, "chat": chat, "from": user, "text": words}
            body = json.dumps({"update_id": number, "message": message}).encode()
            headers = {SECRET_HEADER: self.secret, "Content-Type": "application/json"}
            await self._post(PATH, body, headers, 200)
        else:
            fields = urlencode({"event": str(number), "words": words}).encode()
            await self._post("/chat", fields, FORM | {"Cookie": f"chat={value}"}, 303)

    async def _post(self, path: str, body: bytes, headers: dict[str, str], *wanted: int) -> bytes:
        async with Wire(self.base) as wire:
            status, answer = await wire.ask(posted(path, body, headers))
        large = status == 413 and len(body) > 250_000
        if status not in wanted and not large:
            self.faults.append(f"{path} got {status} for {body[:200]!r}")
        return answer

    async def _return_code(self, words: list[str]) -> None:
        for each in words:
            body = urlencode({"code": each}).encode()
            await self._post("/chat/return", body, FORM, 422, 429)

    async def _corrections(self, words: list[str]) -> None:
        """As many as are taken within the hour; what is too long or blank is given back."""
        for each in words[:CORRECTIONS]:
            body = urlencode(dict.fromkeys(("key", "now", "better", "why"), each)).encode()
            await self._post("/correct", body, FORM, 303, 422)
        async with self.house.database.read() as tx:
            kept = [json.loads(row.words) for row in await tx.rows(sa.select(corrections.c.words).order_by("seq"))]
        wanted = [_storable(each) for each in words[:CORRECTIONS]]
        wanted = [each for each in wanted if each and len(each) <= CORRECTION_LIMIT]
        if kept != [dict.fromkeys(("now", "better", "why"), each) for each in wanted]:
            self.faults.append(f"{len(wanted)} corrections were sent, {len(kept)} are kept, or others")

    # The desk

    async def _desk(self, words: list[str]) -> None:
        path = f"/desk/topics/{HELD}/{TOPIC}/new"
        async with self._officer() as service:
            csrf = re.findall(r'name="csrf" value="([^"]*)"', await service.desk.get(path))[0]
            for each in words:
                await self._search(service, each)
                await self._action(service, path, csrf, each)

    @asynccontextmanager
    async def _officer(self) -> AsyncIterator[Service]:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=OWN_PAGE) as session:
            service = Service(self.house, self.base, session)
            await service.desk.sign_in("Officer of fields")
            yield service

    async def _search(self, service: Service, each: str) -> None:
        query = urlencode({"q": each[:300], "of": each[:50], "page": each[:9]})
        async with service.client.get(URL(f"{self.base}/desk/topics/{HELD}/{TOPIC}?{query}", encoded=True)) as answer:
            if answer.status != 200:
                self.faults.append(f"searching for {each[:100]!r} got {answer.status}")

    async def _action(self, service: Service, path: str, csrf: str, each: str) -> None:
        """A draft with the words in every field: kept as they are, or given back with what is wrong."""
        parts = ("headline", "said", "did", "why", "decided", "next", "by")
        fields = {f"{part}.{language}": each for part in parts for language in ("en", "cy")}
        fields |= {"csrf": csrf, "kind": "done", "questions": SLOT, "reason": each, "do": "save"}
        cookie = "; ".join(f"{morsel.key}={morsel.value}" for morsel in service.client.cookie_jar)
        body = urlencode(fields).encode()
        await self._post(path, body, FORM | {"Cookie": cookie}, 303, 422)
        wanted = tidy(each)
        if not wanted or len(wanted) > 100 or "\n" in wanted:
            return
        async with self.house.database.read() as tx:
            latest = sa.select(action_versions).order_by(action_versions.c.written.desc()).limit(1)
            row = await tx.first(latest)
        assert row is not None
        self._same("an action's headline", each, json.loads(row.texts)["en"]["headline"], wanted)
        await service.desk.get(f"/desk/actions/{row.id}")
        await service.desk.get(f"/desk/actions/{row.id}/edit")


def documents(words: list[str]) -> list[str]:
    """A good document with the words in one field after another is read without an exception. Every fault found."""
    faults, plain_text = [], json.dumps(YAML(typ="safe").load(GOOD), default=str)
    places = len(_texts_of(json.loads(plain_text)))
    for turn, each in enumerate(words):
        spoiled = json.loads(plain_text)
        holder, key = _texts_of(spoiled)[turn % places]
        holder[key] = each
        raw = GOOD.replace("Tell us about your street.", each[:2000])
        try:
            read(raw if turn % 2 else json.dumps(spoiled), TODAY)
        except Exception as error:
            faults.append(f"a document with {each[:100]!r}: {type(error).__name__}: {error}"[:400])
    return faults


def _texts_of(tree: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    for key in [*tree] if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        value = tree[key]
        found += [(tree, key)] if isinstance(value, str) else _texts_of(value)
    return found


def _as_a_browser(words: str) -> str:
    """Words as a browser's form carries them: half a surrogate pair is sent as U+FFFD."""
    return words.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _as_telegram(words: str) -> str:
    """Words as JSON carries them: two halves that meet are one letter again."""
    return str(json.loads(json.dumps(words)))


def _storable(words: str) -> str:
    return words.replace("\0", "").encode("utf-8", "ignore").decode().strip()


def _answered(words: str) -> str:
    """What an own-words question keeps of what was typed: all of it, but for what no chat carries, and what is a
    command."""
    said = clean(words)
    read_ = READER.read(said)
    if not isinstance(read_, Answer) or _acts(said):
        return ""
    return read_.words


def _replied(words: str) -> str:
    said = clean(words).strip()
    return "" if not said or len(clean(words)) > REPLY_LIMIT or _acts(said) else said


def _acts(said: str) -> bool:
    return command(said) is not None
