"""Records: commands that print what an operator looks into. The audit trail, what broke us, what readers put right."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot.opening import prepare
from bot.printing import print_csv
from bot.settings import read_settings
from storage import corrections, dialogues, staff
from storage.database import Transaction
from storage.people import DEFAULT_ZONE

records = typer.Typer()
Rows = Sequence[Sequence[object]]
BEGINNING, END = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)


@records.command("audit")
def print_audit(
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="This day only, in London.")] = None,
    name: Annotated[str, typer.Option(help="What concerns this name at the desk only.")] = "",
) -> None:
    """Print who did what at the desk, and with the commands, as CSV: never anybody's words."""
    since, before = _of_day(day) if day else (BEGINNING, END)

    async def find(tx: Transaction) -> Rows:
        return [(each.at, each.name, each.act, each.what) for each in await staff.trail(tx, since, before, name)]

    _print(["at", "name", "act", "what"], find)


@records.command("quarantine")
def print_quarantine() -> None:
    """Print where something that was said broke us, as CSV: when, on which channel, and the line of ours that broke."""

    async def find(tx: Transaction) -> Rows:
        return [(each.heard, each.channel, *_broke(each.error)) for each in await dialogues.all_set_apart(tx)]

    _print(["heard", "channel", "error", "where"], find)


@records.command("corrections")
def print_corrections() -> None:
    """Print what readers sent with the correction form, as CSV, for whoever looks after the language."""

    async def find(tx: Transaction) -> Rows:
        return [
            (each.sent, each.language, each.page, each.now, each.better, each.why)
            for each in await corrections.every(tx)
        ]

    _print(["sent", "language", "page", "now", "better", "why"], find)


def _print(heads: Sequence[str], find: Callable[[Transaction], Awaitable[Rows]]) -> None:
    async def work() -> None:
        database = await prepare(read_settings())
        try:
            async with database.read() as tx:
                print_csv(heads, await find(tx))
        finally:
            await database.close()

    logging.getLogger().setLevel(logging.ERROR)
    asyncio.run(work())


def _of_day(day: datetime) -> tuple[datetime, datetime]:
    """When a day begins and ends in London, where the desk is read."""
    begins = day.replace(tzinfo=ZoneInfo(DEFAULT_ZONE))
    return begins, begins + timedelta(days=1)


def _broke(error: str) -> tuple[str, str]:
    """The kind of error and the innermost line of a stored trace."""
    lines = re.findall(r'File "([^"]*)", line (\d+), in (\S+)', error)
    file, number, function = lines[-1] if lines else ("", "", "")
    return error.partition("\n")[0], f"{file}:{number} {function}" if file else ""
