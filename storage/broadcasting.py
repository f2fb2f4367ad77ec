"""Broadcasting: a broadcast is sent, signed, undone, begun, paused, resumed, stopped.

Each act holds the broadcast's row first, so that of many at once one happens and the others find it done.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from conversations.domain.broadcast_checks import faults
from conversations.domain.broadcasts import UNDER_WAY, UNSENT, Broadcast, State, Steered, Writer
from storage import audiences, fan_out, pulse
from storage.broadcasts import PREFIX, Refused, become, held, note, wrote
from storage.database import Transaction
from storage.deliveries import Lane
from storage.references import short_code
from storage.schema import broadcasts, leases

KIND = "broadcast"
"""The kind of these deliveries, which says how they are worded."""
TRIED_OUT = "bt-"
"""How the source of a delivery begins that is a test, to the author alone."""
SAME_TEXT = timedelta(days=1)
"""How long the same text is not sent again to the same audience."""
SAME = "same:"
"""How the lease begins that keeps a text for its audience."""


@dataclass(frozen=True)
class Rules:
    """What an operator sets: from how many recipients on a second person signs, how long it can be undone, whether one
    person is enough, in a trial, and the hosts that links may go to."""

    second_from: int = 50
    cooling: timedelta = timedelta(seconds=120)
    alone: bool = False
    link_domains: tuple[str, ...] = ()


async def send(tx: Transaction, who: Writer, id_: str, counted: int | None, rules: Rules) -> State:
    """The author sends it, having typed how many people it reaches; news of one's own event needs no count. Returns
    what it is now: it waits for a second person, cools off, or is on its way."""
    found = await held(tx, id_)
    before = found.broadcast
    if not wrote(who, found.row) or not await _still_theirs(tx, who, before):
        raise Refused("not yours")
    if before.state != "draft":
        raise Refused("not now")
    if faults(before, rules.link_domains):
        raise Refused("faulty")
    reached = await audiences.count(tx, before)
    if not reached:
        raise Refused("nobody")
    if reached != counted and (before.kind != "event" or counted is not None):
        raise Refused("counted otherwise")
    if not await pulse.hold_lease(tx, _key(tx, before), id_, SAME_TEXT.total_seconds()):
        raise Refused("same text")
    await note(tx, who, "send broadcast", id_)
    if before.kind != "event" and reached >= rules.second_from and not rules.alone:
        return await become(tx, before, "asked", counted=reached)
    return await _cool(tx, before, rules, counted=reached)


async def _still_theirs(tx: Transaction, who: Writer, found: Broadcast) -> bool:
    """A role may have ended since it was written."""
    if found.corrects:
        return await audiences.covers(tx, who, found)
    return await audiences.allowed(tx, who, found.kind, found.audience, found.area)


async def sign(tx: Transaction, who: Writer, id_: str, rules: Rules) -> State:
    """The second person's signature: never the author's own. Returns what it is now."""
    found = (await held(tx, id_)).broadcast
    if not who.name or not await audiences.covers(tx, who, found):
        raise Refused("not yours")
    if who.name == found.author:
        raise Refused("own words")
    if found.state != "asked":
        raise Refused("not now")
    await note(tx, who, "sign broadcast", id_)
    return await _cool(tx, found, rules, signer=who.name)


async def _cool(tx: Transaction, found: Broadcast, rules: Rules, **more: Any) -> State:
    """It goes out when it can be undone no more, and not before its time; at once, where it is news of one's own event
    or puts right what people were told."""
    if found.kind == "event" or found.corrects:
        return await _begin(tx, found, **more)
    starts = max(tx.now + rules.cooling, found.scheduled or tx.now)
    return await become(tx, found, "cooling", starts=starts, **more)


async def undo(tx: Transaction, who: Writer, id_: str) -> None:
    """Back to a draft, while nothing has gone out. Its signature falls away."""
    await _take_back(tx, who, id_, "draft", ("asked", "cooling"))


async def withdraw(tx: Transaction, who: Writer, id_: str) -> None:
    """For good, while nothing has gone out."""
    await _take_back(tx, who, id_, "withdrawn", UNSENT)


async def _take_back(tx: Transaction, who: Writer, id_: str, state: State, given: tuple[State, ...]) -> None:
    found = await held(tx, id_)
    if not wrote(who, found.row) and not await audiences.covers(tx, who, found.broadcast):
        raise Refused("not yours")
    if found.broadcast.state not in given:
        raise Refused("not now")
    await tx.execute(sa.delete(leases).where(leases.c.name == _key(tx, found.broadcast), leases.c.holder == id_))
    await note(tx, who, "undo broadcast" if state == "draft" else "withdraw broadcast", id_)
    await become(tx, found.broadcast, state, signer=None, starts=None, counted=None)


# On its way


async def due(tx: Transaction) -> list[str]:
    """What has cooled off, and whose time has come."""
    ready = sa.and_(broadcasts.c.state == "cooling", broadcasts.c.starts <= tx.now)
    return [row.id for row in await tx.rows(sa.select(broadcasts.c.id).where(ready).order_by(broadcasts.c.starts))]


async def begin(tx: Transaction, id_: str) -> None:
    """Queues it for everybody it reaches now, once; nothing where it was undone or begun meanwhile."""
    found = (await held(tx, id_)).broadcast
    if found.state == "cooling" and found.starts is not None and found.starts <= tx.now:
        await _begin(tx, found)


async def _begin(tx: Transaction, found: Broadcast, **more: Any) -> State:
    """What is asked for, and what puts right, is outside the budget of what is unasked."""
    lane = Lane.FEEDBACK if found.kind == "event" or found.corrects else Lane.BROADCAST
    audience = await audiences.chosen(tx, found)
    person, about = audience.selected_columns.person, audiences.kind_of(found)
    await fan_out.queue(tx, audience, person, found.id, lane, KIND, about=about)
    return await become(tx, found, "running", began=tx.now, **more)


async def steer(tx: Transaction, who: Writer, id_: str, to: Steered) -> None:
    """Pauses, resumes, or stops it for good. The sender looks at this before it sends; what waits in the ledger is
    moved by `carry_on`, a part at a time."""
    found = await held(tx, id_)
    if not wrote(who, found.row) and not await audiences.covers(tx, who, found.broadcast):
        raise Refused("not yours")
    if found.broadcast.state not in UNDER_WAY:
        raise Refused("not now")
    await note(tx, who, f"{_ACTS[to]} broadcast", id_)
    await become(tx, found.broadcast, to, ended=tx.now if to == "stopped" else None)


_ACTS: Mapping[Steered, str] = {"running": "resume", "paused": "pause", "stopped": "stop"}


async def try_out(tx: Transaction, who: Writer, id_: str) -> None:
    """Sends it to its author alone, where they are written to; it says that it is a test."""
    found = await held(tx, id_)
    if not wrote(who, found.row):
        raise Refused("not yours")
    query = audiences.reached(who.person)
    if not who.person or await tx.first(query) is None:
        raise Refused("no address")
    source = f"{TRIED_OUT}{id_.removeprefix(PREFIX)}-{short_code(6)}"
    await fan_out.queue(tx, query, query.selected_columns.person, source, Lane.FEEDBACK, KIND)


def _key(tx: Transaction, found: Broadcast) -> str:
    """What is the same for the same text to the same audience, however it is spaced and whatever its case."""
    texts = {language: " ".join(words.casefold().split()) for language, words in sorted(found.texts.items())}
    same = json.dumps([texts, asdict(found.audience), found.area], sort_keys=True)
    return SAME + tx.keys.find("same text", same)[:56]
