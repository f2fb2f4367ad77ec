"""How messages look in Telegram: texts, and buttons under them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardMarkup

from bot.channels.messages import Asked, Label, Message, StandingAsked
from bot.channels.telegram_layout import COMMANDS, Layout, TooLongForAButton, command_name, divide, lay_out, units
from bot.channels.telegram_parse import button
from bot.rendering import Run
from conversations.domain.languages import LANGUAGES
from conversations.domain.speech import Pressed, PressedStanding
from conversations.domain.words import command


def said(*paragraphs: str, asked: Asked | None = None, standing: StandingAsked | None = None) -> Message:
    return Message(tuple((Run(words, "en"),) for words in paragraphs), "en", asked, standing)


def asking(*labels: str, also: tuple[str, ...] = (), **more: object) -> Asked:
    choices = tuple(Label(f"c{place}", words, "en") for place, words in enumerate(labels))
    beside = tuple(Label(words.lower(), words, "en") for words in also)
    return replace(Asked(4, "one", "", "", choices, beside, (), 0, False), **more)  # type: ignore[arg-type]


def rows(layout: Layout) -> list[list[str]]:
    return [[each.text for each in row] for row in layout.keyboard.inline_keyboard] if layout.keyboard else []


def data(layout: Layout) -> list[object]:
    assert layout.keyboard is not None
    return [each.callback_data for row in layout.keyboard.inline_keyboard for each in row]


def laid(asked: Asked) -> list[list[str]]:
    return rows(lay_out(said("Well?", asked=asked)))


def test_a_remark_is_its_paragraphs_and_nothing_else() -> None:
    assert lay_out(said("One.", "Two.")) == Layout(("One.\n\nTwo.",), None)


@pytest.mark.parametrize(
    ("labels", "shown"),
    [
        (["Yes, I agree", "No"], [["Yes, I agree"], ["No"]]),
        (["Yes", "No"], [["Yes", "No"]]),
        (["Yes", "No", "Not sure"], [["Yes"], ["No"], ["Not sure"]]),
        (["1", "2", "3", "4", "5"], [["1", "2", "3", "4", "5"]]),
        (["1", "2", "3", "4", "5", "Don't know"], [["1", "2", "3", "4", "5"], ["Don't know"]]),
        ([str(n) for n in range(11)], [["0", "1", "2", "3", "4"], ["5", "6", "7", "8", "9", "10"]]),
        ([], []),
    ],
)
def test_rows(labels: list[str], shown: list[list[str]]) -> None:
    assert laid(asking(*labels)) == shown


def test_what_stands_beside_a_question_comes_last_with_own_words_too() -> None:
    also = ("Skip", "Back", "What does it mean?")
    assert laid(asking("Bus", "Train and tram", also=also)) == [
        ["Bus"],
        ["Train and tram"],
        ["Skip", "Back", "What does it mean?"],
    ]
    assert laid(asking(also=("Skip",), ask="words", own_words=True)) == [["Skip"]]


def test_several_are_toggles_with_done_and_an_order_shows_places() -> None:
    several = asking("Bus", "Train", "Tram", ask="several", picked=("c2", "c0"), also=("Skip",))
    layout = lay_out(said("Pick.", asked=several))
    assert rows(layout) == [["✓ Bus"], ["Train"], ["✓ Tram"], ["Done"], ["Skip"]]
    assert data(layout) == ["p:4:c0", "p:4:c1", "p:4:c2", "p:4:done", "p:4:skip"]
    assert laid(replace(several, ask="order")) == [["2. Bus"], ["Train"], ["1. Tram"], ["Skip"]]


def test_standing_choices_are_one_a_row() -> None:
    token = "t" * 24
    standing = StandingAsked(token, "A", (Label("that_is_it", "That is it", "en"), Label("not_done", "Not done", "en")))
    layout = lay_out(said("News.", standing=standing))
    assert rows(layout) == [["That is it"], ["Not done"]]
    assert [button(str(each)) for each in data(layout)] == [
        PressedStanding(token, "that_is_it"),
        PressedStanding(token, "not_done"),
    ]


def test_a_button_says_what_it_means_within_64_bytes() -> None:
    ids = Label("ŵ" * 24, "Word", "en")
    [written] = data(lay_out(said("?", asked=replace(asking(), choices=(ids,), number=123456789))))
    assert button(str(written)) == Pressed(123456789, "ŵ" * 24)
    too_long = replace(asking(), choices=(Label("x" * 62, "Word", "en"),))
    with pytest.raises(TooLongForAButton, match="shorten the ids"):
        lay_out(said("?", asked=too_long))


def test_labels_a_phone_would_cut_off_stand_in_the_text_too() -> None:
    long = "Everybody should be able to take a bus to the nearest hospital at any time of day"
    layout = lay_out(said("Which?", asked=asking(long, "Neither")))
    assert layout.texts == (f"Which?\n\n1. {long}\n2. Neither",)
    [[cut], [neither]] = rows(layout)
    assert len(cut) == 60
    assert cut.endswith("…")
    assert neither == "Neither"


def test_a_keyboard_is_made_once_for_all_who_are_asked_alike_and_says_what_the_library_would() -> None:
    first, again = (lay_out(said(who, asked=asking("Yes", "No", also=("Skip",)))).keyboard for who in ("You.", "She."))
    assert first is again is not None
    assert first.to_dict() == InlineKeyboardMarkup.to_dict(first)
    other = lay_out(said("You.", asked=asking("Yes", "No", also=("Skip",), number=5))).keyboard
    assert other is not None
    assert other.to_dict() != first.to_dict()


def test_too_many_choices_are_written_out_and_found_ones_are_typed() -> None:
    many = [f"Place {n}" for n in range(120)]
    layout = lay_out(said("Where?", asked=asking(*many, also=("Skip",))))
    assert rows(layout) == [["Skip"]]
    assert layout.texts[0].endswith("\n120. Place 119")
    assert lay_out(said("Where?", asked=asking(*many, ask="find"))) == Layout(("Where?",), None)
    assert len(laid(asking(*many[:5], ask="find"))) == 5


def test_long_texts_keep_paragraphs_whole_and_the_buttons_come_last() -> None:
    layout = lay_out(said("a" * 3000, "b" * 1000, "c" * 3000, asked=asking("Yes", "No")))
    assert layout.texts == (f"{'a' * 3000}\n\n{'b' * 1000}", "c" * 3000)
    assert rows(layout) == [["Yes", "No"]]


def test_a_long_paragraph_is_cut_between_words_or_between_graphemes() -> None:
    assert [*divide(["one two three four"], 9)] == ["one two", "three", "four"]
    family = "👩‍👩‍👧‍👦"
    assert [*divide([family * 4], 2 * units(family) + 3)] == [family * 2, family * 2]
    assert "".join(divide(["e" + "\u0301" * 30], 10)) == "e" + "\u0301" * 30
    assert [*divide(["  ", "\n", "x"])] == ["x"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]))), st.integers(8, 60))
def test_nothing_said_is_lost_and_nothing_is_too_long(paragraphs: list[str], most: int) -> None:
    texts = [*divide(paragraphs, most)]
    assert all(0 < units(text) <= most for text in texts)
    assert all(text.strip() for text in texts)
    assert "".join("".join(texts).split()) == "".join("".join(paragraphs).split())


def test_every_command_we_show_is_one_we_hear() -> None:
    for language in LANGUAGES:
        for name in COMMANDS:
            shown = command_name(name, language)
            assert re.fullmatch(r"[a-z0-9_]{1,32}", shown), "Telegram takes no other marks in a command"
            assert command(shown) == name
