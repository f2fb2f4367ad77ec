"""What an operator looks into: the audit trail, what broke us, what readers put right."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.commands import cli
from bot.opening import prepare
from bot.settings import read_settings
from storage import corrections, dialogues, staff
from storage.database import Transaction

DAY = datetime(2026, 7, 5, 22, 59, 59, tzinfo=UTC)
"""The last second of a summer's day in London."""


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, str]]]:
    """Runs a command on a database of its own, and reads the CSV it prints."""
    monkeypatch.setenv("BIGCONVERSATION_DATABASE_URL", f"sqlite:///{tmp_path}/bc.db")

    def run(*words: str) -> list[dict[str, str]]:
        result = CliRunner().invoke(cli, list(words))
        assert result.exit_code == 0, result.output
        return list(csv.DictReader(io.StringIO(result.stdout)))

    return run


Printed = Callable[..., list[dict[str, str]]]


def written(now: datetime, act: Callable[[Transaction], Coroutine[Any, Any, Any]]) -> None:
    """Does something in the database, at a time."""

    async def work() -> None:
        database = await prepare(read_settings())
        async with database.write(now) as tx:
            await act(tx)
        await database.close()

    asyncio.run(work())


def test_the_audit_trail_is_printed_by_day_and_by_name(printed: Printed) -> None:
    assert printed("audit") == []
    written(DAY, lambda tx: staff.note(tx, "Officer A", "read", "fair-future/VOTE"))
    written(DAY + timedelta(seconds=1), lambda tx: staff.note(tx, "Officer A", "sign", "v1"))
    written(DAY + timedelta(days=1), lambda tx: staff.note(tx, "=Officer B", "publish", "v1"))
    assert [row["act"] for row in printed("audit")] == ["read", "sign", "publish"]
    assert [row["act"] for row in printed("audit", "--name", "Officer A")] == ["read", "sign"]
    assert [row["act"] for row in printed("audit", "--day", "2026-07-05")] == ["read"]
    assert [row["act"] for row in printed("audit", "--day", "2026-07-06")] == ["sign", "publish"]
    assert [row["act"] for row in printed("audit", "--day", "2026-07-06", "--name", "Officer A")] == ["sign"]
    first, *_, last = printed("audit")
    assert first == {"at": DAY.isoformat(), "name": "Officer A", "act": "read", "what": "fair-future/VOTE"}
    assert last["name"] == "'=Officer B"
    assert CliRunner().invoke(cli, ["audit", "--day", "yesterday"]).exit_code == 2


def test_commands_that_give_or_show_something_are_on_the_trail(printed: Printed) -> None:
    printed("grant", "Officer A", "officer")
    printed("link", "Officer A")
    printed("export", "answers")
    printed("grant", "Officer A", "officer", "--take")
    told = [(row["name"], row["act"], row["what"]) for row in printed("audit")]
    assert told == [
        ("Officer A", "grant", "officer"),
        ("Officer A", "link", ""),
        ("operator", "export", "answers"),
        ("Officer A", "revoke", "officer"),
    ]


def test_what_broke_us_is_printed_without_what_was_said(printed: Printed) -> None:
    trace = (
        'KeyError\n  File "/x/bot/turns.py", line 7, in play\n    play()\n  File "/x/bot/stage.py", line 9, in _say\n'
    )
    written(DAY, lambda tx: dialogues.set_apart(tx, "telegram", "4711", trace))
    written(DAY, lambda tx: dialogues.set_apart(tx, "web", "1", "Odd"))
    first, second = printed("quarantine")
    assert first == {
        "heard": DAY.isoformat(), "channel": "telegram", "error": "KeyError", "where": "/x/bot/stage.py:9 _say"
    }  # fmt: skip
    assert (second["error"], second["where"]) == ("Odd", "")


def test_corrections_are_printed_for_a_translator(printed: Printed) -> None:
    given = {"now": "Eich llais", "better": "=Eich dweud,\nyn well", "why": ""}
    written(DAY, lambda tx: corrections.keep(tx, "cy", "/cy/rules", given))
    assert printed("corrections") == [
        {"sent": DAY.isoformat(), "language": "cy", "page": "/cy/rules", "now": "Eich llais",
         "better": "'=Eich dweud,\nyn well", "why": ""}
    ]  # fmt: skip
