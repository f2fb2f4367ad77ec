"""Messages to many in a browser: axe finds nothing on any of their pages, and an open page shows how one is going."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Page

from bot.looking import look, settle
from storage import broadcasting
from storage.broadcasting import Rules
from storage.schema import deliveries
from tests import broadcasts, events
from tests.browser.axe import faults
from tests.browser.players import in_browser
from tests.browser.stages import agree, desk_context
from tests.service import Service

WIDTHS = (360, 768, 1280)
WORDS = "There is a meeting about lights near {place} this month. Say EVENTS to see it."


async def an_organiser(service: Service, desk: Page) -> None:
    """Signs in as an organiser of Wales, where four people live who follow something."""
    await broadcasts.direct("followers 4 wales", service.house)
    await desk.get_by_role("button", name="Sign in").click()
    await desk.wait_for_url("**/desk")


async def begins(service: Service) -> None:
    """What cools off goes out."""
    async with service.house.database.write(service.house.clock()) as tx:
        for id_ in await broadcasting.due(tx):
            await broadcasting.begin(tx, id_)


async def desk_states(service: Service, desk: Page) -> AsyncIterator[str]:
    """A message to many at the desk, state by state."""
    await desk.goto(f"{service.base}/desk/broadcasts")
    yield "nothing written"
    await desk.get_by_role("link", name="Write a message").click()
    yield "the form"
    await desk.get_by_label("What it says in English").fill("Vote for us!")
    await desk.get_by_role("button", name="Save and look at it").click()
    yield "the form, with a fault"
    await desk.get_by_label("They live here").select_option("Wales")
    await desk.get_by_label("What it says in English").fill(WORDS)
    await desk.get_by_role("button", name="Save and look at it").click()
    await desk.wait_for_url("**/desk/broadcasts/bc-*")
    yield "a draft"
    await desk.get_by_label("To send it for real").fill("3")
    await desk.get_by_role("button", name="Send it for real").click()
    yield "a wrong count"
    await desk.get_by_label("To send it for real").fill("4")
    await desk.get_by_role("button", name="Send it for real").click()
    await desk.get_by_role("button", name="Take it back").wait_for()
    yield "cooling off"


async def live_states(service: Service, desk: Page) -> AsyncIterator[str]:
    """What is on its way, and what was stopped."""
    await desk.goto(f"{service.base}/desk/broadcasts")
    yield "the list"
    await desk.get_by_role("link", name="There is a meeting").first.click()
    await desk.get_by_text("Going out now.").wait_for()
    yield "going out"
    await desk.get_by_role("button", name="Pause").click()
    await desk.get_by_text("Paused. Nothing goes out until you go on.").wait_for()
    yield "paused"
    await desk.get_by_role("button", name="Stop the rest").click()
    await desk.get_by_text("Stopped. The rest will not go out.").wait_for()
    yield "stopped"
    await desk.get_by_role("button", name="Put it right").click()
    await desk.wait_for_url("**/edit")
    yield "a correction"


async def _quick(service: Service) -> None:
    """Nothing cools off for long."""
    turns = service.house.turns
    turns.performer = replace(turns.performer, rules=Rules(cooling=timedelta(0), alone=True))


async def test_it_is_sent_and_stopped_in_a_browser_and_no_page_has_a_fault(service: Service, browser: Browser) -> None:
    await _quick(service)
    async with in_browser(browser, service) as player:
        desk = await desk_context(service, player.page.context, "Sample organiser", "organiser")
        await an_organiser(service, desk)
        found = []
        for states in (desk_states, live_states):
            async for name in states(service, desk):
                found += await faults(desk, name, [360], ["light"])
            await begins(service)
    assert found == []


@pytest.mark.slow
async def test_every_page_of_it_is_without_fault_at_every_width(service: Service, browser: Browser) -> None:
    await _quick(service)
    async with in_browser(browser, service) as player:
        found = []
        await agree(player)
        await events.direct("organiser wales", service.house)
        for words in ("broadcast", "1", "wales", "Come to the hall.", "4"):
            await player.type(words)
            found += await faults(player.page, f"the chat after {words}", WIDTHS)
        desk = await desk_context(service, player.page.context, "Sample organiser", "organiser")
        await an_organiser(service, desk)
        for states in (desk_states, live_states):
            async for name in states(service, desk):
                found += await faults(desk, name, WIDTHS)
            await begins(service)
    assert found == []


async def test_an_open_page_shows_how_far_it_has_come(service: Service, browser: Browser) -> None:
    await _quick(service)
    async with in_browser(browser, service) as player:
        desk = await desk_context(service, player.page.context, "Sample organiser", "organiser")
        await an_organiser(service, desk)
        async for _ in desk_states(service, desk):
            pass
        await begins(service)
        await desk.reload()
        row = desk.get_by_role("row", name="Sent")
        await row.get_by_role("cell", name="0").wait_for()
        async with service.house.database.read(service.house.clock()) as tx:
            reader = await tx.first(sa.select(deliveries.c.person).where(deliveries.c.kind == "broadcast"))
        await settle(service.house, await look(service.house, reader.person, "web"))
        await row.get_by_role("cell", name="1").wait_for()
