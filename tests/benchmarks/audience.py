"""An audience of any size, written straight into the tables; and a publication to all of them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from storage import actions
from storage.actions import ActionVersion
from storage.database import Database
from storage.schema import addresses, answers, consents, persons, responses
from tests.service import CANAL

HELD, TOPIC, QUESTION = "fair-future", "SAFE", "F1"
AT_ONCE = 20_000


async def settle_in(database: Database, count: int, first_chat: int, answers_each: int = 1) -> None:
    """So many people in Telegram who answered and asked to hear, every other one in Welsh."""
    now = datetime.now(UTC)
    for begin in range(0, count, AT_ONCE):
        numbers = range(first_chat + begin, first_chat + min(begin + AT_ONCE, count))
        async with database.write(now) as tx:
            ids = {number: (str(uuid.uuid4()), str(uuid.uuid4())) for number in numbers}
            await tx.execute(sa.insert(persons), [
                {"id": person, "pseudonym": f"B-{number}", "language": ("en", "cy")[number % 2],
                 "zone": "Europe/London", "created": now}
                for number, (person, _) in ids.items()
            ])  # fmt: skip
            await tx.execute(sa.insert(addresses), [
                {"id": address, "person": person, "channel": "telegram", "created": now,
                 "lookup": tx.keys.find("telegram", str(number)),
                 "sealed": tx.keys.seal(str(number), "addresses", "sealed", address)}
                for number, (person, address) in ids.items()
            ])  # fmt: skip
            await tx.execute(sa.insert(consents), [
                {"person": person, "consultation": HELD, "purpose": purpose, "choice": choice, "wording": "w1",
                 "channel": "telegram", "given": now}
                for person, _ in ids.values() for purpose, choice in (("take_part", "yes"), ("outcome", "with_words"))
            ])  # fmt: skip
            await tx.execute(sa.insert(responses), [
                {"person": person, "consultation": HELD, "topic": TOPIC, "address": address, "started": now}
                for person, address in ids.values()
            ])  # fmt: skip
            await tx.execute(sa.insert(answers), [
                {"id": str(uuid.uuid4()), "person": person, "consultation": HELD, "topic": TOPIC,
                 "question": f"F{place}", "slot": f"F{place}", "picks": '["2"]', "skipped": False, "aside": False,
                 "shape": 1, "wording": 1, "language": "en", "given": now}
                for person, _ in ids.values() for place in range(1, answers_each + 1)
            ])  # fmt: skip


async def publish(database: Database) -> ActionVersion:
    """Writes, signs and publishes an action that everybody there is told of."""
    async with database.write(datetime.now(UTC)) as tx:
        version = await actions.draft(tx, HELD, TOPIC, "done", [QUESTION], CANAL, "Sample officer")
        await actions.sign(tx, version, "Another officer", alone=False)
        await actions.publish(tx, version)
        published = await actions.version_of(tx, version)
    assert published is not None
    return published
