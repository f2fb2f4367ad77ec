"""Actions: written, signed by a second person, published to everybody who answered; never changed, only corrected."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from conversations.domain.following import Subject, topic_subject
from storage import fan_out, notices
from storage.channels import can_be_reached
from storage.database import Transaction
from storage.deliveries import Lane
from storage.schema import (
    action_versions,
    actions,
    addresses,
    answers,
    consents,
    deliveries,
    responses,
    standing_prompts,
)

OUTCOMES = ("done", "partly", "will_not", "cannot")
"""Kinds of action that decide; an `update` tells news and is not counted as an outcome."""
WANTS_TO_HEAR = ("with_words", "news_only")
Texts = Mapping[str, Mapping[str, str]]
"""Language to the parts of an action: headline, said, did, why, who, next, by."""


@dataclass(frozen=True)
class ActionVersion:
    """One dated wording of an action. Drafts may be rewritten; a published one never is."""

    id: str
    action: str
    consultation: str
    topic: str
    version: int
    kind: str
    questions: tuple[str, ...]
    texts: Texts
    reason: str
    author: str
    written: datetime
    signer: str | None
    signed: datetime | None
    published: datetime | None
    fan_out: str


@dataclass(frozen=True)
class Reach:
    """Everybody a version concerns, parted by whether they hear of it. `not_said` were asked and did not answer yet."""

    told: int = 0
    asked_not: int = 0
    unreachable: int = 0
    not_said: int = 0


Hindrance = Literal[
    "no reason", "not published", "published", "own words", "unsigned", "not under way",
    "signed", "words changed", "newer version", "overtaken",
]  # fmt: skip
"""Why an act at the desk cannot be done now; the desk has the words for it."""


class NotAllowed(Exception):
    """The act cannot be done now, because of one hindrance."""

    def __init__(self, hindrance: Hindrance) -> None:
        super().__init__(hindrance)
        self.hindrance = hindrance


async def draft(
    tx: Transaction, consultation: str, topic: str, kind: str, questions: list[str], texts: Texts, author: str
) -> str:
    """A new action's first draft. Returns the id of the version."""
    action = str(uuid.uuid4())
    await tx.execute(sa.insert(actions).values(id=action, consultation=consultation, topic=topic, created=tx.now))
    return await _new_version(tx, action, 1, kind, questions, texts, "", author)


async def correct(
    tx: Transaction, action: str, kind: str, questions: list[str], texts: Texts, reason: str, author: str
) -> str:
    """A new dated version of a published action, with its reason. Returns the id of the version."""
    if not reason.strip():
        raise NotAllowed("no reason")
    before = await versions_of(tx, action)
    if not before or before[-1].published is None:
        raise NotAllowed("not published")
    return await _new_version(tx, action, before[-1].version + 1, kind, questions, texts, reason, author)


async def _new_version(
    tx: Transaction, action: str, number: int, kind: str, questions: list[str], texts: Texts, reason: str, author: str
) -> str:
    made = str(uuid.uuid4())
    await tx.execute(
        sa.insert(action_versions).values(
            id=made, action=action, version=number, kind=kind, questions=json.dumps(questions), texts=json.dumps(texts),
            reason=reason, author=author, written=tx.now, fan_out="none",
        )
    )  # fmt: skip
    return made


async def rewrite(
    tx: Transaction, version: str, kind: str, questions: list[str], texts: Texts, author: str, reason: str = ""
) -> None:
    """Changes a draft. A signature given to other words falls away. Raises NotAllowed once it is published."""
    changed = await tx.execute(
        sa.update(action_versions)
        .where(action_versions.c.id == version, action_versions.c.published.is_(None))
        .values(kind=kind, questions=json.dumps(questions), texts=json.dumps(texts), reason=reason, author=author,
                written=tx.now, signer=None, signed=None)
    )  # fmt: skip
    if not changed.rowcount:
        raise NotAllowed("published")


async def sign(tx: Transaction, version: str, signer: str, *, alone: bool, written: datetime | None = None) -> None:
    """The second person's signature. Who wrote it may sign it only where one person may (`alone`, in a trial).

    `written` is when the words they read were written: other words are not signed by it.
    """
    where = [action_versions.c.id == version, action_versions.c.published.is_(None)]
    if written is not None:
        where.append(action_versions.c.written == written)
    if not alone:
        where.append(action_versions.c.author != signer)
    changed = await tx.execute(sa.update(action_versions).where(*where).values(signer=signer, signed=tx.now))
    if not changed.rowcount:
        raise NotAllowed("own words")


