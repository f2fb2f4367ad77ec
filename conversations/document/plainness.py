"""How plain a text is: sentences, syllables, the school years it asks for, and words that people do not say."""

from __future__ import annotations

import re
from statistics import median

JARGON = {
    "stakeholder": "the people it touches",
    "engage": "talk with",
    "engagement": "talking with people",
    "leverage": "use",
    "utilise": "use",
    "utilize": "use",
    "valued": "important to us",
    "feedback mechanism": "how we hear from you",
    "policy commission process": "how we decide",
    "facilitate": "help",
    "going forward": "from now on",
    "in order to": "to",
    "prior to": "before",
    "commence": "start",
    "deliverable": "what we will make",
    "key priorities": "what matters most",
    "best practice": "what works",
    "robust": "strong",
    "holistic": "whole",
    "synergy": "working together",
    "empower": "let",
    "streamline": "make simpler",
    "impactful": "useful",
    "outcomes-based": "judged by results",
    "fit for purpose": "good enough",
    "service user": "person",
    "evidence-based": "tested",
    "implementation": "putting it in place",
    "rhanddeiliad": "y bobl dan sylw",
    "rhanddeiliaid": "y bobl dan sylw",
}
"""Words to leave, and what to say instead."""

_VOWELS = re.compile(r"[aeiouy]+")
_SPLIT = re.compile(
    r"(?<![ct])ia(?!ge)|(?<![cgst])io(?!n\b)|iet|scien|ryo|(?<![ct])ien[ct]|\b(?:vid|g|th|n)eo|(?:id|ar)ea|creat|oye"
    r"|ua[lt]|uin|[st]hm\b|ism\b|ying\b|uou|eing\b"
)
_SILENT = re.compile(r"(?:some|time|there|safe|place|care|life|home|house|more|ever(?=y)|usi(?=ness))(?=[a-z]{2})")
"""An e (or i) in the middle of a word that nobody says."""

_JARGON = re.compile(r"\b(" + "|".join(map(re.escape, sorted(JARGON, key=len, reverse=True))) + r")(?:s|d)?\b", re.I)


def words_in(text: str) -> list[str]:
    """The words of a text; a number is one word."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text; a line of its own counts as one."""
    return [each.strip() for each in re.split(r"[.?!…:;]+(?=\s|$)|\n+", text) if words_in(each)]


def syllables(word: str) -> int:
    """About how many syllables an English word has."""
    bare = re.sub(r"[^a-z]", "", word.casefold())
    if len(bare) <= 3:
        return 1
    count = len(_VOWELS.findall(bare)) + len(_SPLIT.findall(bare))
    count -= len(_SILENT.findall(bare))
    if re.search(r"[^aeiouyl]e$|[aeiouy]le$|[^aeioutd]ed$", bare):
        count -= 1
    if re.search(r"[^aeiouyszxcg]es$", bare) and not re.search(r"(?:sh|ch|[^aeiou]l)es$", bare):
        count -= 1
    return max(count, 1)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text: the school years it takes to read it."""
    words = words_in(text)
    if not words:
        return 0.0
    long = len(words) / max(len(sentences(text)), 1)
    return 0.39 * long + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def middle_sentence(text: str) -> float:
    """How many words the middle sentence has: half are shorter."""
    return float(median([len(words_in(sentence)) for sentence in sentences(text)] or [0]))


def jargon_in(text: str) -> list[tuple[str, str]]:
    """Each word that is not how people talk, with what to say instead."""
    return [(found.group(), JARGON[found.group(1).casefold()]) for found in _JARGON.finditer(text)]
