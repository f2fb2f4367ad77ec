"""Messages to many at the desk: written, looked at as each channel shows it, counted, signed by another, followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from conversations.domain.following import topic_subject
from storage import broadcasting, people, places, staff, subscriptions
from storage.broadcasting import Rules
from storage.schema import audit, broadcasts, persons
from tests.bot.desk_staff import CONSULTATION, Desk, a_desk, hidden, post
from tests.storage.acts import met, rows

WORDS = "The hall in {place} has a new door."
SUBJECT = topic_subject(CONSULTATION, "VOTE")
Browser = TestClient[Any, Any]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(f"sqlite:///{tmp_path}/desk.db", trial=False) as made:
        async with made.house.database.write(made.house.clock()) as tx:
            await places.load_sample(tx)
            for nation, count in (("wales", 3), ("scotland", 2)):
                for number in range(count):
                    person = await met(tx, f"{nation} {number}", "web")
                    await people.tell_about(tx, person.id, "nation", nation)
                    await subscriptions.follow(tx, person.id, person.address, SUBJECT, "at_once")
        yield made


async def _rules(desk: Desk, **more: Any) -> None:
    turns = desk.house.turns
    turns.performer = replace(turns.performer, rules=Rules(**more))


async def _page(client: Browser, path: str) -> str:
    answer = await client.get(path)
    assert answer.status == 200, (path, answer.status)
    return unescape(await answer.text())


async def _written(client: Browser, words: str = WORDS, **more: str) -> str:
    """Writes a message; the address of its page."""
    answer = await post(client, "/desk/broadcasts/new", **({"within": "wales", "words.en": words} | more))
    assert answer.url.path.startswith("/desk/broadcasts/bc-"), await answer.text()
    return answer.url.path


async def _press(client: Browser, path: str, do: str, **more: str) -> tuple[int, str]:
    """Presses a button of a broadcast's page as it is drawn; the status and the page that follow."""
    read = hidden(await (await client.get(path)).text(), "read")
    answer: ClientResponse = await post(client, path, do=do, **({"read": read} | more))
    return answer.status, unescape(await answer.text())


async def test_it_is_looked_at_as_each_channel_shows_it_and_goes_once_the_count_is_typed(desk: Desk) -> None:
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    path = await _written(author)
    page = await _page(author, path)
    assert "Not sent yet." in page
    for channel in ("Telegram", "Web chat", "Text message and terminal"):
        assert f"<h3>{channel}" in page
    assert "The hall in your area has a new door." in page  # somebody who told us no place
    assert page.count("The hall in Wales has a new door.") == 3  # and those it reaches, as they get it
    assert "3 people get it." in page
    assert "Send it for real to 3 people" in page
    for typed in ("2", "", "three"):
        status, page = await _press(author, path, "send", people=typed)
        assert (status, "They are more or fewer by now." in page) == (409, True), typed
    status, page = await _press(author, path, "send", people="3")
    assert status == 200
    assert "You can take it back until then." in page
    _, page = await _press(author, path, "undo")
    assert "Not sent yet." in page


async def test_a_second_person_signs_what_they_read_and_nothing_else(desk: Desk) -> None:
    await _rules(desk, second_from=3)
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    other = await desk.signed_in("Another organiser", "organiser", "wales")
    path = await _written(author)
    await _press(author, path, "send", people="3")
    assert "Sign it" not in await _page(author, path)
    assert (await _press(author, path, "sign"))[0] == 409  # whoever wrote it
    read = hidden(await (await other.get(path)).text(), "read")
    await _press(author, path, "undo")
    answer = await post(author, f"{path}/edit", **{"words.en": "The hall is shut."})
    assert answer.status == 200
    await _press(author, path, "send", people="3")
    answer = await post(other, path, do="sign", read=read)  # what they read before
    assert (answer.status, "Waiting for your name" in await _page(other, "/desk/broadcasts")) == (409, True)
    assert "waits for a second name" in await _page(other, "/desk")
    status, page = await _press(other, path, "sign")
    assert (status, "You can take it back until then." in page) == (200, True)
    page = await _page(author, path)
    assert "Another organiser" in page
    assert page.index("Take it back") < page.index("As people will see it"), "time runs: it is not below what is long"
    acts = await rows(desk.house.database, audit.select().where(audit.c.what == path.rpartition("/")[2]))
    assert {(each.staff, each.act) for each in acts} >= {
        ("Sample organiser", "send broadcast"), ("Another organiser", "sign broadcast"),
    }  # fmt: skip


