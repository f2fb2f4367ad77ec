"""Catalogues: the interface texts in each language, read from gettext files at start."""

from __future__ import annotations

import gettext
import hashlib
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from conversations.domain.languages import SOURCE


@dataclass(frozen=True)
class Catalogue:
    """One language's texts. `version` is a digest, kept with what was said so that it can be shown again."""

    language: str
    version: str
    texts: gettext.NullTranslations
    unchecked: bool

    def one(self, message: str) -> str:
        """A text; the English source where there is no translation."""
        return self.texts.gettext(message) if message else ""

    def many(self, one: str, several: str, count: int) -> str:
        """A text that depends on a number."""
        return self.texts.ngettext(one, several, count)


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; the English source for one that has none."""
    file = resources.files("locales") / language / "LC_MESSAGES" / "messages.po"
    if language == SOURCE or not file.is_file():
        return Catalogue(language, "source", gettext.NullTranslations(), False)
    raw = file.read_bytes()
    read = read_po(io.BytesIO(raw), locale=language)
    out = io.BytesIO()
    write_mo(out, read)
    out.seek(0)
    unchecked = any("awaits a native reader" in comment for message in read for comment in message.user_comments)
    return Catalogue(language, hashlib.sha256(raw).hexdigest()[:12], gettext.GNUTranslations(out), unchecked)
