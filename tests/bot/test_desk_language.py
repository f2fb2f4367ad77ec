"""The desk in the language of whoever works there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.doors.desk_actions import HINDRANCES
from bot.rendering import plain
from conversations.domain.languages import LANGUAGES
from tests.bot.desk_staff import GOOD, TOPIC, Desk, a_desk, post


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(f"sqlite:///{tmp_path}/desk.db", trial=False) as made:
        yield made


async def text_of(client: TestClient[Any, Any], path: str) -> str:
    return await (await client.get(path)).text()


async def test_the_desk_speaks_the_language_that_was_asked_for_and_goes_on_in_it(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    assert '<html lang="en">' in await text_of(client, "/desk")
    asked = await text_of(client, "/desk?lang=cy")
    assert '<html lang="cy">' in asked
    assert "pob comisiwn" in asked
    assert "Ar agor tan" in asked
    kept = await text_of(client, TOPIC)
    assert '<html lang="cy">' in kept
    assert "Pleidleisio yn 16" in kept
    assert '<html lang="en">' in await text_of(client, "/desk?lang=en")
    assert '<html lang="en">' in await text_of(client, "/desk")


async def test_another_browser_and_an_unknown_language_are_not_touched(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    await text_of(client, "/desk?lang=cy")
    other = await desk.signed_in("Officer B")
    assert '<html lang="en">' in await text_of(other, "/desk")
    assert '<html lang="en">' in await text_of(other, "/desk?lang=klingon")


async def test_faults_are_said_in_it_and_what_was_written_stays(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    await text_of(client, "/desk?lang=cy")
    answer = await post(client, f"{TOPIC}/new", **{"headline.en": "x" * 101, "kind": "done"})
    html = await answer.text()
    assert "Cymraeg: ysgrifennwch y pennawd." in html
    assert "English: mae gan hwn 101 o lythrennau." in html
    assert "x" * 101 in html
    assert "?lang=en" not in html, "changing the language here would lose what was written"


async def test_an_action_is_shown_in_it_with_the_words_written_in_it(desk: Desk) -> None:
    client = await desk.signed_in("Officer A")
    await text_of(client, "/desk?lang=cy")
    shown = await (await post(client, f"{TOPIC}/new", **GOOD)).text()
    assert "headline in cy" in shown
    assert "Chi ysgrifennodd hwn." in shown
    assert "Sgwrs ar y we" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_hindrance_has_its_words(language: str) -> None:
    assert all(plain(words, language).strip() for words in HINDRANCES.values())
