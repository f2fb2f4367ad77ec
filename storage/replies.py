"""What people reply to a published action, and the words they add."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import persons, standing_prompts

UNWELCOME = ("not_what_i_meant", "not_done")


@dataclass(frozen=True)
class ReplyRow:
    """One reply as the desk sees it: under a pseudonym."""

    pseudonym: str
    verdict: str
    words: str
    replied: datetime
    language: str = "en"


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


async def to_version(tx: Transaction, version: str, most: int = 200, *, with_words: bool = False) -> list[ReplyRow]:
    """The replies to one version of an action, newest first; `with_words` leaves out those that are a verdict alone."""
    where = [standing_prompts.c.source == version, standing_prompts.c.verdict.is_not(None)]
    if with_words:
        where.append(standing_prompts.c.words.is_not(None))
    query = (
        sa.select(standing_prompts, persons.c.pseudonym, persons.c.language)
        .join(persons, persons.c.id == standing_prompts.c.person)
        .where(*where)
        .order_by(standing_prompts.c.replied.desc())
        .limit(most)
    )
    return [
        ReplyRow(
            row.pseudonym,
            row.verdict,
            tx.keys.open(row.words, "standing_prompts", "words", row.token) if row.words else "",
            row.replied,
            row.language or "en",
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


async def pulse(tx: Transaction, version: str) -> tuple[tuple[str, int, int], ...]:
    """What changes whenever a reply or words come in: each verdict, how many gave it, how many added words."""
    words = sa.func.count(standing_prompts.c.words).label("words")
    query = (
        sa.select(standing_prompts.c.verdict, sa.func.count().label("people"), words)
        .where(standing_prompts.c.source == version, standing_prompts.c.verdict.is_not(None))
        .group_by(standing_prompts.c.verdict)
        .order_by(standing_prompts.c.verdict)
    )
    return tuple((row.verdict, row.people, row.words) for row in await tx.rows(query))


async def unwelcome(tx: Transaction) -> dict[str, int]:
    """How many told us, of each version, that it is not what they meant or not done."""
    query = (
        sa.select(standing_prompts.c.source, sa.func.count().label("people"))
        .where(standing_prompts.c.verdict.in_(UNWELCOME))
        .group_by(standing_prompts.c.source)
    )
    return {row.source: row.people for row in await tx.rows(query)}
