"""The public site: both languages, safe and small, and what it may and may not show."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.access import ROUTES, Who
from bot.doors import pages, site, site_correct
from bot.doors.guard import guarded
from bot.house import House
from bot.library import Library, load, sample_text
from bot.settings import Settings
from bot.stage import Performer
from bot.turns import Turns
from bot.watching import Watch
from storage import actions, retention
from storage.database import migrate, open_database
from storage.schema import action_versions, corrections, tallies
from storage.sealing import Keys
from tests.document.good import GOOD
from tests.service import OWN_PAGE

START = datetime(2026, 11, 22, 12, tzinfo=UTC)
CLOSED = START + timedelta(weeks=13)
SAMPLES = {"fair_future": "VOTE", "process": "", "mp": "", "workers": ""}
PLAIN = ("/", "/said-did", "/privacy", "/rules", "/correct")
OF_TOPIC = ("/topics/VOTE", "/topics/VOTE/questions", "/topics/VOTE/tallies")
OUTSIDE = re.compile(r"""<(?:link|script|img|iframe|source|form)\b[^>]*(?:src|href|action)=["'](?:https?:)?//""")


class Clock:
    """The moment, which a test moves."""

    now = START

    def __call__(self) -> datetime:
        return self.now


Client = TestClient[web.Request, web.Application]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def house(tmp_path: Path, clock: Clock) -> AsyncIterator[House]:
    database = open_database(f"sqlite:///{tmp_path / 'test.db'}", Keys((b"k" * 32,), b"l" * 32))
    await migrate(database)
    library = Library()
    turns = Turns(database, library, Performer(lambda person: "", {}), "test", clock=clock)
    yield House(Settings(), database, library, turns, Watch(database, clock), "test", clock=clock)
    await database.close()


async def loaded(house: House, *texts: str) -> None:
    async with house.database.write(house.clock()) as tx:
        for text in texts:
            await load(tx, text, START.date(), production=False)


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    await loaded(house, sample_text())
    async with opened(house) as client:
        yield client


def opened(house: House) -> Client:
    app = guarded(house)
    app.router.add_routes(site.routes())
    return TestClient(TestServer(app), auto_decompress=False, headers={"Accept-Encoding": "gzip"} | OWN_PAGE)


async def words(response: ClientResponse) -> str:
    raw = await response.read()
    return (gzip.decompress(raw) if "Content-Encoding" in response.headers else raw).decode()


async def text_of(client: Client, path: str, status: int = 200) -> str:
    response = await client.get(path)
    assert response.status == status, path
    return await words(response)


async def count(house: House, figures: Mapping[tuple[str, str], int], topic: str = "VOTE") -> None:
    """Puts figures where the roll-up puts them."""
    rows = [
        {"consultation": "fair-future", "topic": topic, "slot": slot, "pick": pick, "people": people}
        for (slot, pick), people in figures.items()
    ]
    async with house.database.write(house.clock()) as tx:
        await tx.execute(sa.insert(tallies), rows)


# Every page


def test_what_is_served_is_what_is_declared() -> None:
    of_others = ("/chat", "/desk", "/telegram")
    declared = {key for key in ROUTES if not key[1].startswith(of_others)}
    assert {(route.method, route.path) for route in site.routes()} == declared
    public = {who for key, who in ROUTES.items() if key in declared}
    assert public == {Who.ANYONE, Who.OPERATOR}


@pytest.mark.parametrize("path", [*PLAIN, *OF_TOPIC])
@pytest.mark.parametrize("language", ["en", "cy"])
async def test_a_page(client: Client, path: str, language: str) -> None:
    response = await client.get(pages.at(path, language))
    text = await words(response)
    assert response.status == 200
    assert f'<html lang="{language}">' in text
    assert "Set-Cookie" not in response.headers
    assert pages.HEADERS.items() <= dict(response.headers).items()
    assert response.headers["Content-Encoding"] == "gzip"
    assert not OUTSIDE.search(text)
    assert "<script" not in text
    assert "{item}" not in text
    assert ">None<" not in text
    head = await client.head(pages.at(path, language))
    assert head.status == 200
    assert await head.read() == b""


