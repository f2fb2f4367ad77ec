"""The doctor: one line a finding, nothing changed, no secret told, and 0 only when nothing is wrong."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import WebhookInfo

from bot.doctor import examine, webhook
from bot.opening import prepare
from bot.settings import Settings, read_settings
from bot.turns import utc_now
from storage.marks import note
from storage.schema import leases, quarantine
from storage.sealing import new_key
from tests.conftest import new_database
from tests.fakes.botapi import BotApi
from tests.processes import environment, process
from tests.service import free_port

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings in the environment: everything in a temporary folder."""
    given = {"port": str(free_port()), "secret_keys": new_key(), "lookup_key": new_key()}
    put(monkeypatch, database_url=f"sqlite:///{tmp_path}/bc.db", tombstones=f"{tmp_path}/erased.log", **given)
    return given


def put(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"BIGCONVERSATION_{name.upper()}", value)


def sizes(folder: Path) -> dict[str, int]:
    kept = [each for each in folder.iterdir() if not each.name.endswith(("-wal", "-shm"))]
    return {each.name: each.stat().st_size for each in kept}


async def lines(*, level: str = "") -> list[str]:
    return [str(each) async for each in examine() if not level or each.level == level]


async def test_a_fresh_house_is_in_order_and_looking_changes_nothing(chosen: dict[str, str], tmp_path: Path) -> None:
    assert await lines(level="wrong") == []
    assert os.listdir(tmp_path) == []
    await (await prepare(read_settings())).close()
    before = sizes(tmp_path)
    assert await lines(level="wrong") == []
    assert sizes(tmp_path) == before


async def test_what_is_wrong_is_told_and_no_secret(
    chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await (await prepare(read_settings())).close()
    put(monkeypatch, lookup_key=new_key())
    assert [each for each in await lines(level="wrong") if "LOOKUP_KEY is not this database's" in each]
    put(monkeypatch, lookup_key=chosen["lookup_key"], secret_keys=new_key())
    assert [each for each in await lines(level="wrong") if "no key of SECRET_KEYS" in each]
    put(monkeypatch, secret_keys=f"{new_key()},{chosen['secret_keys']}", tombstones=f"{tmp_path}/bc.db/erased.log")
    told = "\n".join(await lines())
    assert ["Log of erasures" in each for each in await lines(level="wrong")] == [True]
    assert not [secret for secret in chosen.values() if len(secret) > 9 and secret in told]


async def test_a_damaged_file_is_told(chosen: dict[str, str], tmp_path: Path) -> None:
    await (await prepare(read_settings())).close()
    with (tmp_path / "bc.db").open("r+b") as file:
        file.seek(4096 * 8)
        file.write(os.urandom(4096 * 4))
    assert [each for each in await lines(level="wrong") if "damaged" in each or "cannot be used" in each]


async def test_what_the_ledger_and_the_quarantine_tell(chosen: dict[str, str]) -> None:
    database = await prepare(read_settings())
    async with database.write(utc_now()) as tx:
        row = {"channel": "web", "event": "1", "error": "ValueError", "heard": utc_now()}
        await tx.execute(sa.insert(quarantine).values(row))
        await note(tx, "backed_up_at", (utc_now() - timedelta(days=3)).isoformat())
        until = utc_now() + timedelta(minutes=1)
        await tx.execute(sa.insert(leases), [{"name": f"alive:{n}", "holder": str(n), "until": until} for n in (1, 2)])
    await database.close()
    looked, wrong = "\n".join(await lines(level="look")), "\n".join(await lines(level="wrong"))
    assert "Quarantine: 1 updates" in looked
    assert "72 hours ago" in looked
    assert "2 serve from one SQLite file" in wrong


async def test_a_database_that_is_away_or_behind(
    chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch, postgres: str
) -> None:
    put(monkeypatch, database_url=f"postgresql://us:passw0rd@127.0.0.1:{free_port()}/bc")
    [told] = await lines(level="wrong")
    assert told.startswith("wrong Database: cannot be used (")
    assert "passw0rd" not in told
    put(monkeypatch, database_url=new_database(postgres))
    assert ["bigconversation migrate" in each for each in await lines(level="wrong")] == [True]
    await (await prepare(read_settings())).close()
    assert await lines(level="wrong") == []
    assert "PostgreSQL: what is committed is on its disk." in "\n".join(await lines())


async def test_telegram_is_asked(chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch, bot_api: BotApi) -> None:
    put(monkeypatch, telegram_token=bot_api.token, telegram_api_url=bot_api.url)
    assert "Telegram: it keeps messages until we ask; 0 wait there." in "\n".join(await lines(level="ok"))
    put(monkeypatch, telegram_token="7000001:another-token_for-tests-only-aaaaaaaaaa")
    [told] = await lines(level="wrong")
    assert "the token is refused" in told
    assert "another-token" not in told
    async with bot_api.refusing_connections():
        assert ["way out to the network" in each for each in await lines(level="wrong")] == [True]


@pytest.mark.parametrize(
    ("uses", "info", "level", "words"),
    [
        (False, {"url": ""}, "ok", "until we ask"),
        (False, {"url": "https://other.example.org/x/S3CRET"}, "wrong", "other.example.org, set by another"),
        (True, {"url": "https://talk.example.org/telegram"}, "ok", "to our webhook"),
        (True, {"url": "https://other.example.org/x"}, "wrong", "Stop the other service"),
        (True, {"url": ""}, "look", "when it starts"),
        (
            True,
            {
                "url": "https://talk.example.org/telegram",
                "last_error_date": NOW - timedelta(minutes=5),
                "last_error_message": "SSL error",
            },
            "look",
            "SSL error",
        ),
    ],
)
def test_a_webhook_is_ours_or_somebody_elses(uses: bool, info: dict[str, Any], level: str, words: str) -> None:
    hook = {"public_url": "https://talk.example.org", "telegram_webhook_secret": "s3cret"} if uses else {}
    known = {"has_custom_certificate": False, "pending_update_count": 0, **info}
    found = webhook(Settings(**hook), WebhookInfo(**known), NOW)
    assert (found.level, words in found.told) == (level, True), found
    assert "S3CRET" not in found.told


async def doctor(folder: Path, **settings: object) -> tuple[int | None, str]:
    around: Any = {"cwd": folder, "env": environment(folder, **settings), "stdout": asyncio.subprocess.PIPE}
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", stderr=asyncio.subprocess.STDOUT, **around
    )
    out, _ = await asyncio.wait_for(ran.communicate(), 60)
    return ran.returncode, out.decode()


async def test_beside_the_running_program(tmp_path: Path) -> None:
    port = free_port()
    async with process(tmp_path, port=port):
        code, told = await doctor(tmp_path, port=port)
        assert (code, f"Port: {port} on 127.0.0.1 is served by us, and ready." in told) == (0, True), told
        assert "Processes: 1 serve from this database." in told
    code, told = await doctor(tmp_path, port=port, host="0.0.0.0")
    assert (code, told.count("wrong ")) == (1, 3), told
