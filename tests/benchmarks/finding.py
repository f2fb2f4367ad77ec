"""E1: what the event finder and an event's page take among ten thousand events, through the whole service."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import sqlalchemy as sa

from conversations.domain.gatherings import Area, Gathering
from conversations.domain.whens import When
from storage.database import Transaction
from storage.gatherings import moment_of, sealed_words
from storage.schema import gatherings, places
from tests.benchmarks.targets import Bench, Seen
from tests.service import serving

AREAS, ASKED, P95 = 650, 300, 0.100
"""Constituencies that are made; requests of each kind; seconds a page may take."""
QUERIES = ("", "?place=wales", "?place=Sample 17", "?place=sample", "?place=north_east", "?step_free=1", "?page=40",
           "?from={day}", "?place=Sample 400&step_free=1&from={day}", "?place=Atlantis")  # fmt: skip


async def finding(bench: Bench, tell: Callable[[str], None]) -> list[Seen]:
    """The p95 of the finder's page, of an event's page, and of the feed."""
    async with serving(bench.folder, database_url=bench.new_database()) as service:
        async with service.house.database.write(service.house.clock()) as tx:
            ids = await _fill(tx, bench.events)
        tell(f"{bench.events} events are there")
        chance, now = random.Random(5), datetime.now(UTC)
        days = (f"{now + timedelta(days=chance.randrange(300)):%Y-%m-%d}" for _ in itertools.count())
        finder = [f"/events{query}".format(day=next(days)) for query in QUERIES for _ in range(ASKED // len(QUERIES))]
        one = [f"/events/{chance.choice(ids)}" for _ in range(ASKED)]
        feed = [f"/events.ics?place=Sample {chance.randrange(AREAS)}" for _ in range(ASKED // 3)]
        return [
            await _timed(service.client, service.base, what, paths)
            for what, paths in (("the event finder", finder), ("an event's page", one), ("a place's feed", feed))
        ]


async def _timed(client: aiohttp.ClientSession, base: str, what: str, paths: list[str]) -> Seen:
    waits = []
    for path in paths:
        began = time.perf_counter()
        async with client.get(base + path) as answer:
            await answer.read()
            assert answer.status == 200, (path, answer.status)
        waits.append(time.perf_counter() - began)
    waits.sort()
    p95, half = waits[int(0.95 * len(waits))], waits[len(waits) // 2]
    detail = f"median {half * 1000:.1f} ms, slowest {waits[-1] * 1000:.1f} ms, of {len(waits)}"
    return Seen("E1", f"{what}, p95", f"≤ {P95 * 1000:.0f} ms", f"{p95 * 1000:.1f} ms", p95 <= P95, detail)


async def _fill(tx: Transaction, events: int) -> list[str]:
    """So many open events, all over the country and the year."""
    chance, nations = random.Random(7), ("england", "wales", "scotland", "northern_ireland")
    made = [
        {
            "code": f"X{number:08}", "name": f"Sample {number}", "folded": f"sample {number}",
            "region": "north_east" if number % 4 == 0 else "", "nation": nations[number % 4],
        }
        for number in range(AREAS)
    ]  # fmt: skip
    await tx.execute(sa.insert(places), made)
    rows = [_row(tx, number, made[chance.randrange(AREAS)], chance) for number in range(events)]
    for start in range(0, events, 1000):
        await tx.execute(sa.insert(gatherings), rows[start : start + 1000])
    return [row["id"] for row in rows]


def _row(tx: Transaction, number: int, place: dict[str, str], chance: random.Random) -> dict[str, object]:
    start = tx.now.replace(tzinfo=None, minute=0, second=0, microsecond=0) + timedelta(hours=chance.randrange(2, 8000))
    made = Gathering(f"{number:08}", title=f"Sample event {number}", place=f"Sample hall {number}, Sample Street")
    area = Area(place["nation"], place["region"], place["code"])
    return {
        "id": made.id, "state": "open", "words": sealed_words(tx, made), "nation": area.nation, "region": area.region,
        "constituency": area.constituency, "zone": made.zone, "seats": 40, "taken": chance.randrange(40),
        "step_free": chance.choice(("yes", "no", "unsure")), "format": "public_meeting", "language": "en", "version": 1,
        "moved": False, "created": tx.now, "changed": tx.now, **moment_of(When(start), made.zone),
    }  # fmt: skip
