"""People and their addresses: found by keyed hash, kept apart, stopped, erased."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from storage.bookings import give_up_all
from storage.database import Transaction, among
from storage.references import short_code
from storage.schema import addresses, consent_history, consents, conversations, facts, joins, persons, return_codes

_MET = ("person", "id", "channel", "lookup", "stopped_at", "silent")
DEFAULT_ZONE = "Europe/London"


@dataclass(frozen=True)
class Person:
    """Who an address belongs to, as a turn needs to know it. `language` is empty until they chose one."""

    id: str
    address: str
    channel: str
    language: str
    stopped: bool
    silent: str | None = None


async def meet(tx: Transaction, found: Sequence[tuple[str, str, str]]) -> list[Person | None]:
    """The people behind (channel, value, first language), created if new and locked, in the order given.

    None stands for somebody who is busy elsewhere; their turn waits for the next batch. Addresses are locked sorted
    by look-up, so that no two batches wait for each other in a ring.
    """
    keyed = [(channel, value, language, tx.keys.find(channel, value)) for channel, value, language in found]
    known = await _locked(tx, [(channel, lookup) for channel, _, _, lookup in keyed])
    fresh = [entry for entry in dict.fromkeys(keyed) if (entry[0], entry[3]) not in known]
    if fresh:
        existing = await _existing(tx, [(channel, lookup) for channel, _, _, lookup in fresh])
        await _create(
            tx, [entry for entry in sorted(fresh, key=lambda e: e[3]) if (entry[0], entry[3]) not in existing]
        )
        known |= await _locked(tx, [(channel, lookup) for channel, _, _, lookup in fresh])
    return [known.get((channel, lookup)) for channel, _, _, lookup in keyed]


_ADDRESSED = sa.and_(among(addresses.c.channel, "channels"), among(addresses.c.lookup, "lookups"))
"""Both, because the index begins with the channel: by the look-up alone every address there is would be read."""


def _named(wanted: list[tuple[str, str]]) -> dict[str, list[str]]:
    return {"channels": list({channel for channel, _ in wanted}), "lookups": [lookup for _, lookup in wanted]}


async def _locked(tx: Transaction, wanted: list[tuple[str, str]]) -> dict[tuple[str, str], Person]:
    rows = await tx.rows(_locking(tx.on_sqlite), _named(wanted))
    return {(row.channel, row.lookup): _person(row) for row in rows}


@cache
def _locking(on_sqlite: bool) -> Any:
    query = (
        sa.select(*(addresses.c[name] for name in _MET), persons.c.language)
        .join(persons, persons.c.id == addresses.c.person)
        .where(_ADDRESSED)
        .order_by(addresses.c.lookup)
    )
    return query if on_sqlite else query.with_for_update(skip_locked=True)


def _person(row: Any) -> Person:
    return Person(row.person, row.id, row.channel, row.language, row.stopped_at is not None, row.silent)


async def _existing(tx: Transaction, wanted: list[tuple[str, str]]) -> set[tuple[str, str]]:
    if tx.on_sqlite:
        return set()
    query = sa.select(addresses.c.channel, addresses.c.lookup).where(_ADDRESSED)
    return {(row.channel, row.lookup) for row in await tx.rows(query, _named(wanted))}


async def _create(tx: Transaction, fresh: list[tuple[str, str, str, str]]) -> None:
    """New people with one address each. Where two processes meet the same newcomer, one address wins."""
    for channel, value, language, lookup in fresh:
        person, address = await _new_person(tx, language), str(uuid.uuid4())
        sealed = tx.keys.seal(value, "addresses", "sealed", address)
        statement = tx.insert(addresses).values(
            id=address, person=person, channel=channel, lookup=lookup, sealed=sealed, created=tx.now
        )
        taken = await tx.execute(statement.on_conflict_do_nothing(index_elements=["channel", "lookup"]))
        if not taken.rowcount:
            await tx.execute(sa.delete(persons).where(persons.c.id == person))


async def _new_person(tx: Transaction, language: str) -> str:
    """A person under a pseudonym that nobody has: among a million people one in a thousand draws one that is taken."""
    while True:
        person = str(uuid.uuid4())
        row = tx.insert(persons).values(
            id=person, pseudonym=f"P-{short_code(6)}", language=language, zone=DEFAULT_ZONE, created=tx.now
        )
        if (await tx.execute(row.on_conflict_do_nothing(index_elements=["pseudonym"]))).rowcount:
            return person


async def set_language(tx: Transaction, person: str, language: str) -> None:
    """The language we speak with this person from now on."""
    await tx.execute(sa.update(persons).where(persons.c.id == person).values(language=language))


async def tell_about(tx: Transaction, person: str, fact: str, value: str) -> None:
    """Something the person told us about themselves; an empty value is "would rather not say"."""
    row = tx.insert(facts).values(person=person, fact=fact, value=value, told=tx.now)
    changed = {"value": value, "told": tx.now}
    await tx.execute(row.on_conflict_do_update(index_elements=["person", "fact"], set_=changed))


async def record_consent(
    tx: Transaction, person: str, consultation: str, purpose: str, choice: str, wording: str, channel: str = ""
) -> None:
    """The current choice for a purpose, to which words, where and when; and its place in the history."""
    values = {"choice": choice, "wording": wording, "channel": channel, "given": tx.now}
    named = {"person": person, "consultation": consultation, "purpose": purpose}
    row = tx.insert(consents).values(**named, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["person", "consultation", "purpose"], set_=values))
    await tx.execute(sa.insert(consent_history).values(**named, **values))


async def stop(tx: Transaction, address: str) -> None:
    """STOP: from this commit on nothing unasked goes to this address."""
    await tx.execute(sa.update(addresses).where(addresses.c.id == address).values(stopped_at=tx.now))


async def resume(tx: Transaction, address: str) -> None:
    """START after STOP."""
    await tx.execute(sa.update(addresses).where(addresses.c.id == address).values(stopped_at=None))


async def silence(tx: Transaction, address: str, why: str | None) -> None:
    """The channel cannot reach this address (blocked, gone), or can again."""
    await tx.execute(sa.update(addresses).where(addresses.c.id == address).values(silent=why))


async def address_of(tx: Transaction, channel: str, value: str) -> Person | None:
    """Who has this address, without creating anybody."""
    lookup = tx.keys.find(channel, value)
    row = await tx.first(
        sa.select(addresses, persons.c.language)
        .join(persons, persons.c.id == addresses.c.person)
        .where(addresses.c.channel == channel, addresses.c.lookup == lookup)
    )
    return _person(row) if row else None


async def forget(tx: Transaction, person: str) -> None:
    """Deletes a person and everything that is theirs. The tombstone is written before this commits. Seats they booked
    are there for others; an event they host that is public stays, and is nobody's."""
    await give_up_all(tx, person)
    await tx.execute(sa.delete(persons).where(persons.c.id == person))


