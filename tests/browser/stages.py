"""Everything there is to look at, state by state: a walk through the chat and the desk, for axe and for pictures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

from playwright.async_api import BrowserContext, Page

from bot.library import load, sample_text
from storage import staff
from tests.browser.players import BrowserPlayer
from tests.service import CANAL, Service

AGREE = "Yes, I am 16 or over and I agree"
CANAL_WORDS = "The path by the canal is too dark"
PUBLIC = (
    "/", "/topics/SAFE", "/topics/SAFE/questions", "/topics/SAFE/tallies", "/said-did", "/privacy", "/rules",
    "/correct", "/no-such-page",
)  # fmt: skip
WIDTHS = (320, 390, 1280)


def public_pages() -> list[str]:
    """Every public page in both languages."""
    return [path if lang == "en" else f"/cy{path}".rstrip("/") for lang in ("en", "cy") for path in PUBLIC]


async def more_consultations(service: Service) -> None:
    """Opens the sample documents that have the other kinds of question."""
    house = service.house
    async with house.database.write(house.clock()) as tx:
        for name in ("process", "workers"):
            await load(tx, sample_text(name), datetime.now(UTC).date(), production=False)
    await house.library.refresh(house.database)


async def agree(player: BrowserPlayer) -> None:
    """From the welcome to the choice of topics, in English."""
    await player.start()
    await player.press(["English"])
    await player.press([AGREE])


async def answer_safe(player: BrowserPlayer) -> None:
    """From the choice of topics to the review of Safe streets."""
    await player.press(["Safe streets"])
    await player.press(["2"])
    await player.press(["Traffic", "Empty places"])
    await player.press(["Skip"])
    await player.press(["Yes"])
    await player.press(["4"])
    await player.type(CANAL_WORDS)


async def to_receipt(player: BrowserPlayer) -> None:
    """From the review to the receipt, asking to hear with one's own words."""
    await player.press(["Send"])
    await player.press(["Yes, with my words"])
    for label in ("No", "No", "Skip", "Just me"):
        await player.press([label])


async def chat_states(service: Service, player: BrowserPlayer) -> AsyncIterator[str]:
    """The chat in English, from the welcome to news that comes in the middle of a question."""
    await player.start()
    yield "welcome"
    await player.press(["English"])
    yield "agreeing"
    await player.press(["Tell me more"])
    yield "the whole notice"
    await player.press([AGREE])
    yield "choosing a topic"
    await player.press(["Safe streets"])
    yield "scale"
    await player.type("not very")
    yield "not understood"
    await player.press(["2"])
    yield "several"
    await player.press(["Traffic", "Empty places"])
    yield "one"
    await player.press(["Skip"])
    await player.type("what")
    yield "a hard word"
    await player.press(["Yes"])
    await player.press(["4"])
    yield "words"
    await player.type(CANAL_WORDS)
    yield "review"
    await player.press(["Change something"])
    yield "change"
    await player.press(["How safe do you feel alone near home after dark?"])
    yield "scale answered before"
    await player.press(["1"])
    await player.press(["Send"])
    yield "shall we tell you"
    await player.press(["Yes, with my words"])
    await player.press(["No"])
    await player.press(["No"])
    await player.press(["Wales"])
    yield "find, empty"
    await player.type("swan")
    yield "find, suggestions"
    await player.press(["Swansea West"])
    await player.press(["Just me"])
    yield "receipt"
    await player.type("mydata")
    yield "my data"
    await more_consultations(service)
    await player.page.goto(f"{player.base}/chat?topic=DRAFTS")
    yield "another consultation"
    await publish(service)
    await player.news()
    yield "news card"


async def rarer_states(player: BrowserPlayer) -> AsyncIterator[str]:
    """The kinds of question that only the other sample documents have."""
    await player.page.goto(f"{player.base}/chat?topic=DRAFTS")
    await player.press(["English"])
    await player.press(["Yes, I am 16 or over and I agree"])
    for label in ("Just me", "Yes"):
        if f"[{label}]" in await player.sees():
            await player.press([label])
    yield "order"
    await player.press(["Seeing the exact words", "Seeing each version", "Hearing what became of it"])
    await player.press(["Nobody once it is sent"])
    yield "why"
    await player.type("It was agreed")
    yield "grid"
    for _ in range(5):
        await player.press(["Always"])
    yield "line, number"
    await player.type("a lot")
    yield "line, not understood"


