"""A fair share: how much of one person is heard at once, so that nobody waits behind somebody who floods."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.access import ONE_PERSON, Rate
from bot.buckets import Buckets
from bot.channels.messages import Incoming
from conversations.domain.speech import Heard, Said
from conversations.domain.words import command

TELLING = Rate(1, 1 / 60)
"""How often somebody is told that they are too fast."""


@dataclass
class FairShare:
    """What each person of one channel may still say. What comes after that is not heard, and they are told so."""

    buckets: Buckets = field(default_factory=Buckets)

    def hears(self, incoming: Incoming) -> bool:
        """Whether this is still within the person's share, which it is taken from."""
        return self.buckets.take(_kind(incoming), incoming.value, ONE_PERSON)

    def give_back(self, incoming: Incoming) -> None:
        """It was not heard after all, or had been heard before: it takes nothing from the share."""
        self.buckets.give_back(_kind(incoming), incoming.value, ONE_PERSON)

    def is_to_be_told(self, incoming: Incoming) -> bool:
        """Whether to say so: once in a flood, or once a minute."""
        return self.buckets.take("told", incoming.value, TELLING)


def share_of(heard: Heard) -> str:
    """STOP has a share of its own: it is heard however much was said before."""
    return "stop" if isinstance(heard, Said) and command(heard.words) == "STOP" else "said"


def _kind(incoming: Incoming) -> str:
    """Blocking us is a STOP of another kind."""
    return share_of(incoming.heard) if incoming.unblocked is None else "stop"
