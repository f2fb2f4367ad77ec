"""How we look in Telegram: texts short enough for it, buttons under the last one, commands and descriptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.catalogues import catalogue
from bot.channels.messages import Asked, Label, Message, StandingAsked
from bot.rendering import as_words
from conversations.domain.languages import LANGUAGES, Command
from conversations.domain.speech import Code, Phrase, say

MOST_UNITS = 4096
"""The longest text Telegram carries, in UTF-16 units."""

MOST_DATA = 64
MOST_BUTTONS = 96
MOST_KEYBOARD, AROUND_A_BUTTON = 9_000, 36
"""Bytes of a keyboard, well under what Telegram takes; and of the JSON around a button's words and data."""

MOST_FOUND = 24
"""Where an answer is found by typing, more choices than these are not shown as buttons."""

READABLE = 40
"""Longer labels are cut off on a phone: then they stand in the text as well."""

LONGEST_LABEL = 60
SHORT, WIDEST = 2, 8
SIDE_BY_SIDE, ACROSS = 3, 12
BESIDE_ACROSS = 28

PICKED = "✓ "
DONE = say("Done")

# How the bot presents itself

COMMANDS: dict[Command, Phrase] = {
    "START": say("Start, or come back to where you were"),
    "HELP": say("See what you can say"),
    "TOPICS": say("Choose a topic"),
    "STATUS": say("See where your answers are"),
    "NEWS": say("See what was done"),
    "FOLLOW": say("Follow a topic, or end it"),
    "CHANGE": say("Change an answer"),
    "LANGUAGE": say("Change the language"),
    "MYDATA": say("See what we keep about you"),
    "STOP": say("Get no more messages"),
    "DELETE": say("Delete everything we have from you"),
}
DESCRIPTION = say(
    "We ask what you think. Then we come back to tell you what was done. "
    "Telegram can read this chat too. Press Start to see who asks."
)
SHORT_DESCRIPTION = say("We ask what you think. Then we tell you what was done.")

Row = list[InlineKeyboardButton]


class Keyboard(InlineKeyboardMarkup):
    """Buttons as the library knows them, put into the words of the protocol once, for everybody who is shown them:
    its own way of doing so looks at every field a button could have, each time."""

    __slots__ = ("_in_words",)

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(rows)
        self._in_words = {
            "inline_keyboard": [
                [{"text": each.text, "callback_data": each.callback_data} for each in row] for row in rows
            ]
        }

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:
        """The keyboard as it is sent. Not to be changed: others are sent the same."""
        return self._in_words


def command_name(command: Command, language: str) -> str:
    """What a command is called in Telegram's list: the first word this language has for it."""
    return LANGUAGES[language].commands[command][0]


class TooLongForAButton(ValueError):
    """A choice's id does not fit into a button. `bigconversation check` keeps ids short enough."""


@dataclass(frozen=True)
class Layout:
    """The texts of one message, in order, and the buttons under the last; above them a code, as a picture."""

    texts: tuple[str, ...]
    keyboard: Keyboard | None
    code: Code | None = None


def lay_out(message: Message) -> Layout:
    """A message as Telegram shows it. Raises TooLongForAButton."""
    paragraphs = [as_words([paragraph]) for paragraph in message.paragraphs]
    asked = message.asked
    if asked is None:
        under = Keyboard(_standing(message.standing)) if message.standing else None
        return Layout(tuple(divide(paragraphs)), under, message.code)
    keyboard, has_room = _under(asked, message.language)
    written = not has_room or any(len(each.words) > READABLE for each in asked.choices)
    if written and asked.ask != "find":
        paragraphs.append(_written_out(asked.choices))
    return Layout(tuple(divide(paragraphs)), keyboard, message.code)


# Texts


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def divide(paragraphs: Iterable[str], most: int = MOST_UNITS) -> Iterator[str]:
    """Texts of at most so many units: paragraphs together as far as they fit, a long one cut between words."""
    text = ""
    for piece in (piece for paragraph in paragraphs for piece in _pieces(paragraph.strip(), most)):
        joined = f"{text}\n\n{piece}" if text else piece
        if units(joined) > most:
            yield text
            joined = piece
        text = joined
    if text:
        yield text