async def publish(tx: Transaction, version: str, commission: str = "") -> int:
    """Publishes a signed version and queues the feedback, one delivery a person; and for whoever follows the topic or
    its commission, and gets no feedback, a notice. Returns how many will get feedback."""
    where = [
        action_versions.c.id == version,
        action_versions.c.published.is_(None),
        action_versions.c.signed.is_not(None),
    ]
    changed = await tx.execute(sa.update(action_versions).where(*where).values(published=tx.now, fan_out="running"))
    if not changed.rowcount:
        raise NotAllowed("unsigned")
    found = await version_of(tx, version)
    assert found is not None
    await fan_out.queue(tx, _audience(found), responses.c.person, version, Lane.FEEDBACK, "message")
    await tx.execute(_open_standing(tx, version))
    await _tell_followers(tx, found, commission)
    return await will_hear(tx, found, queued=True)


async def _tell_followers(tx: Transaction, version: ActionVersion, commission: str) -> None:
    """The version is itself the source of the notice: whoever has feedback of it is not told again."""
    notice = await notices.note(tx, "action", version.id, tx.now, version.id)
    if notice is not None:
        await notices.tell_followers(tx, notice, _subjects(version, commission))


def _subjects(version: ActionVersion, commission: str) -> list[Subject]:
    topic = topic_subject(version.consultation, version.topic)
    return [topic, Subject("commission", commission)] if commission else [topic]


async def followers(tx: Transaction, version: ActionVersion, commission: str) -> int:
    """How many people would hear of a version because they follow it, and get no feedback."""
    return await notices.followers(tx, _subjects(version, commission), _audience(version))


def _answered(version: ActionVersion) -> Any:
    return sa.exists().where(
        answers.c.person == responses.c.person,
        answers.c.consultation == version.consultation,
        answers.c.question.in_(version.questions),
        sa.not_(answers.c.aside),
        sa.not_(answers.c.skipped),
    )


def _told(version: ActionVersion) -> Any:
    earlier = sa.select(action_versions.c.id).where(action_versions.c.action == version.action)
    heard = deliveries.c.state.not_in(["refused", "withdrawn"])  # what is still under way will be told
    of_ours = sa.and_(deliveries.c.person == responses.c.person, deliveries.c.lane == Lane.FEEDBACK)
    return sa.exists().where(of_ours, deliveries.c.source.in_(earlier), heard)


def _audience(version: ActionVersion) -> Any:
    """Who answered one of those questions, took part where we can still write, and asked to hear; and everybody who
    was told an earlier version."""
    asked = sa.exists().where(
        consents.c.person == responses.c.person,
        consents.c.consultation == version.consultation,
        consents.c.purpose == "outcome",
        consents.c.choice.in_(WANTS_TO_HEAR),
    )
    return (
        sa.select(responses.c.person, responses.c.address, addresses.c.channel)
        .join(addresses, addresses.c.id == responses.c.address)
        .where(
            responses.c.consultation == version.consultation,
            responses.c.topic == version.topic,
            sa.or_(sa.and_(_answered(version), asked), _told(version)),
        )
    )


def _open_standing(tx: Transaction, version: str) -> Any:
    """A standing prompt for each, lettered after those the person already has: A, D, G … (three choices each)."""
    before = sa.select(sa.func.count()).where(standing_prompts.c.person == deliveries.c.person).scalar_subquery()
    letter = sa.func.substr("ADGJMPSV", sa.cast(before % 8 + 1, sa.Integer), 1)
    opened = sa.literal(tx.now, type_=standing_prompts.c.opened.type)
    rows = sa.select(deliveries.c.token, deliveries.c.person, deliveries.c.source, letter, opened).where(
        deliveries.c.source == version
    )
    names = ["token", "person", "source", "letter", "opened"]
    return tx.insert(standing_prompts).from_select(names, rows)


async def will_hear(tx: Transaction, version: ActionVersion, *, queued: bool = False) -> int:
    """How many people a version is told to: counted before publishing, or as queued after."""
    counted = sa.select(sa.func.count())
    query = (
        counted.where(deliveries.c.source == version.id, deliveries.c.lane == Lane.FEEDBACK)
        if queued
        else counted.select_from(_audience(version).subquery())
    )
    return int((await tx.execute(query)).scalar_one())


async def reach(tx: Transaction, version: ActionVersion) -> Reach:
    """Who would hear of a version if it went out now, and who would not: looked at the way the sender looks."""
    outcome = sa.and_(
        consents.c.person == responses.c.person,
        consents.c.consultation == responses.c.consultation,
        consents.c.purpose == "outcome",
    )
    lost = sa.or_(addresses.c.id.is_(None), sa.not_(can_be_reached(addresses, "outcomes")))
    standing = sa.case(
        (consents.c.choice == "no", "asked_not"),
        (consents.c.choice.is_(None), "not_said"),
        (consents.c.choice.not_in(WANTS_TO_HEAR), "not_said"),
        (lost, "unreachable"),
        else_="told",
    ).label("standing")
    concerned = (
        sa.select(standing)
        .select_from(responses)
        .outerjoin(addresses, addresses.c.id == responses.c.address)
        .outerjoin(consents, outcome)
        .where(
            responses.c.consultation == version.consultation,
            responses.c.topic == version.topic,
            sa.or_(_answered(version), _told(version)),
        )
        .subquery()
    )
    query = sa.select(concerned.c.standing, sa.func.count().label("people")).group_by(concerned.c.standing)
    return Reach(**{row.standing: row.people for row in await tx.rows(query)})


