"""Digests: what happened to all that somebody follows, newest first, in one message. Never empty, nothing twice."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.messages import Message, StandingAsked, label
from bot.feedback import Prepared, proved
from bot.happening import Happening
from bot.library import Library
from bot.notices import HOW_TO_END, happenings, refused
from bot.rendering import render
from conversations.domain.following import BUTTON, Followed
from conversations.domain.speech import Choice, Text, lines, say, say_many
from storage import digests, subscriptions
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement
from storage.digests import Gathered

MOST_TOLD = 20
"""A digest tells so many things; of what is older it says how many there are."""

_Told = tuple[Gathered, Happening]


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """Renders claimed digests. What is not followed any more is left out; one with nothing in it is not sent."""
    gathered = await digests.gathered(tx, claimed)
    everything = [each for one in gathered.values() for each in one]
    found = await happenings(tx, [each.source for each in everything], library)
    follows = await subscriptions.of(tx, list({each.person for each in claimed}))
    told = {id_: _told(one, found, follows) for id_, one in gathered.items()}
    kept = {item.id for one in told.values() for item, _ in one}
    await digests.leave_out(tx, [each for each in everything if each.id not in kept])
    await digests.put_in(tx, [(id_, item) for id_, one in told.items() for item, _ in one])
    return [proved(tx, _one(each, [happening for _, happening in told[each.id]])) for each in claimed]


def _told(
    gathered: Sequence[Gathered], found: dict[str, Happening], follows: dict[str, tuple[Followed, ...]]
) -> list[_Told]:
    """What of it can be told, newest first."""
    told = [(each, found[each.source]) for each in gathered if each.source in found]
    mine = [(each, happening) for each, happening in told if happening.followed(follows[each.person])]
    return sorted(mine, key=lambda one: one[1].happened, reverse=True)


def _one(each: Delivery, told: Sequence[Happening]) -> Prepared:
    if reason := refused(each, agreed=True):
        return Prepared(each, None, Settlement(each.id, "refused", failure=reason, carries=True))
    if not told:
        return Prepared(each, None, Settlement(each.id, "withdrawn", failure="nothing in it"))
    text = lines(say("This is new on what you follow."), *_lines(told), HOW_TO_END)
    end = label(Choice(each.kind, say("Unfollow all of these")), each.language)
    return Prepared(
        each, Message(render(text, each.language), each.language, standing=StandingAsked(BUTTON, "", (end,)))
    )


def _lines(told: Sequence[Happening]) -> tuple[Text, ...]:
    older = len(told) - MOST_TOLD
    rest = (say_many("And one thing more.", "And {count} things more.", older),) if older > 0 else ()
    return *(each.line for each in told[:MOST_TOLD]), *rest
