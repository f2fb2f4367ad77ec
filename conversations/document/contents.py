"""Texts of a document made into contents: by language, in the order the document lists its languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conversations.document.models import ANY_LANGUAGE
from conversations.domain.languages import LANGUAGES, SOURCE, Usual, label_of
from conversations.domain.speech import Content


@dataclass(frozen=True)
class Contents:
    """Makes contents for a document in these languages."""

    languages: tuple[str, ...]

    def of(self, words: Mapping[str, str]) -> Content:
        """A text; one that is written once is in the document's first language."""
        written = dict(words)
        if ANY_LANGUAGE in written:
            written = {self.languages[0]: written[ANY_LANGUAGE]}
        return Content({each: written[each].strip() for each in self.languages if each in written})

    def maybe(self, words: Mapping[str, str] | None) -> Content | None:
        """A text that may be left out."""
        return self.of(words) if words is not None else None

    def label(self, name: Usual) -> Content:
        """A label of ours, such as "not sure", in the document's languages as far as we have them."""
        ours = [each for each in self.languages if each in LANGUAGES] or [SOURCE]
        return Content({each: label_of(name, each) for each in ours})

    def figure(self, figure: str) -> Content:
        """A number, which is the same in every language."""
        return Content(dict.fromkeys(self.languages, figure))
