"""Sending: what every channel that is pushed to can do, and the closed list of ways it can fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bot.channels.messages import Message


@dataclass(frozen=True)
class _Answer:
    again: bool
    silence: bool = False
    wake: bool = False


class Failure(Enum):
    """Why a send did not succeed. Each answers: try again? silence the address? wake an operator?"""

    SLOW_DOWN = _Answer(again=True)
    NOT_SENT = _Answer(again=True)
    SERVER = _Answer(again=True)
    UNKNOWN = _Answer(again=False)
    BLOCKED = _Answer(again=False, silence=True)
    GONE = _Answer(again=False, silence=True)
    REFUSED_TOKEN = _Answer(again=True, wake=True)
    BAD_MESSAGE = _Answer(again=False, wake=True)

    @property
    def again(self) -> bool:
        return self.value.again

    @property
    def silence(self) -> bool:
        return self.value.silence

    @property
    def wake(self) -> bool:
        return self.value.wake

    @property
    def word(self) -> str:
        """How it is written in the ledger."""
        return self.name.lower()


@dataclass(frozen=True)
class Sent:
    """The channel accepted it; `remote` is its own id of the message."""

    remote: str = ""


@dataclass(frozen=True)
class Failed:
    """The channel did not accept it, or may have (UNKNOWN). `retry_after` is in seconds, as the channel asked."""

    failure: Failure
    retry_after: float | None = None
    detail: str = ""


class Channel(Protocol):
    """A carrier that is pushed to. `send` never raises for what the carrier or the network can do."""

    name: str
    per_second: float

    async def send(self, value: str, said: Message, target: str | None) -> Sent | Failed:
        """Sends one message to an address, or edits `target` in place."""
        ...