async def steer(tx: Transaction, version: str, fan_out: str) -> None:
    """Pauses, resumes or stops a fan-out. Stopping withdraws what was not sent yet, for good."""
    changed = await tx.execute(
        sa.update(action_versions)
        .where(action_versions.c.id == version, action_versions.c.fan_out.in_(["running", "paused"]))
        .values(fan_out=fan_out)
    )
    if not changed.rowcount:
        raise NotAllowed("not under way")
    held = ["waiting", "paused", *(["gathered"] if fan_out == "stopped" else [])]
    waiting = sa.and_(deliveries.c.source == version, deliveries.c.state.in_(held))
    states = {"paused": "paused", "running": "waiting", "stopped": "withdrawn"}
    await tx.execute(sa.update(deliveries).where(waiting).values(state=states[fan_out]))
    if fan_out == "stopped":
        untold = sa.select(deliveries.c.token).where(deliveries.c.source == version, deliveries.c.state == "withdrawn")
        await tx.execute(sa.delete(standing_prompts).where(standing_prompts.c.token.in_(untold)))


async def progress(tx: Transaction, version: str) -> dict[str, int]:
    """How many deliveries of a version are in each state, waiting ones told apart by what they wait for."""
    query = (
        sa.select(deliveries.c.state, deliveries.c.waits_for, sa.func.count().label("people"))
        .where(deliveries.c.source == version)
        .group_by(deliveries.c.state, deliveries.c.waits_for)
    )
    counts: dict[str, int] = {}
    for row in await tx.rows(query):
        name = row.waits_for if row.state == "waiting" and row.waits_for else row.state
        counts[name] = counts.get(name, 0) + row.people
    return counts


# Reading


async def version_of(tx: Transaction, version: str) -> ActionVersion | None:
    """One version by its id."""
    row = await tx.first(_versions().where(action_versions.c.id == version))
    return _read(row) if row else None


async def versions_of(tx: Transaction, action: str) -> list[ActionVersion]:
    """All versions of an action, oldest first."""
    query = _versions().where(action_versions.c.action == action).order_by(action_versions.c.version)
    return [_read(row) for row in await tx.rows(query)]


async def on_topic(tx: Transaction, consultation: str, topic: str) -> list[ActionVersion]:
    """Every version of every action on a topic, newest first."""
    query = _versions().where(actions.c.consultation == consultation, actions.c.topic == topic)
    return [
        _read(row)
        for row in await tx.rows(query.order_by(action_versions.c.written.desc(), action_versions.c.version.desc()))
    ]


async def every(tx: Transaction) -> list[ActionVersion]:
    """Every version of every action, newest first: for the desk."""
    query = _versions().order_by(action_versions.c.written.desc(), action_versions.c.version.desc())
    return [_read(row) for row in await tx.rows(query)]


async def published(tx: Transaction) -> list[ActionVersion]:
    """Every published version, newest first."""
    query = _versions().where(action_versions.c.published.is_not(None))
    return [_read(row) for row in await tx.rows(query.order_by(action_versions.c.published.desc()))]


async def decided_before(tx: Transaction, instant: datetime) -> list[tuple[str, str]]:
    """The (consultation, topic) pairs on which everything begun has been decided, and last so before an instant.

    What counts is the newest published version of each action. One that is still an update has its outcome to come.
    """
    latest: dict[str, ActionVersion] = {}
    for each in await published(tx):
        known = latest.setdefault(each.action, each)
        latest[each.action] = max(known, each, key=lambda version: version.version)
    topics: dict[tuple[str, str], list[ActionVersion]] = {}
    for each in latest.values():
        topics.setdefault((each.consultation, each.topic), []).append(each)
    return [
        topic
        for topic, versions in topics.items()
        if all(each.kind in OUTCOMES and each.published and each.published < instant for each in versions)
    ]


def _versions() -> Any:
    return sa.select(action_versions, actions.c.consultation, actions.c.topic).join(
        actions, actions.c.id == action_versions.c.action
    )


def _read(row: Any) -> ActionVersion:
    return ActionVersion(
        row.id, row.action, row.consultation, row.topic, row.version, row.kind, tuple(json.loads(row.questions)),
        json.loads(row.texts), row.reason, row.author, row.written, row.signer, row.signed, row.published, row.fan_out,
    )  # fmt: skip
