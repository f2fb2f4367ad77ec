"""Players: one for each channel. A player says a line the way a person on that channel would, and tells what they see.

A transcript (`tests/transcripts/*.txt`) is written for people who do not program:

    > words                 the person types
    > start link            the person comes by a link that carries this
    > [Label]               the person presses, or picks, the choice with this label
    > [A] [B]               picks several, and is done
    ! act words             something happens (see test_transcripts.py)
    - words                 these words are not seen
    [Label] [Label]         these choices are offered
    anything else           these words are seen since the last act
    # …                     a note
"""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from typing import Any, Protocol

import aiohttp

from bot.catalogues import catalogue
from bot.channels.lettered import PLAINER, lay_out
from bot.channels.messages import Asked, Incoming, Message
from bot.doors.terminal import CHANNEL, TerminalDoor
from bot.house import House
from bot.looking import look, settle
from conversations.domain.languages import LANGUAGES
from tests.fakes.botapi import BotApi


def squeezed(text: str) -> str:
    """Text as it is compared: one space between words, plain quotation marks."""
    return " ".join(text.split()).translate(PLAINER)


class Player(Protocol):
    """One person on one channel."""

    async def start(self, link: str = "") -> None: ...

    async def type(self, words: str) -> None: ...

    async def press(self, labels: list[str]) -> None: ...

    async def sees(self) -> str: ...

    """What is seen since the last act, choices in [brackets]."""

    async def news(self) -> None: ...

    """Waits until news has come."""


class TerminalPlayer:
    """Types numbers for labels, as on a channel without buttons."""

    def __init__(self, house: House, name: str = "me") -> None:
        self.house, self.seen, self.asked = house, [], None  # type: ignore[var-annotated]
        self.letters: dict[str, str] = {}
        self.door = TerminalDoor(house, name, self.seen.append)
        self.door.look = self._look  # type: ignore[method-assign]
        self.person = ""

    async def _look(self, person: str) -> None:
        self.person = person
        seen = await look(self.house, person, CHANNEL)
        for each in seen:
            self._note(each.message)
        await settle(self.house, seen)

    def _note(self, message: Message) -> None:
        choices = [*message.asked.choices, *message.asked.also] if message.asked else []
        self.asked = message.asked or self.asked
        if message.standing and message.standing.letter:
            self.letters = {
                label.words: chr(ord(message.standing.letter) + place)
                for place, label in enumerate(message.standing.choices)
            }
            choices += message.standing.choices
        self.seen.append(lay_out(message) + " ".join(f"[{each.words}]" for each in choices))

    async def start(self, link: str = "") -> None:
        self.seen.clear()
        await self.door.open(link)

    async def type(self, words: str) -> None:
        self.seen.clear()
        await self.door.say(words)

    async def press(self, labels: list[str]) -> None:
        if labels[0] in self.letters:
            await self.type(self.letters[labels[0]])
            return
        assert self.asked is not None
        await self.type(", ".join(self._number(self.asked, label) for label in labels))

    @staticmethod
    def _number(asked: Asked, label: str) -> str:
        words = [each.words for each in asked.choices]
        if label in words and not label.isdigit() and asked.ask != "words":
            return str(words.index(label) + 1)
        return label

    async def sees(self) -> str:
        return squeezed(" ".join(self.seen))

    async def news(self) -> None:
        self.seen.clear()
        await self._look(self.person)


class TelegramPlayer:
    """Presses inline buttons and types, on our Bot API server."""

    def __init__(self, api: BotApi, language: str = "en", id_: int = 77) -> None:
        self.person = api.person(id_, language_code=language)
        self.api = api
        self.mark = 0

    def _now(self) -> int:
        return len(self.person.messages)

    async def start(self, link: str = "") -> None:
        self.mark = self._now()
        await self.person.start(link)
        await self._settled()

    async def type(self, words: str) -> None:
        self.mark = self._now()
        await self.person.say(words)
        await self._settled()

    async def press(self, labels: list[str]) -> None:
        self.mark = self._now()
        for label in labels:
            before = len(self.api.calls)
            await self.person.press(label)
            if len(labels) > 1:
                await self.api.until(lambda before=before: self._said_since(before), timeout=5)
        if self._done() and (len(labels) > 1 or self._toggles()):
            await self.person.press(self._done())
        await self._settled()

    def _said_since(self, before: int) -> bool:
        return any(call.method in {"sendMessage", "editMessageText"} for call in self.api.calls[before:])

    def _toggles(self) -> bool:
        return bool(self._done()) and self._now() == self.mark

    def _done(self) -> str:
        last = self.person.messages[-1].buttons if self.person.messages else []
        done = {catalogue(language).one("Done") for language in LANGUAGES}
        return next((label for label in last if label in done), "")

    async def _settled(self) -> None:
        """Waits until nothing new has come for a moment."""
        count, since = -1, 0
        for _ in range(200):
            await asyncio.sleep(0.03)
            now = len(self.api.sent)
            since = since + 1 if now == count else 0
            count = now
            if since >= 4 and self._now() > self.mark:
                return

    async def sees(self) -> str:
        new = self.person.messages[self.mark :] or self.person.messages[-1:]
        return squeezed(" ".join(each.text + " ".join(f" [{label}]" for label in each.buttons) for each in new))

    async def news(self) -> None:
        self.mark = self._now()
        await self.person.hears(1, timeout=5)
        await self._settled()