async def test_a_text_without_a_translation_is_marked_with_its_language(house: House) -> None:
    await loaded(house, sample_text("mp"))
    title = "Two questions from your local MP"
    async with opened(house) as client:
        assert f'<span lang="en">{title}</span>' in await text_of(client, "/cy")
        assert f'<span lang="en">{title}</span>' in await text_of(client, "/cy/privacy")
        assert '<span lang="en">' not in await text_of(client, "/")
        topic = house.library.all()[0].topics[0]
        text = await text_of(client, f"/cy/topics/{topic.id}/questions")
        assert f'<span lang="en">{topic.title.in_language("cy")[0]}</span>' in text
        assert '<b><span lang="en">' in text


async def test_the_first_page_is_small_and_whole(client: Client) -> None:
    first = await client.get("/")
    sheet = re.search(r'href="(/static/site\.css[^"]*)"', await words(first))
    assert sheet
    style = await client.get(sheet[1])
    size = len(await first.read()) + len(await style.read())
    print(f"first page with its style sheet, compressed: {size} bytes")
    assert size <= 14 * 1024


async def test_a_trial_shows_three_steps(client: Client) -> None:
    text = await text_of(client, "/")
    assert "Try it in three steps" in text
    assert [link in text for link in ('href="/chat"', 'href="/desk"')] == [True, True]
    assert 'href="/chat?lang=cy"' in await text_of(client, "/cy")


async def test_the_first_page_lists_topics(client: Client, clock: Clock) -> None:
    text = await text_of(client, "/")
    assert 'href="/topics/VOTE"' in text
    assert "Up to 6 questions." in text
    assert "Nothing is open today" not in text
    clock.now = CLOSED
    text = await text_of(client, "/")
    assert "Nothing is open today" in text
    assert "Closed. We are reading what you said." in text


async def test_without_any_document_pages_still_answer(house: House) -> None:
    async with opened(house) as client:
        for path in PLAIN:
            await text_of(client, path)
            await text_of(client, pages.at(path, "cy"))


@pytest.mark.parametrize("path", ["/topics/NOPE", "/cy/topics/NOPE/tallies", "/nowhere", "/static/pages.py"])
async def test_an_unknown_address_gets_a_kind_page(client: Client, path: str) -> None:
    text = await text_of(client, path, 404)
    assert "There is no page here" in text or "cy" in path


@pytest.mark.parametrize("name", [*SAMPLES, "good"])
async def test_every_document_can_be_read(house: House, clock: Clock, name: str) -> None:
    await loaded(house, GOOD if name == "good" else sample_text(name))
    async with opened(house) as client:
        for when in (START, CLOSED, START + timedelta(weeks=60)):
            clock.now = when
            for path in PLAIN:
                await text_of(client, path)
            for topic in (topic for held in house.library.all() for topic in held.topics):
                for page in ("", "/questions", "/tallies"):
                    for language in ("en", "cy"):
                        text = await text_of(client, pages.at(f"/topics/{topic.id}{page}", language))
                        assert ">None<" not in text
                        assert "{" not in text


# A topic


async def test_a_topic_tells_its_background_and_who_decides(client: Client) -> None:
    text = await text_of(client, "/topics/vote")
    assert "You can answer until 14 February 2027." in text
    assert 'href="https://commonslibrary.parliament.uk/research-briefings/sn01747/"' in text
    assert "Who decides depends on where you live." in text
    assert "<dt>Wales</dt>" in text
    assert 'href="/chat?topic=VOTE"' in text
    assert 'href="/chat?topic=VOTE&amp;lang=cy"' in await text_of(client, "/cy/topics/VOTE")


async def test_the_questionnaire_says_when_a_question_is_asked(client: Client) -> None:
    text = await text_of(client, "/topics/VOTE/questions")
    assert "Asked only if you answered Yes to question 1." in text
    assert "Asked only if you answered from 1 to 2 to question 4." in text
    assert "Pick a number from 1 to 5. 1 is no say at all, 5 is a lot of say." in text
    assert "Something else" in text
    assert "A policy commission reads every answer." in text


# Figures


async def test_tallies_wait_for_the_closing_day(client: Client, house: House) -> None:
    await count(house, {("#", "answered"): 40, ("V1", "yes"): 40})
    text = await text_of(client, "/topics/VOTE/tallies")
    assert "after 14 February 2027" in text
    assert "people answered this" not in text


