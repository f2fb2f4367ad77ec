"""Next steps: what somebody might do who was told an outcome. Chosen by where they live and what they follow."""

from __future__ import annotations

import sqlalchemy as sa

from conversations.domain.following import topic_subject
from conversations.domain.lookups import NextStep
from storage import programme
from storage.actions import OUTCOMES
from storage.database import Transaction
from storage.schema import action_versions, actions, standing_prompts, subscriptions


async def after(tx: Transaction, person: str, token: str) -> NextStep | None:
    """What this person might do after the outcome that a standing prompt of theirs told; None after anything else."""
    told = (
        sa.select(actions.c.consultation, actions.c.topic)
        .join(action_versions, action_versions.c.action == actions.c.id)
        .join(standing_prompts, standing_prompts.c.source == action_versions.c.id)
        .where(
            standing_prompts.c.token == token,
            standing_prompts.c.person == person,
            action_versions.c.kind.in_(OUTCOMES),
        )
    )
    row = await tx.first(told)
    if row is None:
        return None
    subject = topic_subject(row.consultation, row.topic)
    mine = sa.and_(subscriptions.c.person == person, subscriptions.c.kind == subject.kind)
    follows = await tx.first(sa.select(subscriptions.c.since).where(mine, subscriptions.c.subject == subject.id))
    event = await programme.next_about(tx, person, row.topic)
    return NextStep(row.consultation, row.topic, event, follows is not None)
