"""The public pages of events, and the calendars: found by place and day, in both languages, exact in any calendar."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.calendars import LINE, calendar
from bot.stage_events import perform_of_events
from conversations.domain.effects import CallOffEvent, MoveEvent, PublishReport
from conversations.domain.gatherings import Area, Gathering
from conversations.domain.whens import When
from storage import bookings, gatherings
from storage.people import Person
from storage.schema import deliveries as ledger
from tests.playing import WebPlayer
from tests.service import Service, serving
from tests.storage.acts import described, met, opened

SUMMER = datetime(2027, 7, 10, 19, 0)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as running:
        yield running


async def _made(service: Service, title: str = "A talk about lights", **more: object) -> str:
    house = service.house
    async with house.database.write(house.clock()) as tx:
        return await opened(tx, title, SUMMER, 30, title=title, **more)


async def _does(service: Service, effect: MoveEvent | CallOffEvent) -> None:
    async with service.house.database.write(service.house.clock()) as tx:
        host = await gatherings.host_of(tx, effect.event)
        await perform_of_events(tx, Person(host, "", "telegram", "en", stopped=False), effect)


async def _get(service: Service, path: str, status: int = 200) -> str:
    async with service.client.get(service.base + path) as answer:
        assert answer.status == status, path
        return await answer.text()


async def test_what_is_on_is_found_by_place_day_and_steps(service: Service) -> None:
    await _made(service, "Wales <all>")
    await _made(service, "London", area=Area("england", "london"), step_free="no")
    wales, london = "Wales &lt;all&gt;", "London"
    for query, shown in {
        "": [wales, london], "?place=Wales": [wales], "?place=swansea": [wales], "?place=Cymru": [wales],
        "?place=london": [london], "?step_free=1": [wales], "?from=2027-07-11": [], "?from=2027-07-10": [wales, london],
        "?from=never": [wales, london], "?place=Atlantis": [], "?page=7": [], "?page=x": [wales, london],
    }.items():  # fmt: skip
        page = await _get(service, f"/events{query}")
        assert sorted(re.findall(r'<h3><a href="[^"]+">(?:<span[^>]*>)?([^<]+)', page)) == sorted(shown), query
    assert "We do not know a place called “Atlantis”." in await _get(service, "/events?place=Atlantis")
    assert "Saturday 10 July 2027, 19:00" in page
    assert "Dydd Sadwrn 10 Gorffennaf 2027, 19:00" in await _get(service, "/cy/events")


async def test_one_event_says_how_it_stands_and_leads_into_the_chat(service: Service) -> None:
    event = await _made(service, details="Ring the low bell.")
    page = await _get(service, f"/events/{event}")
    for told in ("Sample hall, Wales", "There are no steps on the way in.", "Ring the low bell.", f"topic=ev-{event}"):
        assert told in page
    await _does(service, MoveEvent(event, When(SUMMER + timedelta(days=1))))
    assert "It has changed." in await _get(service, f"/events/{event}")
    await _does(service, CallOffEvent(event))
    page = await _get(service, f"/events/{event}")
    assert "It was called off." in page
    assert f"topic=ev-{event}" not in page


async def test_what_is_not_public_is_not_there(service: Service) -> None:
    house = service.house
    async with house.database.write(house.clock()) as tx:
        host = await met(tx, "host")
        draft = await described(tx, host, SUMMER)
        assert draft not in await _get(service, "/events")
        await _get(service, f"/events/{draft}", 404)
    async with house.database.write(house.clock()) as tx:
        await gatherings.offer(tx, await gatherings.actor(tx, host.id))
    for path in (f"/events/{draft}", f"/events/{draft}/calendar.ics", "/events/none", "/events/%00"):
        await _get(service, path, 404)


async def test_the_link_opens_the_event_in_the_chat_of_a_newcomer(service: Service) -> None:
    event = await _made(service)
    page = await _get(service, f"/chat?topic=ev-{event}")
    assert "Which language shall we use?" in page
    token = re.search(r'name="event" value="([^"]*)"', page)
    data = {"choice": "en", "event": token[1] if token else "", "prompt": "1"}
    async with service.client.post(f"{service.base}/chat?topic=ev-{event}", data=data) as answer:
        page = await answer.text()
    assert "A talk about lights" in page
    assert "Book a seat" in page


async def test_a_newcomer_follows_an_event_by_the_link_on_its_page(service: Service) -> None:
    event = await _made(service)
    link = f"/chat?topic=follow-ev-{event}"
    assert link in await _get(service, f"/events/{event}")
    player = WebPlayer(service.base, service.client)
    await player.start(f"follow-ev-{event}")
    await player.press(["English"])
    assert 'when something happens on "A talk about lights"?' in await player.sees()
    await player.press(["Yes, follow it"])
    assert 'Done. You follow "A talk about lights".' in await player.sees()
    for other in ("follow-ev-NOTHING0", "follow-ev-", "follow-ev-%00", "follow-ev-%ED%A0%80"):
        await player.start(other)
        assert "Shall we write to you" not in await player.sees(), other
    await _does(service, CallOffEvent(event))
    assert "follow-ev-" not in await _get(service, f"/events/{event}")


def _unfolded(text: str) -> list[str]:
    """The lines of a calendar as a calendar reads them."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= LINE
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def _property(lines: list[str], name: str) -> str:
    [found] = [line.partition(":")[2] for line in lines if line.startswith(f"{name}:")]
    return found


