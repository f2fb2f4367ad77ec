"""Members: who confirmed, with a code from their local party, that they are a member there. It adds notices for members
to what they follow, and is needed for nothing else. A code proves that the local party gave it out, and names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from conversations.domain.following import Subject

CODES_LIVE = timedelta(days=60)
"""From a sheet that is printed to the last meeting at which somebody finds it in their bag."""
FEWEST, MOST = 10, 200
"""Codes on one sheet. Of fewer, how many were used would soon say who used one."""
CODE_LENGTH = 10
"""50 bits: somebody who tries five an hour for a year meets one of a million live codes once in 25,000 years."""
TRIES = 5
TRIES_COUNT = timedelta(hours=1)
"""So many codes that are none may somebody type in so long."""
Missed = Literal["unknown", "used", "expired", "already"]
"""Why a code confirmed nothing: nobody made it; somebody has used it; it is too old or was taken back; the person is
known to be a member there."""


@dataclass(frozen=True)
class Tries:
    """How many more codes somebody may type just now, and what was wrong with the last one."""

    left: int = TRIES
    last: Missed | None = None


def members_of(place: str) -> Subject:
    """What members of the local party of a constituency are told, as something to follow."""
    return Subject("members", place)


def in_groups(code: str) -> str:
    """A code as it is printed: `7K3F2-Q9XMT`."""
    return "-".join(code[start : start + 5] for start in range(0, len(code), 5))