async def test_on_its_way_it_is_paused_stopped_and_put_right(desk: Desk) -> None:
    await _rules(desk, cooling=broadcasting.Rules().cooling * 0)
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    path = await _written(author)
    await _press(author, path, "send", people="3")
    async with desk.house.database.write(desk.house.clock()) as tx:
        for id_ in await broadcasting.due(tx):
            await broadcasting.begin(tx, id_)
    page = await _page(author, path)
    assert "For real." in page
    assert "Going out now." in page
    assert "Going out now." in await _page(author, f"{path}/live")
    assert "Paused." in (await _press(author, path, "pause"))[1]
    assert "Going out now." in (await _press(author, path, "resume"))[1]
    assert "Stopped. The rest will not go out." in (await _press(author, path, "stop"))[1]
    assert (await _press(author, path, "resume"))[0] == 409
    answer = await post(author, path, do="correct")
    assert answer.url.path.endswith("/edit")
    assert "Only those who got the message before." in unescape(await answer.text())


async def test_what_may_not_be_sent_is_said_and_nothing_written_is_lost(desk: Desk) -> None:
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    answer = await post(author, "/desk/broadcasts/new", within="wales", when="some day", **{"words.en": "Vote for us!"})
    page = unescape(await answer.text())
    assert answer.status == 422
    assert "Please take out" in page
    assert "Sorry, I did not find a day in that." in page
    assert "Vote for us!</textarea>" in page


NOT_THEIRS = (("Organiser elsewhere", "organiser", "scotland"), ("Officer elsewhere", "officer", "health"))


@pytest.mark.parametrize(("name", "role", "of"), NOT_THEIRS)
async def test_to_others_it_is_as_if_it_were_not_there(desk: Desk, name: str, role: str, of: str) -> None:
    await _rules(desk, second_from=1)
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    path = await _written(author)
    await _press(author, path, "send", people="3")
    other = await desk.signed_in(name, role, of)
    token = hidden(await (await other.get("/desk/broadcasts/new")).text(), "csrf")
    for end in ("", "/edit", "/live", "/stream"):
        assert (await other.get(f"{path}{end}")).status == 404
    for do in ("sign", "undo", "stop", "pause", "correct", "drop", "send", "try"):
        assert (await other.post(path, data={"csrf": token, "do": do})).status == 404, do
    assert "The hall" not in await _page(other, "/desk/broadcasts")


async def test_nobody_writes_to_people_who_are_not_theirs(desk: Desk) -> None:
    """What the form does not offer is refused all the same."""
    organiser = await desk.signed_in("Sample organiser", "organiser", "wales")
    officer = await desk.signed_in("Sample officer", "officer", "democracy")
    offered = await _page(officer, "/desk/broadcasts/new")
    assert f'value="{SUBJECT.id}"' in offered
    assert f'value="{CONSULTATION}/OLDER"' not in offered
    elsewhere = {"topic": f"{CONSULTATION}/OLDER"}
    for client, form in ((officer, elsewhere), (officer, {"organisers": "1"}), (organiser, {"place": "Glasgow North"})):
        answer = await post(client, "/desk/broadcasts/new", **({"words.en": "Hello."} | form))
        assert answer.status in (409, 422), form
    path = await _written(officer, topic=SUBJECT.id)
    assert "5 people get it." in await _page(officer, path)
    path = await _written(organiser, topic=SUBJECT.id)
    assert "3 people get it." in await _page(organiser, path)
    everywhere = await desk.signed_in("Organiser of all", "organiser", "")
    for within, people_ in (("scotland", 2), ("", 5)):
        path = await _written(everywhere, topic=SUBJECT.id, within=within)
        assert f"{people_} people get it." in await _page(everywhere, path)


async def test_a_test_goes_to_its_author_alone(desk: Desk) -> None:
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    path = await _written(author)
    assert "Send a test to me" not in await _page(author, path)
    async with desk.house.database.write(desk.house.clock()) as tx:
        person = await met(tx, "the author", "web")
        row = await tx.first(persons.select().where(persons.c.id == person.id))
        assert await staff.tie(tx, "Sample organiser", row.pseudonym)
    assert "Send a test to me" in await _page(author, path)
    assert (await _press(author, path, "try"))[0] == 200
    from bot.looking import look

    seen = await look(desk.house, person.id, "web")
    assert [each.message.words.split("\n")[0] for each in seen] == ["This is a test. Nobody else gets it."]


async def test_without_its_row_on_the_audit_trail_nothing_is_written_or_sent(desk: Desk) -> None:
    author = await desk.signed_in("Sample organiser", "organiser", "wales")
    path = await _written(author)
    async with desk.house.database.write(desk.house.clock()) as tx:
        refuses = "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
        await tx.execute(sa.text(refuses))
    before = await rows(desk.house.database, broadcasts.select())
    assert (await _press(author, path, "send", people="3"))[0] == 503
    assert (await _press(author, path, "drop"))[0] == 503
    for where in ("/desk/broadcasts/new", f"{path}/edit"):
        seen = hidden(await (await author.get(f"{path}/edit")).text(), "seen")
        answer = await post(author, where, **{"within": "wales", "words.en": "Other words.", "seen": seen})
        assert answer.status == 503, where
    assert await rows(desk.house.database, broadcasts.select()) == before
