"""Buttons and words in a chat: another's, an old one, or one that somebody made up changes nothing of anybody's."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from telegram import Update

from bot.channels.messages import Incoming
from bot.channels.telegram_parse import parse
from conversations.domain.speech import Pressed, PressedStanding, Said
from storage import staff
from storage.schema import persons, sign_in_links, standing_prompts
from tests.bot.access_table import Actor
from tests.bot.access_world import World, a_world, changed

PERSON, OTHER = Actor("person", knows="chat"), Actor("other_person", knows="chat")
MOVES = {"events", "conversations", "deliveries"}
"""What any turn may touch: it was heard, and is answered."""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Two people; the first has news with buttons under it."""
    async with a_world(f"sqlite:///{tmp_path}/buttons.db") as made:
        async with made.desk.house.database.write(made.desk.house.clock()) as tx:
            found = await tx.rows(sa.select(persons.c.id).order_by(persons.c.created))
            values = {"token": "mine", "person": found[0].id, "source": made.versions["own"], "letter": "A"}
            await tx.execute(sa.insert(standing_prompts).values(opened=tx.now, **values))
        yield made


async def presses(world: World, actor: Actor, **form: str) -> str:
    answer = await world.ask("POST", "/chat", actor, data=form)
    assert answer.status == 303, await answer.text()
    return await (await world.ask("GET", "/chat", actor)).text()


@pytest.mark.parametrize("token", ["mine", "made-up", "", "x" * 200, "'; DROP TABLE persons"])
async def test_a_button_under_anothers_news_changes_nothing(world: World, token: str) -> None:
    before = await world.held()
    for choice in ("that_is_it", "not_done", "made-up", ""):
        await presses(world, OTHER, standing=token, choice=choice, event=f"e{choice}")
    assert changed(before, await world.held()) <= MOVES


async def test_the_same_button_is_its_owners(world: World) -> None:
    before = await world.held()
    await presses(world, PERSON, standing="mine", choice="not_done", event="1")
    assert "standing_prompts" in changed(before, await world.held())
    after = await world.held()
    await presses(world, PERSON, standing="mine", choice="that_is_it", event="2")
    assert "standing_prompts" not in changed(after, await world.held())


async def test_an_old_or_made_up_button_changes_nothing(world: World) -> None:
    page = await (await world.ask("GET", "/chat", PERSON)).text()
    number = int(re.findall(r'name="prompt" value="(\d+)"', page)[0])
    before = await world.held()
    made_up = [(number, "delete"), (number, "yes\0"), (number + 1, "en"), (number - 1, "en"), (999_999_999, "send")]
    for place, (prompt, choice) in enumerate(made_up):
        await presses(world, PERSON, prompt=str(prompt), choice=choice, event=f"o{place}")
    assert changed(before, await world.held()) <= MOVES


async def test_the_word_desk_gives_a_link_to_staff_only(world: World) -> None:
    house = world.desk.house

    async def links() -> int:
        async with house.database.read() as tx:
            return int((await tx.execute(sa.select(sa.func.count()).select_from(sign_in_links))).scalar_one())

    before = await links()
    await house.turns.take(Incoming("web", "person", "d1", Said("DESK"), "en"))
    assert await links() == before
    async with house.database.write(house.clock()) as tx:
        row = await tx.first(sa.select(persons.c.pseudonym).order_by(persons.c.created))
        assert await staff.tie(tx, "officer", row.pseudonym)
    await house.turns.take(Incoming("web", "other_person", "d2", Said("DESK"), "en"))
    assert await links() == before
    await house.turns.take(Incoming("web", "person", "d3", Said("DESK"), "en"))
    assert await links() == before + 1
    async with house.database.write(house.clock()) as tx:
        await staff.revoke(tx, "officer", "officer", "democracy")
    left = await links()
    await house.turns.take(Incoming("web", "person", "d4", Said("DESK"), "en"))
    assert await links() == left


# Telegram


def press(chat: int, by: int, data: str) -> object:
    raw = {
        "update_id": 1,
        "callback_query": {
            "id": "1", "chat_instance": "1", "data": data,
            "from": {"id": by, "is_bot": False, "first_name": "x"},
            "message": {"message_id": 5, "date": 1, "chat": {"id": chat, "type": "private"}},
        },
    }  # fmt: skip
    return parse(Update.de_json(raw, None))


def test_a_press_by_somebody_else_is_not_heard() -> None:
    mine = press(7, 7, "p:3:yes")
    assert isinstance(mine, Incoming)
    assert mine.heard == Pressed(3, "yes")
    news = press(7, 7, "s:mine:not_done")
    assert isinstance(news, Incoming)
    assert news.heard == PressedStanding("mine", "not_done")
    for data in ("p:3:yes", "s:mine:not_done", ""):
        assert press(7, 8, data) is None
