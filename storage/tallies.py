"""Tallies: totals rolled up on a schedule, so that no turn writes a shared counter and no page scans answers."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from storage.actions import OUTCOMES, WANTS_TO_HEAR
from storage.answers import read_answer
from storage.database import Transaction
from storage.schema import (
    action_versions,
    actions,
    answer_picks,
    answers,
    consents,
    deliveries,
    persons,
    responses,
    standing_prompts,
    tallies,
)

OPENED_AT_ONCE = 200
TOPIC = "#"
"""The slot under which a topic's own figures are kept: answered, sent, asked, told and the three replies."""


Counted = list[dict[str, Any]]


async def count(tx: Transaction) -> Counted:
    """Counts everything afresh. Among very many people it takes long: in a transaction that only reads, turns go on."""
    return [*await _picks(tx), *await _people(tx), *await _asked(tx), *await _told(tx), *await _replies(tx)]


async def replace(tx: Transaction, counted: Counted) -> None:
    """Puts what was counted in the place of the former figures."""
    await tx.execute(sa.delete(tallies))
    if counted:
        await tx.execute(sa.insert(tallies), counted)


def _rows(found: list[Any]) -> Counted:
    return [
        {"consultation": r.consultation, "topic": r.topic, "slot": r.slot, "pick": r.pick, "people": r.people}
        for r in found
    ]


async def _picks(tx: Transaction) -> Counted:
    query = (
        sa.select(answers.c.consultation, answers.c.topic, answers.c.slot, answer_picks.c.pick,
                  sa.func.count().label("people"))
        .join(answer_picks, answer_picks.c.answer == answers.c.id)
        .where(sa.not_(answers.c.aside), sa.not_(answers.c.skipped))
        .group_by(answers.c.consultation, answers.c.topic, answers.c.slot, answer_picks.c.pick)
    )  # fmt: skip
    return _rows(await tx.rows(query))


def _of_topic(pick: Any, people: Any) -> Any:
    slot = sa.literal(TOPIC).label("slot")
    return sa.select(responses.c.consultation, responses.c.topic, slot, pick, people).group_by(
        responses.c.consultation, responses.c.topic
    )


async def _people(tx: Transaction) -> Counted:
    answered = _of_topic(sa.literal("answered").label("pick"), sa.func.count().label("people"))
    sent = _of_topic(sa.literal("sent").label("pick"), sa.func.count(responses.c.sent).label("people"))
    return _rows(await tx.rows(answered)) + _rows(await tx.rows(sent))


async def _asked(tx: Transaction) -> Counted:
    asked = sa.exists().where(
        consents.c.person == responses.c.person,
        consents.c.consultation == responses.c.consultation,
        consents.c.purpose == "outcome",
        consents.c.choice.in_(WANTS_TO_HEAR),
    )
    query = _of_topic(sa.literal("asked").label("pick"), sa.func.count().label("people")).where(asked)
    return _rows(await tx.rows(query))


async def _told(tx: Transaction) -> Counted:
    """Who was told an outcome: an update does not count."""
    query = (
        sa.select(actions.c.consultation, actions.c.topic, sa.literal(TOPIC).label("slot"),
                  sa.literal("told").label("pick"),
                  sa.func.count(sa.distinct(deliveries.c.person)).label("people"))
        .join(action_versions, action_versions.c.action == actions.c.id)
        .join(deliveries, deliveries.c.source == action_versions.c.id)
        .where(deliveries.c.state == "accepted", action_versions.c.kind.in_(OUTCOMES))
        .group_by(actions.c.consultation, actions.c.topic)
    )  # fmt: skip
    return _rows(await tx.rows(query))


async def _replies(tx: Transaction) -> Counted:
    """How many people gave each reply, and how many replied at all: whoever replied twice is one person."""
    each = standing_prompts.c.verdict
    every = await tx.rows(_replied(sa.literal("replied").label("pick")))
    return _rows(await tx.rows(_replied(each.label("pick"), each))) + _rows(every)


