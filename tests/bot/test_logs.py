"""The log: whatever is planted in a message or an exception, no key, number, address or word of a person comes out."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot import logs
from storage.sealing import new_key

WORDS = "the path by the canal is dark"
TOKEN = "7000001:AAFAKE-token_for-tests-only-aaaaaaaaaaa"
KEYS = new_key(), new_key()
ENVIRONMENT = {
    "BIGCONVERSATION_SECRET_KEYS": ",".join(KEYS),
    "BIGCONVERSATION_TELEGRAM_WEBHOOK_SECRET": "s3cr3t",
    "BIGCONVERSATION_DATABASE_URL": "postgresql://us:passw0rd@db/bc",
}
PLANTED = [
    *KEYS, TOKEN, "s3cr3t", "passw0rd", "+447700900123", "+44 7700 900123", "07700 900123", "447700900123",
    "5123456789", "somebody@example.org", "203.0.113.77", "2001:db8:0:1::5", "Zm9v-YmFy_cXV4MTIzNDU2Nzg5MGFi",
]  # fmt: skip


def written(kind: str, act: Callable[[logging.Logger], None]) -> str:
    stream, logger = io.StringIO(), logging.Logger("bot.test")
    logger.addHandler(logs.handler(kind, stream, logs.secrets_in(ENVIRONMENT)))
    act(logger)
    return stream.getvalue()


def raised(error: Exception, *, cause: Exception | None = None) -> Callable[[logging.Logger], None]:
    def act(logger: logging.Logger) -> None:
        try:
            try:
                raise cause or error
            except Exception as first:
                if cause is None:
                    raise
                raise error from first
        except Exception:
            logger.exception("answering %s broke", "/chat")

    return act


@pytest.mark.parametrize("kind", ["text", "json"])
@pytest.mark.parametrize("secret", PLANTED, ids=range(len(PLANTED)))
def test_what_is_planted_in_a_message_or_an_exception_does_not_come_out(kind: str, secret: str) -> None:
    acts = [
        lambda logger: logger.warning("it was %s, there", secret),
        lambda logger: logger.info(f"url https://api.example.org/bot{secret}/getMe"),
        raised(ValueError(f"cannot read {secret}")),
        raised(RuntimeError("outer"), cause=KeyError(secret)),
    ]
    for act in acts:
        text = written(kind, act)
        assert text.endswith("\n")
        assert secret not in text
        assert secret.replace(" ", "") not in text.replace(" ", "")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_an_exception_is_told_by_kind_and_place_without_its_words(kind: str) -> None:
    text = written(kind, raised(ValueError(WORDS), cause=OSError(28, "No space left on device", WORDS)))
    assert WORDS not in text
    assert "ValueError" in text
    assert "OSError (No space left on device)" in text
    assert "test_logs.py" in text
    assert "answering /chat broke" in text


def test_what_the_database_calls_an_error_is_told() -> None:
    with pytest.raises(sqlite3.OperationalError) as told:
        sqlite3.connect(":memory:").execute("SELECT nothing FROM nowhere")
    error = sa.exc.OperationalError(f"INSERT {WORDS}", None, told.value)
    text = written("text", raised(error))
    assert "OperationalError (SQLITE_ERROR)" in text
    assert WORDS not in text


def test_a_line_of_json_is_one_object() -> None:
    lines = written("json", lambda logger: logger.error("two\nlines")).splitlines()
    [told] = [json.loads(line) for line in lines]
    assert {"level": "ERROR", "logger": "bot.test", "message": "two\nlines"}.items() <= told.items()
    assert told["at"].startswith("20")


def test_what_an_operator_needs_is_left_as_it_is() -> None:
    useful = "Port 8080 on 127.0.0.1 of 2026-11-22: 12 rows, bigconversation_oldest_waiting_seconds, 409"
    assert useful in written("text", lambda logger: logger.info(useful))


def test_every_handler_of_the_program_redacts(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", root.level)
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.begin(ENVIRONMENT)
    logging.getLogger("somebody.else").error("token %s", TOKEN)
    logging.getLogger("httpx").info("GET /bot%s/getMe", TOKEN)
    assert "somebody.else: token <token>" in stream.getvalue()
    assert "getMe" not in stream.getvalue()
