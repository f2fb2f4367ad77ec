"""Dialogues: where each person's conversation is, and which events have been heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from conversations.domain.scene import Standing
from storage.database import Transaction, among, insert
from storage.schema import consents, conversations, events, facts, quarantine, standing_prompts


def _select(table: sa.Table, *names: str) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in names))


_KEPT = _select(conversations, "person", "consultation", "shape", "state", "revision").where(
    among(conversations.c.person, "people")
)


def _of_each(kind: str, table: sa.Table, first: str, second: str, third: Any, since: Any) -> sa.Select[Any]:
    columns = (table.c.person, table.c[first], table.c[second], third, since.label("since"))
    return sa.select(sa.literal_column(f"'{kind}'"), *columns).where(among(table.c.person, "people"))


_KNOWN = sa.union_all(  # whose column has a type goes first: PostgreSQL takes it for all
    _of_each("standing", standing_prompts, "token", "letter", standing_prompts.c.verdict, standing_prompts.c.opened),
    _of_each("told", facts, "fact", "value", sa.null(), sa.null()),
    _of_each("agreed", consents, "consultation", "purpose", consents.c.choice, sa.null()),
).order_by("since")
"""What is always known, in one query: a turn waits for each that it asks."""

CHOICES = ("that_is_it", "not_what_i_meant", "not_done")


@dataclass
class Stored:
    """A conversation as it is kept. `shape` is the pinned shape of the consultation; revision 0 is a new one."""

    consultation: str = ""
    shape: int = 0
    state: str = ""
    revision: int = 0


@dataclass
class Known:
    """What is always known about a person in a turn."""

    about: dict[str, str] = field(default_factory=dict)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    standing: tuple[Standing, ...] = ()


async def hear_once(tx: Transaction, heard: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these (channel, event id), those never heard before; they count as heard from this commit on.

    An event is kept as its keyed hash: a channel's own id may tell whose it is.
    """
    if not heard:
        return set()
    keyed = {(channel, _event(tx, channel, event)): (channel, event) for channel, event in heard}
    rows = [{"channel": channel, "event": event, "heard": tx.now} for channel, event in sorted(keyed)]
    return {keyed[row.channel, row.event] for row in (await tx.execute(_hearing(tx.on_sqlite), rows)).all()}


@cache
def _hearing(on_sqlite: bool) -> Any:
    return insert(events, on_sqlite).on_conflict_do_nothing().returning(events.c.channel, events.c.event)


def _event(tx: Transaction, channel: str, event: str) -> str:
    return tx.keys.find(f"event {channel}", event)


async def load(tx: Transaction, people: Iterable[str]) -> dict[str, Stored]:
    """The conversations of these people; a new one for whoever has none."""
    wanted = list(people)
    found = {person: Stored() for person in wanted}
    for row in await tx.rows(_KEPT, {"people": wanted}):
        state = tx.keys.open(row.state, "conversations", "state", row.person)
        found[row.person] = Stored(row.consultation, row.shape, state, row.revision)
    return found


async def save(tx: Transaction, saved: dict[str, Stored]) -> None:
    """Saves conversations with their next revision."""
    if not saved:
        return
    rows = [
        {
            "person": person,
            "consultation": each.consultation,
            "shape": each.shape,
            "state": tx.keys.seal(each.state, "conversations", "state", person),
            "revision": each.revision + 1,
            "turned": tx.now,
        }
        for person, each in sorted(saved.items())
    ]
    await tx.execute(_saving(tx.on_sqlite), rows)


@cache
def _saving(on_sqlite: bool) -> Any:
    statement = insert(conversations, on_sqlite)
    new = {name: statement.excluded[name] for name in ("consultation", "shape", "state", "revision", "turned")}
    return statement.on_conflict_do_update(index_elements=["person"], set_=new)


async def known(tx: Transaction, people: Iterable[str]) -> dict[str, Known]:
    """Facts, consents and open standing prompts of these people."""
    wanted = list(people)
    found = {person: Known() for person in wanted}
    for kind, person, first, second, third, _ in await tx.rows(_KNOWN, {"people": wanted}):
        if kind == "told":
            found[person].about[first] = second
        elif kind == "agreed":
            found[person].consents[first, second] = third
        else:
            found[person].standing += (Standing(first, CHOICES, second, third or ""),)
    return found


async def set_apart(tx: Transaction, channel: str, event: str, error: str) -> None:
    """An update that broke us: kept for an operator, never tried again."""
    row = tx.insert(quarantine).values(
        channel=channel, event=_event(tx, channel, event), error=error[:2000], heard=tx.now
    )
    await tx.execute(row.on_conflict_do_nothing(index_elements=["channel", "event"]))


@dataclass(frozen=True)
class SetApart:
    """Where an update broke us. Nothing of what was said is in it."""

    heard: datetime
    channel: str
    error: str


async def all_set_apart(tx: Transaction) -> list[SetApart]:
    """Every update that broke us and is still noted, oldest first."""
    rows = await tx.rows(sa.select(quarantine).order_by(quarantine.c.seq))
    return [SetApart(row.heard, row.channel, row.error) for row in rows]
