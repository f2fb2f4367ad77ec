"""Takes the README's pictures, into docs/pictures/: python -m tests.browser.take_pictures"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.browser.players import chromium, in_browser
from tests.browser.stages import agree, answer_safe, desk_context, desk_states, to_receipt
from tests.service import serving

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 150_000


async def picture(page: Page, name: str, width: int, height: int, show: str = "") -> None:
    """One picture, scrolled so that `show` is at its top."""
    await page.set_viewport_size({"width": width, "height": height})
    await page.mouse.move(0, 0)
    if show:
        await page.locator(show).first.evaluate("at => scrollTo(0, at.getBoundingClientRect().top + scrollY - 24)")
    path = PICTURES / f"{name}.png"
    await page.screenshot(path=path)
    assert path.stat().st_size <= MOST_BYTES, f"{path} has more than {MOST_BYTES} bytes"


async def main() -> None:
    """The first page, a question, news in the middle of a question, and an action at the desk."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with serving(Path(folder)) as service, chromium() as browser, in_browser(browser, service) as player:
            await player.page.goto(service.base)
            await picture(player.page, "home-390", 390, 844)
            await agree(player)
            await player.press(["Safe streets"])
            await player.press(["2"])
            await player.page.get_by_role("checkbox", name="Poor lighting").check()
            await player.page.get_by_role("checkbox", name="Empty places").check()
            await picture(player.page, "chat-390", 390, 960, "#past")
        async with serving(Path(folder)) as service, chromium() as browser, in_browser(browser, service) as player:
            await agree(player)
            await answer_safe(player)
            await to_receipt(player)
            await player.press(["Answer on another topic"])
            await player.press(["Votes at 16 and your voice"])
            desk = await desk_context(service, player.page.context)
            async for name in desk_states(service, desk):
                if name == "desk action, draft":
                    await picture(desk, "desk-1280", 1280, 900)
            await player.news()
            await picture(player.page, "news-390", 390, 1100, ".news")


if __name__ == "__main__":
    asyncio.run(main())
