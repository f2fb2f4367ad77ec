"""Forged webhooks: well-formed updates from somebody who does not know the secret, in every disguise."""

from __future__ import annotations

import json
import random
import secrets
from collections import Counter
from collections.abc import Callable

import sqlalchemy as sa

from bot.doors.telegram import PATH, SECRET_HEADER
from storage.database import Database
from storage.schema import metadata
from tests.torture.hostile_wire import Wire, posted

FORGERS = 800_000


def disguises(secret: str, dice: random.Random) -> dict[str, str]:
    """Headers that do not hold the secret where it belongs, whatever else they hold."""
    cut = dice.randrange(len(secret))
    made: tuple[Callable[[], dict[str, str]], ...] = (
        lambda: {},
        lambda: {SECRET_HEADER: ""},
        lambda: {SECRET_HEADER: secrets.token_urlsafe(len(secret))},
        lambda: {SECRET_HEADER: secret[:cut]},
        lambda: {SECRET_HEADER: secret + secret[cut]},
        lambda: {SECRET_HEADER: secret[:cut] + "#" + secret[cut + 1 :]},
        lambda: {SECRET_HEADER: secret.swapcase()},
        lambda: {SECRET_HEADER: f'"{secret}"'},
        lambda: {SECRET_HEADER: f"{secret},{secret}"},
        lambda: {SECRET_HEADER: f"Bearer {secret}"},
        lambda: {SECRET_HEADER: secret.replace(secret[0], "\xff\xfe", 1)},
        lambda: {SECRET_HEADER: "7000002:another-bots-secret"},
        lambda: {SECRET_HEADER.replace("-", "_"): secret},
        lambda: {SECRET_HEADER + "s": secret},
        lambda: {"Authorization": f"Bearer {secret}", "Cookie": f"secret={secret}; {SECRET_HEADER}={secret}"},
        lambda: {"X-Forwarded-For": "149.154.167.220", "Forwarded": "for=149.154.167.220", "User-Agent": "TelegramBot"},
        lambda: {SECRET_HEADER: "wrong\r\n" + SECRET_HEADER + ": " + secret},
    )
    return dice.choice(made)()


async def forge(base: str, secret: str, seed: int, count: int) -> tuple[Counter[int], list[str]]:
    """So many forgeries; what they got, and every one that was not turned away."""
    dice, statuses, faults = random.Random(seed), Counter[int](), []
    kinds = ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
    async with Wire(base) as wire:
        for place in range(count):
            who = FORGERS + place
            message = {"message_id": 1, "date": 1, "chat": {"id": who, "type": "private"}, "text": "/start"}
            body = json.dumps({"update_id": 900_000_000 + place, "message": message}).encode()
            method = dice.choice(("POST",) * 8 + ("PUT", "GET", "PATCH"))
            path = dice.choice((PATH,) * 6 + (f"{PATH}?{SECRET_HEADER}={secret}", f"{PATH}?secret_token={secret}"))
            headers = disguises(secret, dice) | {"Content-Type": dice.choice(kinds)}
            status, _ = await wire.ask(posted(path, body, headers, method))
            statuses[status] += 1
            if status != (403 if method == "POST" else 405):
                faults.append(f"a forgery got {status}: {method} {path} {headers}")
    return statuses, faults


async def rows(database: Database) -> dict[str, int]:
    """How many rows there are in each table; leases come and go by themselves, and the calendar brings notices."""
    async with database.read() as tx:
        found = {}
        for table in metadata.sorted_tables:
            if table.name in ("leases", "notices"):
                continue
            row = await tx.first(sa.select(sa.func.count()).select_from(table))
            found[table.name] = int(row[0]) if row else 0
        return found
