"""Events in a browser: axe finds nothing on their pages, and somebody books a seat with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page

from storage import gatherings
from tests.browser.axe import faults
from tests.browser.players import BrowserPlayer, in_browser
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
        desk = await an_organiser(service, player)
        found += await faults(desk, "the desk of an organiser")
        await desk.goto(f"{service.base}/desk/events/{offer}")
        found += await faults(desk, "an offer at the desk")
        async for name in open_at_desk(service, desk):
            found += await faults(desk, name)
    assert found == []


async def open_at_desk(service: Service, desk: Page) -> AsyncIterator[str]:
    """An organiser opens an event at the desk, puts a slip right, and changes it; stops at each page."""
    await desk.goto(f"{service.base}/desk/events")
    yield "the events of the desk"
    await desk.get_by_role("link", name="Hold an event").click()
    await desk.get_by_label("What is it about?").fill("Lights, paths and the water")
    await desk.get_by_label("When does it start?").fill("at seven")
    await desk.get_by_label("In which area").select_option("wales")
    await desk.get_by_role("button", name="Open it").click()
    assert await desk.get_by_label("What is it about?").input_value() == "Lights, paths and the water"
    yield "the form of an event, with all that is missing"
    await desk.get_by_role("link", name="Please say where it is.").click()
    await desk.get_by_label("Where is it?").fill("Sample hall, 4 Canal Street")
    await desk.get_by_label("When does it start?").fill("tomorrow 19:00-21:00")
    await desk.get_by_label("How many people can come?").fill("40")
    await desk.get_by_text("Yes, without steps").click()
    await desk.get_by_label("What else should people know?").fill("Ring the low bell. There is a hearing loop.")
    await desk.get_by_role("button", name="Open it").click()
    await desk.get_by_text("Your event is open.").wait_for()
    yield "an event of the desk"
    await desk.get_by_role("link", name="Change it").click()
    yield "the form that changes an event"
    await desk.get_by_label("How many people can come?").fill("60")
    other = await desk.context.new_page()
    await other.goto(desk.url)
    await other.get_by_label("How many people can come?").fill("50")
    await other.get_by_role("button", name="Change it").click()
    await other.get_by_text("Done. We have noted it.").wait_for()
    await other.close()
    await desk.get_by_role("button", name="Change it").click()
    await desk.get_by_role("link", name="Somebody else has changed “How many can come”. It is now: 50").wait_for()
    yield "the form, when another was first"
    await desk.get_by_role("button", name="Change it").click()
    await desk.get_by_text("Seats booked: 0 of 60.").wait_for()
    await desk.get_by_text("Call it off", exact=True).click()
    yield "the last chance to let it take place"
    await desk.get_by_role("button", name="Yes, call it off").click()
    await desk.get_by_text("It was called off.").wait_for()


async def an_organiser(service: Service, player: BrowserPlayer) -> Page:
    """The desk of an organiser of everywhere."""
    desk = await desk_context(service, player.page.context, "Sample organiser", "organiser")
    await desk.get_by_role("button", name="Sign in").click()
    await desk.wait_for_url("**/desk")
    return desk


async def test_an_event_is_opened_and_changed_at_the_desk(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        desk = await an_organiser(service, player)
        found = []
        async for name in open_at_desk(service, desk):
            found += await faults(desk, name, [390], ["light"])
    assert found == []