def _replied(pick: Any, *by: Any) -> Any:
    return (
        sa.select(actions.c.consultation, actions.c.topic, sa.literal(TOPIC).label("slot"), pick,
                  sa.func.count(sa.distinct(standing_prompts.c.person)).label("people"))
        .join(action_versions, action_versions.c.action == actions.c.id)
        .join(standing_prompts, standing_prompts.c.source == action_versions.c.id)
        .where(standing_prompts.c.verdict.is_not(None))
        .group_by(actions.c.consultation, actions.c.topic, *by)
    )  # fmt: skip


# What the desk and the public read


async def of_topic(tx: Transaction, consultation: str, topic: str) -> dict[tuple[str, str], int]:
    """A topic's rolled-up figures, exact: {(slot, pick): people}. For staff; the public sees them in steps of ten."""
    where = sa.and_(tallies.c.consultation == consultation, tallies.c.topic == topic)
    return {(row.slot, row.pick): row.people for row in await tx.rows(sa.select(tallies).where(where))}


@dataclass(frozen=True)
class OwnWordsRow:
    """Somebody's own words in one slot, under a pseudonym."""

    pseudonym: str
    slot: str
    words: str
    language: str
    given: datetime


async def own_words(
    tx: Transaction, consultation: str, topic: str, question: str, containing: str, skip: int, most: int
) -> tuple[list[OwnWordsRow], int]:
    """A page of own words on a question, newest first, and how many there are that contain the search words.

    Words are sealed, so a search opens each; it is for staff, on one question at a time, and lets turns go between.
    """
    where = sa.and_(
        answers.c.consultation == consultation,
        answers.c.topic == topic,
        answers.c.question == question,
        answers.c.words.is_not(None),
        sa.not_(answers.c.aside),
    )
    query = (
        sa.select(answers, persons.c.pseudonym)
        .join(persons, persons.c.id == answers.c.person)
        .where(where)
        .order_by(answers.c.given.desc(), answers.c.id)
    )
    wanted = containing.casefold().strip()
    if not wanted:
        total = int((await tx.execute(sa.select(sa.func.count()).select_from(answers).where(where))).scalar_one())
        return [_own_words(tx, row) for row in await tx.rows(query.offset(skip).limit(most))], total
    found = []
    for place, row in enumerate(await tx.rows(query)):
        opened = _own_words(tx, row)
        if wanted in opened.words.casefold():
            found.append(opened)
        if place % OPENED_AT_ONCE == 0:
            await asyncio.sleep(0)
    return found[skip : skip + most], len(found)


def _own_words(tx: Transaction, row: Any) -> OwnWordsRow:
    answer = read_answer(tx, row)
    return OwnWordsRow(row.pseudonym, row.slot, answer.words, answer.language or "en", row.given)


async def answered(tx: Transaction, consultation: str, topic: str) -> dict[str, int]:
    """How many people answered each question of a topic, exact: for staff."""
    query = (
        sa.select(answers.c.question, sa.func.count(sa.distinct(answers.c.person)).label("people"))
        .where(
            answers.c.consultation == consultation,
            answers.c.topic == topic,
            sa.not_(answers.c.aside),
            sa.not_(answers.c.skipped),
        )
        .group_by(answers.c.question)
    )
    return {row.question: row.people for row in await tx.rows(query)}


async def spread(
    tx: Transaction, consultation: str, topic: str, question: str
) -> list[tuple[tuple[str, ...], Decimal | None, int]]:
    """Every different answer to a ranking or a number, with how many gave it, exact: for staff."""
    query = (
        sa.select(answers.c.picks, answers.c.number, sa.func.count().label("people"))
        .where(
            answers.c.consultation == consultation,
            answers.c.topic == topic,
            answers.c.question == question,
            sa.not_(answers.c.aside),
            sa.not_(answers.c.skipped),
        )
        .group_by(answers.c.picks, answers.c.number)
    )
    return [
        (tuple(json.loads(row.picks)), Decimal(row.number) if row.number else None, row.people)
        for row in await tx.rows(query)
    ]


async def export(tx: Transaction) -> list[tuple[str, Any]]:
    """Every current answer with its person's pseudonym, in order of time."""
    query = (
        sa.select(answers, persons.c.pseudonym)
        .join(persons, persons.c.id == answers.c.person)
        .where(sa.not_(answers.c.aside))
        .order_by(answers.c.given, answers.c.id)
    )
    return [(row.pseudonym, (row, read_answer(tx, row))) for row in await tx.rows(query)]