async def following_states(service: Service, player: BrowserPlayer) -> AsyncIterator[str]:
    """Following, from the link on a topic's page to a notice and the end of it."""
    await player.page.goto(f"{player.base}/topics/SAFE")
    await player.page.get_by_role("link", name="Follow this topic").click()
    yield "shall we tell you of it"
    await player.press(["Yes, follow it"])
    yield "how often"
    await player.press(["As soon as it happens"])
    await player.type("follow")
    yield "what is followed"
    await player.press(["Follow more"])
    yield "what there is to follow"
    await player.press(["Back"])
    await publish(service)
    await player.news()
    yield "a notice"
    await player.press(["Unfollow Safe streets"])
    yield "followed no more"


async def publish(service: Service) -> None:
    """Somebody at the desk publishes what was done about the canal."""
    await service.desk.sign_in()
    await service.desk.write("fair-future", "SAFE", ["F6"])
    await service.desk.sign_and_publish()


async def desk_context(
    service: Service, context: BrowserContext, name: str = "Sample officer", role: str = "officer"
) -> Page:
    """A page about to sign in at the desk, by a one-time link."""
    house = service.house
    async with house.database.write(house.clock()) as tx:
        await staff.grant(tx, name, role, "")
        token = await staff.make_link(tx, name)
    page = await context.new_page()
    await page.goto(f"{service.base}/desk/in/{token}")
    return page


async def desk_states(service: Service, page: Page) -> AsyncIterator[str]:
    """The desk, from the one-time link (see desk_context) to replies under a published action."""
    yield "desk link"
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk")
    yield "desk home"
    await page.get_by_role("link", name="Safe streets").click()
    yield "desk topic"
    await page.get_by_role("link", name="Write what was done").click()
    yield "desk write"
    await page.get_by_role("button", name="Save and look at it").click()
    await page.get_by_role("alert").wait_for()
    yield "desk write with errors"
    await page.get_by_role("radio", name="Done.", exact=True).check()
    await page.get_by_role("checkbox", name="Name one place, and what would make it safer.").check()
    for language, parts in CANAL.items():
        for name, words in parts.items():
            await page.locator(f'[name="{name}.{language}"]').fill(words)
    await page.get_by_role("button", name="Save and look at it").click()
    await page.wait_for_url("**/desk/actions/*")
    yield "desk action, draft"
    await page.get_by_role("button", name="Sign it").click()
    await page.get_by_role("button", name="Publish").first.click()
    await page.get_by_role("heading", name="On its way").wait_for()
    yield "desk action, published"


async def member_states(service: Service, page: Page) -> AsyncIterator[str]:
    """Codes for members, with `page` on an organiser's link (see desk_context)."""
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation").get_by_role("link", name="Codes for members").click()
    yield "codes, none yet"
    await page.get_by_role("button", name="Make the codes").click()
    await page.get_by_role("alert").wait_for()
    yield "codes, for no place"
    await page.get_by_role("textbox", name="For which constituency?").fill("Cardiff")
    await page.get_by_role("button", name="Make the codes").click()
    await page.get_by_text("These codes are shown this once.").wait_for()
    yield "codes, shown once"
    await page.get_by_role("link", name="Go on").click()
    yield "codes, one sheet"
    await page.get_by_role("button", name="Take it back").click()
    await page.get_by_text("Taken back").first.wait_for()
    yield "codes, taken back"


async def correction_states(service: Service, page: Page, second: Page) -> AsyncIterator[tuple[str, Page]]:
    """An action put right by one officer, signed by a second person, as each of the two sees it.

    Begins where `desk_states` ends, with `page` on the published action and `second` on a link of its own.
    """
    await second.get_by_role("button", name="Sign in").click()
    await second.wait_for_url("**/desk")
    await page.get_by_role("link", name="Put it right, as a new version").click()
    yield "desk correction", page
    await page.get_by_role("button", name="Save and look at it").click()
    await page.get_by_role("alert").wait_for()
    yield "desk correction with errors", page
    await page.get_by_role("textbox", name="Why do you put it right?").fill("The date was wrong.")
    await page.get_by_role("button", name="Save and look at it").click()
    await page.wait_for_url("**/desk/actions/*")
    yield "desk correction, for its author, who may not sign", page
    await second.goto(page.url)
    yield "desk correction, for the second signer", second
    await second.get_by_role("button", name="Sign it").click()
    await page.reload()
    yield "desk correction, signed", page
    await page.get_by_role("button", name="Publish").first.click()
    await page.get_by_role("heading", name="On its way").wait_for()
    yield "desk correction, published", page
    await page.goto(f"{service.base}/said-did")
    yield "said and done, with an earlier version", page
