"""Words heard before any page, and small words of agreement, in both languages at once.

A person may change language in the middle of a sentence, so every word is understood in every language.
The STOP list follows the opt-out words that carriers act on themselves (`docs/glossary.md`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Command = Literal[
    "START", "HELP", "STOP", "LANGUAGE", "STATUS", "WHAT", "SKIP", "BACK", "CHANGE", "TOPICS", "MYDATA", "DELETE",
    "MORE", "NEWS", "DESK",
]  # fmt: skip

STOP_WORDS = frozenset(
    {"stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out", "stopio", "peidio"}
    | {"stopiwch", "please stop texting me", "please stop", "stop please", "stopiwch os gwelwch yn dda"}
)

COMMANDS: dict[Command, tuple[str, ...]] = {
    "START": ("start", "dechrau", "cychwyn", "restart"),
    "HELP": ("help", "info", "cymorth", "help me"),
    "LANGUAGE": ("language", "iaith", "cymraeg", "english", "saesneg", "welsh"),
    "STATUS": ("status", "statws"),
    "WHAT": ("what", "beth", "what?", "beth?"),
    "SKIP": ("skip", "pass", "next", "hepgor", "nesaf"),
    "BACK": ("back", "nôl", "nol", "yn ôl", "yn ol"),
    "CHANGE": ("change", "newid"),
    "TOPICS": ("topics", "topic", "pynciau", "pwnc"),
    "MYDATA": ("mydata", "my data", "fynata", "fy nata"),
    "DELETE": ("delete", "dileu"),
    "MORE": ("more", "mwy"),
    "NEWS": ("news", "newyddion"),
    "DESK": ("desk", "desg"),
}

RESERVED = frozenset(STOP_WORDS | {word for words in COMMANDS.values() for word in words})
"""Words that no option of a document may be, because typing them does something else."""

YES = frozenset("y yes yeah yep yup yh ok okay sure aye please do ie ydw oes ydy iawn cytuno 👍 ✅".split()) | {
    "yes please",
    "of course",
    "i agree",
    "go on",
}
NO = frozenset("n no nope nah na nage nac naddo nay 👎 ❌".split()) | {"no thanks", "no thank you", "dim diolch"}
UNSURE = frozenset({"not sure", "dont know", "don't know", "dunno", "idk", "unsure", "ddim yn siŵr", "ddim yn siwr"})

_OPTION = re.compile(r"^(?:option|opt|number|no\.?|dewis|rhif|#)\s*(\d{1,3})$")
_TRIM = " \t\n.!,;:'\"()[]“”‘’…"


def plain(words: str) -> str:
    """Words as they are compared: lower case, one space between, no marks around, straight apostrophes."""
    folded = unicodedata.normalize("NFC", words).replace("’", "'").replace("\ufe0f", "").casefold()
    bare = re.sub("[\U0001f3fb-\U0001f3ff]", "", folded)
    return " ".join(bare.split()).strip(_TRIM)


def command(words: str) -> Command | None:
    """The command these words are, alone, with or without a leading slash."""
    bare = plain(words).removeprefix("/")
    if bare in STOP_WORDS:
        return "STOP"
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
