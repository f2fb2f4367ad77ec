"""What people reply to a published action, and the words they add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import persons, standing_prompts


@dataclass(frozen=True)
class ReplyRow:
    """One reply as the desk sees it: under a pseudonym."""

    pseudonym: str
    verdict: str
    words: str
    replied: datetime


async def record(tx: Transaction, person: str, token: str, verdict: str) -> None:
    """The first reply on a standing prompt stands; a second press changes nothing."""
    where = sa.and_(
        standing_prompts.c.token == token, standing_prompts.c.person == person, standing_prompts.c.verdict.is_(None)
    )
    await tx.execute(sa.update(standing_prompts).where(where).values(verdict=verdict, replied=tx.now))


async def add_words(tx: Transaction, person: str, token: str, words: str) -> None:
    """The person's own words under their reply, sealed."""
    sealed = tx.keys.seal(words, "standing_prompts", "words", token)
    where = sa.and_(standing_prompts.c.token == token, standing_prompts.c.person == person)
    await tx.execute(sa.update(standing_prompts).where(where).values(words=sealed))


async def to_version(tx: Transaction, version: str, most: int = 200) -> list[ReplyRow]:
    """The replies to one version of an action, newest first."""
    query = (
        sa.select(standing_prompts, persons.c.pseudonym)
        .join(persons, persons.c.id == standing_prompts.c.person)
        .where(standing_prompts.c.source == version, standing_prompts.c.verdict.is_not(None))
        .order_by(standing_prompts.c.replied.desc())
        .limit(most)
    )
    return [
        ReplyRow(
            row.pseudonym,
            row.verdict,
            tx.keys.open(row.words, "standing_prompts", "words", row.token) if row.words else "",
            row.replied,
        )
        for row in await tx.rows(query)
    ]


async def counts(tx: Transaction, version: str) -> dict[str, int]:
    """How many gave each reply."""
    query = (
        sa.select(standing_prompts.c.verdict, sa.func.count().label("people"))
        .where(standing_prompts.c.source == version, standing_prompts.c.verdict.is_not(None))
        .group_by(standing_prompts.c.verdict)
    )
    return {row.verdict: row.people for row in await tx.rows(query)}
