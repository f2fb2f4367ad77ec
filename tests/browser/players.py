"""A person in real Chromium, with scripts on or off: sees what is visible, presses what has a role and a name."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

from tests import test_transcripts
from tests.playing import read_transcript, squeezed
from tests.service import Service

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()
WAIT = 15_000
"""Milliseconds that anything on a page may take on a busy machine."""
SOON = 6.0
"""Seconds in which a page that draws itself again has done so."""

VISIBLE_TEXT = """main => {
  const out = [];
  const seen = (e) => e.checkVisibility({visibilityProperty: true});
  const walk = (node) => {
    if (node.nodeType === 3) { out.push(node.data); return; }
    if (node.nodeType !== 1 || !seen(node) || node.classList.contains("hide")) return;
    if (node.matches("button, .button, .pick")) {
      const own = node.cloneNode(true);
      own.querySelectorAll(".hide, select").forEach((e) => e.remove());
      out.push(" [" + own.textContent.trim() + "] ");
      return;
    }
    const block = !node.matches(".code") && !["inline", "contents"].includes(getComputedStyle(node).display);
    if (block) out.push(" ");
    node.childNodes.forEach(walk);
    if (block) out.push(" ");
  };
  walk(main);
  return out.join("");
}"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, until the end of the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Watched:
    """What a browser did and complained of while somebody used it."""

    requests: list[str] = field(default_factory=list)
    posts: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"page error: {error.error}"))

    def _request(self, request: Any) -> None:
        self.requests.append(request.url)
        if request.method == "POST":
            self.posts.append(request.post_data or "")

    def _console(self, said: Any) -> None:
        if said.type in {"error", "warning"}:
            self.complaints.append(f"{said.type}: {said.text}")


class BrowserPlayer:
    """Plays a transcript at /chat the way a person in a browser does."""

    def __init__(self, base: str, page: Page, *, scripts: bool, watched: Watched | None = None) -> None:
        self.base, self.page, self.scripts = base, page, scripts
        self.watched = watched or Watched()
        self.drawn: set[str] = set()
        page.set_default_timeout(WAIT)

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    async def start(self, link: str = "") -> None:
        await self.page.goto(f"{self.base}/chat?topic={link}" if link else f"{self.base}/chat")

    async def type(self, words: str) -> None:
        box = self.main.get_by_role("textbox")
        await box.fill(words)
        form = self.main.locator("form").filter(has=self.page.get_by_role("textbox"))
        await self.act(form.get_by_role("button"))

    async def press(self, labels: list[str]) -> None:
        boxes = [self.main.get_by_role("checkbox", name=label, exact=True) for label in labels]
        if all([await box.count() for box in boxes]):
            for box in boxes:
                await box.check()
            box = self.page.get_by_role("checkbox", name=labels[0], exact=True)
            await self.act(self.main.locator("form").filter(has=box).get_by_role("button"))
            return
        if await self.main.get_by_role("combobox").count():
            for place, label in enumerate(labels, 1):
                await self.main.get_by_role("combobox", name=label).select_option(str(place))
            await self.act(
                self.page.locator("main form").filter(has=self.page.get_by_role("combobox")).get_by_role("button")
            )
            return
        button = self.button(labels[0])
        assert await button.count(), f"no button {labels[0]!r}"
        await self.act(button)

    def button(self, label: str) -> Locator:
        """The button of this name; one that was chosen before says so after its name."""
        named = re.compile(rf"^{re.escape(label)}( \([^)]*\))?$")
        return self.main.get_by_role("button", name=named).first

    async def act(self, button: Locator) -> None:
        """Presses, and waits until the page that follows is drawn."""
        await self._press(button)
        self.drawn = await self._said()

    async def _press(self, button: Locator) -> None:
        if not self.scripts:
            async with self.page.expect_navigation():
                await button.click()
            return
        before = await self.nonce()
        await button.click()
        await self.page.wait_for_function(
            "before => { const now = document.querySelector('main input[name=event]');"
            " return now && now.value !== before && document.readyState === 'complete'; }",
            arg=before,
        )

    async def _said(self) -> set[str]:
        """What is said above the question, by the names the page gives it."""
        return set(await self.page.locator("#past [data-say]").evaluate_all("all => all.map(each => each.dataset.say)"))

    async def nonce(self) -> str:
        """The event number of the page as it is drawn."""
        return await self.main.locator("input[name=event]").first.get_attribute("value") or ""

    async def sees(self) -> str:
        return squeezed(await self.main.evaluate(VISIBLE_TEXT))

    async def news(self) -> None:
        """Waits until something new is said: it comes by itself with scripts, and on a reload without."""
        until = asyncio.get_running_loop().time() + WAIT / 1000
        while asyncio.get_running_loop().time() < until:
            if not self.scripts:
                await self.page.reload()
            if (now := await self._said()) - self.drawn:
                self.drawn = now
                return
            await asyncio.sleep(0.1)
        raise AssertionError("no news came")


@asynccontextmanager
async def in_browser(
    browser: Browser, service: Service, *, scripts: bool = True, **more: Any
) -> AsyncIterator[BrowserPlayer]:
    """A player in a browser of their own: no cookies, nothing stored, watched."""
    options = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce", "locale": "en-GB"} | more
    context = await browser.new_context(java_script_enabled=scripts, **options)
    watched = Watched()
    watched.watch(context)
    try:
        yield BrowserPlayer(service.base, await context.new_page(), scripts=scripts, watched=watched)
    finally:
        await context.close()


async def play(text: str, service: Service, player: Any, name: str = "transcript") -> None:
    """Plays a transcript, as tests/test_transcripts.py does on the other channels."""
    async for _ in played(text, service, player, name):
        pass


async def played(text: str, service: Service, player: Any, name: str = "transcript") -> AsyncIterator[str]:
    """Plays a transcript, and stops after everything the person does."""
    for number, kind, words in read_transcript(text):
        try:
            await _line(kind, await test_transcripts.filled(words, service), service, player)
        except Exception as error:
            seen = await player.sees()
            raise AssertionError(f"{name} line {number}: {words}\n{error}\nSeen: {seen}") from error
        if kind == ">":
            yield words


async def _line(kind: str, words: str, service: Service, player: Any) -> None:
    """As on the other channels; but a page may just be drawing itself again, so what should be seen may come soon."""
    until = asyncio.get_running_loop().time() + SOON
    while True:
        try:
            return await test_transcripts._line(kind, words, service, player)
        except AssertionError:
            if kind in ">!" or asyncio.get_running_loop().time() > until:
                raise
        await asyncio.sleep(0.1)