async def test_tallies_show_nothing_under_ten_and_steps_of_ten(client: Client, house: House, clock: Clock) -> None:
    clock.now = CLOSED
    few = await text_of(client, "/topics/VOTE/tallies")
    assert "Shown from ten people on." in few
    assert "<table" not in few
    await count(house, {("#", "answered"): 1257, ("V1", "yes"): 1239, ("V1", "no"): 9, ("V6", "come"): 119})
    text = await text_of(client, "/topics/VOTE/tallies")
    assert "This is not a poll." in text
    assert "1,240 people answered this." in text
    assert re.search(r"Yes</th><td class=\"n\">1,230</td>", text)
    assert re.search(r"No</th><td class=\"n\"><span class=\"soft\">fewer than ten", text)
    assert re.search(r"Politicians who come to us</th><td class=\"n\">110</td>", text)
    assert not re.search(r"\b(1,?257|1,?239|1,?248|119|9)\b people", text)


async def test_a_withdrawn_topic_shows_no_tallies(house: House) -> None:
    await loaded(house, sample_text().replace("withdrawn: false", "withdrawn: true"))
    async with opened(house) as client:
        assert "We took this one away" in await text_of(client, "/topics/VOTE/tallies")
        assert "We took this one away" in await text_of(client, "/topics/VOTE")


# You said, we did


def told(headline: str) -> dict[str, Any]:
    parts = {"headline": headline, "said": "It is too dark.", "did": "One.\n\nTwo.", "why": "It is fair.",
             "who": "Sample signer", "next": "Lights", "by": "2027-03-01"}  # fmt: skip
    return {"en": parts}


async def published(house: House, headline: str) -> str:
    async with house.database.write(house.clock()) as tx:
        version = await actions.draft(tx, "fair-future", "VOTE", "partly", ["V1"], told(headline), "Writer")
        found = await actions.version_of(tx, version)
    assert found
    await put_out(house, version)
    return found.action


async def put_out(house: House, version: str) -> None:
    """Signs and publishes a version; nobody is told here."""
    async with house.database.write(house.clock()) as tx:
        await actions.sign(tx, version, "Second signer", alone=False)
        of_version = action_versions.c.id == version
        await tx.execute(sa.update(action_versions).where(of_version).values(published=tx.now))


async def test_an_action_stays_readable_in_every_version(client: Client, house: House, clock: Clock) -> None:
    action = await published(house, "Lights <b>on</b>")
    clock.now += timedelta(days=3)
    async with house.database.write(clock.now) as tx:
        second = await actions.correct(tx, action, "done", ["V1"], told("More lights"), "A date was wrong.", "Writer")
    assert "More lights" not in await text_of(client, "/said-did")
    await put_out(house, second)
    text = await text_of(client, "/said-did")
    assert text.index("More lights") < text.index("We changed this text once") < text.index("Lights &lt;b&gt;on")
    assert "Why we changed it: A date was wrong." in text
    assert "Version 1, 22 November 2026" in text
    assert "25 November 2026" in text
    for words in (
        "Decided by: Sample signer.",
        "Signed by Second signer.",
        "By 1 March 2027.",
        "<p data-part>Two.</p>",
    ):
        assert words in text
    assert f'id="{action}"' in text


async def test_an_action_in_another_language_is_marked(client: Client, house: House) -> None:
    await published(house, "Lights on")
    text = await text_of(client, "/cy/said-did")
    assert re.search(r'<h3 [^>]*lang="en">Lights on', text)
    assert '<span lang="en">It is too dark.</span>' in text
    assert '<span lang="en">Sample signer</span>' in text


async def test_counts_and_replies_are_shown_alike(client: Client, house: House) -> None:
    await published(house, "Lights on")
    await count(house, {("#", "answered"): 57, ("#", "asked"): 31, ("#", "told"): 9, ("#", "not_done"): 12})
    text = await text_of(client, "/said-did")
    assert "<dd>50</dd>" in text
    assert "<dd>30</dd>" in text
    assert "10 said “not done”." in text
    assert "Fewer than ten said “that is it”." in text
    assert not re.search(r"<dd>(57|31|9|12)</dd>", text)


async def test_every_topic_is_listed_before_there_is_news(client: Client) -> None:
    text = await text_of(client, "/said-did")
    assert text.count("Nothing yet. The group is still reading.") == 6
    assert 'id="fair-future-vote"' in text
    assert 'href="/said-did#fair-future-vote"' in await text_of(client, "/topics/VOTE")


# Privacy, corrections


async def test_the_privacy_notice_is_made_from_the_document(client: Client) -> None:
    text = await text_of(client, "/privacy")
    for said in ("Sample party (this is sample data)", "To help decide what the party will stand for.", "22 May 2028",
                 "+44 20 7946 0012", "Wales: The Senedd decides"):  # fmt: skip
        assert said in text
    for kept in ("until a year after the last decision", f"{retention.REPLIES_LIVE.days} days.",
                 f"forget you {retention.VISITORS_LIVE.days} days", "until this day at the latest"):  # fmt: skip
        assert kept in text


