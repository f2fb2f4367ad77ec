"""Several processes of the real program on one PostgreSQL: one is killed, and nobody notices for long."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.bulk import most_in_hand
from bot.house import House
from bot.opening import opened
from bot.settings import Settings
from conversations.domain.answers import Answer, Slot
from storage import actions, answers, people
from storage.schema import deliveries as ledger
from storage.sealing import new_key
from tests.conftest import new_database
from tests.fakes.botapi import BotApi
from tests.processes import Balancer, balancing, process

AUDIENCE = range(1, 41)
TAKEOVER = 10.0
HELD, TOPIC, F1 = "fair-future", "SAFE", Slot("F1")
WORDS = dict.fromkeys(["said", "did", "why", "who", "next", "by"], "words")
TEXTS = {"en": WORDS | {"headline": "More lights"}, "cy": WORDS | {"headline": "Mwy o oleuadau"}}


def shared(postgres: str, api: BotApi, balancer: Balancer, folder: Path) -> dict[str, Any]:
    """The settings that all processes have in common."""
    return {
        "database_url": new_database(postgres), "secret_keys": new_key(), "lookup_key": new_key(),
        "public_url": balancer.base, "tombstones": f"{folder}/erased.log",
        "telegram_token": api.token, "telegram_api_url": api.url, "telegram_webhook_secret": "s3cret",
    }  # fmt: skip


async def publish(house: House, api: BotApi) -> None:
    """News for everybody in the audience, who answered F1 and asked to hear."""
    async with house.database.write(house.clock()) as tx:
        for id_ in AUDIENCE:
            api.person(id_, known=True)
            [person] = await people.meet(tx, [("telegram", str(id_), "en")])
            assert person is not None
            answer = Answer(picks=("2",), language="en")
            await people.record_consent(tx, person.id, HELD, "take_part", "yes", "w1")
            await answers.record_all(tx, [answers.Given(person.id, person.address, HELD, TOPIC, F1, answer, 1, 1)])
            await people.record_consent(tx, person.id, HELD, "outcome", "with_words", "w1")
        version = await actions.draft(tx, HELD, TOPIC, "done", ["F1"], TEXTS, "Officer A")
        await actions.sign(tx, version, "Officer B", alone=False)
        await actions.publish(tx, version)


async def outcomes(house: House) -> Counter[str]:
    async with house.database.read() as tx:
        return Counter(row.state for row in await tx.rows(sa.select(ledger.c.state).where(ledger.c.lane > 0)))


async def settled(house: House) -> Counter[str]:
    """What became of all news, once nothing of it is under way."""
    async with asyncio.timeout(30):
        while (found := await outcomes(house)).keys() & {"waiting", "claimed"}:  # noqa: ASYNC110 - it is a database
            await asyncio.sleep(0.1)
    return found


@pytest.mark.postgres
async def test_a_process_is_killed_and_another_takes_over_in_ten_seconds(
    tmp_path: Path, postgres: str, bot_api: BotApi
) -> None:
    bot_api.webhook.between_settings = 0
    async with balancing() as balancer:
        common = shared(postgres, bot_api, balancer, tmp_path)
        async with process(tmp_path, **common, telegram_per_second=6) as first:
            balancer.behind.append(first)
            async with opened(Settings(**common)) as house:
                await publish(house, bot_api)
                await bot_api.until(lambda: len(bot_api.sent) >= 3)
                async with process(tmp_path, **common, telegram_per_second=50) as second:
                    bot_api.hang("sendMessage", 1, chat_id=900)
                    await bot_api.person(900).start()
                    await bot_api.until(lambda: any(call.fault for call in bot_api.calls))
                    await first.kill()
                    killed, told = time.monotonic(), len(bot_api.sent)
                    balancer.behind.append(second)
                    await bot_api.person(901).start()
                    await bot_api.person(901).hears(1, 5)
                    await bot_api.person(900).hears(1, TAKEOVER)
                    await bot_api.until(lambda: len(bot_api.sent) > told + 2, TAKEOVER)
                    took_over = time.monotonic() - killed
                    found = await settled(house)
    assert took_over < TAKEOVER
    assert max(len(bot_api.person(id_).messages) for id_ in AUDIENCE) == 1, "nobody is told twice"
    assert found["accepted"] + found["unknown"] == len(AUDIENCE), found
    assert found["unknown"] <= most_in_hand(50)
    assert len(bot_api.person(900).messages) == 1
