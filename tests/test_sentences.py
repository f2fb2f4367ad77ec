"""What can go wrong at the start is one sentence that says what to do: read from the real program."""

from __future__ import annotations

import asyncio
import math
import re
import resource
import socket
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.opening import cannot_be_opened
from storage.sealing import new_key
from tests.conftest import new_database
from tests.fakes.botapi import BotApi
from tests.processes import environment, process
from tests.service import free_port


async def refused(folder: Path, before: Callable[[], Any] | None = None, **settings: object) -> str:
    """What `serve` says when it does not start: sentences, no traceback, exit code 1."""
    settings.setdefault("port", free_port())
    serve: Any = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=folder, env=environment(folder, **settings), preexec_fn=before,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(serve.communicate(), 60)
    finally:
        if serve.returncode is None:
            serve.kill()
    told = str(out.decode())
    assert serve.returncode == 1, told
    assert "Traceback" not in told
    return told


async def test_a_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        told = await refused(tmp_path, port=port)
    assert f"Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another" in told.replace("\n", " ")


@pytest.mark.slow
async def test_a_missing_key(tmp_path: Path) -> None:
    more = {"public_url": "https://talk.example.org", "secret_keys": (key := new_key())}
    told = await refused(tmp_path, **more)
    assert "BIGCONVERSATION_LOOKUP_KEY: not set. Make one with: bigconversation doctor --new-key" in told
    assert key not in told


@pytest.mark.slow
async def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    told = await refused(tmp_path)
    assert re.search(r"cannot be used: (File exists|Not a directory)\. Look at BIGCONVERSATION_DATABASE_URL", told), (
        told
    )


async def test_a_log_of_erasures_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "erased").mkdir()
    told = await refused(tmp_path, tombstones=tmp_path / "erased")
    assert "cannot be written: Is a directory." in told
    assert "Look at BIGCONVERSATION_TOMBSTONES" in told


async def test_no_room_for_the_database(tmp_path: Path) -> None:
    def little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    assert "The database cannot be opened (disk I/O error). Nothing was changed." in await refused(tmp_path, little)


def test_a_full_disk_is_told_so(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "small.db") as small:
        small.execute("PRAGMA max_page_count=2")
        with pytest.raises(sqlite3.OperationalError) as full:
            small.execute("CREATE TABLE much AS SELECT randomblob(100000)")
    told = cannot_be_opened(sa.exc.OperationalError("INSERT", None, full.value))
    assert str(told) == "The disk of the database is full. Nothing was changed. Make room, and start again."


@pytest.mark.slow
async def test_a_database_that_is_away(tmp_path: Path) -> None:
    keys = {"secret_keys": new_key(), "lookup_key": new_key()}
    told = await refused(tmp_path, database_url=f"postgresql://us:passw0rd@127.0.0.1:{free_port()}/bc", **keys)
    assert "The database cannot be opened (" in told
    assert "Look at BIGCONVERSATION_DATABASE_URL" in told
    assert "passw0rd" not in told


@pytest.mark.postgres
async def test_a_database_that_is_not_migrated(tmp_path: Path, postgres: str) -> None:
    keys = {"secret_keys": new_key(), "lookup_key": new_key(), "public_url": "https://talk.example.org"}
    told = await refused(tmp_path, database_url=new_database(postgres), **keys)
    assert "The database is at nothing, this release needs" in told
    assert "Run: bigconversation migrate" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "times", "code", "description", "sentence"),
    [
        ("getMe", math.inf, 401, "Unauthorized", "Put the right token in BIGCONVERSATION_TELEGRAM_TOKEN"),
        ("getUpdates", 2, 409, "", "Another process asks Telegram for this bot's messages (409)"),
        ("getUpdates", 2, 409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook",
         "Another service has set a webhook for this bot"),
    ],
)  # fmt: skip
async def test_what_telegram_refuses_is_told_while_the_rest_serves(
    tmp_path: Path, bot_api: BotApi, method: str, times: float, code: int, description: str, sentence: str
) -> None:
    bot_api.fail(method, times, code, description=description)
    async with process(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url) as serving:
        async with asyncio.timeout(20):
            while sentence not in (text := serving.log.read_text()):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.05)
    assert "Traceback" not in text
    assert bot_api.token not in text


@pytest.mark.slow
async def test_a_left_over_webhook_is_taken_away_and_the_bot_heard(tmp_path: Path, bot_api: BotApi) -> None:
    bot_api.webhook.between_settings = 0
    from telegram import Bot

    async with Bot(bot_api.token, f"{bot_api.url}/bot") as bot:
        await bot.set_webhook("http://127.0.0.1:1/telegram")
    async with process(tmp_path, telegram_token=bot_api.token, telegram_api_url=bot_api.url):
        await bot_api.person(7).start()
        assert await bot_api.person(7).hears(1, 10)
    assert bot_api.webhook.address is None
