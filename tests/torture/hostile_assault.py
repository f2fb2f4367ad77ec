"""An assault: hostile updates and requests against a running service, while somebody else goes on answering there.

Judged from outside (what came back, what the Bot API saw, how long the bystander waited) and by the database after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import aiohttp
import sqlalchemy as sa

from bot.doors.telegram import PATH, SECRET_HEADER
from bot.house import House
from bot.stage import present
from conversations import saving
from conversations.domain.answers import Slot
from storage import answers, dialogues, people
from storage.people import Person
from storage.schema import addresses, deliveries, persons, quarantine
from storage.schema import conversations as kept
from tests.benchmarks.crowd import HELD, TOPIC, Act, TelegramGuest, story
from tests.fakes.botapi import BotApi
from tests.playing import WebPlayer
from tests.service import OWN_PAGE, Service
from tests.torture.hostile_requests import Places, Requests
from tests.torture.hostile_updates import Mutator, crowd
from tests.torture.hostile_wire import Wire, Wired, posted

BYSTANDERS = 900_000
AT_TELEGRAM, AT_THE_WEB = 12, 4
NOT_OURS = (
    "chat not found",
    "message to edit not found",
    "message can't be edited",
    "message is not modified",
    "query is too old",
    "QUERY_ID_INVALID",
)
"""What Telegram says of chats, messages and presses that somebody made up: no slip of ours."""


@dataclass
class Assault:
    """What came of an assault. A fault is anything that may not happen."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    stored: int = 0
    conversations: int = 0
    seconds: float = 0.0

    @property
    def wait(self) -> float:
        """The longest that the bystander waited."""
        return max(self.waits, default=0.0)


