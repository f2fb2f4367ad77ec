"""Saved conversations: every page there is, and a sample of each as it was once stored, readable for ever."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest

from bot.rendering import plain
from conversations import saving
from conversations.anywhere import Erased
from conversations.domain.page import Page
from conversations.domain.speech import Chose, Returned, Said
from conversations.turning import Conversation
from conversations.welcome import Gone
from tests.conversations.somebody import Somebody

STATES = sorted(Path(__file__).with_name("states").glob("*.json"))
NEVER_STORED = {Gone, Erased}


def every_page(base: type[Page] = Page) -> set[type[Page]]:
    """All pages that exist, found by what they are."""
    return {page for each in base.__subclasses__() for page in {each, *every_page(each)}}


def filled(page: type[Page]) -> Page:
    """A page whose every field holds something."""
    some = {"str": "some", "bool": True, "tuple[str, ...]": ("a", "b"), "Verdict": "not_done"}
    return page(**{each.name: some[str(each.type)] for each in fields(page)})  # type: ignore[arg-type]


def test_every_page_can_be_stored_or_is_known_never_to_be() -> None:
    assert set(saving.PAGES.values()) == every_page() - NEVER_STORED


@pytest.mark.parametrize("page", saving.PAGES.values(), ids=saving.PAGES)
def test_a_page_comes_back_as_it_was(page: type[Page]) -> None:
    for kept in (page(), filled(page)):
        conversation = Conversation((kept, filled(page)), 41)
        assert saving.load(json.loads(json.dumps(saving.save(conversation)))) == conversation


@pytest.mark.parametrize("page", saving.PAGES.values(), ids=saving.PAGES)
def test_there_is_a_sample_of_every_page_at_every_version(page: type[Page]) -> None:
    assert f"{page.__name__}.{page.VERSION}" in {path.stem for path in STATES}


@pytest.mark.parametrize("path", STATES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_stored_state_still_loads_asks_and_listens(path: Path, language: str) -> None:
    stored = json.loads(path.read_text(encoding="utf-8"))
    person = Somebody(language=language).agreed()
    person.conversation = saving.load(stored)
    name = path.stem.partition(".")[0]
    assert (type(person.page).__name__ == name) is (name not in saving.RETIRED)
    assert plain(person.prompt().text, language)
    for heard in (Said("hello"), Chose("nothing we offer"), Returned()):
        assert person.hear(heard).prompt().text


def kept(**changed: object) -> dict[str, object]:
    return {"stack": [{"page": "Resting", "version": 1, "fields": {"topic": "VOTE"}, **changed}], "prompt": 1}


@pytest.mark.parametrize(
    "stored",
    [
        kept(page="Levitating"),
        kept(page="Gone", fields={}),
        kept(version=2),
        kept(fields={"topic": "VOTE", "mood": "calm"}),
    ],
    ids=["page", "never stored", "version", "field"],
)
def test_what_no_release_wrote_is_named_so(stored: dict[str, object]) -> None:
    with pytest.raises(saving.UnknownPage):
        saving.load(stored)


def test_a_field_added_since_takes_its_first_value() -> None:
    assert saving.load(kept()) == Conversation((saving.PAGES["Resting"](topic="VOTE"),), 1)  # type: ignore[call-arg, arg-type]
