"""A crowd: sixty people through the whole story at once, then the news to all of them.

The service runs in a process of its own, as `serve` starts it. Half the people are HTTP clients at the web chat, half
are in Telegram on our Bot API server, and one sits at a real Chromium where there is one. Everybody thinks between two
acts. A wait is measured where the person is: from the act until the next question can be seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import sqlalchemy as sa

from bot.house import House
from bot.opening import opened
from bot.settings import Settings
from conversations.domain.answers import Slot
from storage import answers, people
from storage.schema import answer_history, responses
from storage.schema import deliveries as ledger
from storage.sealing import new_key
from tests.fakes.botapi import BotApi
from tests.playing import WebPlayer, squeezed
from tests.service import CANAL, OWN_PAGE, Service, free_port

HELD, TOPIC = "fair-future", "SAFE"
PATIENCE = 30.0
HEADLINE = CANAL["en"]["headline"]
Think = tuple[float, float]


@dataclass(frozen=True)
class Act:
    """One thing a person does, and what they see once it is heard. `says` is the answer it gives, if it gives one."""

    labels: tuple[str, ...]
    sees: str
    words: str = ""
    says: tuple[str, tuple[str, ...]] | None = None


def story(dice: random.Random, name: str) -> list[Act]:
    """One person's way through the topic, by dice."""
    safe, traffic, told = dice.randint(1, 5), dice.random() < 0.5, dice.random() < 0.5
    extra = dice.choice([("Officers on foot", "officers"), ("Courts", "courts"), ("Lights and cameras", "lights")])
    unsafe = [("Traffic", "traffic"), ("Drugs", "drugs")] if traffic else [("Harassment", "harassment")]
    f3, f4 = "If there is extra money", "Have you reported a problem"
    f5, f6 = "How well were you told", "Name one place"
    acts = [
        Act(("English",), "[Yes, I am 16 or over and I agree]"),
        Act(("Yes, I am 16 or over and I agree",), "[Safe streets]"),
        Act(("Safe streets",), "How safe do you feel"),
        Act((str(safe),), "What makes it feel unsafe" if safe < 3 else f3, says=("F1", (str(safe),))),
    ]
    if safe < 3:
        labels, ids = zip(*unsafe, strict=True)
        acts.append(Act(labels, f3, says=("F2", ids)))
    acts.append(Act((extra[0],), f4, says=("F3", (extra[1],))))
    acts.append(Act(("Yes" if told else "No",), f5 if told else f6, says=("F4", ("yes" if told else "no",))))
    if told:
        level = str(dice.randint(1, 5))
        acts.append(Act((level,), f6, says=("F5", (level,))))
    return [
        *acts,
        Act((), "[Send]", words=f"The path by the canal, says {name}", says=("F6", ())),
        Act(("Send",), "Shall we tell you here"),
        Act(("Yes, with my words",), "May we write to you"),
        Act(("No",), "May we show your own words"),
        Act(("Skip",), "Where do you live?"),
        Act(("Scotland",), "Which constituency"),
        Act(("Skip",), "Who are you answering for?"),
        Act(("Just me",), "That is all. Thank you."),
    ]


class Guest(Protocol):
    """Somebody on one channel."""

    channel: str

    async def act(self, act: Act | None) -> None: ...

    """Does it and waits until the answer is seen. None is coming in."""

    async def address(self) -> str: ...

    async def hears(self, headline: str) -> None: ...

    """Waits until the news is seen."""

    async def listen(self) -> None: ...

    """Is there to hear news, as somebody with the page or the app open."""


class TelegramGuest:
    """In Telegram, on our Bot API server."""

    channel = "telegram"

    def __init__(self, api: BotApi, id_: int) -> None:
        self.person, self.id = api.person(id_), id_

    async def act(self, act: Act | None) -> None:
        if act is None:
            await self.person.start()
            await self._until("[English]")
        elif act.words:
            await self.person.say(act.words)
            await self._until(act.sees)
        else:
            await self._press(act)

    async def _press(self, act: Act) -> None:
        several = act.says is not None and act.says[0] == "F2"
        for label in act.labels:
            await self.person.press(label)
            await self._until(f"[✓ {label}]" if several else act.sees)
        if several:
            await self.person.press("Done")
            await self._until(act.sees)

    async def _until(self, sees: str) -> None:
        while True:
            [message] = await self.person.hears(1, timeout=PATIENCE)
            if sees in squeezed(message.text + "".join(f" [{label}]" for label in message.buttons)):
                return

    async def address(self) -> str:
        return str(self.id)

    async def listen(self) -> None:
        return

    async def hears(self, headline: str) -> None:
        await self._until(headline)
        assert sum(headline in message.text for message in self.person.messages) == 1, "told twice"


