"""What a conversation does to broadcasts: written, tried, sent, signed, undone, steered, put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations.domain.broadcasts import Audience, Kind, Steered


@dataclass(frozen=True)
class WriteBroadcast:
    """The person writes to many: whom it is for, the one of their areas that bounds it, and its words."""

    kind: Kind
    audience: Audience
    area: str
    language: str
    words: str


@dataclass(frozen=True)
class RewordBroadcast:
    """Other words for a draft, or its words in another language."""

    broadcast: str
    language: str
    words: str


@dataclass(frozen=True)
class TimeBroadcast:
    """When a draft goes out at the earliest; None is as soon as it can."""

    broadcast: str
    at: datetime | None


@dataclass(frozen=True)
class TryBroadcast:
    """A draft is sent to its author alone, as a test."""

    broadcast: str


@dataclass(frozen=True)
class SendBroadcast:
    """The author sends it, to as many people as they typed; news of one's own event goes without a count."""

    broadcast: str
    people: int | None = None


@dataclass(frozen=True)
class SignBroadcast:
    """A second person signs it; `read` is the fingerprint of what they read."""

    broadcast: str
    read: str


@dataclass(frozen=True)
class UndoBroadcast:
    """What waits for a second person, or cools off, is a draft again."""

    broadcast: str


@dataclass(frozen=True)
class WithdrawBroadcast:
    """A draft is given up."""

    broadcast: str


@dataclass(frozen=True)
class SteerBroadcast:
    """One that is under way is paused, goes on, or is stopped for good."""

    broadcast: str
    to: Steered


@dataclass(frozen=True)
class CorrectBroadcast:
    """The person puts right, for exactly those who received it, what a broadcast told them."""

    broadcast: str
    language: str
    words: str


OfBroadcasts = (
    WriteBroadcast
    | RewordBroadcast
    | TimeBroadcast
    | TryBroadcast
    | SendBroadcast
    | SignBroadcast
    | UndoBroadcast
    | WithdrawBroadcast
    | SteerBroadcast
    | CorrectBroadcast
)
