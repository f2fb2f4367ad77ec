"""Short forms of the torture, and of the judge itself. The long ones are `make torture PART=…`."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

import pytest

from tests.torture import fanout, kills, seeded
from tests.torture.__main__ import COLUMNS, HEADING, parts, row_of, write_row
from tests.torture.bugs import BUGS
from tests.torture.launcher import POINTS, Plan, place_of
from tests.torture.program import Program, Stable, databases, settings_for
from tests.torture.verdict import Asked, Engine, Verdict, in_rounds


@pytest.mark.parametrize("name", POINTS)
def test_every_named_point_is_in_the_program(name: str) -> None:
    owner, last = place_of(POINTS[name].function)
    assert callable(getattr(owner, last))


async def test_the_program_dies_at_its_point_and_lives_again(tmp_path: Path) -> None:
    with databases("sqlite") as new:
        settings = settings_for(tmp_path, new(tmp_path), rollup_seconds="1")
        async with Stable() as stable:
            program = Program(settings, tmp_path / "log", stable)
            await program.start(Plan("totals are rolled up, not committed", passage=2))
            assert await program.ready()
            assert await program.dies_within(20)
            async with program.running():
                assert program.alive
            assert not program.alive
            assert program.lives == 2
            assert program.complaints() == []


@pytest.mark.slow
async def test_nothing_is_left_behind_by_whoever_is_killed(tmp_path: Path) -> None:
    with databases("sqlite") as new:
        async with Stable() as stable:
            program = Program(settings_for(tmp_path, new(tmp_path)), tmp_path / "log", stable)
            await program.start()
            assert await program.ready()
            assert stable._process is not None
            assert stable._process.stdin is not None
            stable._process.stdin.close()  # as it is when the process that held it is gone
            assert await stable._process.wait() == 0
            with contextlib.suppress(ProcessLookupError):
                for _ in range(100):
                    os.kill(program.pid, 0)
                    await asyncio.sleep(0.1)
                pytest.fail("the program is still there")


@pytest.mark.slow
async def test_what_is_started_cold_is_the_same_program(tmp_path: Path) -> None:
    with databases("sqlite") as new:
        program = Program(settings_for(tmp_path, new(tmp_path)), tmp_path / "log")
        async with program.running():
            assert await program.stop() == 0


async def test_a_run_that_was_ended_goes_on_where_it_was(tmp_path: Path) -> None:
    played: list[int] = []

    async def play(place: int, size: int) -> Verdict:
        if place == 1 and 1 not in played:
            played.append(1)
            raise KeyboardInterrupt
        played.append(place)
        return Verdict({"kills": size, "longest wait": place / 2}, [f"round {place}"])

    def asked(resume: bool) -> Asked:
        return Asked("any", "sqlite", 1, 25, kept=tmp_path / "kept.json", resume=resume)

    with pytest.raises(KeyboardInterrupt):
        await asked(False).rounds(in_rounds(25, 10), play)
    whole = await asked(True).rounds(in_rounds(25, 10), play)
    assert played == [0, 1, 1, 2]
    assert whole.figures == {"kills": 25, "longest wait": 1.0, "seconds": 0}
    assert whole.broken == ["round 0", "round 1", "round 2"]


def test_rows_stand_together_in_their_own_section(tmp_path: Path) -> None:
    document = tmp_path / "reliability.md"
    document.write_text("# Reliability\n\nWords.\n")
    row = row_of(Asked("kills", "sqlite", 7, 500), Verdict({"kills": 500, "longest wait": 1.234}), "abc")
    write_row(document, row)
    document.write_text(document.read_text() + "\n## After\n\nMore.\n")
    write_row(document, row)
    text = document.read_text()
    assert text.count(HEADING) == 1
    assert text.count("| kills | sqlite | 500 | 7 | kills 500, longest wait 1.23 | kept |") == 2
    assert len(row) == len(COLUMNS)
    assert text.index("| kills") < text.index("## After")


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_people_answer_while_the_program_is_killed(database: Engine) -> None:
    told = await kills.run(Asked("kills", database, 1, 2))
    assert told.broken == []
    assert told.figures["kills"] == 2
    assert told.figures["answers seen"] == told.figures["stored"] != 0


async def test_news_goes_out_while_the_program_is_killed() -> None:
    told = await fanout.run(Asked("fanout", "sqlite", 1, 60))
    assert told.broken == []
    assert told.figures["kills"] == 1
    assert sum(int(told.figures[state]) for state in fanout.FINAL) == 60


async def test_the_judge_finds_a_bug_that_was_planted() -> None:
    told = await fanout.run(Asked("fanout", "sqlite", 1, 40, "mixed"))
    assert any("was told the words of" in each for each in told.broken)


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
async def test_the_judge_finds_every_bug(bug: str) -> None:
    told = await seeded.run(Asked("seeded", "sqlite", 1, 1, bug))
    assert told.broken == []
    assert told.figures["found"] == 1


@pytest.mark.slow
@pytest.mark.postgres
async def test_news_goes_out_from_postgresql_while_the_program_is_killed() -> None:
    told = await fanout.run(Asked("fanout", "postgresql", 1, 400))
    assert told.broken == []


def test_parts_tell_their_size_and_promise() -> None:
    assert all(module.FULL > 0 and module.PROMISE and module.run for module in parts().values())