class _Page(HTMLParser):
    """The text of a page's <main>, and its forms, as a browser without scripts has them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.forms: list[dict[str, Any]] = []
        self.buttons: list[tuple[str, int, str, str]] = []
        self.boxes: dict[str, tuple[int, str]] = {}
        self.places: dict[str, tuple[int, str]] = {}
        self._in_main = 0
        self._button: tuple[str, str] | None = None
        self._label: list[str] | None = None
        self._box = self._place = ""
        self._in_place = False
        self._words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._in_main += 1
        if tag == "form":
            self.forms.append({"action": given.get("action", ""), "fields": {}, "words": False})
        if tag in {"input", "textarea"} and self.forms:
            self._field(tag, given)
        if tag == "button":
            self._button, self._words = (given.get("name", ""), given.get("value", "")), []
        if tag == "label":
            self._label, self._box, self._place = [], "", ""
        if tag == "select":
            self._place, self._in_place = given.get("name", ""), True

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if given.get("type") == "hidden":
            self.forms[-1]["fields"][name] = given.get("value", "")
        elif given.get("type") == "checkbox":
            self._box = given.get("value", "")
        elif name == "words":
            self.forms[-1]["words"] = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._in_main -= 1
        if tag == "select":
            self._in_place = False
        if tag == "button" and self._button is not None:
            label = squeezed(" ".join(self._words)).split(" (")[0]
            self.buttons.append((label, len(self.forms) - 1, *self._button))
            self.text.append(f"[{label}]")
            self._button = None
        if tag == "label" and self._label is not None:
            if self._box:
                self.boxes[squeezed(" ".join(self._label))] = (len(self.forms) - 1, self._box)
                self.text.append(f"[{squeezed(' '.join(self._label))}]")
            elif self._place:
                self.places[squeezed(" ".join(self._label))] = (len(self.forms) - 1, self._place)
            self._label = None
        if tag in {"p", "li", "h1", "h2", "div"}:
            self.text.append(" ")

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            self._words.append(data)
        if self._label is not None and not self._in_place:
            self._label.append(data)
        if self._in_main:
            self.text.append(data)


class WebPlayer:
    """A browser without scripts: cookies, forms, and the page as it is drawn."""

    def __init__(self, base: str, session: aiohttp.ClientSession, language: str = "en") -> None:
        self.base, self.session, self.language = base, session, language
        self.page = _Page("<main></main>")

    async def _get(self, path: str) -> None:
        async with self.session.get(self.base + path) as answer:
            assert answer.status == 200, answer.status
            self.page = _Page(await answer.text())

    async def _post(self, form: dict[str, Any], more: list[tuple[str, str]]) -> None:
        data = [*form["fields"].items(), *more]
        async with self.session.post(self.base + form["action"].split("#")[0], data=data) as answer:
            assert answer.status == 200, (answer.status, await answer.text())
            self.page = _Page(await answer.text())

    async def start(self, link: str = "") -> None:
        await self._get(f"/chat?topic={link}" if link else "/chat")

    async def type(self, words: str) -> None:
        form = next(form for form in reversed(self.page.forms) if form["words"])
        await self._post(form, [("words", words)])

    async def press(self, labels: list[str]) -> None:
        if all(label in self.page.places for label in labels):
            form = self.page.forms[self.page.places[labels[0]][0]]
            order = [(self.page.places[each][1], str(place)) for place, each in enumerate(labels, 1)]
            await self._post(form, [*order, ("done", "1")])
            return
        if all(label in self.page.boxes for label in labels):
            form = self.page.forms[self.page.boxes[labels[0]][0]]
            await self._post(form, [*(("choices", self.page.boxes[each][1]) for each in labels), ("done", "1")])
            return
        found = next((button for button in self.page.buttons if button[0] == labels[0]), None)
        assert found, f"no button {labels[0]!r} among {[button[0] for button in self.page.buttons]}"
        _, form_, name, value = found
        await self._post(self.page.forms[form_], [(name, value)] if name else [])

    async def sees(self) -> str:
        return squeezed("".join(self.page.text))

    async def news(self) -> None:
        await self._get("/chat")


Line = tuple[int, str, str]


def read_transcript(text: str) -> list[Line]:
    """The lines of a transcript: (line number, kind, words); kinds are >, !, -, [ and seen."""
    lines = []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line[0] in ">!-":
            lines.append((number, line[0], line[1:].strip()))
        else:
            lines.append((number, "[" if line.startswith("[") else "seen", line))
    return lines


def labels_in(words: str) -> list[str]:
    """The labels of a line such as `[Skip] [Back]`."""
    return re.findall(r"\[([^\]]+)\]", words)


__all__ = [
    "CHANNEL",
    "Incoming",
    "Player",
    "TelegramPlayer",
    "TerminalPlayer",
    "WebPlayer",
    "labels_in",
    "read_transcript",
]
