"""A text as it stands in a terminal: our own words in English, the document's in the language asked for."""

from __future__ import annotations

from typing import assert_never

from conversations.domain.speech import Content, Day, InEach, Moment, Paragraphs, Phrase, Quoted, Series, Text


def plain_text(text: Text, language: str) -> str:
    """The text in one string, for the people who write documents; people who answer get it from `bot/rendering`."""
    match text:
        case str():
            return text
        case Content():
            return text.in_language(language)[0]
        case Phrase(message, values):
            return message.format(**{name: plain_text(value, language) for name, value in values.items()})
        case Quoted(words):
            return words
        case Day(day):
            return day.isoformat()
        case Moment(moment):
            return moment.isoformat(" ", "minutes")
        case Series(items):
            return ", ".join(plain_text(item, language) for item in items)
        case InEach(inner, languages):
            return " / ".join(plain_text(inner, each) for each in languages)
        case Paragraphs(parts):
            return "\n".join(plain_text(part, language) for part in parts)
        case _:
            assert_never(text)
