"""Fan-out: one statement queues a delivery for each of very many, and nobody is told the same source twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from conversations.domain.channels import MessageKind
from storage.channels import OF_DELIVERIES, where_chosen
from storage.database import Transaction
from storage.deliveries import CALLED_AT, ITS_HOUR, Lane
from storage.references import drawn
from storage.schema import deliveries, persons


async def queue(
    tx: Transaction,
    audience: Any,
    person: Any,
    source: str,
    lane: Lane,
    kind: str,
    at: datetime | None = None,
    about: MessageKind | None = None,
    **more: Any,
) -> None:
    """Queues a delivery from `source` for everybody in `audience`, a query of persons, addresses and channels.

    `person` is the audience's own column of persons. `kind` says how the delivery is rendered when it is sent; one that
    is due `at` another moment than now waits for it; `more` are other columns of it. Whoever has one from this source
    already gets no second one. It goes where its person chose that messages of its kind, or `about` another, come.
    """
    if not tx.on_sqlite:  # who is just leaving is waited for, and then is not there: nothing is queued for nobody
        staying = audience.join(persons, persons.c.id == person)
        audience = staying.with_for_update(read=True, key_share=True, of=persons)
    of = OF_DELIVERIES.get(kind) if about is None else about
    chosen = where_chosen(audience.subquery(), of) if of else audience.subquery()
    given = {name: sa.literal(value, type_=deliveries.c[name].type) for name, value in more.items()}
    columns = _columns(tx, chosen, source, lane, kind, at or tx.now) | given
    parsed = chosen.c.person.is_not(None)  # SQLite needs a WHERE between SELECT and ON CONFLICT
    rows = sa.select(*columns.values()).select_from(chosen).where(parsed)
    await tx.execute(tx.insert(deliveries).from_select(list(columns), rows).on_conflict_do_nothing())


def _columns(tx: Transaction, chosen: Any, source: str, lane: Lane, kind: str, at: datetime) -> dict[str, Any]:
    unique, token = drawn(32, on_sqlite=tx.on_sqlite), drawn(18, on_sqlite=tx.on_sqlite)
    waits_for = ITS_HOUR if at > tx.now else None
    looked_at = sa.case((chosen.c.channel.in_(CALLED_AT), "looking"), else_=waits_for)
    return {
        "id": unique, "lane": sa.literal(int(lane)), "person": chosen.c.person,
        "address": chosen.c.address, "channel": chosen.c.channel, "kind": sa.literal(kind),
        "source": sa.literal(source), "token": token, "is_prompt": sa.literal(False),
        "state": sa.literal("waiting"), "waits_for": looked_at, "attempts": sa.literal(0),
        "not_before": sa.literal(at, type_=deliveries.c.not_before.type),
        "created": sa.literal(tx.now, type_=deliveries.c.created.type),
    }  # fmt: skip
