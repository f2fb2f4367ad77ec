"""Chatter: people who type anything, press anything, come back, change language and look away at any moment.

Seeded walks, so that a walk that fails is walked again by its number. Most go over the pure machine, where a turn takes
no time; a few through real turns on a database, with everything heard twice now and then.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import library
from bot.channels.lettered import lay_out
from bot.channels.messages import Incoming, prompted
from bot.channels.telegram_layout import lay_out as lay_out_buttons
from bot.looking import look, settle
from conversations import saving
from conversations.answering import on_topic
from conversations.domain.effects import RecordAnswer
from conversations.domain.scene import Standing
from conversations.domain.speech import (
    Amended,
    Chose,
    ChoseSeveral,
    Heard,
    Pressed,
    PressedStanding,
    Prompt,
    Returned,
    Said,
    Started,
    Unreadable,
)
from conversations.domain.words import COMMANDS
from conversations.resting import Resting
from conversations.turning import STACK_LIMIT
from storage import dialogues
from storage.schema import conversations, quarantine
from tests.conversations.somebody import NOW, SAMPLES, Somebody, sample
from tests.service import Service, serving

WALKS, TURNS = 30, 120
WORDS = [
    *(form for forms in COMMANDS.values() for form in forms), "1", "2", "3", "opt 2", "99", "0",
    "-1", "1, 2", "3 1 2", "yeah", "nope", "👍", "👎🏽", "A", "b", "C", "Z", "", " ", "²", "٣", "9" * 5000, "x" * 1200,
    "swan", "none", "me@example.org", "£12.50", "12,50", "The path by the canal is too dark",
    "Mae'r llwybr yn rhy dywyll",
    "<b>&amp;</b>",
    "%s %(x)d", "a\nb", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "\u202eevil", "'; drop table answers; --", "no, yes",
    "and", "a", ",", "/start", "/stop now",
]  # fmt: skip
LINKS = ["", "VOTE", "safe", "FLOW", "DRAFTS", "JOBS", "SKILLS", "NEAR", "local-mp", "nowhere", "join-abc", "x" * 64]
FEEDBACK = (
    Standing("tok1", ("that_is_it", "not_what_i_meant", "not_done"), "A"),
    Standing("tok2", ("that_is_it", "not_what_i_meant", "not_done"), "D", settled="not_done"),
)


def something(asked: Prompt, number: int, dice: random.Random) -> Heard:
    """Anything a person may do: most often what is offered, now and then quite something else."""
    offered = [each.id for each in (*asked.choices, *asked.also)] or [""]
    several = asked.ask in {"several", "order"}
    kinds: list[tuple[int, Heard]] = [
        (30, Pressed(number, dice.choice(offered))),
        (12 if several else 1, Pressed(number, "done")),
        (12, Said(str(dice.randint(1, max(1, len(asked.choices)))))),
        (8 if asked.own_words else 2, Said("Some words of my own.")),
        (12, Said(dice.choice(WORDS))),
        (6 if several else 1, ChoseSeveral(tuple(dice.sample(offered, dice.randint(0, len(offered)))), number)),
        (2, Chose(dice.choice([*offered, "nonsense", "send", "agree", "tally"]))),
        (3, Pressed(dice.randint(0, number + 2), dice.choice([*offered, "yes", "done", "keep", "back"]))),
        (2, PressedStanding(dice.choice(["tok1", "tok2", "gone"]), dice.choice(["not_done", "that_is_it", "?"]))),
        (2, Started(dice.choice(LINKS))),
        (2, dice.choice([Returned(), Unreadable(), Amended()])),
    ]
    return dice.choices([heard for _, heard in kinds], [weight for weight, _ in kinds])[0]


def check(person: Somebody, heard: Heard, was_open: bool) -> None:
    """What holds after every turn, whatever was heard."""
    assert person.turned is not None
    assert 1 <= len(person.conversation.stack) <= STACK_LIMIT
    recorded = [each for each in person.effects if isinstance(each, RecordAnswer)]
    assert not recorded or person.consents.get((person.consultation.id, "take_part")) == "yes"
    assert not recorded or was_open
    for topic in person.consultation.topics:
        here = on_topic(topic, person.answers)
        assert topic.questionnaire.unreachable(here, person.about) == (), "an answer is neither on the route nor aside"
    assert not set(person.answers) & set(person.set_aside)
    asked = person.prompt()
    ids = [each.id for each in (*asked.choices, *asked.also)]
    assert len(ids) == len(set(ids))
    assert set(asked.picked) <= set(ids)
    for language in ("en", "cy"):
        said = prompted(asked, person.conversation.prompt_number, language)
        assert said.asked is not None
        assert said.words.strip()
        assert said.asked.title.strip()
        assert all(label.words.strip() for label in (*said.asked.choices, *said.asked.also))
        assert not re.search(r"\{\w+\}", said.words), said.words


@pytest.mark.parametrize("name", SAMPLES)
def test_whatever_is_said_or_pressed_there_is_always_a_way_on(name: str) -> None:
    for walk in range(WALKS):
        dice = random.Random(f"{name} {walk}")
        open_ = (sample(name), *(sample(other) for other in dice.sample(SAMPLES, 2) if other != name))
        person = Somebody(sample(name), open_, channel=dice.choice(["terminal", "web", "telegram"]), standing=FEEDBACK)
        said: list[str] = []
        if dice.random() < 0.7:
            person.agreed(dice.choice(sample(name).topics).id)
        for turn in range(TURNS):
            if dice.random() < 0.02:
                person.now = NOW + timedelta(days=dice.choice([0, 0, 0, 40, 90, 200, -60]))
            heard = something(person.prompt(), person.conversation.prompt_number, dice)
            said.append(str(heard)[:80])
            was_open = person.consultation.standing(person.now) == "open"
            try:
                person.hear(heard)
                check(person, heard, was_open)
            except Exception as error:
                error.add_note(f"{name}, walk {walk}, turn {turn}, on {person.conversation}:\n" + "\n".join(said[-6:]))
                raise
        lay_out(prompted(person.prompt(), 1, "cy"))
        lay_out_buttons(prompted(person.prompt(), 1, "cy"))


@pytest.mark.parametrize("name", SAMPLES)
def test_whoever_only_ever_answers_comes_to_the_end(name: str) -> None:
    for topic in sample(name).topics:
        for seed in range(5):
            dice = random.Random(f"{topic.id} {seed}")
            person = Somebody(sample(name)).agreed(topic.id)
            for _ in range(150):
                if isinstance(person.page, Resting):
                    break
                person.hear(straight(person.prompt(), dice))
            assert isinstance(person.page, Resting), (topic.id, seed, person.page)
            assert person.sent[person.consultation.id, topic.id] is not None


def straight(asked: Prompt, dice: random.Random) -> Heard:
    """What somebody says who wants to get on."""
    choices = [each.id for each in asked.choices]
    if "send" in choices:
        return Chose("send")
    if asked.ask in {"several", "order"}:
        return ChoseSeveral(tuple(dice.sample(choices, asked.limit if asked.ask == "order" else 1)))
    if choices:
        return Chose(dice.choice(choices))
    if asked.ask == "words":
        return Said("Some words of my own.")
    return Chose("skip") if any(each.id == "skip" for each in asked.also) else Said("5")


# Through turns


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as running:
        async with running.house.database.write(running.house.clock()) as tx:
            for name in ("process", "workers", "mp"):
                text = re.sub(r"opens: .*", "opens: today", library.sample_text(name))
                text = re.sub(r"(closes|hear_by|keep_until): .*", r"\1: in 12 months", text)
                await library.load(tx, text, running.house.clock().date(), production=False)
        yield running


async def test_turns_stand_anything_too(service: Service) -> None:
    """Everything in a batch with others, some of it delivered twice; the stored state can always be read."""
    house, dice = service.house, random.Random(7)
    people = {f"person {place}": (Prompt(""), 1) for place in range(4)}
    for turn in range(90):
        name = dice.choice(list(people))
        asked, number = people[name]
        heard = something(asked, number, dice) if turn > 8 else Started(dice.choice(["", "VOTE", "JOBS", "FLOW"]))
        if isinstance(heard, PressedStanding):
            continue
        event = Incoming("terminal", name, f"event {turn}", heard)
        taken = await house.turns.take(event)
        assert taken.fresh
        if dice.random() < 0.3:
            assert not (await house.turns.take(event)).fresh or taken.shown
        seen = await look(house, taken.person, "terminal") if taken.person else []
        await settle(house, seen)
        for each in (each.message.asked for each in seen):
            if each is not None:
                people[name] = Prompt("", each.choices, each.also, each.ask, each.picked, each.limit), each.number  # type: ignore[arg-type]
    async with house.database.read(house.clock()) as tx:
        assert await tx.rows(sa.select(quarantine)) == []
        known = [row.person for row in await tx.rows(sa.select(conversations.c.person))]
        states = [each.state for each in (await dialogues.load(tx, known)).values()]
    assert [saving.load(json.loads(state)) for state in states]
