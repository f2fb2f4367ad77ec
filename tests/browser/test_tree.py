"""The story in Welsh, by the accessibility tree alone: nothing is found but by its role and its name."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest
from playwright.async_api import Browser, Route, TimeoutError

from bot.catalogues import catalogue
from bot.doors.pages import static_file
from conversations.domain.answers import Slot
from tests.browser.players import in_browser, play
from tests.browser.tree import TreePlayer, words_of_tree
from tests.service import CANAL, Service

WRITTEN = Path(__file__).parents[1] / "transcripts" / "story.cy.txt"
CANAL_WORDS = "Mae'r llwybr ger y gamlas yn rhy dywyll"
STEPS = "Y grisiau oeddwn i'n eu meddwl"


def welsh(message: str, **given: object) -> str:
    """A text of ours in Welsh."""
    return catalogue("cy").one(message).format(**given)


def story(service: Service) -> str:
    """The story of story.en.txt, with labels out of the Welsh catalogue and the sample."""
    held = service.house.library.newest("fair-future")
    assert held is not None
    topic = held.topic("SAFE")
    ask = {each.id: each.text.in_language("cy")[0] for each in topic.questions()}
    pick = {option.id: option.label.in_language("cy")[0] for option in topic.questionnaire.question(Slot("F2")).options}
    title, vote = topic.title.in_language("cy")[0], held.topic("VOTE")
    first = next(iter(vote.questions())).text.in_language("cy")[0]
    at = [welsh("{position} of {total}.", position=place, total=6) for place in range(7)]
    return f"""
> start
[English] [Cymraeg]

> [Cymraeg]
{welsh("Are you 16 or over, and happy to go on?")}

> [{welsh("Yes, I am 16 or over and I agree")}]
{welsh("What would you like to talk about?")}

> [{title}]
{at[1]} {ask["F1"]}

> [2]
{at[2]} {ask["F2"]}

> [{welsh("Back")}]
{at[1]} {ask["F1"]}

> dim syniad
{at[1]} {ask["F1"]}

> [2]
{at[2]}

> [{pick["traffic"]}] [{pick["empty"]}]
{at[3]}

> [{welsh("Skip")}]
{at[4]}

> [{welsh("Yes")}]
{at[5]}

> [4]
{at[6]} {ask["F6"]}

> {CANAL_WORDS}
{welsh("Here is what you said about “{topic}”.", topic=title)}
{welsh("You said: {answer}", answer=f"“{CANAL_WORDS}”")}
! languages

> [{welsh("Send")}]
{welsh("Thank you. We have your answers.")}

> [{welsh("Yes, with my words")}]
> [{welsh("No")}]
> [{welsh("Skip")}]
> [{welsh("Wales")}]
> swan
[Swansea West]

> [{welsh("Skip")}]
> [{welsh("Just me")}]
{welsh("That is all. Thank you.")}

> [{welsh("Answer on another topic")}]
> [{vote.title.in_language("cy")[0]}]
{first}

! publish
! news
{CANAL["cy"]["headline"]}
{welsh("You said: {answer}", answer=f"“{CANAL_WORDS}”")}
{welsh("What we did: {words}", words=CANAL["cy"]["did"])}
! languages

> [{welsh("Not what I meant")}]
> {STEPS}
{welsh("Shall we tell you what else happens on “{topic}”?", topic=title)}

> [{welsh("No, thanks")}]
{first}
! desk sees not_what_i_meant | {STEPS}
"""


async def test_the_story_in_welsh_by_the_accessibility_tree_alone(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service, locale="cy-GB") as opened:
        player = TreePlayer(service.base, opened.page, scripts=True)
        *quoting, last = story(service).split("! languages")
        for part in quoting:
            await play(part, service, player, "the story in Welsh")
            assert await player.languages_of(CANAL_WORDS) == {"cy"}, "their words are not marked as Welsh"
        await play(last, service, player, "the end of the story in Welsh")
        page = unescape(await service.desk.get(service.desk.action))
        assert f'lang="cy">{STEPS}' in page, "the desk does not mark Welsh words as Welsh"
        assert opened.watched.complaints == []


@pytest.mark.slow
async def test_welsh_words_stay_marked_as_welsh_on_an_english_page(service: Service, browser: Browser) -> None:
    async with in_browser(browser, service) as opened:
        player = TreePlayer(service.base, opened.page, scripts=True)
        whole = story(service)
        await play(whole[: whole.index("! languages")], service, player, "up to the review")
        await player.type("language")
        await player.press(["English"])
        assert await player.page.locator("html").get_attribute("lang") == "en"
        assert await player.languages_of(CANAL_WORDS) == {"cy"}
        assert await player.languages_of("You said:") == {"en"}


@pytest.mark.slow
async def test_the_written_story_in_welsh_too(service: Service, browser: Browser) -> None:
    if not WRITTEN.exists():
        return
    async with in_browser(browser, service, locale="cy-GB") as opened:
        player = TreePlayer(service.base, opened.page, scripts=True)
        await play(WRITTEN.read_text(encoding="utf-8"), service, player, WRITTEN.name)


SPOILT = {
    "said twice": ("speak(heard(false, asked));", "{ const t = heard(false, asked); speak(t); speak(t); }"),
    "never said": ("speak(heard(false, asked));", "heard(false, asked);"),
    "focus lost": ("if (mine) rest();", "if (mine) document.activeElement.blur();"),
    "title kept": ("document.title = next.dataset.title || document.title;", ""),
    "script broken": ("if (mine) rest();", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), SPOILT.values(), ids=SPOILT.keys())
async def test_a_spoilt_script_is_noticed(before: str, after: str, service: Service, browser: Browser) -> None:
    found = static_file("chat.js")
    assert found is not None
    script = found[0].decode()
    assert script.count(before) == 1

    async def serve(route: Route) -> None:
        await route.fulfill(body=script.replace(before, after), content_type="text/javascript")

    async with in_browser(browser, service) as opened:
        await opened.page.route("**/static/chat.js*", serve)
        player = TreePlayer(service.base, opened.page, scripts=True)
        opened.page.set_default_timeout(2000)
        await player.start()
        with pytest.raises((AssertionError, TimeoutError)):
            await player.press(["English"])
        assert "[Yes, I am 16 or over and I agree]" in await player.sees()


def test_a_tree_is_read_as_words() -> None:
    tree = """- heading "How safe?" [level=1]
- paragraph: "Pick: one"
- group "How safe?":
  - button "2 (your answer now)"
  - 'button "Send: Your words"'
  - text: Or type
- link "A topic":
  - /url: /topics/A"""
    assert words_of_tree(tree) == "How safe? Pick: one [2] [Send: Your words] Or type [A topic]"
