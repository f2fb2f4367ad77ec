"""The benchmarks at toy size: that they work, never how fast. `make bench` measures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import tallies
from storage.database import Transaction, migrate, open_database
from storage.schema import answers, persons
from storage.schema import tallies as rolled
from storage.sealing import Keys, new_key
from tests.benchmarks import broadcasting, finding, following, growing, targets
from tests.benchmarks.__main__ import play
from tests.benchmarks.filling import fill
from tests.benchmarks.sending import told
from tests.benchmarks.targets import Bench, Seen


def toy(folder: Path, url: str) -> Bench:
    return Bench(folder, lambda: url, 1, people=4, steady_seconds=1, fan_out=100, queued=4000)


@pytest.mark.slow
async def test_digests_of_everybody_who_follows_are_made_and_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = iter(f"sqlite:///{tmp_path}/{name}.db" for name in ("few", "many"))
    monkeypatch.setattr(following, "FEW", 40)
    bench = Bench(tmp_path, lambda: next(urls), 1, followers=80)
    seen = await following.following(bench, lambda _told: None)
    assert [each.target for each in seen] == ["F1", "F2", "F3"]


@pytest.mark.slow
async def test_publishing_to_thousands_is_queued_claimed_and_settled(tmp_path: Path, database_url: str) -> None:
    seen = await targets.queueing(toy(tmp_path, database_url), lambda _told: None)
    assert [each.target for each in seen] == ["B3", "B3", "B4"]


@pytest.mark.slow
async def test_our_bulk_lane_tells_everybody_once_and_keeps_to_the_pace(tmp_path: Path, database_url: str) -> None:
    sent = await told("ours", tmp_path, database_url, 100, 50.0)
    assert (sent.sent, sent.lost, sent.doubled) == (100, 0, 0)
    assert sent.refused < 10, "a carrier held up by a busy machine sees a few come at once; without a pace it is half"


def test_a_part_that_breaks_is_a_line_and_no_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def breaks(_bench: Bench, _tell: object) -> list[Seen]:
        raise RuntimeError("no such thing\nand more")

    [line] = play("any", breaks, toy(tmp_path, ""))
    assert (line.figure, line.kept, line.detail) == ("failed", False, "RuntimeError: no such thing")
    assert "no such thing" in capsys.readouterr().err


async def test_what_fills_a_database_is_as_the_schema_wants_it(tmp_path: Path, database_url: str) -> None:
    database = open_database(database_url, Keys.read(new_key(), new_key()))
    try:
        await migrate(database)
        await fill(database_url, 30)
        async with database.write(datetime.now(UTC)) as tx:
            await tallies.replace(tx, await tallies.count(tx))
            counted = {each.slot: each.people for each in await tallies_of(tx)}
            orphans = await tx.rows(sa.select(answers).where(answers.c.person.not_in(sa.select(persons.c.id))))
            ids = [each.id for each in await tx.rows(sa.select(answers.c.id).order_by(answers.c.id))]
    finally:
        await database.close()
    assert counted == {"T1": 30, "T3": 30, "T4": 30, "T5": 30, "T7": 30, "T9": 30}
    assert orphans == []
    assert (len(ids), ids[0][:2], ids[-1][:2]) == (300, "00", "ff")


async def tallies_of(tx: Transaction) -> Sequence[sa.Row[Any]]:
    return await tx.rows(sa.select(rolled).where(rolled.c.slot != tallies.TOPIC))


@pytest.mark.slow
async def test_turns_are_measured_among_few_and_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "EACH_TIME", 2)
    urls = (f"sqlite:///{tmp_path}/{place}.db" for place in range(2))
    [seen] = await growing.growing(Bench(tmp_path, lambda: next(urls), 1, grown=2000), lambda _told: None)
    assert seen.target == "A5"
    assert float(seen.figure) > 0


@pytest.mark.slow
async def test_four_people_answer_our_ten_questions(tmp_path: Path, database_url: str) -> None:
    from tests.benchmarks.bots import OURS

    cost, memory = await toy(tmp_path, database_url).crowd(OURS)
    assert cost.answers == 40
    assert memory > 0


@pytest.mark.slow
async def test_the_finder_is_asked_and_answers(tmp_path: Path, database_url: str) -> None:
    bench = Bench(tmp_path, lambda: database_url, 1, events=50)
    assert [each.target for each in await finding.finding(bench, lambda _told: None)] == ["E1"] * 3


@pytest.mark.slow
async def test_a_broadcast_reaches_everybody_once_while_people_answer(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "BESIDE_SECONDS", 1.0)
    keys = iter([database_url, f"sqlite:///{tmp_path}/other.db"])
    bench = Bench(tmp_path, lambda: next(keys), 1, broadcast=60)
    seen = await broadcasting.broadcasting_to_many(bench, lambda _told: None)
    assert [each.target for each in seen] == ["U1", "U2", "U3"] * 2
    assert all(" 0 lost, 0 doubled" in each.detail for each in seen if each.target == "U1")
