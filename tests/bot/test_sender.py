"""The sender, against a Bot API that misbehaves: nothing lost, nothing doubled, nobody waits for somebody else."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import looking
from bot.bulk import LEAST_FLYING, most_in_hand
from bot.channels.messages import Message, message
from bot.channels.sending import Failed, Failure
from bot.channels.telegram import TelegramChannel
from bot.feedback import feedback_text
from bot.house import House
from bot.opening import opened
from bot.pace import Pace
from bot.rendering import plain
from bot.sender import Sender
from conversations.domain.answers import Answer, Slot
from storage import actions, answers, deliveries, people, pulse
from storage.deliveries import LEASE, Lane, Reply
from storage.schema import addresses, standing_prompts
from storage.schema import deliveries as ledger
from tests.conftest import trial
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_people import Person

HELD, TOPIC, F1 = "fair-future", "SAFE", Slot("F1")
TEXTS = {
    "en": dict.fromkeys(["said", "did", "why", "who", "next", "by"], "words") | {"headline": "More lights"},
    "cy": dict.fromkeys(["said", "did", "why", "who", "next", "by"], "geiriau") | {"headline": "Mwy o oleuadau"},
}


@dataclass
class Clock:
    """Noon in Wales, until a test says otherwise."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(hour=12, minute=0))

    def __call__(self) -> datetime:
        return self.now

    def go(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Post:
    """A house with a sender, and what a test does with it."""

    house: House
    sender: Sender
    api: BotApi
    clock: Clock

    async def somebody(self, id_: int, choice: str = "with_words", language: str = "en") -> Person:
        """Somebody in Telegram who answered F1."""
        async with self.house.database.write(self.clock()) as tx:
            [person] = await people.meet(tx, [("telegram", str(id_), language)])
            assert person is not None
            answer = Answer(picks=("2",), language=language)
            await people.record_consent(tx, person.id, HELD, "take_part", "yes", "w1")
            await answers.record_all(tx, [answers.Given(person.id, person.address, HELD, TOPIC, F1, answer, 1, 1)])
            await people.record_consent(tx, person.id, HELD, "outcome", choice, "w1")
        return self.api.person(id_, known=True)

    async def reply(self, id_: int, *texts: str, prompt: bool = False) -> None:
        """A turn's replies, queued and told to the sender as after a commit."""
        async with self.house.database.write(self.clock()) as tx:
            [person] = await people.meet(tx, [("telegram", str(id_), "en")])
            assert person is not None
            body = [message(text, "en").to_json() for text in texts]
            made = [Reply(person.id, person.address, "telegram", each, prompt, "en", "1") for each in body]
            mine = await deliveries.queue_replies(tx, made, self.house.holder)
        self.sender.nudge(mine, {person.address: str(id_)})

    async def publish(self) -> str:
        async with self.house.database.write(self.clock()) as tx:
            version = await actions.draft(tx, HELD, TOPIC, "done", ["F1"], TEXTS, "Officer A")
            await actions.sign(tx, version, "Bea", alone=False)
            await actions.publish(tx, version)
        self.sender.wake()
        return version

    async def rows(self, *where: Any) -> list[Any]:
        async with self.house.database.read() as tx:
            return await tx.rows(sa.select(ledger).where(*where).order_by(ledger.c.seq))

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def become(self, *states: str) -> None:
        """Waits until the ledger says so."""
        await until(self.states, list(states))


async def until(look: Callable[[], Awaitable[Any]], wanted: Any, seconds: float = 5) -> None:
    found = None
    try:
        async with asyncio.timeout(seconds):
            while (found := await look()) != wanted:  # noqa: ASYNC110 - what it waits for is in the database
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"it stayed {found}, not {wanted}") from None


