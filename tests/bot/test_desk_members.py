"""Codes for members at the desk: made for a place of one's own, shown once, counted, taken back; nobody's names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage import members, places, subscriptions
from storage.schema import audit, code_sheets
from tests.bot.desk_staff import Desk, a_desk, hidden, post
from tests.storage.acts import met, rows
from tests.storage.test_members import CARDIFF

HERE = "/desk/members"
CODE = re.compile(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(f"sqlite:///{tmp_path}/desk.db", trial=False) as made:
        async with made.house.database.write(made.house.clock()) as tx:
            await places.load_sample(tx)
        yield made


async def test_a_sheet_is_shown_once_counted_and_taken_back(desk: Desk) -> None:
    organiser = await desk.signed_in("Sample organiser", "organiser", "wales")
    answer = await post(organiser, HERE, do="make", place="cardiff", count="25")
    page = await answer.text()
    codes = CODE.findall(page)
    assert (answer.status, len(set(codes)), answer.headers["Cache-Control"]) == (200, 25, "no-store")
    assert "These codes are shown this once." in page
    assert f"Open {desk.house.settings.base_url}/chat and say" in page
    async with desk.house.database.write(desk.house.clock()) as tx:
        person = await met(tx, "1")
        assert await members.confirm(tx, person.id, person.address, codes[7])
    page = unescape(await (await organiser.get(HERE)).text())
    assert CODE.findall(page) == []
    told = re.findall(r'data-l="(Codes|Used|Left)">(\d+)<', page)
    assert told == [("Codes", "25"), ("Used", "1"), ("Left", "24")]
    assert "Cardiff South and Penarth" in page
    assert ", by Sample organiser" in page
    answer = await post(organiser, HERE, do="revoke", sheet=hidden(page, "sheet"))
    page = await answer.text()
    assert (answer.status, "Taken back" in page, "Take it back" in page) == (200, True, False)
    async with desk.house.database.write(desk.house.clock()) as tx:
        late = await met(tx, "2")
        assert not await members.confirm(tx, late.id, late.address, codes[8])
        assert len((await subscriptions.of(tx, [person.id]))[person.id]) == 1, "who was confirmed stays so"
    acts = [row.act for row in await rows(desk.house.database, sa.select(audit).order_by(audit.c.seq))]
    assert [each for each in acts if "codes" in each] == ["make codes", "revoke codes"]


async def test_what_is_no_place_or_no_number_of_codes_is_said_kindly_and_makes_nothing(desk: Desk) -> None:
    organiser = await desk.signed_in("Sample organiser", "organiser", "wales")
    for place, count, told in (
        ("nowhere", "10", "We do not know a place called “nowhere”."),
        ("", "10", "We do not know a place called “”."),
        ("edinburgh", "10", "That is not in your area."),
        ("cardiff", "9", "A sheet has 10 to 200 codes."),
        ("cardiff", "201", "A sheet has 10 to 200 codes."),
        ("cardiff", "many", "A sheet has 10 to 200 codes."),
    ):
        answer = await post(organiser, HERE, do="make", place=place, count=count)
        page = unescape(await answer.text())
        assert (answer.status, told in page, CODE.findall(page)) == (422, True, []), (place, count)
    assert await rows(desk.house.database, sa.select(code_sheets)) == []


async def test_to_others_it_is_as_if_it_were_not_there(desk: Desk) -> None:
    organiser = await desk.signed_in("Sample organiser", "organiser", "wales")
    await post(organiser, HERE, do="make", place="cardiff", count="10")
    page = await (await organiser.get(HERE)).text()
    sheet = hidden(page, "sheet")
    elsewhere = await desk.signed_in("Organiser elsewhere", "organiser", "scotland")
    assert "Cardiff" not in await (await elsewhere.get(HERE)).text()
    for named in (sheet, "ms-UNKNOWN", ""):
        assert (await post(elsewhere, HERE, do="revoke", sheet=named)).status == 404, named
    officer = await desk.signed_in("Sample officer", "officer", "democracy")
    home = await (await officer.get("/desk")).text()
    assert "Codes for members" not in home
    token = hidden(home, "csrf")
    for do in ("make", "revoke"):
        data = {"csrf": token, "do": do, "place": "cardiff", "count": "10", "sheet": sheet}
        assert (await officer.post(HERE, data=data)).status == 404, do
    [kept] = await rows(desk.house.database, sa.select(code_sheets))
    assert (kept.place, kept.revoked) == (CARDIFF, None)


async def test_an_organiser_of_one_constituency_finds_it_filled_in(desk: Desk) -> None:
    organiser = await desk.signed_in("Sample organiser", "organiser", CARDIFF)
    assert 'value="Cardiff South and Penarth"' in await (await organiser.get(HERE)).text()


async def test_an_organiser_writes_to_members_of_their_area_and_to_nobody_among_them(desk: Desk) -> None:
    organiser = await desk.signed_in("Sample organiser", "organiser", "wales")
    [code, *_] = CODE.findall(await (await post(organiser, HERE, do="make", place="cardiff", count="10")).text())
    async with desk.house.database.write(desk.house.clock()) as tx:
        person = await met(tx, "1", "web")
        assert await members.confirm(tx, person.id, person.address, code)
    new = "/desk/broadcasts/new"
    answer = await post(organiser, new, within="wales", members="1", **{"words.en": "We meet on Friday."})
    page = unescape(await answer.text())
    assert "1 person gets it." in page
    assert "Members who gave a code. Only in Wales." in page
    answer = await post(
        organiser, new, within="wales", members="1", organisers="1", **{"words.en": "We meet on Friday."}
    )
    assert (answer.status, "Members are written to as members only." in await answer.text()) == (422, True)
