"""A fair share: who floods in Telegram is heard so much and told once; nobody else waits, and STOP is always heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.access import ONE_PERSON
from bot.buckets import Buckets
from bot.channels.messages import Incoming
from bot.doors.fair_share import FairShare
from conversations.domain.speech import Heard, Returned, Said
from storage.schema import addresses, events
from tests.fakes.botapi import BotApi
from tests.playing import TelegramPlayer
from tests.service import Service, serving

FAST, FAST_IN_WELSH = "That was a bit fast.", "Roedd hynny braidd yn gyflym."


@pytest.fixture
async def service(tmp_path: Path, bot_api: BotApi) -> AsyncIterator[Service]:
    async with serving(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as service:
        yield service


def said(heard: Heard, value: str = "7", **more: bool) -> Incoming:
    return Incoming("telegram", value, "1", heard, "en", **more)


def test_a_share_is_used_up_filled_again_and_given_back() -> None:
    now = [0.0]
    share, words = FairShare(Buckets(lambda: now[0])), said(Said("hello"))
    assert [share.hears(words) for _ in range(ONE_PERSON.burst + 1)] == [True] * ONE_PERSON.burst + [False]
    assert share.hears(said(Said("hello"), "8"))
    share.give_back(words)
    assert [share.hears(words) for _ in range(2)] == [True, False]
    now[0] = 1.0
    assert [share.hears(words) for _ in range(3)] == [True, True, False]
    share.give_back(said(Said("never heard of"), "9"))


def test_stop_and_blocking_are_heard_after_any_flood() -> None:
    share = FairShare(Buckets(lambda: 0.0))
    while share.hears(said(Said("hello"))):
        pass
    assert all(share.hears(said(Said(word))) for word in ("STOP", "/stop", "stop!"))
    assert share.hears(said(Returned(), unblocked=False))
    while share.hears(said(Said("stop"))):  # a flood of STOPs is a flood too: it has been heard by then
        pass


def test_it_is_told_once_and_a_minute_later_again() -> None:
    now = [0.0]
    share, words = FairShare(Buckets(lambda: now[0])), said(Said("hello"))
    assert [share.is_to_be_told(words) for _ in range(3)] == [True, False, False]
    now[0] = 61.0
    assert share.is_to_be_told(words)


@pytest.mark.parametrize("flood", [250, pytest.param(2000, marks=pytest.mark.slow)])
async def test_a_flood_delays_nobody_and_is_told_once(service: Service, bot_api: BotApi, flood: int) -> None:
    loud, other = TelegramPlayer(bot_api, id_=7), TelegramPlayer(bot_api, id_=8)
    await loud.start()
    await loud.press(["Cymraeg"])
    before, began = len(loud.person.messages), time.monotonic()
    for number in range(flood):
        await loud.person.say(f"nonsense {number}")
    await loud.person.say("STOP")
    waited = time.monotonic()
    await other.person.start()
    await other.person.hears(1, timeout=20)
    waited = time.monotonic() - waited
    print(f"{flood} messages; another waited {waited:.2f} s")
    metered = service.house.turns.meters.turns
    async with asyncio.timeout(60):
        while metered["new"] + metered["too_fast"] < flood + 4:  # noqa: ASYNC110 - updates come over HTTP
            await asyncio.sleep(0.05)
    heard = metered["new"]
    assert heard <= ONE_PERSON.burst + 2 + ONE_PERSON.per_second * (time.monotonic() - began) + 1
    assert metered["too_fast"] >= flood - heard
    async with service.house.database.read() as tx:
        [stopped] = await tx.rows(sa.select(addresses).where(addresses.c.stopped_at.is_not(None)))
        kept = (await tx.execute(sa.select(sa.func.count()).select_from(events))).scalar_one()
    assert stopped.channel == "telegram"
    assert kept == heard

    def told() -> list[str]:
        return [each.text for each in loud.person.messages[before:] if each.text.startswith((FAST, FAST_IN_WELSH))]

    await bot_api.until(lambda: bool(told()))
    assert [each[: len(FAST_IN_WELSH)] for each in told()] == [FAST_IN_WELSH]
