"""U1 to U3: a broadcast to very many, by the service as `serve` runs it, while people answer beside it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.following import topic_subject
from storage import audiences, broadcasting, broadcasts
from storage.broadcasting import Rules
from storage.database import Database, open_database
from storage.schema import addresses, facts, persons, subscriptions
from storage.sealing import Keys
from tests.benchmarks.asked import TOPIC
from tests.benchmarks.bots import OURS, Running, new_keys, running
from tests.benchmarks.conversing import answering, gathered
from tests.benchmarks.lean_telegram import FIRST_CHAT, BotApi, Webhook
from tests.benchmarks.sending import DELAY, Carrier
from tests.benchmarks.targets import Bench, Seen

ANSWERS_A_SECOND = 20.0
BESIDE_SECONDS, SHORT_SECONDS = 15.0, 30.0
"""How long people answer beside it, at a steady rate; how long it lasts at Telegram's own pace."""
SUBJECT = topic_subject("ten-questions", TOPIC)
AUTHOR = Writer("Sample organiser", areas=frozenset({"wales"}))
AT_ONCE = 20_000


@dataclass(frozen=True)
class Figures:
    """What one broadcast came to. `idle` and `beside` are the 95th wait for a reply in seconds, without it and beside
    it; `grown` the memory in MiB that came on from its first fifth to its end."""

    carrier: Carrier
    count: int
    idle: float
    beside: float
    grown: float

    @property
    def share(self) -> float:
        """Of the rate that the rule permits."""
        seconds = self.carrier.at[-1] - self.carrier.at[0]
        return (len(self.carrier.at) - 1) / seconds / self.carrier.per_second

    @property
    def exact(self) -> bool:
        """Whether everybody was told once, and nothing was refused."""
        return not self.carrier.refused and len(self.carrier.at) == len(self.carrier.told) == self.count


async def broadcasting_to_many(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """At Telegram's pace for a short while, and at a thousand a second to everybody."""
    seen: list[Seen] = []
    for per_second, count in ((30.0, min(bench.broadcast, int(30 * SHORT_SECONDS))), (1000.0, bench.broadcast)):
        found = await _sent(bench, per_second, count, tell)
        what = f"{count:,} at {per_second:.0f}/s"
        ratio, carrier = found.beside / found.idle, found.carrier
        lost, doubled = count - len(carrier.told), len(carrier.at) - len(carrier.told)
        told = f"{carrier.refused} × 429, {lost} lost, {doubled} doubled"
        waits = f"{found.beside * 1000:.0f} against {found.idle * 1000:.0f} ms"
        kept = found.share >= 0.995 and found.exact
        seen += [
            Seen("U1", f"broadcast to {what}: share of the rate", "≥ 99.5 %", f"{found.share:.1%}", kept, told),
            Seen("U2", f"p95 of replies beside {what}, × idle", "≤ 1.5", f"{ratio:.2f}", ratio <= 1.5, waits),
            Seen("U3", f"memory that comes on in {what}, MiB", "≤ 5", f"{found.grown:.1f}", found.grown <= 5, ""),
        ]
    return seen


async def _sent(bench: Bench, per_second: float, count: int, tell: Callable[[str], None]) -> Figures:
    keys, url = new_keys(), bench.new_database()
    given = {**keys, "telegram_per_second": str(per_second)}
    async with BotApi(DELAY) as api, running(OURS, bench.folder, url, api.url, given) as bot:
        database = open_database(url, Keys.read(keys["secret_keys"], keys["lookup_key"]))
        webhook = Webhook("127.0.0.1", bot.port, "/telegram")
        await webhook.open()
        try:
            await fill(database, count)
            tell(f"{count:,} people follow the topic")
            return await _measured(bot, api, webhook, database, Carrier(per_second), count, tell)
        finally:
            webhook.close()
            await database.close()


async def _measured(
    bot: Running,
    api: BotApi,
    webhook: Webhook,
    database: Database,
    carrier: Carrier,
    count: int,
    tell: Callable[[str], None],
) -> Figures:
    some = round(ANSWERS_A_SECOND * BESIDE_SECONDS / 10)
    idle = await answering(bot, await gathered(bot, api, webhook, some), ANSWERS_A_SECOND)
    people = await gathered(bot, api, webhook, some)
    replies = api.on_sent
    api.on_sent = lambda chat, text: carrier.hears(chat, text) if chat >= FIRST_CHAT else replies(chat, text)
    await send(database, datetime.now(UTC))
    async with asyncio.timeout(60):
        while not carrier.at:  # noqa: ASYNC110 - it is looked at from outside
            await asyncio.sleep(0.02)
    beside = await answering(bot, people, ANSWERS_A_SECOND)
    await _until(carrier, count / 5)
    before = bot.memory()
    await _until(carrier, count)
    grown = bot.memory() - before
    found = Figures(carrier, count, idle.wait(0.95), beside.wait(0.95), grown)
    tell(f"{count:,} at {carrier.per_second:.0f}/s: {found.share:.1%}, {carrier.refused} × 429, {grown:.1f} MiB")
    return found


async def _until(carrier: Carrier, many: float) -> None:
    while len(carrier.told) < many and not carrier.is_silent:  # noqa: ASYNC110 - it is looked at from outside
        await asyncio.sleep(0.05)


async def send(database: Database, now: datetime) -> str:
    """A broadcast to everybody who follows the topic in Wales; the service begins it by itself."""
    async with database.write(now) as tx:
        made = await broadcasts.draft(
            tx, AUTHOR, "ordinary", Audience(topic=SUBJECT.id), {"en": "News.", "cy": "Newyddion."}, "wales"
        )
        kept = await broadcasts.one(tx, made)
        assert kept is not None
        reached = await audiences.count(tx, kept)
        await broadcasting.send(tx, AUTHOR, made, reached, Rules(cooling=timedelta(0), alone=True))
    return made


async def fill(database: Database, count: int) -> None:
    """So many people in Telegram who follow the topic and live in Wales, every other one in Welsh."""
    now = datetime.now(UTC) - timedelta(days=1)
    for begin in range(0, count, AT_ONCE):
        ids = [(number, str(uuid.uuid4()), str(uuid.uuid4())) for number in range(begin, min(begin + AT_ONCE, count))]
        async with database.write(now) as tx:
            await tx.execute(sa.insert(persons), [
                {"id": person, "pseudonym": f"B-{number}", "language": ("en", "cy")[number % 2],
                 "zone": "Europe/London", "created": now}
                for number, person, _ in ids
            ])  # fmt: skip
            await tx.execute(sa.insert(addresses), [
                {"id": address, "person": person, "channel": "telegram", "created": now,
                 "lookup": tx.keys.find("telegram", str(FIRST_CHAT + number)),
                 "sealed": tx.keys.seal(str(FIRST_CHAT + number), "addresses", "sealed", address)}
                for number, person, address in ids
            ])  # fmt: skip
            await tx.execute(sa.insert(facts), [
                {"person": person, "fact": "nation", "value": "wales", "told": now} for _, person, _ in ids
            ])  # fmt: skip
            await tx.execute(sa.insert(subscriptions), [
                {"person": person, "kind": "topic", "subject": SUBJECT.id, "pace": "at_once", "address": address,
                 "since": now}
                for _, person, address in ids
            ])  # fmt: skip
