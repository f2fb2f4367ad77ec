"""Postcodes: known for what they are, and kept nowhere."""

from __future__ import annotations

import pytest

from conversations.asking_about_you import FindingPlace
from conversations.coming import FindingEvents
from conversations.domain.page import Page
from conversations.hosting import SayingArea
from conversations.postcodes import is_postcode
from tests.conversations.somebody import Somebody


@pytest.mark.parametrize(
    "words", ["CF10 1AA", "cf101aa", " SW1A 2AA ", "M1 1AE", "B33 8TH", "EC1A1BB", "W1", "SW1A", "sa1\t1dd"]
)
def test_a_postcode_or_its_first_half(words: str) -> None:
    assert is_postcode(words)


@pytest.mark.parametrize(
    "words", ["Swansea West", "Bath", "1", "12", "5/12", "Sat 5 Dec", "1 May", "EN", "A1 road", "E14000001", "CF10 1A"]
)
def test_what_is_none(words: str) -> None:
    assert not is_postcode(words)


@pytest.mark.parametrize("page", [FindingEvents(), SayingArea(), FindingPlace("SAFE")])
def test_the_page_that_hears_one_carries_nothing_of_it(page: Page) -> None:
    somebody = Somebody().agreed().at(page).say("CF10 1AA")
    assert somebody.page == page
    assert "We do not use postcodes" in somebody.told