def _pieces(paragraph: str, most: int) -> Iterator[str]:
    """One paragraph in pieces that fit: cut after a space if there is one, else between graphemes."""
    while units(paragraph) > most:
        cut = _fitting(paragraph, most)
        space = max(paragraph.rfind(mark, cut // 2, cut) for mark in " \n")
        cut = space + 1 if space > 0 else cut
        if piece := paragraph[:cut].strip():
            yield piece
        paragraph = paragraph[cut:].lstrip()
    if paragraph:
        yield paragraph


def _fitting(text: str, most: int) -> int:
    """How many characters from the start fit without breaking a grapheme (unless one alone is too long)."""
    end = size = 0
    for grapheme in regex.finditer(r"\X", text):
        size += units(grapheme.group())
        if size > most:
            break
        end = grapheme.end()
    return end or most // 2


# Buttons


@lru_cache(maxsize=2048)
def _under(asked: Asked, language: str) -> tuple[Keyboard | None, bool]:
    """The keyboard of a prompt, and whether its choices have room on it. It is the same for everybody who is asked
    this as their n-th prompt, and holds no word of theirs."""
    choices = _choices(asked, language)
    rows = [*(choices or []), *_also(asked)]
    return Keyboard(rows) if rows else None, choices is not None


def _choices(asked: Asked, language: str) -> list[Row] | None:
    """The rows of the choices; None when there are too many of them for buttons."""
    if asked.ask == "find" and len(asked.choices) > MOST_FOUND:
        return None
    buttons = [_button(asked, each) for each in asked.choices]
    rows = [*_rows(buttons)] if asked.ask in {"one", "words"} else [[each] for each in buttons]
    if asked.ask == "several" and rows:
        rows.append([_pressing(catalogue(language).one(DONE.message), f"p:{asked.number}:done")])
    size = sum(len(f"{each.text}{each.callback_data}".encode()) + AROUND_A_BUTTON for row in rows for each in row)
    fits = len(buttons) <= MOST_BUTTONS - len(asked.also) and size <= MOST_KEYBOARD
    return rows if fits else None


def _also(asked: Asked) -> list[Row]:
    """Acts beside the question, together in as few rows as read well."""
    rows: list[Row] = []
    for each in asked.also:
        made = _button(asked, each)
        across = sum(len(button.text) for button in rows[-1]) + len(made.text) if rows else 0
        if rows and len(rows[-1]) < SIDE_BY_SIDE and across <= BESIDE_ACROSS:
            rows[-1].append(made)
        else:
            rows.append([made])
    return rows


def _standing(standing: StandingAsked) -> list[Row]:
    return [[_pressing(each.words, f"s:{standing.token}:{each.id}")] for each in standing.choices]


def _button(asked: Asked, label: Label) -> InlineKeyboardButton:
    words = label.words
    if label.id in asked.picked:
        words = f"{asked.picked.index(label.id) + 1}. {words}" if asked.ask == "order" else PICKED + words
    return _pressing(words, f"p:{asked.number}:{label.id}")


def _pressing(words: str, data: str) -> InlineKeyboardButton:
    if len(data.encode()) > MOST_DATA:
        raise TooLongForAButton(f"the button “{data}” is over {MOST_DATA} bytes: shorten the ids of its choices")
    return InlineKeyboardButton(_shortened(words), callback_data=data)


def _shortened(words: str) -> str:
    if len(words) <= LONGEST_LABEL:  # and so are its graphemes
        return words
    seen = regex.findall(r"\X", words)
    return words if len(seen) <= LONGEST_LABEL else "".join(seen[: LONGEST_LABEL - 1]).rstrip() + "…"


def _rows(buttons: Sequence[InlineKeyboardButton]) -> Iterator[Row]:
    """Figures side by side, a few short words too; all else one under another."""
    if not buttons:
        return
    if len(buttons) <= SIDE_BY_SIDE and sum(len(each.text) for each in buttons) <= ACROSS:
        yield [*buttons]
        return
    short: Row = []
    for each in buttons:
        if len(each.text) <= SHORT:
            short.append(each)
            continue
        yield from _even(short)
        short = []
        yield [each]
    yield from _even(short)


def _even(buttons: Row) -> Iterator[Row]:
    """Rows of about the same length: eleven figures are six and five."""
    count = -(-len(buttons) // WIDEST)
    for row in range(count):
        yield buttons[row * len(buttons) // count : (row + 1) * len(buttons) // count]


def _written_out(choices: Sequence[Label]) -> str:
    """The choices as numbered lines: a number typed is understood as well as a press."""
    return "\n".join(f"{place}. {each.words}" for place, each in enumerate(choices, 1))
