"""Rendering: a lazy text becomes words in one person's language, with the language of every run kept.

A run knows which language it is really in and whether it is somebody's own words, so that a web page can mark every
quotation with its language, and a plain channel can simply join the runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import groupby

from babel.dates import format_date

from bot.catalogues import catalogue
from conversations.domain.languages import LANGUAGES, SOURCE
from conversations.domain.speech import Content, Day, InEach, Moment, Paragraphs, Phrase, Quoted, Series, Text

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Run:
    """Words in one language."""

    words: str
    language: str
    quoted: bool = False


Paragraph = tuple[Run, ...]


def render(text: Text, language: str) -> tuple[Paragraph, ...]:
    """The paragraphs of a text in this language."""
    match text:
        case Paragraphs(parts):
            return tuple(paragraph for part in parts for paragraph in render(part, language))
        case InEach(inner, each):
            return tuple(paragraph for code in each for paragraph in render(inner, code))
        case "":
            return ()
        case Content():
            return _paragraphs(*text.in_language(language))
        case str():
            return tuple(_split(text, language))
        case _:
            return (_joined(_inline(text, language)),)


def plain(text: Text, language: str) -> str:
    """A text as plain words: paragraphs on lines of their own."""
    return as_words(render(text, language))


def as_words(paragraphs: Iterable[Paragraph]) -> str:
    """Rendered paragraphs as plain words."""
    return "\n".join("".join(run.words for run in paragraph) for paragraph in paragraphs)


def forms(text: Text) -> tuple[str, ...]:
    """A text in every language we have, so that a typed label is understood in any of them."""
    if isinstance(text, Content):
        return text.variants()
    if isinstance(text, Phrase) and not text.values and not text.many:
        return _forms(text.message)
    return tuple(dict.fromkeys(plain(text, code) for code in LANGUAGES))


@cache
def _forms(message: str) -> tuple[str, ...]:
    """What a text of the catalogues, which are read once, is in every language."""
    return tuple(dict.fromkeys(plain(Phrase(message), code) for code in LANGUAGES))


def long_day(day: date, language: str) -> str:
    """A day written out: 4 October 2026."""
    return format_date(day, format="d MMMM y", locale=language if language in LANGUAGES else SOURCE)


def long_moment(moment: datetime, language: str) -> str:
    """A moment by the clock on the wall: Saturday 4 October 2026, 19:00."""
    locale = language if language in LANGUAGES else SOURCE
    return f"{format_date(moment.date(), format='EEEE d MMMM y', locale=locale)}, {moment:%H:%M}"


def _inline(text: Text, language: str) -> list[Run]:
    match text:
        case str():
            return [Run(text, language)]
        case Content():
            words, really = text.in_language(language)
            return [Run(words, really)]
        case Quoted(words, really):
            return [Run(words, really, quoted=True)]
        case Day(day):
            return [Run(long_day(day, language), language)]
        case Moment(moment):
            return [Run(long_moment(moment, language), language)]
        case Series(items):
            return _series([_inline(item, language) for item in items], language)
        case Phrase():
            return _phrase(text, language)
        case Paragraphs(parts):
            return _between([_inline(part, language) for part in parts], " ", language)
        case InEach(inner, each):
            return _between([_inline(inner, code) for code in each], " ", language)


def _phrase(phrase: Phrase, language: str) -> list[Run]:
    book = catalogue(language)
    said = book.many(phrase.message, phrase.many, phrase.count) if phrase.many else book.one(phrase.message)
    runs: list[Run] = []
    for piece in _pieces(said, language):
        runs += [piece] if isinstance(piece, Run) else _inline(phrase.values.get(piece, f"{{{piece}}}"), language)
    return runs


@lru_cache(maxsize=8192)
def _pieces(said: str, language: str) -> tuple[Run | str, ...]:
    """A text of the catalogue in its pieces: words, and the names of what stands between them."""
    parts = enumerate(_PLACE.split(said))
    return tuple(part if place % 2 else Run(part, language) for place, part in parts if part)


def _series(items: list[list[Run]], language: str) -> list[Run]:
    if len(items) < 2:
        return items[0] if items else []
    following = items[-1][0].words if items[-1] else ""
    last = f" {LANGUAGES.get(language, LANGUAGES[SOURCE]).conjunction(following)} "
    return [*_between(items[:-1], ", ", language), Run(last, language), *items[-1]]


def _between(items: list[list[Run]], mark: str, language: str) -> list[Run]:
    runs: list[Run] = []
    for place, item in enumerate(items):
        runs += [Run(mark, language), *item] if place else item
    return runs


def _joined(runs: list[Run]) -> Paragraph:
    """Neighbouring runs of the same kind as one."""
    if len(runs) == 1:
        return (runs[0],) if runs[0].words else ()
    alike = groupby((run for run in runs if run.words), key=lambda run: (run.language, run.quoted))
    return tuple(Run("".join(run.words for run in group), *kind) for kind, group in alike)


def _split(words: str, language: str) -> Iterable[Paragraph]:
    """Content keeps its own paragraphs: an empty line parts them."""
    for piece in re.split(r"\n\s*\n", words.strip()):
        if piece.strip():
            yield (Run(" ".join(piece.split()), language),)


@lru_cache(maxsize=8192)
def _paragraphs(words: str, language: str) -> tuple[Paragraph, ...]:
    """A text of a document, which everybody is asked; what one person says is never kept here."""
    return tuple(_split(words, language))