@dataclass
class Besieged:
    """A running service under assault, seen from outside; `house` looks into its database."""

    base: str
    secret: str
    api: BotApi
    house: House
    result: Assault = field(default_factory=Assault)
    _crowd: tuple[int, ...] = ()
    _stories: list[tuple[TelegramGuest, list[Act]]] = field(default_factory=list)

    async def assault(self, seed: int, updates: int, requests: int) -> Assault:
        """So many hostile updates and requests, all from one seed; then everything is looked over."""
        began, done = time.monotonic(), asyncio.Event()
        async with contextlib.AsyncExitStack() as stack:
            places = await self._take_places(stack)
            self._crowd = crowd(updates)
            for who in self._crowd:
                self.api.person(who, known=True)
            bodies = Mutator(seed, self._crowd).bodies(self.api.world.chats)
            wanted = iter(Requests(seed, places, self.secret))
            bystander = asyncio.create_task(self._stand_by(seed, done))
            try:
                left, right = islice(bodies, updates), islice(wanted, requests)
                at_telegram = (self._update(left) for _ in range(AT_TELEGRAM))
                await asyncio.gather(*at_telegram, *(self._request(right) for _ in range(AT_THE_WEB)))
            finally:
                done.set()
                await bystander
        self.result.seconds = time.monotonic() - began
        await self._look_over()
        return self.result

    async def _take_places(self, stack: contextlib.AsyncExitStack) -> Places:
        """A chat of one's own, an officer's session and a draft: what a hostile insider may have."""
        jar = aiohttp.CookieJar(unsafe=True)
        session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE))
        player = WebPlayer(self.base, session)
        await player.start()
        await player.press(["English"])
        service = Service(self.house, self.base, session)
        await service.desk.sign_in("Hostile officer")
        await service.desk.write(HELD, TOPIC, ["F6"])
        page = await service.desk.get(service.desk.action)
        csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
        held = {each.key: each.value for each in jar}
        return Places(held["chat"], held["desk"], csrf, service.desk.action.rpartition("/")[2])

    async def _update(self, bodies: Iterator[bytes]) -> None:
        headers = {SECRET_HEADER: self.secret, "Content-Type": "application/json"}
        async with Wire(self.base) as wire:
            for place, body in enumerate(bodies):
                status, _ = await wire.ask(posted(PATH, body, headers))
                self.result.statuses[f"update {status}"] += 1
                if status not in (200, 400, 413):
                    self.result.faults.append(f"an update got {status}: {body[:300]!r}")
                if place % 500 == 0:
                    self._tidy()

    async def _request(self, wanted: Iterator[Wired]) -> None:
        async with Wire(self.base) as wire:
            for wired in wanted:
                status, _ = await wire.ask(wired)
                self.result.statuses[f"web {status}"] += 1
                if status >= 500 or (wired.whole and not status):
                    self.result.faults.append(f"a request got {status}: {wired.told}")

    def _tidy(self) -> None:
        """Reads what the Bot API refused, and forgets what is read: a million calls would fill the memory."""
        for call in self.api.refusals:
            if not any(each in call.told for each in NOT_OURS):
                self.result.faults.append(f"Telegram refused {call.method}: {call.told} {str(call.parameters)[:300]}")
        self.api.calls[:] = [call for call in self.api.calls if call.code is None]
        self.api.world.sent.clear()
        for who in self._crowd:
            chat = self.api.world.chats[who]
            chat.heard.clear()
            for old in [*chat.messages][:-20]:
                del chat.messages[old]

    # The bystander

    async def _stand_by(self, seed: int, done: asyncio.Event) -> None:
        """Somebody quite ordinary answers one topic after another, and counts the seconds."""
        place = 0
        while not done.is_set():
            guest = TelegramGuest(self.api, BYSTANDERS + place)
            acts = story(random.Random(seed * 1000 + place), f"bystander {place}")
            try:
                for act in (None, *acts):
                    began = time.monotonic()
                    await guest.act(act)
                    self.result.waits.append(time.monotonic() - began)
                    await asyncio.sleep(0.05)
            except AssertionError as error:
                self.result.faults.append(f"the bystander: {error}")
                return
            self._stories.append((guest, acts))
            place += 1

    # Afterwards

    async def _look_over(self) -> None:
        await self._quiet()
        self._tidy()
        async with self.house.database.read(self.house.clock()) as tx:
            broken = await tx.rows(sa.select(quarantine.c.error))
            refused = await tx.rows(
                sa.select(deliveries.c.failure).where(
                    deliveries.c.state == "refused", deliveries.c.failure == "bad_message"
                )
            )
            everybody = [
                Person(row.person, row.id, row.channel, row.language, row.stopped_at is not None)
                for row in await tx.rows(sa.select(addresses, persons.c.language).join(persons))
            ]
            begun = {row.person for row in await tx.rows(sa.select(kept.c.person))}
        self.result.faults += [f"set apart: {row.error}" for row in broken]
        self.result.faults += [f"a reply was refused as malformed: {row.failure}" for row in refused]
        for person in everybody:
            if person.id in begun:
                await self._sound(person)
        for guest, acts in self._stories:
            await self._same(guest, acts)

    async def _quiet(self) -> None:
        """Waits until every reply to Telegram has been settled."""
        unsettled = sa.select(sa.func.count()).where(
            deliveries.c.channel == "telegram", deliveries.c.state.in_(["claimed"])
        )
        async with asyncio.timeout(90):
            while True:
                async with self.house.database.read() as tx:
                    row = await tx.first(unsettled)
                if row is not None and row[0] == 0:
                    return
                await asyncio.sleep(0.2)

    async def _sound(self, person: Person) -> None:
        """A stored conversation opens, is on a page the engine knows, and its prompt can be said."""
        self.result.conversations += 1
        house = self.house
        try:
            async with house.database.read(house.clock()) as tx:
                stored = (await dialogues.load(tx, [person.id]))[person.id]
                conversation = saving.load(json.loads(stored.state))
                presented = await present(tx, person, house.library, house.turns.performer)
            assert presented is not None, "there is nothing to present"
            assert presented.prompt.words.strip(), "there is nothing asked"
            assert conversation.page, "there is no page"
        except Exception as error:
            self.result.faults.append(f"a conversation is corrupted: {type(error).__name__}: {error}")

    async def _same(self, guest: TelegramGuest, acts: list[Act]) -> None:
        """The bystander's answers are stored as they were given."""
        async with self.house.database.read() as tx:
            person = await people.address_of(tx, guest.channel, await guest.address())
            assert person is not None
            stored = (await answers.held_by(tx, {person.id: HELD}))[person.id].current
        said = {Slot(act.says[0]): (act.says[1], act.words) for act in acts if act.says}
        found = {slot: (tuple(sorted(answer.picks)), answer.words) for slot, answer in stored.items()}
        self.result.stored += len(found)
        if found != {slot: (tuple(sorted(picks)), words) for slot, (picks, words) in said.items()}:
            self.result.faults.append(f"the bystander said {said}, stored is {found}")