async def test_a_correction_is_kept(client: Client, house: House) -> None:
    sent = {"key": "/cy/rules", "now": "Eich llais", "better": " Eich dweud \0", "why": ""}
    response = await client.post("/cy/correct", data=sent, allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == "/cy/correct?done=1"
    assert "Set-Cookie" not in response.headers
    assert "Thank you. We have it." in await text_of(client, "/correct?done=1")
    async with house.database.read() as tx:
        row = await tx.first(sa.select(corrections))
    assert (row.language, row.page, row.sent) == ("cy", "/cy/rules", START)
    assert json.loads(row.words) == {"now": "Eich llais", "better": "Eich dweud"}


async def test_the_draft_language_is_named_in_the_language_of_the_page(client: Client) -> None:
    assert "Our Welsh is a draft." in await text_of(client, "/correct")
    assert "Someone who speaks Welsh at home" in await text_of(client, "/correct?done=1")
    assert "Cymraeg" in await text_of(client, "/cy/correct")


async def test_a_correction_that_cannot_be_kept_is_given_back(client: Client, house: House) -> None:
    for sent in ({"now": "Hen eiriau", "better": " "}, {"now": "Hen eiriau", "better": "x" * 2001}):
        response = await client.post("/correct", data=sent)
        text = await words(response)
        assert response.status == 422
        assert "Hen eiriau" in text
        assert 'aria-invalid="true"' in text
    bad = await client.post(
        "/correct", data=b"better=\xff", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert bad.status == 400
    lost = await client.get("/correct", headers={"Referer": "http://[half"})
    assert lost.status == 200
    elsewhere = await client.post("/correct", data={"better": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status == 403
    async with house.database.read() as tx:
        assert await tx.rows(sa.select(corrections)) == []


async def test_corrections_do_not_flood(client: Client, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(site_correct, "MOST_AN_HOUR", 2)
    statuses = [(await client.post("/correct", data={"better": "x"}, allow_redirects=False)).status for _ in range(3)]
    assert statuses == [303, 303, 429]
    clock.now += timedelta(hours=2)
    assert (await client.post("/correct", data={"better": "x"}, allow_redirects=False)).status == 303


async def test_the_correction_form_remembers_the_page(client: Client) -> None:
    response = await client.get("/cy/correct", headers={"Referer": "http://127.0.0.1/cy/privacy?x=1"})
    assert 'name="key" value="/cy/privacy"' in await words(response)


# For machines


async def test_static_files_are_kept_for_ever(client: Client) -> None:
    address = pages.static_url("site.css")
    response = await client.get(address)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.content_type == "text/css"
    again = await client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status == 304
    assert (await client.get("/static/site.css?v=older")).headers["Cache-Control"] == "no-cache"


async def test_alive_and_ready(client: Client, house: House) -> None:
    assert await text_of(client, "/healthz") == "ok"
    assert await text_of(client, "/readyz") == "ready"
    async with house.database.write(START) as tx:
        await tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert "of another release" in await text_of(client, "/readyz"), "migrated while we run: we go on"
    async with house.database.write(START) as tx:
        await tx.execute(sa.text("DELETE FROM alembic_version"))
    assert "bigconversation migrate" in await text_of(client, "/readyz", 503)
    assert await text_of(client, "/healthz") == "ok"


async def test_figures_for_the_operator_only(client: Client) -> None:
    response = await client.get("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE bigconversation_deliveries gauge" in await response.text()
    assert (await client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})).status == 403


async def test_whoever_finds_a_hole_learns_whom_to_tell(client: Client, house: House) -> None:
    assert (await client.get("/.well-known/security.txt")).status == 404
    house.settings = house.settings.model_copy(update={"security_contact": "mailto:security@example.org"})
    told = dict(line.split(": ", 1) for line in (await text_of(client, "/.well-known/security.txt")).splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Preferred-Languages"] == "en, cy"
    left = datetime.fromisoformat(told["Expires"]) - house.clock()
    assert timedelta(days=179) < left < timedelta(days=366), "RFC 9116: less than a year"


async def test_crawlers_and_icons(client: Client) -> None:
    assert "Disallow: /desk" in await text_of(client, "/robots.txt")
    assert (await client.get("/favicon.ico")).status == 204
