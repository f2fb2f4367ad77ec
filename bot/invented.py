"""Invented respondents, for a trial: they answer through the same turns as anybody, and are taken away again."""

from __future__ import annotations

import random
import uuid

from bot.channels.messages import Asked, Incoming
from bot.house import House
from bot.looking import look, settle
from conversations.domain.speech import Chose, ChoseSeveral, Heard, Returned, Said, Started
from storage import people

CHANNEL = "terminal"
MOST_TURNS = 40
WORDS = (
    "Invented answer: the bus stops too early.",
    "Invented answer: nobody tells us what happened.",
    "Invented answer: the path is dark in winter.",
    "Invented answer: more places to sit.",
    "Invented answer: it works well here.",
)


def _name(place: int) -> str:
    return f"invented-{place}"


async def add(house: House, count: int) -> str:
    """Adds invented people who each answer one topic. Says what was done."""
    topics = [topic.id for held in house.library.open(house.clock()) for topic in held.topics]
    if not topics:
        return "Nothing is open, so nobody was added."
    async with house.database.read(house.clock()) as tx:
        first = len([place for place in range(2000) if await people.address_of(tx, CHANNEL, _name(place))])
    for place in range(first, first + count):
        await _answer(house, _name(place), topics[place % len(topics)], random.Random(place))
    return f"{count} invented people have answered. Take them away with: bigconversation rehearse --away"


async def remove(house: House) -> str:
    """Takes every invented person away, with all they said."""
    gone = 0
    async with house.database.write(house.clock()) as tx:
        for place in range(2000):
            person = await people.address_of(tx, CHANNEL, _name(place))
            if person is not None:
                await people.forget(tx, person.id)
                gone += 1
    return f"{gone} invented people were taken away, with all they said."


async def _answer(house: House, name: str, topic: str, dice: random.Random) -> None:
    heard: Heard = Started(topic)
    for _ in range(MOST_TURNS):
        taken = await house.turns.take(Incoming(CHANNEL, name, uuid.uuid4().hex, heard))
        seen = await look(house, taken.person, CHANNEL)
        await settle(house, seen)
        asked = next((each.message.asked for each in reversed(seen) if each.message.asked), None)
        if asked is None or any(choice.id == "tally" for choice in asked.choices):
            return
        heard = _reply(asked, dice)


def _reply(asked: Asked, dice: random.Random) -> Heard:
    """What an invented person says: they agree, ask to hear, and answer at random."""
    ids = [choice.id for choice in asked.choices]
    for wanted in ("agree", "send", "with_words"):
        if wanted in ids:
            return Chose(wanted)
    if asked.ask == "several":
        return ChoseSeveral(tuple(dice.sample(ids, dice.randint(1, max(1, min(asked.limit, len(ids)))))))
    if asked.ask == "words":
        return Said(dice.choice(WORDS))
    if asked.ask == "order":
        return ChoseSeveral(tuple(dice.sample(ids, min(asked.limit, len(ids)))))
    if asked.ask == "line":
        return dice.choice((Said("3"), Chose("skip")))
    return Chose(dice.choice(ids)) if ids else Returned()
