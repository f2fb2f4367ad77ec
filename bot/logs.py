"""The log: text or JSON lines on standard error, and nothing in it of which people or keys could be read.

Every handler redacts what it writes. An exception is told by its kind and place; its own words are left out, because
they may quote what a person said.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO
from urllib.parse import urlsplit

from bot.settings import PREFIX

QUIET = ("httpx", "httpcore", "telegram", "aiohttp.access", "alembic")
"""Libraries whose everyday log names addresses, or tells nothing."""

_SECRETS = ("SECRET_KEYS", "LOOKUP_KEY", "TELEGRAM_TOKEN", "TELEGRAM_WEBHOOK_SECRET")
_MASKS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\d{5,}:[A-Za-z0-9_-]{20,}", "<token>"),
        (r"(?<=://)[^\s/@]+(?=@)", "<secret>"),
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "<e-mail>"),
        (r"(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{24,}=*", "<token>"),
        (r"(?<![\d.])(?!127\.)\d{1,3}(?:\.\d{1,3}){3}\b", "<address>"),
        (r"(?i)(?<![0-9a-f:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]+", "<address>"),
        (r"(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\+?\d(?:[ ()-]{0,2}\d){6,}", "<number>"),
    )
)
_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def begin(environment: Mapping[str, str] = os.environ) -> None:
    """Sets the log of this process up, before anything else may write to it."""
    root = logging.getLogger()
    root.handlers = [handler(environment.get(f"{PREFIX}LOG", "text"), sys.stderr, secrets_in(environment))]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def handler(kind: str, stream: TextIO, secrets: Iterable[str] = ()) -> logging.Handler:
    """A handler that writes redacted lines: `json`, or text."""
    made = logging.StreamHandler(stream)
    made.setFormatter((_Json if kind == "json" else _Text)(secrets))
    return made


def secrets_in(environment: Mapping[str, str]) -> list[str]:
    """What of the settings may stand in no log."""
    written = [each for name in _SECRETS for each in environment.get(PREFIX + name, "").split(",")]
    with contextlib.suppress(ValueError):
        written.append(urlsplit(environment.get(f"{PREFIX}DATABASE_URL", "")).password or "")
    return [each.strip() for each in written if len(each.strip()) > 3]


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """A text without keys, tokens, numbers and addresses."""
    for secret in secrets:
        text = text.replace(secret, "<secret>")
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


class _Text(logging.Formatter):
    """2026-11-22 09:00:00,000 INFO name: message"""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self.secrets = sorted(secrets, key=len, reverse=True)

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = redacted(record.message, self.secrets)
        return super().formatMessage(record)

    def formatException(self, ei: _Raised) -> str:
        return redacted("\n".join(_story(ei[1])), self.secrets)


class _Json(_Text):
    """One object a line: at, level, logger, message, and trace where something broke."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage(), self.secrets),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def _story(error: BaseException | None) -> Iterable[str]:
    """Where it broke, and what kind of error it was, down to its first cause."""
    while error is not None:
        yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
        yield _kind(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if error is not None:
            yield "because of:"


def _kind(error: BaseException) -> str:
    """The kind of an error, and what the system or the database calls it."""
    origin = getattr(error, "orig", None)
    names = (
        getattr(error, "strerror", None),
        getattr(origin, "sqlite_errorname", None),
        getattr(origin, "sqlstate", None),
    )
    called = ", ".join(str(each) for each in names if each)
    return f"{type(error).__name__} ({called})" if called else type(error).__name__
