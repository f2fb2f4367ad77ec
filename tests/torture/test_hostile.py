"""Hostile input against the whole service, in short, and thirty thousand of it. A million is `make torture`."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import pytest
from telegram import Update

from tests.fakes.botapi import BotApi
from tests.service import Service, free_port, serving
from tests.torture.hostile_assault import Besieged
from tests.torture.hostile_fields import Fields, documents
from tests.torture.hostile_forged import forge, rows
from tests.torture.hostile_strings import KINDS, hostile_strings
from tests.torture.hostile_updates import BODIES, Mutator, crowd

SECRET = "a-secret-of-the-webhook_0123456789"


@asynccontextmanager
async def at_a_webhook(folder: Path, database_url: str, api: BotApi) -> AsyncIterator[Service]:
    """The service with its updates brought to it."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    told = {"telegram_token": api.token, "telegram_api_url": api.url, "telegram_webhook_secret": SECRET}
    async with serving(folder, port=port, database_url=database_url, public_url=base, **told) as service:
        yield service


def slips(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the service logged as an error."""
    return [each.getMessage()[:2000] for each in caplog.records if each.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("updates", "requests"), [(350, 70), pytest.param(13_500, 1_500, marks=pytest.mark.slow)], ids=["short", "long"]
)
async def test_mutated_updates_and_requests_break_nothing(
    tmp_path: Path, database_url: str, bot_api: BotApi, caplog: pytest.LogCaptureFixture, updates: int, requests: int
) -> None:
    """The long one on both engines makes thirty thousand in `make test-all`; `make torture PART=hostile` has no end."""
    async with at_a_webhook(tmp_path, database_url, bot_api) as service:
        result = await Besieged(service.base, SECRET, bot_api, service.house).assault(updates, updates, requests)
    assert result.faults == []
    assert slips(caplog) == []
    assert result.statuses["update 200"] > updates / 2
    assert result.conversations > 50
    assert sorted(result.waits)[len(result.waits) // 2] < 1


@pytest.mark.parametrize("count", [len(KINDS), pytest.param(10 * len(KINDS), marks=pytest.mark.slow)])
async def test_hostile_words_are_kept_as_they_are_in_every_field(
    tmp_path: Path, database_url: str, bot_api: BotApi, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    words = list(hostile_strings(count, count))
    async with at_a_webhook(tmp_path, database_url, bot_api) as service:
        fields = Fields(service.base, SECRET, bot_api, service.house)
        await fields.all(words)
    assert fields.faults == []
    assert slips(caplog) == []
    assert fields.stored > 3 * count


def test_no_document_breaks_its_reader() -> None:
    assert documents(list(hostile_strings(7, len(KINDS)))) == []


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_forged_webhooks_leave_nothing(
    tmp_path: Path, database_url: str, bot_api: BotApi, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    async with at_a_webhook(tmp_path, database_url, bot_api) as service:
        await bot_api.until(lambda: bot_api.count("setMyShortDescription") >= 2, timeout=60)
        before, calls = await rows(service.house.database), len(bot_api.calls)
        statuses, faults = await forge(service.base, SECRET, count, count)
        assert faults == []
        assert statuses.total() == count
        assert await rows(service.house.database) == before
        assert len(bot_api.calls) == calls
    assert slips(caplog) == []


def test_every_kind_of_update_is_made() -> None:
    assert set(BODIES) == set(Update.ALL_TYPES)
    for kind, bodies in BODIES.items():
        for body in bodies:
            assert Update.de_json({"update_id": 1, kind: body}, None).effective_user or kind


def test_the_same_seed_makes_the_same_updates_and_words() -> None:
    assert list(islice(Mutator(5, crowd(300)).bodies({}), 300)) == list(islice(Mutator(5, crowd(300)).bodies({}), 300))
    assert list(hostile_strings(5, 100)) == list(hostile_strings(5, 100)) != list(hostile_strings(6, 100))
