"""The layout of channels without buttons: a text message and a terminal. Numbered lines, letters under feedback.

Questions use digits only and standing prompts letters only, so that a reply is never taken for another.
"""

from __future__ import annotations

from bot.catalogues import catalogue
from bot.channels.messages import Asked, Label, Message, StandingAsked
from conversations.domain.speech import say

WORDS = {"skip": say("SKIP"), "back": say("BACK"), "what": say("WHAT")}
"""The word that does what a button beside a question does, where there are no buttons."""


def lay_out(message: Message) -> str:
    """The whole text of a message, as it is printed in a terminal and sent as a text message."""
    parts = [message.words]
    if message.asked is not None:
        parts += _asked(message.asked, message.language)
    if message.standing is not None:
        parts += _standing(message.standing)
    return "\n".join(part for part in parts if part)


def _asked(asked: Asked, language: str) -> list[str]:
    out = [_numbered(asked, language)] if asked.choices else []
    if asked.ask == "several" and asked.limit > 1:
        out.append(catalogue(language).one("Send the numbers, such as 1, 3."))
    if asked.also:
        said = catalogue(language).one("Or say {words}.")
        out.append(said.replace("{words}", ", ".join(_word(each, language) for each in asked.also)))
    return out


def _numbered(asked: Asked, language: str) -> str:
    """Choices as numbered lines. A scale's numbers name themselves and stand on one line."""
    figures = [each.words for each in asked.choices if each.words.lstrip("-").isdigit()]
    if figures:
        rest = [each.words for each in asked.choices if not each.words.lstrip("-").isdigit()]
        return "\n".join([" ".join(figures), *rest])
    if asked.ask == "words":
        return "\n".join(each.words for each in asked.choices)
    return "\n".join(f"{place} {each.words}" for place, each in enumerate(asked.choices, 1))


def _word(label: Label, language: str) -> str:
    word = WORDS.get(label.id)
    return catalogue(language).one(word.message) if word else label.words.upper()


def _standing(standing: StandingAsked) -> list[str]:
    first = ord(standing.letter or "A")
    return [f"{chr(first + place)} {each.words}" for place, each in enumerate(standing.choices)]