# Coming back elsewhere


def return_code(tx: Transaction, person: str) -> str:
    """The code that reopens this person's place: 80 bits, derived so that it can be shown again; stored hashed."""
    digits = int(tx.keys.find("return", person)[:20], 16)
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    code = "".join(alphabet[(digits >> (5 * place)) & 31] for place in range(16))
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


async def keep_return_code(tx: Transaction, person: str) -> None:
    """Stores the hash of the person's code, so that typing it finds them."""
    hashed = tx.keys.find("return-code", plain_code(return_code(tx, person)))
    await tx.execute(tx.insert(return_codes).values(hash=hashed, person=person).on_conflict_do_nothing())


def plain_code(written: str) -> str:
    """A code as typed: without spaces and dashes, with the letters people mix up read as digits (Crockford base 32)."""
    bare = "".join(ch for ch in written.upper() if ch.isalnum())
    return bare.translate(str.maketrans("OIL", "011"))


async def person_of_code(tx: Transaction, written: str) -> str | None:
    """Whose return code this is."""
    hashed = tx.keys.find("return-code", plain_code(written))
    row = await tx.first(sa.select(return_codes.c.person).where(return_codes.c.hash == hashed))
    return row.person if row else None


async def make_join(tx: Transaction, person: str) -> str:
    """A one-use token, good for an hour, that ties another address to this person."""
    token = secrets.token_urlsafe(18)
    hashed = tx.keys.find("join", token)
    await tx.execute(sa.insert(joins).values(hash=hashed, person=person, expires=tx.now + timedelta(hours=1)))
    return token


async def use_join(tx: Transaction, token: str) -> str | None:
    """Whose token this is; it is spent by being used."""
    hashed = tx.keys.find("join", token)
    spent = sa.delete(joins).where(joins.c.hash == hashed, joins.c.expires > tx.now)
    row = (await tx.execute(spent.returning(joins.c.person))).first()
    return str(row.person) if row else None


async def give_address(tx: Transaction, channel: str, value: str, person: str) -> bool:
    """Ties an address to a person. Whoever had it and had not yet agreed to anything is forgotten.

    False, and nothing changes, when the address belongs to somebody who takes part: their answers are never lost.
    """
    lookup = tx.keys.find(channel, value)
    before = await tx.first(
        sa.select(addresses.c.id, addresses.c.person).where(
            addresses.c.channel == channel, addresses.c.lookup == lookup
        )
    )
    if before is None:
        address = str(uuid.uuid4())
        sealed = tx.keys.seal(value, "addresses", "sealed", address)
        row = {"id": address, "person": person, "channel": channel, "lookup": lookup}
        made = tx.insert(addresses).values(**row, sealed=sealed, created=tx.now)
        made = made.on_conflict_do_nothing(index_elements=["channel", "lookup"])
        if not (await tx.execute(made)).rowcount:  # another process has met them just now
            return await give_address(tx, channel, value, person)
    elif before.person != person:
        if await tx.first(sa.select(consents.c.person).where(consents.c.person == before.person)):
            return False
        await tx.execute(sa.update(addresses).where(addresses.c.id == before.id).values(person=person))
        left = await tx.first(sa.select(addresses.c.id).where(addresses.c.person == before.person))
        if left is None:
            await forget(tx, before.person)
    return True


async def last_turned(tx: Transaction, person: str) -> datetime | None:
    """When this person's conversation last moved."""
    row = await tx.first(sa.select(conversations.c.turned).where(conversations.c.person == person))
    return row.turned if row else None
