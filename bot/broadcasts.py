"""Broadcasts: worded when they are sent, for each person as they are then. Whether it still goes out, and whether they
are still somebody it is for, is looked at here."""

from __future__ import annotations

from collections.abc import Sequence

from bot.broadcast_wording import Wording, worded
from bot.feedback import Prepared, proved
from bot.library import Library
from storage import audiences, broadcasts
from storage.audiences import Reader
from storage.broadcasting import TRIED_OUT
from storage.broadcasts import PREFIX
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """Words claimed broadcasts. Who stopped, or is no longer one of those it is for, is not sent it; and what was
    paused or stopped meanwhile is sent to nobody: it goes back, and stays back."""
    ready: dict[str, Prepared] = {}
    for source in dict.fromkeys(each.source or "" for each in claimed):
        mine = [each for each in claimed if each.source == source]
        ready |= {each.delivery.id: each for each in await _of_one(tx, source, mine, library)}
    return [proved(tx, ready[each.id]) for each in claimed]


async def _of_one(tx: Transaction, source: str, mine: Sequence[Delivery], library: Library) -> list[Prepared]:
    test = source.startswith(TRIED_OUT)
    found = await broadcasts.one(tx, _broadcast_of(source))
    if found is None or not (test or found.began):
        return [Prepared(each, None, Settlement(each.id, "withdrawn", failure="no source")) for each in mine]
    if not test and found.state in ("paused", "stopped"):
        return [Prepared(each, None, Settlement(each.id, "again")) for each in mine]
    people = [each.person for each in mine]
    reached = set(people) if test else await audiences.still_in(tx, found, people)
    readers = await audiences.readers(tx, people)
    wording = await worded(tx, found, library, test=test)
    return [_one(each, wording, readers[each.person], agreed=each.person in reached) for each in mine]


def _broadcast_of(source: str) -> str:
    """The broadcast that a delivery's source names: itself, or what a test is of."""
    if not source.startswith(TRIED_OUT):
        return source
    return PREFIX + source.removeprefix(TRIED_OUT).partition("-")[0]


def _one(each: Delivery, wording: Wording, reader: Reader, *, agreed: bool) -> Prepared:
    if each.stopped or each.silent or not agreed:
        failure = "stopped" if each.stopped else each.silent or "consent"
        return Prepared(each, None, Settlement(each.id, "refused", failure=failure))
    return Prepared(each, wording.message(reader))
