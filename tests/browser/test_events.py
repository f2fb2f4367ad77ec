"""Events in a browser: axe finds nothing on their pages, and somebody books a seat with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from storage import gatherings
from tests.browser.axe import faults
from tests.browser.players import in_browser
from tests.browser.stages import AGREE, desk_context
from tests.service import Service
from tests.storage.acts import described, met, opened


async def an_event(service: Service, title: str = "Lights, paths and the water", **more: object) -> str:
    """An open event in three weeks; its id."""
    house = service.house
    start = (house.clock() + timedelta(days=21)).replace(hour=19, minute=0, second=0, microsecond=0, tzinfo=None)
    async with house.database.write(house.clock()) as tx:
        return await opened(tx, f"host of {title}", start, 12, title=title, **more)


async def an_offer(service: Service) -> str:
    """What somebody offered in Wales; its id."""
    house = service.house
    start = (house.clock() + timedelta(days=9)).replace(tzinfo=None)
    async with house.database.write(house.clock()) as tx:
        host = await met(tx, "somebody")
        made = await described(tx, host, start)
        await gatherings.offer(tx, await gatherings.actor(tx, host.id))
    return made


async def test_a_seat_is_booked_from_the_page_and_the_page_is_without_fault(service: Service, browser: Browser) -> None:
    await an_event(service, details="Ring the low bell. There is a hearing loop.")
    async with in_browser(browser, service) as player:
        await player.page.goto(f"{service.base}/events")
        found = await faults(player.page, "the finder", [390], ["light"])
        await player.page.get_by_role("link", name="Lights, paths and the water").click()
        found += await faults(player.page, "an event", [390], ["light"])
        await player.page.get_by_role("link", name="Book a seat").click()
        await player.press(["English"])
        await player.press(["Book a seat"])
        await player.press(["Yes, I am 16 or over"])
        assert "You have a seat." in await player.sees()
        found += await faults(player.page, "a seat", [390], ["light"])
        await player.page.locator("a[href*='/seat/']").click()
        found += await faults(player.page, "the code of a seat", [320, 1280])
        box = await player.page.locator("svg.code-picture").bounding_box()
        assert box is not None
        assert box["width"] == box["height"] >= 200, "large enough for a phone to read, and not stretched"
    assert found == []


@pytest.mark.slow
async def test_every_page_of_events_is_without_fault(service: Service, browser: Browser) -> None:
    events = [await an_event(service, f"A talk, number {number}") for number in range(25)]
    offer = await an_offer(service)
    async with in_browser(browser, service) as player:
        found = []
        for path in ("/events", "/events?place=swansea&step_free=1", "/events?place=Atlantis", f"/events/{events[0]}"):
            for language in ("", "/cy"):
                await player.page.goto(f"{service.base}{language}{path}")
                found += await faults(player.page, f"{language}{path}")
        await player.start()
        await player.press(["English"])
        await player.press([AGREE])
        for words in ("events", "1", "host"):
            await player.type(words)
            found += await faults(player.page, f"the chat after {words}")
        desk = await desk_context(service, player.page.context, "Sample organiser", "organiser")
        await desk.get_by_role("button", name="Sign in").click()
        await desk.wait_for_url("**/desk")
        found += await faults(desk, "the desk of an organiser")
        await desk.goto(f"{service.base}/desk/events/{offer}")
        found += await faults(desk, "an offer at the desk")
    assert found == []
