"""Canaries of the whole suite: what every test leaves behind is looked through for what nobody may find there.

Everybody at our Bot API server has the name, every bot there the token; the words are typed in the stories that are
played on every channel, and the numbers are those set aside for invented people.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

NAME, TOKEN = "Zephyrine", "FAKE-token_for-tests-only"
WORDS = ("the path by the canal is too dark", "I meant the steps, not the path")
NUMBERS = "447700900"
ALL = (NAME, TOKEN, *WORDS, NUMBERS)


def in_text(text: bytes) -> list[str]:
    """The canaries that sing in it, in any case of letters."""
    lower = text.lower()
    return [each for each in ALL if each.lower().encode() in lower]


def in_files(folder: Path) -> list[str]:
    """Each file under a folder in which one sings, with what it sings."""
    files = sorted(each for each in folder.rglob("*") if each.is_file() and not each.is_symlink())
    return [f"{file.relative_to(folder)}: {canary}" for file in files for canary in in_text(file.read_bytes())]


def in_logs(sections: Iterable[tuple[str, str]]) -> list[str]:
    """What was logged while a test ran, as pytest kept it."""
    logged = "".join(text for title, text in sections if title.startswith("Captured log"))
    return [f"log: {canary}" for canary in in_text(logged.encode())]
