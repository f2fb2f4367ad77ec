"""Words heard before any page, and small words of agreement, in every language at once.

A person may change language in the middle of a sentence, so every word is understood in every language.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from typing import Literal, get_args

from conversations.domain.languages import LANGUAGES, Command

_SPOKEN = LANGUAGES.values()
_NAMES = tuple(chain.from_iterable(each.called for each in _SPOKEN))
"""Naming a language is asking for it."""

COMMANDS: dict[Command, tuple[str, ...]] = {
    name: tuple(chain.from_iterable(each.commands[name] for each in _SPOKEN)) + (_NAMES if name == "LANGUAGE" else ())
    for name in get_args(Command)
}

RESERVED = frozenset(chain.from_iterable(COMMANDS.values()))
"""Words that no option of a document may be, because typing them does something else."""

YES = frozenset(chain.from_iterable(each.yes for each in _SPOKEN))
NO = frozenset(chain.from_iterable(each.no for each in _SPOKEN))
UNSURE = frozenset(chain.from_iterable(each.unsure for each in _SPOKEN))

_NUMBERING = "|".join(re.escape(word) for each in _SPOKEN for word in each.numbering)
_OPTION = re.compile(rf"^(?:{_NUMBERING}|#)\s*(\d{{1,3}})$")
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_TRIM = " \t\n.!,;:'\"()[]“”‘’…"


def plain(words: str) -> str:
    """Words as they are compared: lower case, one space between, no marks around, straight apostrophes."""
    if not words.isascii():
        words = unicodedata.normalize("NFC", words).replace("’", "'").replace("\ufe0f", "")
        words = _SKIN.sub("", words)
    return " ".join(words.casefold().split()).strip(_TRIM)


def command(words: str) -> Command | None:
    """The command these words are, alone, with or without a leading slash."""
    bare = plain(words).removeprefix("/")
    return next((name for name, forms in COMMANDS.items() if bare in forms), None)


def number(words: str) -> int | None:
    """A number a person gives for an option: "2", "opt 2", "2.", "2)"."""
    bare = plain(words)
    if bare.isascii() and bare.isdigit() and len(bare) <= 3:
        return int(bare)
    found = _OPTION.match(bare)
    return int(found.group(1)) if found else None


def agreement(words: str) -> Literal["yes", "no", "unsure", ""]:
    """Yes, no or not sure, where the words are plainly one of them."""
    bare = plain(words)
    if bare in YES:
        return "yes"
    if bare in NO:
        return "no"
    return "unsure" if bare in UNSURE else ""