@asynccontextmanager
async def posted(
    folder: Path, api: BotApi, clock: Clock, url: str = "", *, by_night: bool = False, per_second: float = 25.0
) -> AsyncIterator[Post]:
    """A house whose sender runs. `by_night` makes it keep quiet hours, as in production."""
    settings = trial(folder, **({"database_url": url} if url else {}))
    channel = TelegramChannel(api.token, api.url)
    channel.per_second = per_second
    async with opened(settings, clock=clock) as house:
        house.channels = {"telegram": channel}
        if by_night:
            house.settings = settings.model_copy(update={"host": "0.0.0.0"})
        sender = Sender(house)
        await sender.start()
        try:
            yield Post(house, sender, api, clock)
        finally:
            await sender.close()
            await channel.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def post(tmp_path: Path, bot_api: BotApi, clock: Clock) -> AsyncIterator[Post]:
    async with posted(tmp_path, bot_api, clock) as post:
        yield post


# Replies


async def test_replies_of_one_address_come_in_order_and_all_are_settled(post: Post) -> None:
    person = post.api.person(7, known=True)
    for number in range(10):
        await post.reply(7, f"{number}a", f"{number}b")
    heard = await person.hears(20)
    assert [each.text for each in heard] == [f"{n}{letter}" for n in range(10) for letter in "ab"]
    await post.become(*["accepted"] * 20)
    assert [row.remote for row in await post.rows()] == [str(each.message_id) for each in heard]


async def test_a_retry_after_is_a_time_in_the_row_and_delays_nobody_else(post: Post) -> None:
    slow, quick = post.api.person(1, known=True), post.api.person(2, known=True)
    post.api.fail("sendMessage", retry_after=7200, chat_id=1)
    await post.reply(1, "one")
    await post.become("waiting")
    began = time.monotonic()
    await post.reply(1, "two")
    await post.reply(2, "other")
    assert [each.text for each in await quick.hears()] == ["other"]
    assert time.monotonic() - began < 1
    first, second, _ = await post.rows()
    assert (first.failure, first.not_before) == ("slow_down", post.clock() + timedelta(seconds=7200))
    assert second.state == "waiting", "what was said later waits behind it"
    await slow.hears_nothing()
    post.clock.go(seconds=7201)
    assert [each.text for each in await slow.hears(2)] == ["one", "two"]
    assert post.api.count("sendMessage") == 4


async def test_what_is_said_while_a_reply_is_put_back_does_not_overtake_it(post: Post) -> None:
    person = post.api.person(1, known=True)
    post.api.latency = 0.05
    post.api.fail("sendMessage", retry_after=1, chat_id=1)
    for number in range(6):
        await post.reply(1, str(number))
        await asyncio.sleep(0.02)
    for _ in range(3):
        post.clock.go(seconds=2)
        await asyncio.sleep(0.1)
    assert [each.text for each in await person.hears(6)] == [str(number) for number in range(6)]


@pytest.mark.parametrize("trouble", ["reset_after_accept", "reset_before_accept"])
async def test_an_unknown_reply_is_sent_once_more_and_then_is_unknown(post: Post, trouble: str) -> None:
    post.api.person(1, known=True)
    getattr(post.api, trouble)("sendMessage", 1)
    await post.reply(1, "once")
    await post.become("accepted")
    assert post.api.count("sendMessage") == 2
    getattr(post.api, trouble)("sendMessage", math.inf)
    await post.reply(1, "twice")
    await post.become("accepted", "unknown")
    assert post.api.count("sendMessage") == 4


