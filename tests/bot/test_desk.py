"""The desk: signed into by a link, closed to whoever has no role, and the place where actions are made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from bot.access import ROUTES
from bot.doors import desk as door
from bot.doors.desk_frame import Spot
from bot.doors.desk_tally import rows_of
from bot.library import load, sample_text
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Grid, Number, Option, Question, Ranking, Section
from conversations.domain.speech import Content
from storage import actions, answers, people, replies, tallies
from storage.schema import audit, deliveries, standing_prompts
from tests.bot.desk_staff import CONSULTATION, GOOD, TOPIC, Desk, a_desk, hidden, post, published, written

Client = TestClient[Any, Any]


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    async with a_desk(database_url, trial=False) as made:
        yield made


@pytest.fixture
async def trial_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(f"sqlite:///{tmp_path}/desk.db", trial=True) as made:
        yield made


async def text_of(client: Client, path: str) -> str:
    answer = await client.get(path)
    assert answer.status == 200, (path, answer.status)
    return await answer.text()


async def counts(desk: Desk, path: str) -> dict[str, int]:
    async with desk.house.database.read() as tx:
        return await actions.progress(tx, path.rsplit("/", 1)[1])


async def acts(desk: Desk) -> list[str]:
    """What was done, in order; test_audit.py tells who looked."""
    async with desk.house.database.read() as tx:
        done = await tx.rows(sa.select(audit.c.act).order_by(audit.c.seq))
    return [row.act for row in done if row.act not in ("read", "link")]


async def reply(desk: Desk, path: str, verdict: str, words: str = "") -> None:
    """The first person told replies."""
    async with desk.house.database.write(desk.house.clock()) as tx:
        where = standing_prompts.c.source == path.rsplit("/", 1)[1]
        row = await tx.first(sa.select(standing_prompts).where(where))
        await replies.record(tx, row.person, row.token, verdict)
        if words:
            await replies.add_words(tx, row.person, row.token, words)


def test_the_routes_are_exactly_those_that_are_declared() -> None:
    declared = {route for route in ROUTES if route[1] == "/desk" or route[1].startswith("/desk/")}
    assert {(route.method, route.path) for route in door.routes()} == declared


# Signing in


async def test_looking_at_a_link_spends_nothing_and_pressing_the_button_spends_it(desk: Desk) -> None:
    link = await desk.grant("Officer A", "officer", "democracy")
    client = await desk.browser()
    for _ in range(3):
        assert "Hello, Officer A" in await text_of(client, link)
    answer = await post(client, link)
    assert answer.url.path == "/desk"
    assert "You are Officer A, for Democracy and Citizenship" in await answer.text()
    cookie = answer.history[0].cookies["desk"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/desk", True, "Strict")
    assert cookie["max-age"] == "43200"
    spent = await (await desk.browser()).get(link)
    assert spent.status == 410
    assert "bigconversation link NAME" in await spent.text()
    assert "This link has been used" in await spent.text()


async def test_a_link_is_not_spent_without_the_token_of_its_page(desk: Desk) -> None:
    link = await desk.grant("Officer A", "officer")
    client = await desk.browser()
    assert (await client.post(link, data={})).status == 403
    assert (await client.post(link, data={"csrf": "ŵ" * 32})).status == 403
    assert (await client.post("/desk/in/nonsense", data={})).status == 403
    assert (await client.get("/desk/in/nonsense")).status == 410
    assert (await post(client, link)).status == 200


async def test_signing_out_ends_the_session(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    session = next(cookie.value for cookie in client.session.cookie_jar if cookie.key == "desk")
    answer = await post(client, "/desk/out", page="/desk")
    assert answer.url.path == "/"
    assert (await client.get("/desk", headers={"Cookie": f"desk={session}"})).status == 401


# Who may


async def test_nobody_signed_in_is_shown_the_way_in(desk: Desk) -> None:
    client = await desk.browser()
    for method, path in sorted(ROUTES):
        if path.startswith("/desk") and "{token}" not in path:
            answer = await client.request(
                method, path.format(consultation=CONSULTATION, topic="VOTE", version="x", event="x", broadcast="x")
            )
            assert answer.status == 401, path
            assert "The desk needs a link" in await answer.text()
            assert "/cy/desk" not in await answer.text()


@pytest.mark.parametrize(
    ("role", "commission", "reads", "writes"),
    [
        ("officer", "", 200, 200),
        ("officer", "democracy", 200, 200),
        ("officer", "health", 404, 404),
        ("signer", "", 200, 403),
        ("signer", "democracy", 200, 403),
        ("signer", "health", 404, 404),
    ],
)
async def test_what_each_role_may(desk: Desk, role: str, commission: str, reads: int, writes: int) -> None:
    path = await written(await desk.signed_in("Author"))
    client = await desk.signed_in("Officer A", role, commission)
    assert (await client.get("/desk")).status == 200
    for readable in (TOPIC, path, f"{path}/live"):
        assert (await client.get(readable)).status == reads, readable
    stream = await client.get(f"{path}/stream")
    assert stream.status == reads
    stream.close()
    for writable in (f"{TOPIC}/new", f"{path}/edit"):
        assert (await client.get(writable)).status == writes, writable
        form = GOOD | {"csrf": hidden(await text_of(client, "/desk"), "csrf")}
        refused = await client.post(writable, data=form | {"kind": ""})
        assert refused.status == (422 if writes == 200 else writes), writable


async def test_a_signer_signs_and_does_no_more(desk: Desk) -> None:
    author, signer = await desk.signed_in("Author"), await desk.signed_in("Signer S", "signer", "democracy")
    path = await written(author)
    assert (await post(signer, path, do="sign")).status == 200
    for act in ("publish", "pause", "resume", "stop"):
        assert (await post(signer, path, page="/desk", do=act)).status == 403, act
    assert (await post(author, path, do="publish")).status == 200
    assert await acts(desk) == [
        "grant", "sign in", "grant", "sign in", "write", "sign", "publish"
    ]  # fmt: skip


async def test_every_form_needs_its_token(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    path = await written(client)
    for posted in ("/desk/out", f"{TOPIC}/new", path, f"{path}/edit"):
        assert (await client.post(posted, data=GOOD | {"do": "sign"})).status == 403, posted
        assert (await client.post(posted, data=GOOD | {"do": "sign", "csrf": "0" * 32})).status == 403, posted
    assert (await client.get("/desk")).status == 200
    foreign = {"Origin": "https://elsewhere.example"}
    token = hidden(await text_of(client, "/desk"), "csrf")
    assert (await client.post(path, data={"do": "sign", "csrf": token}, headers=foreign)).status == 403


async def test_what_is_not_there_is_said_so(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    for path in ("/desk/topics/none/VOTE", f"/desk/topics/{CONSULTATION}/NONE", "/desk/actions/none"):
        assert (await client.get(path)).status == 404
    path = await written(client)
    assert (await post(client, path, do="dance")).status == 400
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"}
    assert (await client.post(path, data=b"do=sign", headers=form)).status == 400


# What people said


async def test_home_shows_my_topics_with_exact_figures(desk: Desk) -> None:
    for number in range(3):
        await desk.person(f"p{number}")
    async with desk.house.database.write(desk.house.clock()) as tx:
        await tallies.replace(tx, await tallies.count(tx))
    html = await text_of(await desk.signed_in("Officer A", "officer", "democracy"), "/desk")
    assert "Votes at 16 and your voice" in html
    assert "Growing older well" not in html
    assert '<td class="n" data-l="Answered">3</td>' in html
    assert "Open until" in html


async def test_own_words_are_searched_and_paged_under_pseudonyms(desk: Desk) -> None:
    for number in range(27):
        await desk.person(f"p{number:02}", f"The bus number {number:02} is late")
    await desk.person("c", "Mae'r bws yn hwyr")
    client = await desk.signed_in("Officer A")
    first = await text_of(client, TOPIC)
    assert "1 to 25 of 28" in first
    assert first.count('<blockquote class="quote"') == 25
    assert '<blockquote class="quote" lang="cy">Mae&#39;r bws' in first
    assert "P-" in first
    assert "Answered by 28." in first
    second = await text_of(client, f"{TOPIC}?of=V5&page=2")
    assert "26 to 28 of 28" in second
    assert "number 26" not in second
    found = await text_of(client, f"{TOPIC}?q=NUMBER+07")
    assert "1 to 1 of 1" in found
    assert "The bus number 07 is late" in found
    assert "Nobody used “zebra” here." in await text_of(client, f"{TOPIC}?q=zebra")
    assert (await client.get(f"{TOPIC}?of=V5&page=999999")).status == 200
    assert (await client.get(f"{TOPIC}?of=V5&page=-1&q=%00%ff")).status == 200


async def test_what_people_write_cannot_become_part_of_the_page(desk: Desk) -> None:
    await desk.person("p", "<script>alert(1)</script>")
    assert "<script>alert" not in await text_of(await desk.signed_in("Officer A"), TOPIC)


# Writing


async def test_a_form_with_faults_comes_back_whole_and_then_goes_through(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    answer = await post(client, f"{TOPIC}/new", **{"headline.en": "x" * 101, "said.cy": "Dwedon nhw", "kind": "done"})
    html = await answer.text()
    assert answer.status == 422
    assert "Nothing you wrote is lost" in html
    assert "x" * 101 in html
    assert "Dwedon nhw" in html
    assert 'value="done" checked' in html
    for fault in (
        "Please choose at least one question it answers.",
        "English: this has 101 letters. Please use 100 or fewer.",
        "Cymraeg: please write the headline.",
        "English: please write who decided.",
    ):
        assert fault in html, fault
    assert "by.en" not in html.split("<form")[1].split("</div>")[0]
    right = await post(client, f"{TOPIC}/new", **GOOD)
    assert right.status == 200
    assert right.url.path.startswith("/desk/actions/")
    assert "headline in en" in await text_of(client, TOPIC)
    assert "Waits for a signature" in await text_of(client, TOPIC)


async def test_a_draft_is_previewed_on_every_channel_with_who_will_hear(desk: Desk) -> None:
    for value, outcome in (("a", "with_words"), ("b", "news_only"), ("c", "no"), ("d", "later"), ("e", "")):
        await desk.person(value, outcome=outcome)
    lost = await desk.person("f")
    async with desk.house.database.write(desk.house.clock()) as tx:
        await people.stop(tx, lost.address)
    client = await desk.signed_in("Officer A")
    html = await text_of(client, await written(client))
    assert "2 people will be told. 1 asked not to be. 1 cannot be reached. 2 have not said yet." in html
    for channel in ("Telegram", "Web chat", "Text message and terminal"):
        assert html.count(f"<h3>{channel}") == 2, channel
    assert "A That is it" in html
    assert "[That is it]" in html
    assert "You wrote this. Somebody else has to sign it." in html
    assert 'value="sign"' not in html
    assert 'value="publish"' not in html


async def test_nobody_signs_their_own_outside_a_trial(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    path = await written(client)
    answer = await post(client, path, page=f"{path}/edit", do="sign")
    assert answer.status == 409
    assert "Somebody else has to sign what you wrote." in await answer.text()
    assert (await post(client, path, do="publish")).status == 409
    assert "sign" not in await acts(desk)


async def test_in_a_trial_one_person_can_do_it_all(trial_desk: Desk) -> None:
    await trial_desk.person("a")
    client = await trial_desk.signed_in("Officer A")
    path = await written(client)
    assert (await post(client, path, do="sign")).status == 200
    assert (await post(client, path, do="publish")).status == 200
    assert await counts(trial_desk, path) == {"waiting": 1}


async def test_a_signature_is_for_the_words_that_were_read(desk: Desk) -> None:
    author, other = await desk.signed_in("Officer A"), await desk.signed_in("Signer S", "signer")
    path = await written(author)
    read = await text_of(other, path)
    stale = {"csrf": hidden(read, "csrf"), "seen": hidden(read, "seen"), "do": "sign"}
    assert (await post(author, f"{path}/edit", **(GOOD | {"said.en": "Something else"}))).status == 200
    answer = await other.post(path, data=stale)
    assert answer.status == 409
    assert "The words were changed" in await answer.text()
    assert (await post(other, path, do="sign")).status == 200
    assert (await post(author, f"{path}/edit", **GOOD)).status == 200
    assert (await post(author, path, do="publish")).status == 409  # changing the words took the signature away


async def test_two_who_change_one_draft_lose_nothing(desk: Desk) -> None:
    ann, bob = await desk.signed_in("Officer A"), await desk.signed_in("Officer B")
    path = await written(ann)
    stale = hidden(await text_of(ann, f"{path}/edit"), "seen")
    assert (await post(bob, f"{path}/edit", **GOOD)).status == 200
    mine = GOOD | {"why.en": "Because of mine", "seen": stale}
    answer = await post(ann, f"{path}/edit", **mine)
    assert answer.status == 409
    html = await answer.text()
    assert "Because of mine" in html
    again = GOOD | {"why.en": "Because of mine", "seen": hidden(html, "seen")}
    assert (await post(ann, f"{path}/edit", **again)).status == 200


# Publishing


async def test_publishing_queues_one_delivery_for_everybody_who_asked_to_hear(desk: Desk) -> None:
    await desk.person("a")
    await desk.person("w", channel="web")
    await desk.person("n", outcome="no")
    await desk.person("other", question="V2")
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    assert await counts(desk, path) == {"waiting": 1, "looking": 1}
    assert desk.woken
    html = await text_of(client, path)
    assert "Going out now." in html
    assert f'data-stream="{path}/stream"' in html
    assert (await post(client, path, page="/desk", do="publish")).status == 409
    assert (await post(client, path, page="/desk", do="sign", seen="x")).status == 409


async def test_pause_resume_and_stop(desk: Desk) -> None:
    await desk.person("a")
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    assert "Paused. Nothing goes out" in await (await post(client, path, do="pause")).text()
    assert await counts(desk, path) == {"paused": 1}
    await post(client, path, do="resume")
    assert await counts(desk, path) == {"waiting": 1}
    html = await (await post(client, path, do="stop")).text()
    assert "Stopped. The rest will not go out." in html
    assert await counts(desk, path) == {"withdrawn": 1}
    answer = await post(client, path, page="/desk", do="resume")
    assert answer.status == 409
    assert "This was stopped" in await answer.text()
    assert (await acts(desk))[-3:] == ["pause", "resume", "stop"]


async def test_replies_come_back_to_the_desk(desk: Desk) -> None:
    await desk.person("a")
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    await reply(desk, path, "not_what_i_meant", "I meant the evening buses")
    html = await text_of(client, f"{path}/live")
    assert "1 said “not what I meant”." in html
    assert "I meant the evening buses" in html
    assert "P-" in html
    assert "<!doctype" not in html
    assert "1 person said “not what I meant” or “not done”." in await text_of(client, "/desk")


async def test_the_stream_speaks_when_a_reply_or_a_count_changes(desk: Desk) -> None:
    await desk.person("a")
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    stream = await client.get(f"{path}/stream")
    assert stream.content_type == "text/event-stream"
    assert stream.headers["Cache-Control"] == "no-store"
    assert await stream.content.readuntil(b"\n\n") == b"retry: 2000\n\n"
    await asyncio.sleep(0.1)
    await reply(desk, path, "not_done", "Still dark")
    assert await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 3) == b"data: changed\n\n"
    await post(client, path, do="pause")
    assert await asyncio.wait_for(stream.content.readuntil(b"\n\n"), 3) == b"data: changed\n\n"
    await post(client, "/desk/out", page="/desk")
    assert await asyncio.wait_for(stream.content.read(), 3) == b""


async def test_what_waits_for_whom(desk: Desk) -> None:
    ann, sam = await desk.signed_in("Officer A"), await desk.signed_in("Signer S", "signer", "democracy")
    elsewhere = await desk.signed_in("Officer E", "officer", "health")
    path = await written(ann)
    assert "waits for somebody else to sign it" in await text_of(ann, "/desk")
    assert "waits for a signature" in await text_of(sam, "/desk")
    assert "headline in en" not in await text_of(elsewhere, "/desk")
    await post(sam, path, do="sign")
    assert "It waits to be published" in await text_of(ann, "/desk")
    assert "headline in en" not in await text_of(sam, "/desk")


# Putting right


async def test_a_correction_needs_a_reason_and_keeps_the_old_version(desk: Desk) -> None:
    await desk.person("a")
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    refused = await post(client, f"{path}/edit", **(GOOD | {"headline.en": "Better now"}))
    assert refused.status == 422
    assert "Please say why you put it right." in await refused.text()
    assert "Better now" in await refused.text()
    made = await post(client, f"{path}/edit", **(GOOD | {"headline.en": "Better now", "reason": "A wrong number"}))
    right = made.url.path
    assert right not in (path, f"{path}/edit")
    html = await made.text()
    assert "Why we changed it: A wrong number" in html
    assert "headline in en" in html
    assert "headline in en" in await text_of(client, path)
    assert (await client.get(f"{path}/edit")).url.path == f"{right}/edit"
    second = await post(client, f"{path}/edit", page=path, **(GOOD | {"reason": "Once more"}))
    assert second.status == 409
    sam = await desk.signed_in("Signer S", "signer")
    await post(sam, right, do="sign")
    await post(client, right, do="publish")
    assert await counts(desk, path) == {"withdrawn": 1}  # the wrong wording goes to nobody else
    assert await counts(desk, right) == {"waiting": 1}
    assert "Put right on" in await text_of(client, path)
    assert "correct" in await acts(desk)


async def test_a_published_version_is_never_rewritten(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    path = await published(desk, client)
    async with desk.house.database.read() as tx:
        before = await actions.version_of(tx, path.rsplit("/", 1)[1])
    await post(client, f"{path}/edit", **(GOOD | {"said.en": "Rewritten", "reason": "Because"}))
    async with desk.house.database.read() as tx:
        assert await actions.version_of(tx, path.rsplit("/", 1)[1]) == before
        assert await tx.rows(sa.select(deliveries)) == []


# Every kind of question


async def answered(desk: Desk, consultation: str, topic: str, slot: str, *given: Answer) -> None:
    """So many people answered a slot in a consultation."""
    async with desk.house.database.write(desk.house.clock()) as tx:
        for place, answer in enumerate(given):
            person = (await people.meet(tx, [("telegram", f"{slot}{place}", "en")]))[0]
            assert person is not None
            await people.record_consent(tx, person.id, consultation, "take_part", "yes", "consent-1")
            await answers.record_all(
                tx, [answers.Given(person.id, person.address, consultation, topic, Slot.read(slot), answer, 1, 1)]
            )
        await tallies.replace(tx, await tallies.count(tx))


@pytest.mark.parametrize("name", ["mp", "process", "workers"])
async def test_every_topic_of_every_document_can_be_read_and_written_on(desk: Desk, name: str) -> None:
    async with desk.house.database.write(desk.house.clock()) as tx:
        held, _ = await load(tx, sample_text(name), desk.house.clock().date(), production=False)
    client = await desk.signed_in("Officer A")
    for topic in held.topics:
        for question in topic.questions():
            given = Answer(picks=tuple(option.id for option in question.options[:1])) if question.options else None
            await answered(desk, held.id, topic.id, question.id, given or Answer(words="own words", language="en"))
        path = f"/desk/topics/{held.id}/{topic.id}"
        await text_of(client, f"{path}?q=own")
        await text_of(client, f"{path}/new")


def shown(rows: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    return [(row["text"], row["shown"], row["share"]) for row in rows]


async def test_tallies_of_rankings_numbers_and_grids(desk: Desk) -> None:
    a, b = (Option(id_, Content({"en": id_.upper()})) for id_ in "ab")
    text = Content({"en": "?"})
    ranking = Ranking(id="R", text=text, choices=(a, b), limit=2)
    number = Number(id="N", text=text, money=True)
    grid = Grid(id="G", text=text, rows=(a, b), choices=(a,))
    spot = Spot(*(await _made_of(desk, ranking, number, grid)))
    await answered(desk, "made", "T", "R", Answer(("a", "b")), Answer(("a", "b")), Answer(("b", "a")))
    await answered(desk, "made", "T", "G.b", Answer(("a",)))
    await answered(desk, "made", "T", "N", *(Answer(number=Decimal(each)) for each in (5, 5, 7)))
    async with desk.house.database.read() as tx:
        counts = await tallies.of_topic(tx, "made", "T")
        assert shown(await rows_of(tx, spot, ranking, counts, 3)) == [
            ("A, put first", "2", 67),
            ("B, put first", "1", 33),
        ]
        assert shown(await rows_of(tx, spot, grid, counts, 1)) == [("A: A", "0", 0), ("B: A", "1", 100)]
        assert shown(await rows_of(tx, spot, number, counts, 3)) == [("£5", "2", 67), ("£7", "1", 33)]
    await answered(desk, "made", "T", "N", *(Answer(number=Decimal(each)) for each in range(0, 61, 5)))
    async with desk.house.database.read() as tx:
        rows = await rows_of(tx, spot, number, {}, 13)
    assert [row["text"] for row in rows][::5] == ["£0 to under £10", "£50 to £60"]
    assert sum(int(row["shown"]) for row in rows) == 13


async def _made_of(desk: Desk, *questions: Question) -> tuple[Consultation, Topic]:
    held = desk.house.library.all()[0]
    made = replace(held.topics[0], id="T", questionnaire=Questionnaire((Section("s", None, questions),)))
    return replace(held, id="made", topics=(made,)), made
