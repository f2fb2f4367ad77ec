"""Midway: people who began to answer and did not send it, and agreed to be asked again. Never what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.channels import can_be_reached
from storage.database import Transaction, among
from storage.schema import addresses, consents, conversations, persons, responses

STOPPED = timedelta(days=1)
"""Whoever said something later than so long ago has not stopped."""


def _agrees(person: Any) -> Any:
    """Who said yes to being asked again somewhere, and no nowhere."""
    asked = sa.and_(consents.c.person == person, consents.c.purpose == "ask_again")
    yes, no = (sa.exists().where(asked, consents.c.choice == choice) for choice in ("yes", "no"))
    return sa.and_(yes, sa.not_(no))


def audience(consultation: str, now: datetime) -> Any:
    """Who stopped midway in a consultation, agreed to be asked again, and can be written to."""
    return (
        sa.select(responses.c.person, responses.c.address, addresses.c.channel)
        .join(addresses, addresses.c.id == responses.c.address)
        .join(conversations, conversations.c.person == responses.c.person)
        .where(
            responses.c.consultation == consultation,
            responses.c.sent.is_(None),
            conversations.c.turned < now - STOPPED,
            can_be_reached(addresses, "follows"),
            _agrees(responses.c.person),
        )
    )


_BEGUN = sa.select(responses.c.person, responses.c.consultation, responses.c.topic).where(
    among(responses.c.person, "people"), responses.c.sent.is_(None)
)
_AGREED = sa.select(persons.c.id).where(among(persons.c.id, "people"), _agrees(persons.c.id))


async def begun(tx: Transaction, people: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
    """What each of these people began and did not send: (consultation, topic)."""
    found: dict[str, list[tuple[str, str]]] = {person: [] for person in people}
    for row in await tx.rows(_BEGUN, {"people": list(people)}):
        found[row.person].append((row.consultation, row.topic))
    return found


async def agreed(tx: Transaction, people: Sequence[str]) -> set[str]:
    """Those of these people who agree to be asked again."""
    return {row.id for row in await tx.rows(_AGREED, {"people": list(people)})}