async def test_a_wrong_token_keeps_everything_waiting(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    person = post.api.person(1, known=True)
    post.api.fail("sendMessage", math.inf, 401)
    await post.reply(1, "still here")
    await post.become("waiting")
    for _ in range(3):
        post.clock.go(minutes=20)
        await asyncio.sleep(0.1)
    assert await post.states() in (["waiting"], ["claimed"])
    assert "refused_token" in caplog.text
    assert post.api.token not in caplog.text
    post.api.no_more_faults()
    post.clock.go(minutes=20)
    assert [each.text for each in await person.hears()] == ["still here"]


async def test_a_server_that_is_away_loses_nothing(post: Post) -> None:
    person = post.api.person(1, known=True)
    async with post.api.refusing_connections():
        await post.reply(1, "one")
        await post.become("waiting")
    post.clock.go(minutes=1)
    assert [each.text for each in await person.hears()] == ["one"]


async def test_however_long_the_carrier_was_away_a_reply_follows_its_return_within_ten_seconds(post: Post) -> None:
    async def attempts() -> int:
        async with post.house.database.read() as tx:
            return int(
                (await tx.execute(sa.select(ledger.c.attempts).where(ledger.c.state == "waiting"))).scalar() or 0
            )

    person = post.api.person(1, known=True)
    async with post.api.refusing_connections():
        await post.reply(1, "one")
        for tried in range(1, 7):
            await until(attempts, tried)
            post.clock.go(minutes=20)
        await until(attempts, 7)
    post.clock.go(seconds=9)
    assert [each.text for each in await person.hears()] == ["one"]


async def test_somebody_who_blocked_us_is_silent_from_then_on(post: Post) -> None:
    person = await post.somebody(1)
    await person.block()
    await post.reply(1, "hello?")
    await post.become("refused")
    await until(lambda: _silent(post), ["blocked"])
    await post.publish()
    await post.become("refused", "refused")
    assert [row.failure for row in await post.rows()] == ["blocked", "blocked"]
    assert post.api.count("sendMessage") == 1, "the news was not even tried"


async def _silent(post: Post) -> list[str | None]:
    async with post.house.database.read() as tx:
        return [row.silent for row in await tx.rows(sa.select(addresses.c.silent))]


async def test_an_overtaken_prompt_is_not_sent_and_a_remark_is(post: Post) -> None:
    person = post.api.person(1, known=True)
    post.api.latency = 0.1
    await post.reply(1, "first remark")  # on its way while the others come
    await asyncio.sleep(0.03)
    await post.reply(1, "old question", prompt=True)
    await post.reply(1, "second remark")
    await post.reply(1, "new question", prompt=True)
    assert [each.text for each in await person.hears(3)] == ["first remark", "second remark", "new question"]
    await post.become("accepted", "withdrawn", "accepted", "accepted")


async def test_a_reply_whose_process_died_is_taken_over_when_its_lease_runs_out(post: Post) -> None:
    person = post.api.person(1, known=True)
    sender, post.sender = post.sender, Sender(post.house)
    post.sender.nudge = lambda replies, values: None  # type: ignore[method-assign] # it died after its commit
    holder, post.house.holder = post.house.holder, "dead"
    await post.reply(1, "from the dead")
    post.house.holder, post.sender = holder, sender
    post.clock.go(seconds=LEASE.total_seconds() - 5)
    await person.hears_nothing(1.2)
    post.clock.go(seconds=10)
    assert [each.text for each in await person.hears()] == ["from the dead"]
    await post.become("accepted")


def _one_claim_is_lost(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The next claim is committed, and the line breaks before anybody hears of it. What it found comes here."""
    claim, lost = deliveries.claim, []

    async def claimed_for_nobody(tx: Any, *rest: Any) -> Any:
        if found := await claim(tx, *rest):
            await tx.connection.commit()
            lost.append(found)
            monkeypatch.setattr(deliveries, "claim", claim)
            raise ConnectionResetError
        return found

    monkeypatch.setattr(deliveries, "claim", claimed_for_nobody)
    return lost


async def test_a_claim_whose_commit_was_never_confirmed_does_not_wait_for_its_lease(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = post.api.person(1, known=True)
    async with post.api.refusing_connections():
        await post.reply(1, "one")
        await post.become("waiting")
    lost = _one_claim_is_lost(monkeypatch)
    post.clock.go(seconds=9)
    assert [each.text for each in await person.hears()] == ["one"]
    assert len(lost) == 1


async def test_what_is_on_the_wire_when_we_stop_is_finished_and_written_down(
    tmp_path: Path, bot_api: BotApi, clock: Clock
) -> None:
    async with posted(tmp_path, bot_api, clock) as post:
        person = bot_api.person(1, known=True)
        bot_api.latency = 0.2
        await post.reply(1, "goodbye")
    async with opened(post.house.settings) as house, house.database.read() as tx:
        assert [row.state for row in await tx.rows(sa.select(ledger.c.state))] == ["accepted"]
    assert [each.text for each in person.messages] == ["goodbye"]


# Feedback


async def test_from_publishing_to_the_first_told_takes_two_seconds_at_most(post: Post) -> None:
    told = [await post.somebody(id_) for id_ in range(20)]
    began = time.monotonic()
    await post.publish()
    await post.api.until(lambda: post.api.sent, timeout=5)
    assert time.monotonic() - began <= 2
    await post.become(*["accepted"] * 20)
    assert [len(person.messages) for person in told] == [1] * 20


async def test_unknown_feedback_is_parked_and_never_sent_again(post: Post) -> None:
    person = await post.somebody(1)
    post.api.reset_after_accept("sendMessage", 1)
    await post.publish()
    await post.become("unknown")
    post.clock.go(hours=1)
    await asyncio.sleep(0.6)
    assert (await post.states(), len(person.messages)) == (["unknown"], 1)


async def test_feedback_claimed_by_a_process_that_died_is_parked(post: Post) -> None:
    async with post.house.database.write(post.clock()) as tx:
        await pulse.hold_lease(tx, "bulk:telegram", "dead", 10)
    person = await post.somebody(1)
    await post.publish()
    await person.hears_nothing(0.5)  # the other process has the lane
    async with post.house.database.write(post.clock()) as tx:
        assert len(await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "dead", 10)) == 1
    post.clock.go(seconds=LEASE.total_seconds() + 1)
    await post.become("unknown")
    await person.hears_nothing()


async def test_one_slow_chat_delays_no_other_and_halves_the_pace(post: Post) -> None:
    people_ = [await post.somebody(id_) for id_ in range(1, 11)]
    post.api.fail("sendMessage", retry_after=3600, chat_id=3)
    await post.publish()
    await until(lambda: _count(post, "accepted"), 9, 3)
    [waits] = await post.rows(ledger.c.state == "waiting")
    assert (waits.failure, waits.not_before) == ("slow_down", post.clock() + timedelta(hours=1))
    assert post.sender._bulks[0].pace.now == pytest.approx(13, abs=0.6)
    assert [len(each.messages) for each in people_] == [1, 1, 0, 1, 1, 1, 1, 1, 1, 1]
    post.clock.go(hours=1, seconds=1)
    await until(lambda: _count(post, "accepted"), 10)


async def _count(post: Post, state: str) -> int:
    return (await post.states()).count(state)


def test_the_pace_halves_recovers_slowly_and_stops_only_when_everybody_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 100.0
    monkeypatch.setattr("bot.pace.time.monotonic", lambda: seconds)
    pace = Pace(25.0)
    for _ in range(2):
        pace.slow_down(3600, "one")
        seconds += 2
    assert (pace.now, pace.held) == (6.25, False)
    pace.went_well()
    assert pace.now == pytest.approx(6.45)
    pace.slow_down(0.1, "another")
    assert pace.held
    seconds += 0.15
    assert not pace.held
    for _ in range(20):
        seconds += 2
        pace.slow_down(0, "one")
    assert pace.now == 1
    for _ in range(9999):
        pace.went_well()
    assert pace.now == 25


@pytest.mark.parametrize("per_second", [30.0, 1000.0])
def test_all_who_were_on_the_wire_together_halve_the_pace_once_and_it_is_back_in_ten_seconds(per_second: float) -> None:
    pace, seconds = Pace(per_second), 0.0
    for _ in range(50):
        pace.slow_down(0, "one")
    assert pace.now == per_second / 2
    while pace.now < per_second:
        seconds += 1 / pace.now
        pace.went_well()
    assert seconds == pytest.approx(10, rel=0.05)


async def test_a_flood_limit_that_concerns_everybody_loses_nobody(post: Post) -> None:
    told = [await post.somebody(id_) for id_ in range(1, 13)]
    post.api.flood_limit(5)
    await post.publish()
    for _ in range(60):
        if await _count(post, "accepted") == 12:
            break
        post.clock.go(seconds=1)
        await asyncio.sleep(0.15)
    assert await _count(post, "accepted") == 12
    assert [len(person.messages) for person in told] == [1] * 12


@pytest.mark.parametrize(("per_second", "most"), [(25.0, LEAST_FLYING), (100.0, 20)])
async def test_as_many_are_on_the_wire_as_the_pace_needs_of_a_slow_carrier(
    tmp_path: Path, bot_api: BotApi, clock: Clock, per_second: float, most: int
) -> None:
    async with posted(tmp_path, bot_api, clock, per_second=per_second) as post:
        told = [await post.somebody(id_) for id_ in range(30)]
        bot_api.latency = 1.0
        await post.publish()
        flying = 0
        while (accepted := bot_api.count("sendMessage", accepted=True)) < 30:
            flying = max(flying, bot_api.count("sendMessage") - accepted)
            await asyncio.sleep(0.01)
        assert most / 2 < flying <= most
        await until(lambda: _count(post, "accepted"), 30)
        assert [len(person.messages) for person in told] == [1] * 30


async def test_no_more_is_claimed_than_flies_or_is_about_to_leave(
    tmp_path: Path, bot_api: BotApi, clock: Clock, database_url: str
) -> None:
    """What is not claimed needs no deciding when the process dies: it waits for whoever comes next."""
    async with posted(tmp_path, bot_api, clock, database_url, per_second=100.0) as post:
        for id_ in range(60):
            await post.somebody(id_)
        bot_api.latency = 0.4
        await post.publish()
        most = 0
        while (waiting := await _count(post, "waiting")) > 0:
            most = max(most, await _count(post, "claimed"))
            await asyncio.sleep(0.01)
        assert waiting == 0
        assert most_in_hand(100) / 2 < most <= most_in_hand(100)
        await until(lambda: _count(post, "accepted"), 60)


async def test_news_whose_claim_was_never_confirmed_is_sent_all_the_same(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await post.somebody(1)
    lost = _one_claim_is_lost(monkeypatch)
    await post.publish()
    await post.become("accepted")
    assert (len(lost), len(told.messages)) == (1, 1)


async def test_news_that_breaks_us_is_in_doubt_and_stands_in_nobodys_way(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    send = TelegramChannel.send

    async def breaking(self: TelegramChannel, value: str, said: Message, target: str | None) -> Any:
        if value == "1":
            raise ValueError("poison")
        return await send(self, value, said, target)

    monkeypatch.setattr(TelegramChannel, "send", breaking)
    for id_ in (1, 2):
        await post.somebody(id_)
    await post.publish()
    await until(lambda: _sorted(post), ["accepted", "unknown"])
    assert "telegram broke: ValueError" in caplog.text
    assert "poison" not in caplog.text


async def _sorted(post: Post) -> list[str]:
    return sorted(await post.states())


async def test_paused_feedback_stands_still_and_goes_on(post: Post) -> None:
    told = [await post.somebody(id_) for id_ in range(40)]
    version = await post.publish()
    await post.api.until(lambda: len(post.api.sent) >= 3)
    await _steer(post, version, "paused")
    at_most = len(post.api.sent) + 2 * LEAST_FLYING
    await asyncio.sleep(0.8)
    stood = len(post.api.sent)
    assert stood <= at_most
    assert stood < 40
    await asyncio.sleep(0.4)
    assert len(post.api.sent) == stood
    await _steer(post, version, "running")
    await until(lambda: _count(post, "accepted"), 40)
    assert [len(person.messages) for person in told] == [1] * 40


async def test_stopped_feedback_is_withdrawn_within_two_seconds(post: Post) -> None:
    for id_ in range(40):
        await post.somebody(id_)
    version = await post.publish()
    await post.api.until(lambda: post.api.sent)
    await _steer(post, version, "stopped")
    await until(lambda: _unsettled(post), 0, 2)
    counted = {state: (await post.states()).count(state) for state in ("accepted", "withdrawn")}
    assert sum(counted.values()) == 40
    assert counted["accepted"] == len(post.api.sent) <= 1 + 2 * LEAST_FLYING


async def _unsettled(post: Post) -> int:
    return len(await post.rows(ledger.c.state.in_(["waiting", "claimed", "paused"])))


async def _steer(post: Post, version: str, how: str) -> None:
    async with post.house.database.write(post.clock()) as tx:
        await actions.steer(tx, version, how)


@pytest.mark.parametrize("act", ["stop", "consent", "forget"])
async def test_what_is_said_between_publishing_and_sending_is_honoured(
    tmp_path: Path, bot_api: BotApi, clock: Clock, database_url: str, act: str
) -> None:
    clock.now = clock.now.replace(hour=22)
    async with posted(tmp_path, bot_api, clock, database_url, by_night=True) as post:
        told, leaves = await post.somebody(1), await post.somebody(2)
        await post.publish()
        await until(lambda: _waits(post), ["quiet", "quiet"])
        async with post.house.database.write(clock()) as tx:
            person = await people.address_of(tx, "telegram", "2")
            assert person is not None
            if act == "stop":
                await people.stop(tx, person.address)
            elif act == "consent":
                await people.record_consent(tx, person.id, HELD, "outcome", "no", "w1")
            else:
                await people.forget(tx, person.id)
        clock.go(hours=12)
        await told.hears()
        await leaves.hears_nothing()
        failures = {"stop": [None, "stopped"], "consent": [None, "consent"], "forget": [None]}
        await until(lambda: _failures(post), failures[act])


async def _waits(post: Post) -> list[str | None]:
    return [row.waits_for for row in await post.rows()]


async def _failures(post: Post) -> list[str | None]:
    return [row.failure for row in await post.rows(ledger.c.state.in_(["accepted", "refused"]))]


@pytest.mark.parametrize(
    ("at", "zone", "sent", "opens"),
    [
        ("2026-10-24T18:59:00", "Europe/London", True, None),  # 19:59 in summer time
        ("2026-10-24T19:00:00", "Europe/London", False, "2026-10-25T09:00:00"),  # 20:00; the clocks go back
        ("2026-10-25T08:59:00", "Europe/London", False, "2026-10-25T09:00:00"),
        ("2026-10-25T09:00:00", "Europe/London", True, None),
        ("2026-10-25T08:00:00", "Europe/Madrid", True, None),  # nine there, eight here
    ],
)
async def test_nobody_is_written_to_by_night_where_they_are(
    tmp_path: Path, bot_api: BotApi, at: str, zone: str, sent: bool, opens: str | None
) -> None:
    clock = Clock(datetime.fromisoformat(at).replace(tzinfo=UTC))
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        person = await post.somebody(1)
        async with post.house.database.write(clock()) as tx:
            await tx.execute(sa.text("UPDATE persons SET zone = :zone"), {"zone": zone})
        await post.publish()
        if sent:
            await person.hears()
            return
        await until(lambda: _waits(post), ["quiet"])
        [row] = await post.rows()
        assert row.not_before == datetime.fromisoformat(opens or "").replace(tzinfo=UTC)
        await post.reply(1, "a reply goes at any hour")
        await person.hears()
        clock.now = row.not_before
        await person.hears()


async def test_the_language_is_the_one_spoken_when_it_is_sent_and_the_exact_text_can_be_proved(
    tmp_path: Path, bot_api: BotApi, clock: Clock
) -> None:
    clock.now = clock.now.replace(hour=22)
    async with posted(tmp_path, bot_api, clock, by_night=True) as post:
        person = await post.somebody(1)
        await post.publish()
        await until(lambda: _waits(post), ["quiet"])
        async with post.house.database.write(clock()) as tx:
            found = await people.address_of(tx, "telegram", "1")
            assert found is not None
            await people.set_language(tx, found.id, "cy")
        clock.go(hours=12)
        [told] = await person.hears()
        assert "Mwy o oleuadau" in told.text
        await post.become("accepted")
        [row] = await post.rows()
        assert (row.language, row.remote) == ("cy", str(told.message_id))
        assert row.catalogue
        as_read = re.sub(r"\n\s*\n", "\n", told.text)  # Telegram parts paragraphs by an empty line
        assert row.digest == post.house.database.keys.find("feedback", f"{row.id}\0{as_read}")


async def test_each_is_told_what_the_desk_shows_beforehand_of_their_own_answers(post: Post) -> None:
    wanted = [(choice, language) for choice in ("with_words", "news_only") for language in ("en", "cy")]
    told = [await post.somebody(id_, *each) for id_, each in enumerate(wanted, 1)]
    published = await post.publish()
    for person, (choice, language) in zip(told, wanted, strict=True):
        [heard] = await person.hears()
        async with post.house.database.read(post.clock()) as tx:
            version = await actions.version_of(tx, published)
        consultation = post.house.library.newest(HELD)
        assert version is not None
        assert consultation is not None
        shown = feedback_text(version, consultation, {F1: Answer(picks=("2",), language=language)}, choice=choice)
        assert re.sub(r"\n\s*\n", "\n", heard.text) == plain(shown, language)


async def test_feedback_reaches_whoever_is_called_at_when_they_look(post: Post) -> None:
    async with post.house.database.write(post.clock()) as tx:
        [web] = await people.meet(tx, [("web", "cookie", "en")])
        assert web is not None
        answer = Answer(picks=("2",), language="en")
        await people.record_consent(tx, web.id, HELD, "take_part", "yes", "w1")
        await answers.record_all(tx, [answers.Given(web.id, web.address, HELD, TOPIC, F1, answer, 1, 1)])
        await people.record_consent(tx, web.id, HELD, "outcome", "with_words", "w1")
    await post.publish()
    assert [(row.state, row.waits_for) for row in await post.rows()] == [("waiting", "looking")]
    [seen] = await looking.look(post.house, web.id, "web")
    assert await looking.look(post.house, web.id, "web") == [], "another window shows it not again"
    await looking.settle(post.house, [seen])
    [row] = await post.rows()
    assert "More lights" in seen.message.words
    assert (row.state, len(row.digest)) == ("accepted", 64)


async def test_two_senders_on_one_database_double_nothing(
    tmp_path: Path, bot_api: BotApi, clock: Clock, database_url: str
) -> None:
    given = (tmp_path, bot_api, clock, database_url)
    async with posted(*given) as one, posted(*given) as two:
        told = [await one.somebody(id_) for id_ in range(30)]
        await one.publish()
        two.sender.wake()
        for id_ in range(30):
            await (one, two)[id_ % 2].reply(id_, "a reply")
        await until(lambda: _count(one, "accepted"), 60)
        assert [len(person.messages) for person in told] == [2] * 30
        async with one.house.database.read() as tx:
            assert len(await tx.rows(sa.select(standing_prompts.c.token))) == 30


class _Slow:
    """A carrier that takes its time with one address."""

    name, per_second = "telegram", 100.0

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, value: str, said: Message, target: str | None) -> Failed:
        await asyncio.sleep(0)
        self.sent.append(value)
        return Failed(Failure.BAD_MESSAGE, detail="no")


async def test_a_message_that_a_carrier_refuses_is_written_down_and_tried_no_more(post: Post) -> None:
    carrier = _Slow()
    post.house.channels = {"telegram": carrier}
    await post.reply(1, "bad")
    await post.become("refused")
    post.clock.go(hours=2)
    await asyncio.sleep(0.2)
    assert carrier.sent == ["1"]


async def test_a_reply_that_breaks_us_stands_in_nobodys_way(
    post: Post, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not settled, it would be taken over for ever, and the same person would never hear anything else."""
    send = TelegramChannel.send

    async def breaking(self: TelegramChannel, value: str, said: Message, target: str | None) -> Any:
        if said.words == "poison":
            raise ValueError("poison")
        return await send(self, value, said, target)

    monkeypatch.setattr(TelegramChannel, "send", breaking)
    person = post.api.person(7, known=True)
    await post.reply(7, "poison", "after it")
    assert [each.text for each in await person.hears(1)] == ["after it"]
    await post.become("refused", "accepted")
    assert "bad_message: ValueError" in caplog.text.replace(". ", ": ")
    assert "poison" not in caplog.text
