"""Promotion of a party: found in what is to be sent to people, in English and Welsh. Asking for views is no campaign.

The plain words pass: a vote at eighteen, labour law, joining in, giving blood. What is refused asks people to vote for
a party, to join one or to pay one, or praises one.
"""

from __future__ import annotations

import re
import unicodedata

_PARTIES = (
    r"labour|ll?afur|(?:the )?tor(?:y|ies)|(?:the )?conservatives?|y ceidwadwyr|(?:the )?lib(?:eral)? dem(?:ocrat)?s?",
    r"y democratiaid rhyddfrydol|(?:the )?greens|(?:the )?green party|y blaid werdd|plaid(?: cymru)?|(?:the )?snp",
    r"reform uk|(?:the|our|my|this|your local) party|(?:'r |yr |y )?blaid|ein plaid",
)
_PARTY = rf"(?:{'|'.join(_PARTIES)})\b"
_OURS = r"(?:us|me|(?:our|your|the|my)(?: \w+){0,3} candidates?|ni|fi|ein(?: \w+){0,3} h?ymgeisydd)\b"
_WHOM = rf"(?:{_PARTY}|{_OURS})"
_TO_AN_EVENT = r"at|on|for|in|there|online|this|next|tomorrow|tonight|from|when|after|before|and|as"
_TO_AN_EVENT_CY = r"yn|ar|am|ddydd|nos|heno|yfory|wedyn|i (?:siarad|drafod|glywed)"
_THINGS = r"blood|food|clothes|books|toys|time"

_VOTE = (
    rf"\bvot(?:e|es|ed|ing) (?:for )?{_WHOM}",
    rf"\bvotes? (?:counts? )?(?:for|to) {_WHOM}",
    rf"\b(?:re )?elect {_OURS}",
    r"\b(?:lend|give) us your votes?\b",
    r"\bback us (?:at|in|on) (?:the )?(?:election|polls?|ballot)",
    rf"\bpleidleisi(?:wch|a|o) (?:dros |i |am )?{_WHOM}",
    rf"\bpleidlais (?:dros|i) {_WHOM}",
    r"\bpleidl(?:eisi(?:wch|a|o)|ais) dros(?:om|on|of|ti)\b",
    r"\brhowch eich pleidlais i\b",
    rf"\bethol(?:wch|a|i) {_OURS}",
)
_JOIN = (
    rf"\bjoin(?:ing)? {_PARTY}",
    rf"\bjoin us\b(?! (?:{_TO_AN_EVENT})\b)",
    r"\b(?:becom(?:e|ing)|sign up as) a (?:party )?member\b",
    r"\b(?:party|new) membership\b",
    rf"\bymun(?:wch|a|o) (?:a|â|ag|gyda) ?{_PARTY}",
    rf"\bymun(?:wch|a|o) (?:a|â|gyda) ni\b(?! (?:{_TO_AN_EVENT_CY})\b)",
    r"\b(?:dewch|dod|dere) yn aelod\b",
    r"\bymaelod(?:wch|i|a)\b",
)
_PAY = (
    rf"\bdonat(?:e|ing)\b(?! (?:{_THINGS})\b)",
    r"\b(?:make|give|send) (?:us )?a (?:small )?donation\b",
    r"\bchip in\b",
    rf"\b(?:give|send|pay) (?:us |{_PARTY} )?(?:some )?(?:money\b|£ ?\d)",
    r"\b(?:rhowch|rhoi|anfonwch) (?:arian|rhodd|£ ?\d)",
    r"\bcyfran(?:nwch|nu) (?:arian|£ ?\d|at y blaid|i'r blaid)",
)
_PRAISE = (rf"\bonly {_PARTY} (?:can|will)\b", rf"\b{_PARTY} is (?:the best|the only|working for you|on your side)\b")
_PROMOTION = re.compile("|".join((*_VOTE, *_JOIN, *_PAY, *_PRAISE)))


def promotion_in(words: str) -> str:
    """The first words that promote a party, as they are compared; empty where none do."""
    found = _PROMOTION.search(plainly(words))
    return found[0] if found else ""


def plainly(words: str) -> str:
    """Words as they are compared: compatible letters as one, no case, nothing hidden, no marks but ' and £."""
    folded = unicodedata.normalize("NFKC", words).casefold().replace("’", "'")
    visible = "".join(each for each in folded if unicodedata.category(each) != "Cf")
    return " ".join(re.sub(r"[^\w£']+|_", " ", visible).split())
