"""Closing: the one reminder before a consultation closes, to whoever stopped midway and agreed to be asked again."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.messages import Message, StandingAsked, label
from bot.feedback import Prepared, proved
from bot.library import Library
from bot.notices import refused
from bot.rendering import render
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.following import BUTTON, NO_REMINDER
from conversations.domain.speech import Choice, Day, lines, say
from storage import midway, notices
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """Renders claimed reminders: that it is still open and not sent, and consent, are looked at here, at send."""
    noted = await notices.of(tx, {each.source or "" for each in claimed})
    held = {id_: library.newest(each.what) for id_, each in noted.items()}
    people = list({each.person for each in claimed})
    begun, agreed = await midway.begun(tx, people), await midway.agreed(tx, people)
    ready = []
    for each in claimed:
        consultation = held.get(each.source or "")
        is_open = consultation is not None and consultation.standing(tx.now) == "open"
        if reason := refused(each, agreed=each.person in agreed):
            ready.append(Prepared(each, None, Settlement(each.id, "refused", failure=reason)))
        elif consultation is None or not is_open or not (topic := _topic(consultation, begun[each.person])):
            ready.append(Prepared(each, None, Settlement(each.id, "withdrawn", failure="over")))
        else:
            ready.append(proved(tx, _reminded(each, consultation, topic)))
    return ready


def _topic(held: Consultation, begun: Sequence[tuple[str, str]]) -> Topic | None:
    """The topic somebody stopped on midway: the first, where there are several."""
    return next((topic for topic in held.topics if (held.id, topic.id) in begun), None)


def _reminded(each: Delivery, held: Consultation, topic: Topic) -> Prepared:
    text = lines(
        say("“{title}” closes on {day}.", title=held.title, day=Day(held.calendar.closes.date())),
        say("You began on “{topic}” and did not send it. We kept your place.", topic=topic.title),
        say("Say START to go on."),
        say("We remind you only once. Say STOP to end all our messages."),
    )
    end = label(Choice(NO_REMINDER, say("Do not remind me again")), each.language)
    return Prepared(
        each, Message(render(text, each.language), each.language, standing=StandingAsked(BUTTON, "", (end,)))
    )
