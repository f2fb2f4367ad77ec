"""People who answer while the program dies under them. They wait and come again, as people do; they never give up
before they are told to."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from tests.benchmarks.crowd import Act
from tests.fakes.botapi import BotApi
from tests.playing import WebPlayer, _Page, squeezed
from tests.torture.journal import Journal

AGAIN = 0.05
"""Seconds after which a browser that found nobody tries again."""
PATIENCE = aiohttp.ClientTimeout(total=20)
NAMES = re.compile(r"\bguest-\d+-\d+\b")
"""The name that each person's own words carry; nobody may ever see another's."""


class Wrong(Exception):
    """Somebody saw what nobody may see."""


class Somebody(Protocol):
    """One person on one channel. `turns`: how many things they said or pressed so far."""

    who: str
    channel: str
    turns: int

    async def act(self, act: Act | None) -> None:
        """Does it, and waits until what follows is seen. None is coming in."""
        ...

    def address(self) -> str:
        """Where they are reached, as the program knows it."""
        ...


@dataclass
class InTelegram:
    """Somebody on our Bot API server."""

    who: str
    api: BotApi
    id: int
    channel: str = "telegram"
    turns: int = 0

    def __post_init__(self) -> None:
        self.person = self.api.person(self.id)

    def address(self) -> str:
        return str(self.id)

    async def act(self, act: Act | None) -> None:
        if act is None:
            self.turns += 1
            await self.person.start()
            await self._until("[English]")
        elif act.words:
            self.turns += 1
            await self.person.say(act.words)
            await self._until(act.sees)
        else:
            await self._press(act)

    async def _press(self, act: Act) -> None:
        several = act.says is not None and act.says[0] == "F2"
        for label in act.labels:
            self.turns += 1
            await self.person.press(label)
            await self._until(f"[✓ {label}]" if several else act.sees)
        if several:
            self.turns += 1
            await self.person.press("Done")
            await self._until(act.sees)

    async def _until(self, sees: str) -> None:
        while True:
            [message] = await self.person.hears(1, timeout=3600)
            only_mine(self.who, message.text)
            if sees in squeezed(message.text + "".join(f" [{label}]" for label in message.buttons)):
                return


class _Patient(WebPlayer):
    """A browser whose person reloads until the server is there again."""

    async def _get(self, path: str) -> None:
        self.page = await self._insist("GET", path, [])

    async def _post(self, form: dict[str, Any], more: list[tuple[str, str]]) -> None:
        data = [*form["fields"].items(), *more]
        self.page = await self._insist("POST", form["action"].split("#")[0], data)

    async def _insist(self, method: str, path: str, data: list[tuple[str, str]]) -> _Page:
        while True:
            try:
                sent = self.session.request(method, self.base + path, data=data or None, timeout=PATIENCE)
                async with sent as answer:
                    text = await answer.text()
                if answer.status == 200:
                    return _Page(text)
                if answer.status != 503:
                    raise Wrong(f"{method} {path} was answered {answer.status}")
            except (aiohttp.ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(AGAIN)


@dataclass
class AtTheWebChat:
    """Somebody with a browser, scripts off."""

    who: str
    base: str
    session: aiohttp.ClientSession
    channel: str = "web"
    turns: int = 1
    player: _Patient = field(init=False)

    def __post_init__(self) -> None:
        self.player = _Patient(self.base, self.session)

    def address(self) -> str:
        return next((each.value for each in self.session.cookie_jar if each.key == "chat"), "")

    async def act(self, act: Act | None) -> None:
        if act is None:
            await self.player.start()
        elif act.words:
            self.turns += 1
            await self.player.type(act.words)
        else:
            self.turns += 1
            await self.player.press(list(act.labels))
        seen = await self.player.sees()
        only_mine(self.who, seen)
        wanted = act.sees if act else "[English]"
        if wanted not in seen:
            raise Wrong(f"{self.who} should see {wanted!r} and sees …{seen[-200:]!r}")


def only_mine(who: str, seen: str) -> None:
    """Raises when these words are another person's."""
    if others := set(NAMES.findall(seen)) - {who}:
        raise Wrong(f"{who} saw the words of {', '.join(sorted(others))}")


async def live(person: Somebody, story: list[Act], journal: Journal) -> None:
    """Somebody's whole story, each answer noted when it is given and again when the next question is seen."""
    for act in (None, *story):
        journal.note(person.who, "does", act=act and (act.words or act.labels))
        says = act.says if act else None
        given = journal.answers_with(person.who, says[0], says[1], act.words) if act and says else None
        await person.act(act)
        if given is not None:
            given.seen = True
        journal.note(person.who, "sees", shown=act.sees if act else "")
