"""Somebody who meets the page by its accessibility tree alone: roles and names, what is announced, where focus is."""

from __future__ import annotations

import json
import re

from playwright.async_api import Locator, expect

from tests.browser.players import WAIT, BrowserPlayer
from tests.playing import squeezed

LISTEN = """() => {
  if (window.heard) return;
  window.heard = [];
  new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) =>
    (node.nodeType === 1 ? [node] : []).forEach((p) => window.heard.push([p.textContent, p.lang])))))
    .observe(document.querySelector("[role=status]"), { childList: true });
}"""
FOCUS = """() => {
  const at = document.activeElement;
  return !at || at === document.body ? "lost" : document.querySelector("main").contains(at) ? "" : at.outerHTML;
}"""
MESSAGES = """() => [...document.querySelectorAll("main [data-say]:not([data-mine])")].map((message) => [
  message.dataset.say,
  [...message.querySelectorAll("[data-part]")].map((part) => part.textContent.trim().replace(/\\s+/g, " ")),
])"""
LANGUAGE_AT = """words => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement;
    if (walk.currentNode.data.includes(words) && !around.closest("#voice")) found.push(around.closest("[lang]").lang);
  }
  return found;
}"""
_LINE = re.compile(r'^(?P<role>[\w-]+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?(?: \[[^\]]*\])*(?::\s*(?P<text>.*))?$')
PRESSED = {"button", "checkbox", "link", "combobox"}


def words_of_tree(snapshot: str) -> str:
    """The words of an accessibility tree in order, what can be pressed in [brackets]."""
    out = []
    for raw in snapshot.splitlines():
        line = raw.strip().removeprefix("- ")
        if line.startswith("'") and line.rstrip(":").endswith("'"):
            line = line.rstrip(":")[1:-1].replace("''", "'")
        found = _LINE.match(line)
        if line.startswith("/") or not found:
            continue
        role, name, text = found["role"], found["name"] or "", found["text"] or ""
        if text.startswith('"') and text.endswith('"'):
            text = json.loads(text)
        name = name.replace('\\"', '"')
        if role in PRESSED:
            out.append(f"[{re.sub(r' [(][^)]*[)]$', '', name)}]")
        elif role == "heading":
            out.append(name)
        out.append(text)
    return squeezed(" ".join(out))


class TreePlayer(BrowserPlayer):
    """Presses and types by role and name; after each act, asks what was announced and where focus went."""

    known: frozenset[str] = frozenset()
    language: str | None = None

    async def start(self, link: str = "") -> None:
        await super().start(link)
        await self._meet()

    async def _meet(self) -> None:
        """A page that was just loaded: its reader reads it from the top, so nothing of it need be announced."""
        await self.page.evaluate(LISTEN)
        self.known = frozenset(await self._messages())
        self.language = await self.page.locator("html").get_attribute("lang")

    async def _messages(self) -> dict[str, list[str]]:
        return dict(await self.page.evaluate(MESSAGES))

    async def sees(self) -> str:
        return words_of_tree(await self.main.aria_snapshot())

    async def act(self, button: Locator) -> None:
        before = len(await self.page.evaluate("window.heard"))
        await super().act(button)
        await self.check(before)

    async def news(self) -> None:
        before = len(await self.page.evaluate("window.heard"))
        heading = await self.page.title()
        await super().news()
        await expect(self.main.get_by_role("group").filter(has=self.page.get_by_role("heading")).first).to_be_visible()
        await self.check(before)
        assert await self.page.title() == heading, "news changed the title, though the question stays"

    async def check(self, before: int) -> None:
        """Announced once, focus kept, the title names the question, the page says its language."""
        if await self.page.evaluate("!window.heard"):
            await self.page.wait_for_load_state()
            former = self.language
            await self._meet()
            assert former != self.language, "the page was loaded again, for no reason"
        else:
            await self._announced(before)
        await self.page.wait_for_function(f"() => !({FOCUS})()", timeout=WAIT)
        heading = squeezed(await self.main.get_by_role("heading", level=1).inner_text())
        assert squeezed(await self.page.title()).startswith(heading), "the title does not name the question"
        assert await self.page.locator("html").get_attribute("lang") == await self.main.get_attribute("lang")

    async def _announced(self, before: int) -> None:
        new = {id_: parts for id_, parts in (await self._messages()).items() if id_ not in self.known}
        self.known |= frozenset(new)
        wanted = sorted(part for parts in new.values() for part in parts)
        await self.page.wait_for_function(
            "([before, count]) => window.heard.length >= before + count", arg=[before, len(wanted)], timeout=WAIT
        )
        await self.page.wait_for_timeout(150)
        heard = [squeezed(text) for text, _ in (await self.page.evaluate("window.heard"))[before:]]
        assert sorted(heard) == sorted(squeezed(each) for each in wanted), "not each new message was announced once"

    async def languages_of(self, words: str) -> set[str]:
        """In which languages the page says these words are, wherever they stand."""
        return set(await self.page.evaluate(LANGUAGE_AT, words))
