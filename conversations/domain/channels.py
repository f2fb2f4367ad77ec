"""Channels: where each kind of message comes, to somebody who can be reached in several places and chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

MessageKind = Literal["follows", "events", "outcomes", "many"]
"""What comes by itself: news of what somebody follows; reminders and news of events they booked or offered; what was
done with their answers; what organisers write to many. What answers somebody comes where they speak."""
MESSAGE_KINDS: tuple[MessageKind, ...] = get_args(MessageKind)


@dataclass(frozen=True)
class Channels:
    """The channels on which somebody can be written to, the oldest first; and which of them they chose for a kind of
    message. What they chose nothing for comes where they asked for it."""

    mine: tuple[str, ...] = ()
    chosen: Mapping[MessageKind, str] = field(default_factory=dict)
