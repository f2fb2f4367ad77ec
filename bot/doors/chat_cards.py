"""The web chat's cards: what somebody was told and may answer, beside the question they are at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot import feedback
from bot.channels.messages import Message
from bot.doors.chat_view import texts, words_of
from bot.house import House
from bot.looking import Seen
from conversations.domain import exits
from conversations.domain.following import BUTTON
from storage.database import Transaction
from storage.deliveries import Delivery, Lane
from storage.people import Person
from storage.schema import deliveries, standing_prompts


async def standing(tx: Transaction, house: House, person: Person) -> list[dict[str, Any]]:
    """News this person was told and has not replied to: shown as cards until they do."""
    query = (
        sa.select(standing_prompts.c.token, standing_prompts.c.source, deliveries.c.id)
        .join(deliveries, deliveries.c.token == standing_prompts.c.token)
        .where(
            standing_prompts.c.person == person.id,
            standing_prompts.c.verdict.is_(None),
            deliveries.c.state == "accepted",
        )
        .order_by(standing_prompts.c.opened)
    )
    told = [
        Delivery(row.id, 0, Lane.FEEDBACK, person.id, person.address, "web", "message", "", None, False, 1, row.source,
                 row.token, language=person.language)
        for row in await tx.rows(query)
    ]  # fmt: skip
    prepared = await feedback.prepare(tx, told, house.library)
    return [_card(each.message) for each in prepared if each.message is not None]


def notices(seen: list[Seen]) -> list[dict[str, Any]]:
    """Notices seen just now, each with the button that ends them, and what is asked after an event: cards that nothing
    waits for."""
    return [_card(each.message, each.id) for each in seen if _is_notice(each)]


def _is_notice(each: Seen) -> bool:
    return each.message.standing is not None and each.message.standing.token in (BUTTON, exits.BUTTON)


def _card(message: Message, id_: str = "") -> dict[str, Any]:
    assert message.standing is not None
    first, *rest = message.paragraphs
    return {
        "id": id_ or message.standing.token,
        "token": message.standing.token,
        "heading": words_of(first),
        "paragraphs": texts(tuple(rest), message.language),
        "lang": None,
        "choices": [{"id": each.id, "label": each.words} for each in message.standing.choices],
    }
