"""Broadcasts: drafted, changed, corrected and read. Who may is asked here again, whoever asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from conversations.domain.broadcasts import UNDER_WAY, Audience, Broadcast, Kind, State, Writer
from storage import audiences, staff
from storage.database import Transaction
from storage.references import short_code
from storage.schema import broadcasts

PREFIX = "bc-"
"""How the id of a broadcast begins, which is the source of its deliveries."""

Hindrance = Literal[
    "not there", "not yours", "not now", "faulty", "counted otherwise", "nobody", "same text", "own words",
    "no address",
]  # fmt: skip
"""Why something cannot be done with a broadcast; pages have the words for it."""


class Refused(Exception):
    """It is not done, for one reason; nothing has changed."""

    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


# Reading


def _read(tx: Transaction, row: Any) -> Broadcast:
    texts = json.loads(tx.keys.open(row.words, "broadcasts", "words", row.id))
    return Broadcast(
        row.id, row.kind, row.state, Audience(**json.loads(row.audience)), row.area, texts, row.author, row.counted,
        row.signer, row.scheduled, row.starts, row.began, row.ended, row.created,
    )  # fmt: skip


async def one(tx: Transaction, id_: str) -> Broadcast | None:
    """A broadcast by its id, whatever its state and whosever it is."""
    row = await tx.first(sa.select(broadcasts).where(broadcasts.c.id == id_))
    return _read(tx, row) if row else None


async def seen_by(tx: Transaction, who: Writer, id_: str) -> Broadcast | None:
    """A broadcast for somebody who may see it: a draft is its author's, the rest whoever's it covers."""
    row = await tx.first(sa.select(broadcasts).where(broadcasts.c.id == id_))
    if row is None:
        return None
    found = _read(tx, row)
    if wrote(who, row):
        return found
    return found if found.state != "draft" and await audiences.covers(tx, who, found) else None


async def is_by(tx: Transaction, who: Writer, found: Broadcast) -> bool:
    """Whether somebody wrote it."""
    row = await tx.first(sa.select(broadcasts).where(broadcasts.c.id == found.id))
    return row is not None and wrote(who, row)


async def of_author(tx: Transaction, who: Writer, most: int = 20) -> list[Broadcast]:
    """What somebody wrote, the newest first."""
    mine = broadcasts.c.author == who.name if who.name else broadcasts.c.person == who.person
    rows = await tx.rows(sa.select(broadcasts).where(mine).order_by(broadcasts.c.created.desc()).limit(most))
    return [_read(tx, row) for row in rows]


async def to_sign(tx: Transaction, who: Writer, most: int = 20) -> list[Broadcast]:
    """What waits for a second person and this one may sign, the oldest first."""
    asked = sa.and_(broadcasts.c.state == "asked", broadcasts.c.author != who.name)
    rows = await tx.rows(sa.select(broadcasts).where(asked).order_by(broadcasts.c.created))
    waiting = [_read(tx, row) for row in rows]
    return [each for each in waiting if await audiences.covers(tx, who, each)][:most]


async def under_way(tx: Transaction, who: Writer) -> list[Broadcast]:
    """What cools off, goes out or is paused, of what somebody is responsible for, the newest first."""
    states = broadcasts.c.state.in_(["cooling", *UNDER_WAY])
    rows = await tx.rows(sa.select(broadcasts).where(states).order_by(broadcasts.c.created.desc()))
    return [each for each in (_read(tx, row) for row in rows) if await audiences.covers(tx, who, each)]


async def moving(tx: Transaction) -> list[str]:
    """The ids of what cools off, goes out or is paused."""
    states_ = broadcasts.c.state.in_(["cooling", *UNDER_WAY])
    return [row.id for row in await tx.rows(sa.select(broadcasts.c.id).where(states_))]


async def states(tx: Transaction, ids: list[str]) -> dict[str, Broadcast]:
    """These broadcasts, as far as they are there."""
    rows = await tx.rows(sa.select(broadcasts).where(broadcasts.c.id.in_(ids)))
    return {row.id: _read(tx, row) for row in rows}


# Writing


async def draft(
    tx: Transaction, who: Writer, kind: Kind, audience: Audience, texts: Mapping[str, str], area: str = ""
) -> str:
    """A new draft; its id. Raises Refused where this audience is not theirs to write to."""
    if not await audiences.allowed(tx, who, kind, audience, area):
        raise Refused("not yours")
    return await _new(tx, who, Broadcast("", kind, "draft", audience, area, texts, who.name))


async def correct(tx: Transaction, who: Writer, id_: str, texts: Mapping[str, str]) -> str:
    """A draft for exactly those who received a broadcast, or may have; its id."""
    before = await one(tx, id_)
    if before is None or not await audiences.covers(tx, who, before):
        raise Refused("not yours" if before else "not there")
    if before.began is None:
        raise Refused("not now")
    received = replace(before.audience, received=id_)
    return await _new(tx, who, replace(before, audience=received, texts=texts, author=who.name))


async def _new(tx: Transaction, who: Writer, made: Broadcast) -> str:
    id_ = PREFIX + short_code(8)
    host = who.person if not who.name else None
    row = {
        "id": id_, "kind": made.kind, "state": "draft", "audience": _as_json(made.audience), "area": made.area,
        "words": _sealed(tx, id_, made.texts), "author": who.name, "person": host, "created": tx.now,
    }  # fmt: skip
    await tx.execute(sa.insert(broadcasts).values(row))
    return id_


async def rewrite(
    tx: Transaction,
    who: Writer,
    id_: str,
    texts: Mapping[str, str],
    audience: Audience | None = None,
    scheduled: datetime | None = None,
) -> None:
    """Changes a draft of one's own: its texts, whom it is for, and when it goes out at the earliest."""
    found = await held(tx, id_)
    if not wrote(who, found.row):
        raise Refused("not yours")
    meant = audience or found.broadcast.audience
    kept = meant == found.broadcast.audience
    if found.broadcast.state != "draft":
        raise Refused("not now")
    if not kept and not await audiences.allowed(tx, who, found.broadcast.kind, meant, found.broadcast.area):
        raise Refused("not yours")
    await set_(tx, id_, words=_sealed(tx, id_, texts), audience=_as_json(meant), scheduled=scheduled)


# Holding and writing rows


@dataclass(frozen=True)
class Held:
    row: Any
    broadcast: Broadcast


async def held(tx: Transaction, id_: str) -> Held:
    """A broadcast, held so that nobody else changes it meanwhile."""
    query = sa.select(broadcasts).where(broadcasts.c.id == id_)
    row = await tx.first(query if tx.on_sqlite else query.with_for_update())
    if row is None:
        raise Refused("not there")
    return Held(row, _read(tx, row))


def wrote(who: Writer, row: Any) -> bool:
    return bool(who.name and who.name == row.author) or bool(who.person and who.person == row.person)


async def become(tx: Transaction, found: Broadcast, state: State, **more: Any) -> State:
    await set_(tx, found.id, state=state, **more)
    return state


async def set_(tx: Transaction, id_: str, **values: Any) -> None:
    await tx.execute(sa.update(broadcasts).where(broadcasts.c.id == id_).values(**values))


async def note(tx: Transaction, who: Writer, act: str, id_: str) -> None:
    if who.name:
        await staff.note(tx, who.name, act, id_)


def _as_json(audience: Audience) -> str:
    return json.dumps(asdict(audience), sort_keys=True)


def _sealed(tx: Transaction, id_: str, texts: Mapping[str, str]) -> bytes:
    return tx.keys.seal(json.dumps(dict(texts), ensure_ascii=False), "broadcasts", "words", id_)
