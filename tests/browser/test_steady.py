"""Whatever happens to a browser: a reload, a lost line, news in mid-question, the back button, a double press."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.async_api import Browser, Locator, Page, Route, expect

from storage.schema import answers, persons
from tests.browser.players import BrowserPlayer, in_browser
from tests.browser.stages import agree, answer_safe, publish, to_receipt
from tests.service import Service, free_port, serving

HALF = "The path by the can"


async def at_own_words(player: BrowserPlayer) -> None:
    """Up to the last question of Safe streets, which takes own words."""
    await agree(player)
    for labels in (["Safe streets"], ["2"], ["Traffic"], ["Skip"], ["Yes"], ["4"]):
        await player.press(labels)


async def stored(service: Service) -> int:
    """How many answers are kept."""
    async with service.house.database.read() as tx:
        return int((await tx.first(sa.select(sa.func.count().label("n")).select_from(answers))).n)


async def the_person(service: Service) -> str:
    """The only one there is."""
    async with service.house.database.read() as tx:
        return str((await tx.first(sa.select(persons.c.id))).id)


def box(page: Page) -> Locator:
    """The field that takes words."""
    return page.locator("main").get_by_role("textbox")


async def test_a_reload_keeps_the_question_and_the_half_written_words(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await at_own_words(player)
        await box(player.page).fill(HALF)
        await player.page.reload()
        assert "6 of 6." in await player.sees()
        await expect(box(player.page)).to_have_value(HALF)
        await player.type(f"{HALF}al is dark")
        assert "Here is what you said" in await player.sees()
        await player.press(["Change something"])
        await player.press(["How safe do you feel alone near home after dark?"])
        await expect(box(player.page)).to_have_value("")


@pytest.mark.slow
async def test_a_tick_is_kept_over_a_reload(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await player.press(["Safe streets"])
        await player.press(["2"])
        await player.page.get_by_role("checkbox", name="Traffic").check()
        await player.page.reload()
        await expect(player.page.get_by_role("checkbox", name="Traffic")).to_be_checked()


@pytest.mark.slow
async def test_without_scripts_a_reload_keeps_the_question_and_sends_nothing(
    service: Service, browser: Browser
) -> None:
    async with in_browser(browser, service, scripts=False) as player:
        await agree(player)
        await player.press(["Safe streets"])
        await player.press(["2"])
        posts, kept = len(player.watched.posts), await stored(service)
        await player.page.reload()
        assert "2 of 6." in await player.sees()
        assert (len(player.watched.posts), await stored(service)) == (posts, kept)


@pytest.mark.slow
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
async def test_the_back_button_sends_nothing_and_loses_nothing(
    scripts: bool, service: Service, browser: Browser
) -> None:
    async with in_browser(browser, service, scripts=scripts) as player:
        await player.page.goto(service.base)
        await agree(player)
        await player.press(["Safe streets"])
        await player.press(["2"])
        posts, kept = len(player.watched.posts), await stored(service)
        await player.page.go_back()
        await player.page.go_forward()
        if not await player.page.locator("main.chat").count():
            await player.page.goto(f"{service.base}/chat")
        assert "2 of 6." in await player.sees()
        await player.page.go_back()
        assert (len(player.watched.posts), await stored(service)) == (posts, kept)


async def test_a_double_press_counts_once(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await player.press(["Safe streets"])
        posts = len(player.watched.posts)
        await player.button("2").dblclick()
        await expect(player.page.get_by_role("heading", level=1)).to_have_text("What makes it feel unsafe?")
        assert len(player.watched.posts) == posts + 1
        assert await stored(service) == 1


@pytest.mark.slow
async def test_an_old_page_in_another_tab_changes_nothing_by_mistake(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await player.press(["Safe streets"])
        other = BrowserPlayer(service.base, await player.page.context.new_page(), scripts=True)
        await other.start()
        await player.press(["2"])
        await player.press(["Traffic"])
        await other.act(other.button("4"))
        seen = await other.sees()
        assert "That question is done." in seen
        assert "3 of 6." in seen


async def test_no_cookie_before_start(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        for path in ("/", "/cy", "/topics/SAFE", "/said-did", "/privacy", "/chat"):
            await player.page.goto(service.base + path)
        assert await player.page.context.cookies() == []
        assert await player.page.evaluate("sessionStorage.length + localStorage.length") == 0
        await player.press(["English"])
        (cookie,) = await player.page.context.cookies()
        assert (cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == ("/chat", True, "Lax")


async def test_news_in_the_middle_of_a_question_disturbs_nothing(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await answer_safe(player)
        await to_receipt(player)
        await player.press(["Answer on another topic"])
        await player.press(["Votes at 16 and your voice"])
        await box(player.page).press_sequentially("I thi")
        top = (await box(player.page).bounding_box())["y"]
        await publish(service)
        await player.news()
        await expect(box(player.page)).to_have_value("I thi")
        await expect(box(player.page)).to_be_focused()
        assert abs((await box(player.page).bounding_box())["y"] - top) < 3, "the question jumped"
        await player.page.keyboard.type("nk so")
        await expect(box(player.page)).to_have_value("I think so")
        await player.press(["Not what I meant"])
        await player.type("I meant the steps")
        await player.press(["No, thanks"])
        assert "1 of 6. Should people be able to vote" in await player.sees()


async def test_a_look_that_is_slower_than_a_press_does_not_bring_the_old_question_back(
    service: Service, browser: Browser
) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await player.press(["Safe streets"])
        looked, pressed = asyncio.Event(), asyncio.Event()

        async def slowly(route: Route) -> None:
            old = await route.fetch()
            looked.set()
            await pressed.wait()
            await route.fulfill(response=old)

        await player.page.route("**/chat?fragment=1", slowly)
        async with player.page.expect_response("**/chat?fragment=1") as answer:
            service.house.watch.tell(await the_person(service))
            await asyncio.wait_for(looked.wait(), 8)
            await player.press(["2"])
            pressed.set()
        await (await answer.value).finished()
        await player.page.wait_for_timeout(300)
        assert "2 of 6." in await player.sees()


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["scripts on", "off"])
async def test_what_was_said_stands_until_its_person_goes_on(scripts: bool, service: Service, browser: Browser) -> None:
    async with in_browser(browser, service, scripts=scripts) as player:
        await agree(player)
        await player.press(["Safe streets"])
        await player.type("nonsense")
        sorry = "Sorry, I did not get that."
        assert sorry in await player.sees()
        await player.page.reload()
        assert sorry in await player.sees(), "a reload, or a line that was lost, takes nothing away"
        await player.press(["2"])
        assert "2 of 6." in await player.sees()
        assert sorry not in await player.sees()
        await player.page.reload()
        assert sorry not in await player.sees()


@pytest.mark.slow
async def test_the_line_is_lost_and_comes_back(tmp_path: Path, browser: Browser) -> None:
    port = free_port()
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    player = BrowserPlayer(f"http://127.0.0.1:{port}", page, scripts=True)
    async with serving(tmp_path, port=port):
        await at_own_words(player)
        await box(page).fill(HALF)
    await expect(page.locator("#line")).to_contain_text("We lost the line. Nothing is lost.", timeout=15_000)
    await expect(box(page)).to_have_value(HALF)
    await page.get_by_role("button", name="Send").first.click()
    await expect(page.locator("#line")).to_contain_text("Your words are still here.", timeout=15_000)
    async with serving(tmp_path, port=port) as service:
        await expect(page.locator("#line")).to_contain_text("The line is back.", timeout=15_000)
        await expect(box(page)).to_have_value(HALF)
        kept = await stored(service)
        await player.type(f"{HALF}al is dark")
        assert "Here is what you said" in await player.sees()
        assert await stored(service) == kept + 1
    await context.close()


@pytest.mark.slow
async def test_everything_can_be_done_by_keyboard(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as player:
        await agree(player)
        await player.press(["Safe streets"])
        await player.page.keyboard.press("Tab")
        await expect(player.button("1")).to_be_focused()
        await player.page.keyboard.press("Tab")
        await player.page.keyboard.press("Enter")
        await expect(player.page.get_by_role("heading", level=1)).to_have_text("What makes it feel unsafe?")
        await player.page.keyboard.press("Tab")
        await player.page.keyboard.press("Space")
        await expect(player.page.get_by_role("checkbox").first).to_be_checked()
        await player.page.keyboard.press("Enter")
        await expect(player.page.get_by_role("heading", level=1)).to_contain_text("extra money")
        await box(player.page).fill("courts")
        await player.page.keyboard.press("Enter")
        await expect(player.page.get_by_role("heading", level=1)).to_contain_text("reported a problem")