class WebGuest:
    """At the web chat, without scripts until the end; then listening as the page's script does."""

    channel = "web"

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base, self.session = base, session
        self.player = WebPlayer(base, session)
        self._news: asyncio.Task[None] | None = None

    async def act(self, act: Act | None) -> None:
        if act is None:
            await self.player.start()
        elif act.words:
            await self.player.type(act.words)
        else:
            await self.player.press(list(act.labels))
        sees = act.sees if act else "[English]"
        seen = await self.player.sees()
        assert sees in seen, f"{sees!r} is not on the page: {seen[-500:]}"

    async def address(self) -> str:
        [cookie] = [each.value for each in self.session.cookie_jar if each.key == "chat"]
        return cookie

    async def listen(self) -> None:
        listening = asyncio.Event()
        self._news = asyncio.create_task(self._stream(listening))
        await listening.wait()

    async def _stream(self, listening: asyncio.Event) -> None:
        async with self.session.get(f"{self.base}/chat/stream", timeout=aiohttp.ClientTimeout(None)) as stream:
            async for line in stream.content:
                listening.set()
                if line.startswith(b"data: news"):
                    return

    async def hears(self, headline: str) -> None:
        assert self._news is not None
        await asyncio.wait_for(self._news, PATIENCE)
        await self.player.start()
        assert (await self.player.sees()).count(headline) >= 1


class ChromiumGuest:
    """At a real browser, scripts on."""

    channel = "web"

    def __init__(self, base: str, page: Any) -> None:
        from tests.browser.players import BrowserPlayer

        self.player = BrowserPlayer(base, page, scripts=True)
        self.page = page

    async def act(self, act: Act | None) -> None:
        if act is None:
            await self.player.start()
        elif act.words:
            await self.player.type(act.words)
        else:
            await self.player.press(list(act.labels))
        sees = act.sees if act else "[English]"
        seen = await self.player.sees()
        assert sees in seen, f"{sees!r} is not on the page: {seen[-500:]}"

    async def address(self) -> str:
        [cookie] = [each["value"] for each in await self.page.context.cookies() if each["name"] == "chat"]
        return str(cookie)

    async def listen(self) -> None:
        return

    async def hears(self, headline: str) -> None:
        await self.page.get_by_text(headline).first.wait_for(timeout=PATIENCE * 1000)


@dataclass
class Figures:
    """What a crowd came to."""

    people: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    stored: int = 0
    expected: int = 0
    first_told: float = 0.0
    all_told: float = 0.0
    seconds: float = 0.0

    def wait(self, share: float) -> float:
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def crowd(
    folder: Path, database_url: str, count: int = 60, think: Think = (0.5, 2.0), seed: int = 1, *, browser: bool = True
) -> Figures:
    """Runs the service and the crowd; tells what was measured and every fault found."""
    figures = Figures()
    async with BotApi() as api, _service(folder, database_url, api) as (base, settings):
        async with contextlib.AsyncExitStack() as stack:
            guests = await _guests(stack, base, api, count, browser=browser)
            figures.people.update(type(guest).__name__ for guest in guests)
            house = await stack.enter_async_context(opened(settings))
            began = time.monotonic()
            stories = [story(random.Random(seed * 1000 + place), f"guest {place}") for place in range(len(guests))]
            dice = [random.Random(-place - seed) for place in range(len(guests))]
            done = zip(guests, stories, dice, strict=True)
            await asyncio.gather(*(_live(guest, acts, figures, die, think) for guest, acts, die in done))
            figures.seconds = time.monotonic() - began
            await _compare(house, guests, stories, figures)
            await _publish(stack, house, base, guests, figures)
        figures.faults += [f"the bot was refused: {call.method} {call.parameters}" for call in api.refusals]
    return figures


async def _guests(
    stack: contextlib.AsyncExitStack, base: str, api: BotApi, count: int, *, browser: bool
) -> list[TelegramGuest | WebGuest | ChromiumGuest]:
    guests: list[TelegramGuest | WebGuest | ChromiumGuest] = []
    if browser and (page := await _page(stack)):
        guests.append(ChromiumGuest(base, page))
    guests += [TelegramGuest(api, 1000 + place) for place in range(count // 2 - len(guests))]
    while len(guests) < count:
        jar = aiohttp.CookieJar(unsafe=True)
        guests.append(
            WebGuest(base, await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE)))
        )
    return guests


