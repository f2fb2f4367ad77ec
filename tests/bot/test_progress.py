"""How far a broadcast has come, told to an open page: whenever that changes, and not otherwise."""

from __future__ import annotations

import uuid
from pathlib import Path

from bot.channels.messages import Incoming
from bot.house import House
from bot.opening import opened
from bot.progress import Progress
from conversations.domain.speech import Said, Started
from tests.broadcasts import direct
from tests.conftest import trial
from tests.events import direct as of_events


async def _says(house: House, *words: str) -> str:
    """An organiser types on the web chat; who they are."""
    person = ""
    for each in words:
        heard = Started() if each == "start" else Said(each)
        taken = await house.turns.take(Incoming("web", "organiser", uuid.uuid4().hex, heard))
        person = taken.person
    return person


async def test_an_open_page_is_told_when_it_would_be_drawn_otherwise_and_only_then(tmp_path: Path) -> None:
    async with opened(trial(tmp_path)) as house:
        person = await _says(house, "start", "english", "1")
        await of_events("organiser wales", house)
        await of_events("hosts 40 A talk", house)
        await direct("guests 2", house)
        await _says(house, "broadcast", "3", "1", "Use the side door.", "1")
        progress = Progress(house)
        with house.watch.listening(person) as told:
            await progress.look()
            assert told.is_set()
            told.clear()
            await progress.look()
            assert not told.is_set(), "nothing has changed"
            await direct("look 1", house)
            await progress.look()
            assert told.is_set()
            told.clear()
            await _says(house, "done")
            await direct("look 1", house)
            await progress.look()
            assert not told.is_set(), "they look at something else"
