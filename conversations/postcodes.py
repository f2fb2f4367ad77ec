"""Postcodes: people type them where we ask for a place. We have no list of them: none is looked up, and none kept."""

from __future__ import annotations

import re

from conversations.domain.speech import Text, say

_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?(?:\s*\d[A-Z]{2})?")
NOT_USED: Text = say("We do not use postcodes, and we did not keep yours. Please type the name of a place.")


def is_postcode(words: str) -> bool:
    """Whether this is a postcode of the United Kingdom, or the first half of one, in whatever case and spacing."""
    return _POSTCODE.fullmatch(words.strip().upper()) is not None
