"""Checks of a broadcast before anybody gets it. Each fault is one sentence that says what to do."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from itertools import chain

from conversations.domain.broadcasts import Audience, Broadcast
from conversations.domain.links import forbidden_link
from conversations.domain.promotion import plainly, promotion_in
from conversations.domain.speech import Series, Text, say

LONGEST: Mapping[str, int] = {"Telegram": 4096, "web": 6000}
"""Characters in one message of a channel, counted as Telegram counts them (UTF-16); a terminal has no end."""
FRAME = 900
"""Room for what we say around a text: who writes, why somebody gets it, how to stop it."""
LONGEST_VALUE = 160
"""Room for what stands in the place of a field."""
FIELDS: Mapping[str, str] = {"place": "", "topic": "topic", "event": "event", "when": "event"}
"""The personal fields there are, each with what an audience has to name for it: where somebody told us that they live;
the topic they follow; the event they booked, and its day and hour. All are what people told us for this, or did for
this. There is no name, because we keep none, and no answer, because nobody is written to by their answers."""
FIELD = re.compile(r"\{([a-z]+)\}")
_ASKED_FOR = (
    r"\b(?:send|reply|tell|give|text|message|share|type|enter|forward)\b(?: \S+){0,6}",
    r" (?:codes?|passwords?|pin|passcodes?)\b",
    r"\b(?:anfon|ateb|rho|rhann|dywed|teipi)(?:wch)?\b(?: \S+){0,6}",
    r" (?:n?g?h?c?odau|c?n?g?h?od|cyfrineiriau|[cg]?h?yfrinair|pin)\b",
)
_CODES = re.compile(f"{_ASKED_FOR[0]}{_ASKED_FOR[1]}|{_ASKED_FOR[2]}{_ASKED_FOR[3]}")


def faults(found: Broadcast, domains: Collection[str]) -> tuple[Text, ...]:
    """All that has to change before a broadcast may be sent. Links may go to these domains."""
    texts = found.texts.values()
    if not texts or not all(words.strip() for words in texts):
        return (say("Please write what you want to tell people."),)
    return tuple(chain.from_iterable(_faults(words, found.audience, domains) for words in texts))


def usable_fields(audience: Audience) -> tuple[str, ...]:
    """The personal fields that a text to this audience can have."""
    return tuple(name for name, needs in FIELDS.items() if not needs or getattr(audience, needs))


def _faults(words: str, audience: Audience, domains: Collection[str]) -> Iterator[Text]:
    yield from _too_long(words)
    yield from _fields(words, audience)
    if any(unicodedata.category(each) in ("Cc", "Cf", "Co", "Cs") for each in words if each != "\n"):
        yield say("There is a hidden character in this text. Please type it again.")
    if link := forbidden_link(words, domains):
        yield _other_links(link, domains)
    if promotes := promotion_in(words):
        yield say("Please take out “{words}”. We never ask people to vote for, join or pay a party.", words=promotes)
    if _CODES.search(plainly(words)):
        yield say("Please do not ask people for a code or a password.")


def _too_long(words: str) -> Iterator[Text]:
    length = len(FIELD.sub("x" * LONGEST_VALUE, words).encode("utf-16-le")) // 2
    for channel, most in LONGEST.items():
        if length > most - FRAME:
            yield say(
                "This is too long for {channel}. Please take out {count} characters or more.",
                channel=channel, count=length - (most - FRAME),
            )  # fmt: skip
            return


def _fields(words: str, audience: Audience) -> Iterator[Text]:
    usable = usable_fields(audience)
    for name in dict.fromkeys(FIELD.findall(words)):
        if name not in usable:
            these = Series(tuple(f"{{{each}}}" for each in usable))
            yield say("{field} cannot be used here. You can use {fields}.", field=f"{{{name}}}", fields=these)
    if set("{}") & set(FIELD.sub("", words)):
        yield say("A curly bracket stands alone. Please write a field like {field}, or take it out.", field="{place}")


def _other_links(link: str, domains: Collection[str]) -> Text:
    if not domains:
        return say("Please take out “{link}”. Links cannot be sent from here.", link=link)
    begins = Series(tuple(f"https://{domain}" for domain in sorted(domains)))
    return say("Please take out “{link}”. A link can only begin with {begins}.", link=link, begins=begins)