async def test_a_calendar_follows_what_is_moved_and_called_off(service: Service) -> None:
    event = await _made(service, "Lights, paths; and more")
    seen = []
    for effect in (None, MoveEvent(event, When(datetime(2027, 12, 10, 19), 90)), CallOffEvent(event)):
        if effect:
            await _does(service, effect)
        lines = _unfolded(await _get(service, f"/events/{event}/calendar.ics"))
        seen.append(tuple(_property(lines, name) for name in ("DTSTART", "DTEND", "SEQUENCE", "STATUS")))
        assert lines[0], lines[-1] == ("BEGIN:VCALENDAR", "END:VCALENDAR")
        assert _property(lines, "SUMMARY") == "Lights\\, paths\\; and more"
        assert _property(lines, "UID") == f"{event}@127.0.0.1"
    assert seen == [
        ("20270710T180000Z", "20270710T200000Z", "0", "CONFIRMED"),
        ("20271210T190000Z", "20271210T203000Z", "1", "CONFIRMED"),
        ("20271210T190000Z", "20271210T203000Z", "2", "CANCELLED"),
    ]


async def test_a_feed_holds_what_is_on_in_its_place_and_what_was_called_off(service: Service) -> None:
    wales, _ = await _made(service), await _made(service, "London", area=Area("england", "london"))
    await _does(service, CallOffEvent(wales))
    assert (await _get(service, "/events.ics")).count("BEGIN:VEVENT") == 2
    lines = _unfolded(await _get(service, "/events.ics?place=wales"))
    assert (_property(lines, "UID"), _property(lines, "STATUS")) == (f"{wales}@127.0.0.1", "CANCELLED")
    assert "BEGIN:VEVENT" not in await _get(service, "/events.ics?place=Atlantis")


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_typed_a_calendar_reads_it_back(title: str, details: str) -> None:
    event = Gathering(
        "EV3NT001", "open", title, "Hall", Area("wales"), SUMMER, details=details, changed=datetime.now(UTC)
    )
    lines = _unfolded(calendar([event], "Events", "https://bc.example", "en").decode())
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    said = re.sub(r"\\([\\;,n])", lambda found: "\n" if found[1] == "n" else found[1], _property(lines, "SUMMARY"))
    kept = title.replace("\r\n", "\n").replace("\r", "\n")
    assert said == "".join(ch for ch in kept if ch == "\n" or ch.isprintable())


async def test_a_report_is_published_once_and_told_to_those_who_had_a_seat(service: Service) -> None:
    house, event = service.house, await _made(service)
    async with house.database.write(house.clock()) as tx:
        guest = await met(tx, "guest")
        await bookings.book(tx, guest.id, guest.address, event, wait=False)
        who = await gatherings.actor(tx, await gatherings.host_of(tx, event))
        await gatherings.describe(tx, who, event, "came", 34)
        assert not await gatherings.publish_report(tx, who, event), "it is not over"
    house.clock = lambda: datetime(2027, 7, 12, 12, tzinfo=UTC)
    host = Person(who.person, "", "telegram", "en", stopped=False)
    async with house.database.write(house.clock()) as tx:
        for what, value in (("came", 34), ("majority", "More lights"), ("minority", "Mind the bats")):
            await gatherings.describe(tx, who, event, what, value)
        stranger = await met(tx, "stranger")
        await perform_of_events(tx, Person(stranger.id, "", "telegram", "en", stopped=False), PublishReport(event))
    assert "More lights" not in await _get(service, f"/events/{event}")
    for _ in range(2):
        async with house.database.write(house.clock()) as tx:
            await perform_of_events(tx, host, PublishReport(event))
            await gatherings.describe(tx, who, event, "majority", "Something else")
    page = await _get(service, f"/events/{event}")
    for told in (
        "People who came: 30.",
        "What most people said: More lights",
        "What some saw differently: Mind the bats",
    ):
        assert told in page
    async with house.database.read(house.clock()) as tx:
        rows = await tx.rows(sa.select(ledger.c.person).where(ledger.c.source == f"ev-{event}-1-report"))
    assert [row.person for row in rows] == [guest.id]


async def test_a_postcode_in_the_finder_is_told_kindly_and_said_again_nowhere(service: Service) -> None:
    page = await _get(service, "/events?place=cf10+1aa&step_free=1")
    assert "We do not use postcodes, and we did not keep yours." in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "cf10" not in main.lower()
    assert "We do not know a place" not in main
    assert "We do not use postcodes" not in await _get(service, "/events?place=Swansea")
