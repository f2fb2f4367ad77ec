"""Figures for an operator: they say what happened, and nothing about anybody."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.channels.messages import Incoming
from bot.meters import Histogram
from conversations.domain.speech import Said, Started
from storage.schema import deliveries
from tests.service import Service, serving

SECRETS = ("447700900123", "the path by the canal", "cookie-of-somebody")
ROOT = Path(__file__).resolve().parents[2]


async def figures(service: Service) -> tuple[dict[str, float], str]:
    async with service.client.get(f"{service.base}/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    lines = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}, text


async def test_turns_are_counted_and_nobody_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(tmp_path) as service:
        turns = service.house.turns
        say = Incoming("web", SECRETS[2], "e1", Said(SECRETS[1]), "en")
        await turns.take(Incoming("web", SECRETS[2], "e0", Started(""), "en"))
        await asyncio.gather(turns.take(say), turns.take(Incoming("telegram", SECRETS[0], "e9", Started(""), "en")))
        await turns.take(say)

        async def breaks(*_: object) -> None:
            raise ValueError(SECRETS[1])

        with monkeypatch.context() as patched:
            patched.setattr("bot.turns.play", breaks)
            await turns.take(Incoming("web", SECRETS[2], "e2", Said(SECRETS[1]), "en"))
        found, text = await figures(service)
    by = {name: found[f'bigconversation_turns_total{{result="{name}"}}'] for name in ("new", "repeated", "quarantined")}
    assert by == {"new": 3, "repeated": 1, "quarantined": 1}
    assert found["bigconversation_turn_seconds_count"] == 5
    assert found['bigconversation_batch_turns_bucket{le="+Inf"}'] == 4
    assert found['bigconversation_batch_turns_bucket{le="1"}'] == 3
    assert found["bigconversation_processes"] == 1
    assert 20e6 < found["process_resident_memory_bytes"] < 2e9
    assert not [secret for secret in SECRETS if secret in text]
    assert not re.search(r'="[^"]*\d{4,}', text), "no label holds a long number"


async def test_what_could_go_out_and_does_not_is_late(tmp_path: Path) -> None:
    async with serving(tmp_path) as service:  # there is no Telegram to take it
        await service.house.turns.take(Incoming("telegram", "7", "e1", Started(""), "en"))
        house = service.house
        async with house.database.write(house.clock()) as tx:
            since = house.clock() - timedelta(seconds=90)
            await tx.execute(sa.update(deliveries).values(state="waiting", holder=None, not_before=since))
        found, _ = await figures(service)
        assert found['bigconversation_oldest_waiting_seconds{lane="reply"}'] == pytest.approx(90, abs=5)
        assert found['bigconversation_oldest_waiting_seconds{lane="feedback"}'] == 0
        assert found['bigconversation_deliveries{lane="reply",state="waiting"}'] >= 1


def test_a_histogram_counts_up_to_and_with_each_bound() -> None:
    histogram = Histogram((1, 2))
    for figure in (0.5, 1, 1.5, 7):
        histogram.see(figure)
    told = [line for line in histogram.lines("x", "X.") if not line.startswith("#")]
    assert told == [
        'bigconversation_x_bucket{le="1"} 2',
        'bigconversation_x_bucket{le="2"} 3',
        'bigconversation_x_bucket{le="+Inf"} 4',
        "bigconversation_x_sum 10.000000",
        "bigconversation_x_count 4",
    ]


async def test_every_figure_is_in_the_operators_table(tmp_path: Path) -> None:
    table = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    async with serving(tmp_path) as service:
        _, text = await figures(service)
    names = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(names) == 8
    assert not [name for name in names if f"`{name}" not in table]
