"""The ledger: one row for every send on its way to one address. Claimed with a lease, settled with an outcome."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cache
from typing import Any, Literal

import sqlalchemy as sa

from storage.database import Transaction, among
from storage.schema import addresses, deliveries, persons
from storage.sealing import Unopenable
from storage.steering import held_back_by_the_desk, waiting_again
from storage.unasked import DIGESTS, UNASKED_LANE, carry

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=60)
CALLED_AT = ("web", "terminal")
"""Channels whose person looks when they like; the process that shows a delivery claims and settles it."""
Outcome = Literal["accepted", "refused", "unknown", "again", "withdrawn", "parked"]
UNSETTLED = ("waiting", "claimed")
ITS_HOUR = "its hour"
"""What a reminder waits for: it is queued long before it is due, and holds up nothing until then."""
_NOW = sa.bindparam("now", type_=deliveries.c.not_before.type)


class Lane(IntEnum):
    """Replies go first, always; then what somebody asked to hear; last what nobody asked for just now."""

    REPLY = 0
    FEEDBACK = 1
    BROADCAST = UNASKED_LANE


@dataclass(frozen=True)
class Reply:
    """A reply as its turn queues it: rendered, to be sealed. `target` is the message an edit changes; `said` is what
    `body` was written from, so that a sender in the same process need not read it. No news begins for that address
    once a `last_word` has left."""

    person: str
    address: str
    channel: str
    body: str
    is_prompt: bool
    language: str
    catalogue: str
    target: str | None = None
    said: Any = None
    last_word: bool = False


@dataclass(frozen=True)
class Delivery:
    """A claimed delivery, with all a sender needs. `body` is empty where it is rendered at send; `said` is there where
    this process has just made it."""

    id: str
    seq: int
    lane: int
    person: str
    address: str
    channel: str
    kind: str
    body: str
    target: str | None
    is_prompt: bool
    attempts: int
    source: str | None = None
    token: str | None = None
    value: str = ""
    language: str = "en"
    zone: str = "Europe/London"
    stopped: bool = False
    silent: str | None = None
    said: Any = None
    urgent: bool = False


@dataclass(frozen=True)
class Settlement:
    """What became of one attempt. `carries` says that it is the same of all that was gathered in a digest."""

    id: str
    outcome: Outcome
    remote: str | None = None
    failure: str | None = None
    not_before: datetime | None = None
    waits_for: str | None = None
    language: str | None = None
    catalogue: str | None = None
    digest: str | None = None
    carries: bool = False


async def queue_replies(
    tx: Transaction, replies: Sequence[Reply], holder: str, awaited: Collection[str] = ()
) -> list[Delivery]:
    """Queues what turns say. Pushed ones are born claimed by `holder`, unless that address already has one waiting
    elsewhere, or is one of those `awaited`; called-at ones wait for their person to look. Prompts that nobody saw yet
    are withdrawn first."""
    if not replies:
        return []
    busy = {*awaited, *await _busy_elsewhere(tx, replies, holder)}
    rows, made = [], []
    for reply in replies:
        id_ = str(uuid.uuid4())
        mine = reply.channel not in CALLED_AT and reply.address not in busy
        rows.append(_row(tx, reply, id_, holder if mine else None))
        made.append(
            Delivery(id_, 0, 0, reply.person, reply.address, reply.channel, _kind(reply), reply.body, reply.target,
                     reply.is_prompt, 1, said=reply.said)
        )  # fmt: skip
    await tx.execute(_QUEUEING, rows)
    return [each for each, row in zip(made, rows, strict=True) if row["state"] == "claimed"]


def _kind(reply: Reply) -> str:
    return "edit" if reply.target else "message"


def _row(tx: Transaction, reply: Reply, id_: str, holder: str | None) -> dict[str, Any]:
    return {
        "id": id_, "lane": Lane.REPLY, "person": reply.person, "address": reply.address, "channel": reply.channel,
        "kind": _kind(reply), "is_prompt": reply.is_prompt,
        "body": tx.keys.seal(reply.body, "deliveries", "body", id_), "target": reply.target,
        "state": "claimed" if holder else "waiting",
        "waits_for": "looking" if reply.channel in CALLED_AT else None, "holder": holder,
        "lease_until": tx.now + LEASE if holder else None, "attempts": 1 if holder else 0, "not_before": tx.now,
        "created": tx.now, "language": reply.language, "catalogue": reply.catalogue,
    }  # fmt: skip


async def _busy_elsewhere(tx: Transaction, replies: Sequence[Reply], holder: str) -> set[str]:
    """Addresses with an unsettled reply that another process holds or that nobody does: order is kept through rows.
    Waiting prompts that one of these replies overtakes are withdrawn, and keep nobody busy."""
    wanted = list({reply.address for reply in replies})
    elsewhere = await tx.rows(_ELSEWHERE, {"wanted": wanted, "mine": holder})
    asked = {reply.address for reply in replies if reply.is_prompt}
    overtaken = [row.seq for row in elsewhere if row.state == "waiting" and row.is_prompt and row.address in asked]
    withdrawn: set[int] = set()
    if overtaken:
        found = await tx.execute(_OVERTAKING, {"overtaken": overtaken, "at": tx.now})
        withdrawn = {row.seq for row in found}
    return {row.address for row in elsewhere if row.seq not in withdrawn}


_OVERTAKING = (
    sa.update(deliveries)
    .where(among(deliveries.c.seq, "overtaken"), deliveries.c.state == "waiting")
    .values(state="withdrawn", settled=sa.bindparam("at", type_=deliveries.c.settled.type))
    .returning(deliveries.c.seq)
)
_ELSEWHERE = sa.select(deliveries.c.seq, deliveries.c.address, deliveries.c.state, deliveries.c.is_prompt).where(
    among(deliveries.c.address, "wanted"),
    deliveries.c.state.in_(UNSETTLED),
    deliveries.c.lane == Lane.REPLY,
    sa.not_(sa.and_(deliveries.c.state == "claimed", deliveries.c.holder == sa.bindparam("mine"))),
)
_QUEUEING = sa.insert(deliveries)


async def let_go(
    tx: Transaction, holder: str, taken: Sequence[datetime], lanes: Iterable[Lane] = (Lane.REPLY,)
) -> None:
    """What `holder` claimed of these lanes at these moments, and never heard of the commit: nobody is sending it, and
    whoever looks next may."""
    if taken:
        until = deliveries.c.lease_until.in_([moment + LEASE for moment in taken])
        mine = sa.and_(deliveries.c.holder == holder, deliveries.c.state == "claimed", deliveries.c.lane.in_(lanes))
        freed = {"state": "waiting", "holder": None, "lease_until": None, "attempts": deliveries.c.attempts - 1}
        await tx.execute(sa.update(deliveries).where(mine, until).values(**freed))


def _claimable(now: Any) -> Any:
    return sa.or_(*_free(now))


def _free(now: Any) -> tuple[Any, Any]:
    """Rows that wait and are due, and rows whose holder died: not those that the desk holds back."""
    held_back = held_back_by_the_desk()
    waiting = sa.and_(deliveries.c.state == "waiting", deliveries.c.not_before <= now)
    lapsed = sa.and_(deliveries.c.state == "claimed", deliveries.c.lease_until < now)
    return sa.and_(waiting, sa.not_(held_back)), sa.and_(lapsed, sa.not_(held_back))


async def any_due(tx: Transaction, lanes: Iterable[Lane], channels: Iterable[str]) -> bool:
    """Whether there may be something to claim: a look that writes nothing."""
    mine = sa.and_(deliveries.c.lane.in_(list(lanes)), deliveries.c.channel.in_(list(channels)))
    unsettled = deliveries.c.state.in_(UNSETTLED)
    query = sa.select(deliveries.c.seq).where(unsettled, mine, _claimable(tx.now)).limit(1)
    return await tx.first(query) is not None


async def claim(
    tx: Transaction, lanes: Iterable[Lane], channels: Iterable[str], holder: str, most: int
) -> list[Delivery]:
    """Claims what is due, longest due first, one for each address, skipping addresses that have one in flight. What
    the dead held is claimed again if it is a reply; news of theirs may have arrived, and is left to `park_lapsed`."""
    given = {"now": tx.now, "channels": list(channels), "holder": holder, "until": tx.now + LEASE}
    waiting, lapsed = _claiming(tx.on_sqlite)
    seqs: list[int] = []
    for lane in lanes:
        for claiming in (waiting, lapsed) if lane == Lane.REPLY else (waiting,):
            if len(seqs) < most:
                rest = {"of_lane": lane, "most": most - len(seqs)}
                seqs += [row.seq for row in await tx.execute(claiming, given | rest)]
    return await whole(tx, seqs)


@cache
def _claiming(on_sqlite: bool) -> tuple[Any, Any]:
    """The statements that claim of one lane what waits, and what the dead held. They are two, so that the index gives
    each in its order, however many wait; and they claim as they look, so that each sees which addresses the one before
    took."""
    waiting, lapsed = (_take_due(_due(free, on_sqlite)) for free in _free(_NOW))
    return waiting, lapsed


def _take_due(due: Any) -> Any:
    chosen = due.cte("due")
    taken = sa.update(deliveries).where(deliveries.c.seq.in_(sa.select(chosen.c.seq)))
    return taken.values(_held(sa.bindparam("holder"), sa.bindparam("until"))).returning(deliveries.c.seq)


def _held(holder: Any, until: Any) -> dict[str, Any]:
    return {"state": "claimed", "holder": holder, "lease_until": until, "attempts": deliveries.c.attempts + 1}


def _due(free: Any, on_sqlite: bool) -> Any:
    flying = deliveries.alias("flying")
    in_flight = sa.exists().where(
        flying.c.address == deliveries.c.address, flying.c.state == "claimed", flying.c.lease_until >= _NOW
    )
    earlier = deliveries.alias("earlier")
    waits_behind = sa.exists().where(
        earlier.c.address == deliveries.c.address,
        earlier.c.seq < deliveries.c.seq,
        earlier.c.state.in_(UNSETTLED),
        earlier.c.lane <= deliveries.c.lane,
        sa.or_(earlier.c.state == "claimed", earlier.c.not_before <= _NOW, sa.not_(_holds_nobody_up(earlier))),
    )
    due = (
        sa.select(deliveries.c.seq)
        .where(
            free,
            deliveries.c.lane == sa.bindparam("of_lane"),
            deliveries.c.channel.in_(sa.bindparam("channels", expanding=True)),
            sa.not_(in_flight),
            sa.not_(waits_behind),
        )
        .order_by(deliveries.c.not_before, deliveries.c.seq)
        .limit(sa.bindparam("most"))
    )
    return due if on_sqlite else due.with_for_update(skip_locked=True)


def _holds_nobody_up(earlier: Any) -> Any:
    """What is not due yet keeps its place before what came later; but no reminder does, nothing unasked, and nothing
    before what is urgent."""
    waits = sa.or_(earlier.c.lane == Lane.BROADCAST, sa.func.coalesce(earlier.c.waits_for, "") == ITS_HOUR)
    return sa.or_(deliveries.c.urgent, waits)


async def take(tx: Transaction, seqs: Sequence[int], holder: str) -> list[Delivery]:
    """Claims these rows, as far as nobody else just did, and reads them whole."""
    if not seqs:
        return []
    free = sa.update(deliveries).where(deliveries.c.seq.in_(seqs), _claimable(tx.now))
    claimed = free.values(_held(holder, tx.now + LEASE)).returning(deliveries.c.seq)
    return await whole(tx, [row.seq for row in await tx.execute(claimed)])


async def whole(tx: Transaction, seqs: Sequence[int]) -> list[Delivery]:
    """These deliveries with all a sender needs, oldest first."""
    if not seqs:
        return []
    rows = await tx.execute(_WHOLE, {"seqs": list(seqs)})
    return [read for row in rows if (read := _opened(tx, row)) is not None]


_READ = (
    "id", "seq", "lane", "person", "address", "channel", "kind", "body", "target", "is_prompt", "attempts", "source",
    "token", "urgent",
)  # fmt: skip
_WHOLE = (
    sa.select(
        *(deliveries.c[name] for name in _READ),
        addresses.c.sealed,
        addresses.c.stopped_at.is_not(None).label("stopped"),
        addresses.c.silent,
        persons.c.language.label("speaks"),
        persons.c.zone,
    )
    .join(addresses, addresses.c.id == deliveries.c.address)
    .join(persons, persons.c.id == deliveries.c.person)
    .where(deliveries.c.seq.in_(sa.bindparam("seqs", expanding=True)))
    .order_by(deliveries.c.seq)
)


def _opened(tx: Transaction, row: Any) -> Delivery | None:
    """The delivery of a row. One that our keys do not open stays where it is and holds nobody else up."""
    try:
        return _delivery(tx, row)
    except Unopenable as error:
        log.error("a delivery cannot be sent: %s. Put the key it was sealed with back into SECRET_KEYS.", error)
        return None


def _delivery(tx: Transaction, row: Any) -> Delivery:
    body = tx.keys.open(row.body, "deliveries", "body", row.id) if row.body else ""
    value = tx.keys.open(row.sealed, "addresses", "sealed", row.address)
    return Delivery(
        row.id, row.seq, row.lane, row.person, row.address, row.channel, row.kind, body, row.target, row.is_prompt,
        row.attempts, row.source, row.token, value, row.speaks, row.zone, row.stopped, row.silent,
        urgent=row.urgent,
    )  # fmt: skip


async def any_to_see(tx: Transaction, person: str, channel: str) -> bool:
    """Whether something waits for this person to look: a look that writes nothing."""
    mine = sa.and_(deliveries.c.person == person, deliveries.c.channel == channel, deliveries.c.state.in_(UNSETTLED))
    return await tx.first(sa.select(deliveries.c.seq).where(mine, _claimable(tx.now)).limit(1)) is not None


async def claim_for_viewer(tx: Transaction, person: str, channel: str, holder: str) -> list[Delivery]:
    """Everything that waited for this person to look at this called-at channel, oldest first."""
    where = sa.and_(deliveries.c.person == person, deliveries.c.channel == channel, _claimable(tx.now))
    rows = await tx.rows(sa.select(deliveries.c.seq).where(where).order_by(deliveries.c.seq))
    return await take(tx, [row.seq for row in rows], holder)


async def settle(tx: Transaction, settlements: Sequence[Settlement], holder: str) -> None:
    """Writes down what became of each attempt. A row taken over by somebody else in the meantime is left alone."""
    common = {"by": holder}
    done = [common | _final(each, tx.now) for each in settlements if each.outcome != "again"]
    back = [common | _back(each, tx.now) for each in settlements if each.outcome == "again"]
    for statement, rows in ((_SETTLE, done), (_PUT_BACK, back)):
        if rows:
            await tx.execute(statement, rows)
    await carry(tx, [(each.id, each.outcome) for each in settlements if each.carries])


def _final(each: Settlement, now: datetime) -> dict[str, Any]:
    return {
        "row": each.id, "new_state": each.outcome, "new_failure": each.failure, "new_remote": each.remote,
        "new_language": each.language, "new_catalogue": each.catalogue, "new_digest": each.digest, "new_settled": now,
    }  # fmt: skip


def _back(each: Settlement, now: datetime) -> dict[str, Any]:
    return {
        "row": each.id, "new_failure": each.failure, "new_not_before": each.not_before or now,
        "new_waits_for": each.waits_for,
    }  # fmt: skip


def _given(name: str) -> Any:
    return sa.bindparam(f"new_{name}", type_=deliveries.c[name].type)


_LET_LOOSE = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("row"), deliveries.c.holder == sa.bindparam("by"))
    .values(holder=None, lease_until=None, failure=_given("failure"))
)
_SETTLE = _LET_LOOSE.values(
    {name: _given(name) for name in ("state", "remote", "settled")}
    | {name: sa.func.coalesce(_given(name), deliveries.c[name]) for name in ("language", "catalogue", "digest")}
)
_PUT_BACK = _LET_LOOSE.values(state=waiting_again(), **{name: _given(name) for name in ("not_before", "waits_for")})


async def park_lapsed(tx: Transaction, channel: str) -> None:
    """A bulk send whose process died may have arrived: it is never sent twice, but parked as unknown and shown."""
    where = sa.and_(
        deliveries.c.lane != Lane.REPLY,
        deliveries.c.channel == channel,
        deliveries.c.state == "claimed",
        deliveries.c.lease_until < tx.now,
    )
    parked = {"state": "unknown", "failure": "lapsed", "holder": None, "lease_until": None, "settled": tx.now}
    found = await tx.execute(sa.update(deliveries).where(where).values(**parked).returning(*_NAMED))
    await carry(tx, [(row.id, "unknown") for row in found if row.kind in DIGESTS])


_NAMED = (deliveries.c.id, deliveries.c.kind)
