"""The doctor: looks whether everything is in order and changes nothing. One line a finding, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from telegram import WebhookInfo
from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram import TelegramChannel, describe
from bot.doctor_database import database_findings
from bot.doors.telegram import PATH
from bot.finding import PATIENCE, Finding, Level
from bot.settings import BadSettings, Settings, read_settings
from bot.turns import utc_now
from storage.database import (
    sqlite_file,
)

LITTLE_SPACE, TOO_LITTLE_SPACE = 1024**3, 100 * 1024**2


async def examine() -> AsyncIterator[Finding]:
    """Everything, one after the other; never raises, and tells no secret."""
    try:
        settings = read_settings()
    except BadSettings as error:
        for line in str(error).splitlines()[1:] or [str(error)]:
            yield Finding("wrong", f"Settings: {line.removeprefix('- ')}")
        return
    kind = "a trial on this machine" if settings.trial else "production"
    yield Finding("ok", f"Settings: {kind}. Address: {settings.base_url}")
    if not (settings.trial or settings.security_contact):
        yield Finding(
            "look", "Security: whoever finds a hole does not know whom to tell. Set BIGCONVERSATION_SECURITY_CONTACT."
        )
    for each in (*_disk(settings), *_tombstones(settings), await asyncio.to_thread(_port, settings)):
        yield each
    async for each in database_findings(settings):
        yield each
    async for each in _telegram(settings):
        yield each


# The machine


def _disk(settings: Settings) -> Iterator[Finding]:
    file = sqlite_file(settings.database_url)
    places = {"Disk of the database": file.parent} if file else {}
    for file in settings.tombstone_files:
        places[f"Disk of the log of erasures {file}"] = file.parent
    for name, folder in places.items():
        at = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        free = shutil.disk_usage(at).free
        level: Level = "wrong" if free < TOO_LITTLE_SPACE else "look" if free < LITTLE_SPACE else "ok"
        yield Finding(level, f"{name}: {free // 1024**2} MB free." + ("" if level == "ok" else " Make room."))


def _tombstones(settings: Settings) -> Iterator[Finding]:
    for file in settings.tombstone_files:
        at = next(each for each in (file.absolute(), *file.absolute().parents) if each.exists())
        if os.access(at, os.W_OK) and at.is_dir() != (at == file.absolute()):
            yield Finding("ok", f"Log of erasures: {file} can be written.")
        else:
            yield Finding(
                "wrong", f"Log of erasures: {at} cannot be written, so nobody can DELETE. Let this user write it."
            )


def _port(settings: Settings) -> Finding:
    where = f"Port: {settings.port} on {settings.host}"
    try:
        with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
            return Finding("ok", f"{where} is free: the service does not run there just now.")
    except OSError as error:
        reason = error.strerror
    try:
        with urllib.request.urlopen(f"http://{_spoken(settings)}:{settings.port}/readyz", timeout=5) as answer:
            ours = answer.read(200).startswith(b"ready")
    except (OSError, ValueError):
        ours = False
    if ours:
        return Finding("ok", f"{where} is served by us, and ready.")
    return Finding(
        "wrong", f"{where} cannot be used ({reason}), and no ready service of ours answers. Stop what is there."
    )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _spoken(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"[{host}]" if ":" in host else host


# Telegram


async def _telegram(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.telegram_token:
        yield Finding("ok", "Telegram: no token. The web chat works without.")
        return
    channel = TelegramChannel(settings.telegram_token, settings.telegram_api_url)
    try:
        async with asyncio.timeout(PATIENCE):
            await channel.open()
            me = await channel.bot.get_me()
            yield Finding("ok", f"Telegram: the token is that of @{me.username}.")
            yield webhook(settings, await channel.bot.get_webhook_info(), utc_now())
    except InvalidToken:
        yield Finding("wrong", "Telegram: the token is refused. Put the right one in BIGCONVERSATION_TELEGRAM_TOKEN.")
    except TimeoutError:
        yield Finding("wrong", "Telegram: no answer. Look at this machine's way out to the network.")
    except TelegramError as error:
        yield Finding("wrong", f"Telegram: {describe(error)}. Look at this machine's way out to the network.")
    finally:
        await channel.close()


def webhook(settings: Settings, info: WebhookInfo, now: datetime) -> Finding:
    """Where Telegram brings messages, against where we want them, and what it last complained of."""
    wanted = f"{settings.base_url}{PATH}" if settings.uses_webhook else ""
    if info.url != wanted and info.url:
        return Finding("wrong", f"Telegram: messages go to {_host(info.url)}, set by another service or an earlier "
                       "setting. Stop the other service; then start this one, which puts it right.")  # fmt: skip
    if info.url != wanted:
        return Finding("look", "Telegram: the webhook is not set yet. The service sets it when it starts.")
    if info.last_error_date is not None and now - info.last_error_date < timedelta(hours=1):
        return Finding("look", f"Telegram: it could not bring us messages ({info.last_error_message}). "
                       "Look at the proxy and its certificate.")  # fmt: skip
    how = "brings messages to our webhook" if wanted else "keeps messages until we ask"
    return Finding("ok", f"Telegram: it {how}; {info.pending_update_count} wait there.")


def _host(url: str) -> str:
    """The address of a webhook without its path, which may hold a secret."""
    return urlsplit(url).hostname or "an address"