async def _page(stack: contextlib.AsyncExitStack) -> Any:
    """A page of a real browser; None where there is none."""
    try:
        from tests.browser.players import CHROMIUM, chromium
    except ImportError:
        return None
    if not os.access(CHROMIUM, os.X_OK):
        return None
    launched = await stack.enter_async_context(chromium())
    return await (await launched.new_context(locale="en-GB")).new_page()


async def _live(guest: Guest, acts: list[Act], figures: Figures, dice: random.Random, think: Think) -> None:
    for act in (None, *acts):
        await asyncio.sleep(dice.uniform(*think))
        began = time.monotonic()
        await guest.act(act)
        figures.waits.append(time.monotonic() - began)


@asynccontextmanager
async def _service(folder: Path, database_url: str, api: BotApi) -> AsyncIterator[tuple[str, Settings]]:
    """The service in a process of its own."""
    port = free_port()
    given = {
        "database_url": database_url,
        "port": str(port),
        "secret_keys": new_key(),
        "lookup_key": new_key(),
        "telegram_token": api.token,
        "telegram_api_url": api.url,
        "tombstones": str(folder / "erased.log"),
    }
    environment = os.environ | {f"BIGCONVERSATION_{name.upper()}": value for name, value in given.items()}
    with (folder / "serve.log").open("w") as log:
        serve = (sys.executable, "-m", "bot", "serve")
        process = await asyncio.create_subprocess_exec(*serve, env=environment, stdout=log, stderr=log)
        try:
            await _ready(f"http://127.0.0.1:{port}", process, folder / "serve.log")
            yield f"http://127.0.0.1:{port}", Settings(**given)  # type: ignore[arg-type]
        finally:
            process.terminate()
            await asyncio.wait_for(process.wait(), 20)


async def _ready(base: str, process: asyncio.subprocess.Process, log: Path) -> None:
    async with aiohttp.ClientSession() as session, asyncio.timeout(60):
        while process.returncode is None:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{base}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"the service did not start; see {log}")


# What is stored, against what was said


async def _compare(house: House, guests: list[Any], stories: list[list[Act]], figures: Figures) -> None:
    async with house.database.read() as tx:
        for guest, acts in zip(guests, stories, strict=True):
            person = await people.address_of(tx, guest.channel, await guest.address())
            if person is None:
                figures.faults.append(f"{guest.channel}: nobody is stored")
                continue
            stored = (await answers.held_by(tx, {person.id: HELD}))[person.id].current
            wanted = {Slot(act.says[0]): (act.says[1], act.words) for act in acts if act.says}
            figures.stored += len(stored)
            figures.expected += len(wanted)
            found = {slot: (tuple(sorted(answer.picks)), answer.words) for slot, answer in stored.items()}
            if found != {slot: (tuple(sorted(picks)), words) for slot, (picks, words) in wanted.items()}:
                figures.faults.append(f"{guest.channel}: said {wanted}, stored {found}")
        again = await tx.rows(sa.select(answer_history.c.slot))
        figures.faults += [f"an answer to {row.slot} was taken twice" for row in again]
        references = [row.reference for row in await tx.rows(sa.select(responses.c.reference))]
    if len(set(references)) != len(guests) or None in references:
        figures.faults.append(f"{len(guests)} people sent, and there are {len(set(references))} references")


async def _publish(
    stack: contextlib.AsyncExitStack, house: House, base: str, guests: list[Any], figures: Figures
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    service = Service(
        house, base, await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar, headers=OWN_PAGE))
    )
    await service.desk.sign_in()
    await service.desk.write(HELD, TOPIC, ["F6"])
    await service.desk.post(service.desk.action, do="sign")
    await asyncio.gather(*(guest.listen() for guest in guests))
    told: list[float] = []
    began = time.monotonic()

    async def hear(guest: Guest) -> None:
        await guest.hears(HEADLINE)
        told.append(time.monotonic() - began)

    hearing = [asyncio.create_task(hear(guest)) for guest in guests]
    await service.desk.post(service.desk.action, do="publish")
    results = await asyncio.gather(*hearing, return_exceptions=True)
    figures.faults += [f"somebody was not told: {error!r}" for error in results if error]
    figures.first_told, figures.all_told = min(told, default=PATIENCE), max(told, default=PATIENCE)
    await asyncio.sleep(0.5)
    async with house.database.read() as tx:
        states = Counter(row.state for row in await tx.rows(sa.select(ledger.c.state).where(ledger.c.lane > 0)))
    if states != {"accepted": len(guests)}:
        figures.faults.append(f"the ledger says {dict(states)} of {len(guests)}")
