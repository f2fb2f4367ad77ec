"""axe finds nothing on any page, chat state or desk page, at any width, light or dark; and nothing scrolls sideways."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.axe import faults
from tests.browser.players import in_browser, played
from tests.browser.stages import (
    agree,
    answer_safe,
    chat_states,
    correction_states,
    desk_context,
    desk_states,
    following_states,
    member_states,
    public_pages,
    publish,
    rarer_states,
    to_receipt,
)
from tests.service import Service

STORY = Path(__file__).parents[1] / "transcripts" / "story.cy.txt"


async def test_the_first_page_a_question_and_an_action_are_without_fault(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await player.page.goto(service.base)
        found = await faults(player.page, "home", [390], ["light"])
        await agree(player)
        await player.press(["Safe streets"])
        found += await faults(player.page, "a question", [390], ["light"])
        await publish(service)
        desk = await desk_context(service, player.page.context)
        await desk.get_by_role("button", name="Sign in").click()
        await desk.goto(service.base + service.desk.action)
        found += await faults(desk, "an action", [390], ["light"])
        await desk.goto(f"{service.base}{service.desk.action}?lang=cy")
        found += await faults(desk, "an action, in Welsh", [390], ["light"])
    assert found == []


@pytest.mark.slow
async def test_every_public_page_is_without_fault(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await answer_safe(player)
        await to_receipt(player)
        await publish(service)
        found = []
        for path in [*public_pages(), "/chat/return", "/desk"]:
            await player.page.goto(service.base + path)
            found += await faults(player.page, path)
    assert found == []


@pytest.mark.slow
async def test_every_state_of_the_chat_is_without_fault(service: Service, browser: Browser) -> None:
    found = []
    async with in_browser(browser, service) as player:
        async for name in chat_states(service, player):
            found += await faults(player.page, name)
    async with in_browser(browser, service) as player:
        async for name in rarer_states(player):
            found += await faults(player.page, name)
        await player.page.goto(f"{service.base}/chat/return")
        await player.page.get_by_role("textbox").fill("nothing like a code")
        await player.page.get_by_role("button").click()
        found += await faults(player.page, "an unknown return code")
    assert found == []


@pytest.mark.slow
async def test_following_is_without_fault(service: Service, browser: Browser) -> None:
    found = []
    async with in_browser(browser, service) as player:
        await player.page.goto(f"{service.base}/topics/SAFE")
        found += await faults(player.page, "a topic")
        async for name in following_states(service, player):
            found += await faults(player.page, name)
    assert found == []


@pytest.mark.slow
async def test_every_state_of_the_chat_in_welsh_is_without_fault(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await player.page.goto(f"{service.base}/chat?lang=cy")
        found = await faults(player.page, "welcome in Welsh")
        story = STORY.read_text(encoding="utf-8")
        async for words in played(story, service, player):
            found += await faults(player.page, f"in Welsh, after {words}")
    assert found == []


@pytest.mark.slow
async def test_every_page_of_the_desk_is_without_fault(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await answer_safe(player)
        await to_receipt(player)
        page, found = await desk_context(service, player.page.context), []
        async for name in desk_states(service, page):
            found += await faults(page, name)
        await player.news()
        await player.press(["Not what I meant"])
        await player.type("I meant the steps, not the path")
        await page.reload()
        found += await faults(page, "desk action, with replies")
    assert found == []


@pytest.mark.slow
async def test_a_correction_and_its_second_signer_are_without_fault(
    service: Service, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with in_browser(browser, service) as player, in_browser(browser, service) as colleague:
        page = await desk_context(service, player.page.context)
        second = await desk_context(service, colleague.page.context, "Sample signer", "signer")
        async for _ in desk_states(service, page):
            pass
        monkeypatch.setattr(type(service.house.settings), "trial", property(lambda settings: False))
        found = []
        async for name, seen in correction_states(service, page, second):
            found += await faults(seen, name)
    assert found == []


@pytest.mark.slow
async def test_codes_for_members_are_without_fault(service: Service, browser: Browser) -> None:
    found = []
    async with in_browser(browser, service) as player:
        page = await desk_context(service, player.page.context, "Sample organiser", "organiser")
        async for name in member_states(service, page):
            found += await faults(page, name)
    assert found == []
