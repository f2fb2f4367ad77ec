"""axe in the page: WCAG 2.2 AA, no sideways scrolling (with letters twice as large, too), nothing too small to press.

At every width and in both colour schemes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

from playwright.async_api import Page

from tests.browser.stages import WIDTHS

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = (
    "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(found => found.violations.map("
    "each => `${each.id}: ${each.nodes.map(node => node.target.join(' ')).join(', ')}`))"
)
TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > room + 1);
  const which = wide.slice(0, 3).map(e => e.outerHTML.slice(0, 80));
  return [`scrolls sideways, to ${document.documentElement.scrollWidth}: ${which}`];
}"""

TOO_SMALL = """() => [...document.querySelectorAll(
    "button, .button, select, textarea, input:not([type=hidden]), summary, " +
    ":is(nav, .row, .links, .topics, .brand, th) a"
  )].filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest(".hide")).flatMap(e => {
    const box = ((e.matches("[type=checkbox], [type=radio]") && e.closest("label")) || e).getBoundingClientRect();
    const size = `${Math.round(box.width)} by ${Math.round(box.height)}`;
    return Math.min(box.width, box.height) < 43.5 ? [`too small to press, ${size}: ${e.outerHTML.slice(0, 80)}`] : [];
  })"""
LETTERS = "size => { document.documentElement.style.fontSize = size; }"


@cache
def source() -> str:
    """axe itself, as one script."""
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


async def faults(
    page: Page, name: str, widths: Sequence[int] = WIDTHS, schemes: Sequence[Scheme] = SCHEMES
) -> list[str]:
    """Everything wrong with a page as it stands."""
    found = []
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(source() + ";0")
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 844})
        for scheme in schemes:
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for fault in [*await page.evaluate(RUN, TAGS), *await page.evaluate(TOO_WIDE)]:
                found.append(f"{name} at {width} {scheme}: {fault}")
        found += [f"{name} at {width}: {fault}" for fault in await page.evaluate(TOO_SMALL)]
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.evaluate(LETTERS, "200%")
    found += [f"{name} with letters twice as large: {fault}" for fault in await page.evaluate(TOO_WIDE)]
    await page.evaluate(LETTERS, "")
    return found
