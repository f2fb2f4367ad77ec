"""The layout of channels without buttons: a text message and a terminal. Numbered lines, letters under feedback.

Questions use digits only and standing prompts letters only, so that a reply is never taken for another.
"""

from __future__ import annotations

from bot.catalogues import catalogue
from bot.channels.messages import Asked, Label, Message, StandingAsked
from conversations.document.parts import parts
from conversations.domain.speech import say

WORDS = {"skip": say("SKIP"), "back": say("BACK"), "what": say("WHAT")}
"""The word that does what a button beside a question does, where there are no buttons."""


MOST_LISTED = 9
"""Where an answer is found by typing, more choices than these are not listed."""

MOST_PARTS = 2
"""A question takes no more parts than these; where it would, the example of how to answer is left out."""

PLAINER = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "…": "...", "\u00a0": " "})
"""Marks that the text message alphabet (3GPP TS 23.038) lacks: one of them more than halves what fits in a part."""


def lay_out(message: Message) -> str:
    """The whole text of a message, as it is printed in a terminal and sent as a text message."""
    whole = _lay_out(message, brief=False)
    return whole if parts(whole) <= MOST_PARTS else _lay_out(message, brief=True)


def _lay_out(message: Message, *, brief: bool) -> str:
    pieces = [message.words]
    if message.asked is not None:
        pieces += _asked(message.asked, message.language, brief=brief)
    if message.standing is not None:
        pieces += _standing(message.standing)
    return "\n".join(piece for piece in pieces if piece).translate(PLAINER)


def _asked(asked: Asked, language: str, *, brief: bool) -> list[str]:
    listed = asked.ask != "find" or len(asked.choices) <= MOST_LISTED
    out = [_numbered(asked, language)] if asked.choices and listed else []
    if asked.ask == "several" and asked.limit > 1 and not brief:
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
    if not standing.letter:  # what its button does a word does too, and the message says which
        return []
    first = ord(standing.letter)
    return [f"{chr(first + place)} {each.words}" for place, each in enumerate(standing.choices)]
