"""Broadcasts: one text for many, written by an organiser, an officer or the host of an event; and whom one may be for.

An audience is a value. It can name where people live, what they follow or booked, and who organises: never an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from conversations.domain.gatherings import Area, Gathering

Kind = Literal["event", "ordinary"]
"""News of an event to those who booked it; or anything else, which is unasked."""
State = Literal["draft", "asked", "cooling", "running", "paused", "done", "stopped", "withdrawn"]
"""`asked` waits for a second person; `cooling` can still be undone, and goes out by itself when its moment comes."""
Steered = Literal["running", "paused", "stopped"]
UNSENT: tuple[State, ...] = ("draft", "asked", "cooling")
UNDER_WAY: tuple[State, ...] = ("running", "paused")


@dataclass(frozen=True)
class Audience:
    """Whom a broadcast is for: everybody of whom all that is named is true.

    `place` is the code of a nation, region or constituency where they told us that they live; `topic` the id of a topic
    they follow, as `consultation/topic`; `event` one they booked; `organisers` that they organise there; `members` that
    a code confirmed that they are a member there. With `received`, the id of a broadcast, it is exactly those who
    received that one, which had the rest for its audience.
    """

    place: str = ""
    topic: str = ""
    event: str = ""
    organisers: bool = False
    received: str = ""
    members: bool = False

    def __bool__(self) -> bool:
        return bool(self.place or self.topic or self.event or self.organisers or self.received or self.members)


@dataclass(frozen=True)
class Broadcast:
    """One broadcast. `texts` is what was written, by language; `area` the one of the author's that bounds whom it
    reaches, empty for everywhere; `author` a name at the desk, empty where a host wrote it. `starts` is when it goes
    out at the earliest."""

    id: str
    kind: Kind
    state: State
    audience: Audience
    area: str
    texts: Mapping[str, str]
    author: str
    counted: int | None = None
    signer: str | None = None
    scheduled: datetime | None = None
    starts: datetime | None = None
    began: datetime | None = None
    ended: datetime | None = None
    created: datetime | None = None

    @property
    def corrects(self) -> str:
        """The broadcast this one corrects; empty for most."""
        return self.audience.received


@dataclass(frozen=True)
class Writer:
    """Somebody who writes or signs broadcasts: as the person of the chat they are, under their name at the desk, in the
    areas they are an organiser of ("" is everywhere), on the topics that are theirs as an officer."""

    name: str = ""
    person: str = ""
    areas: frozenset[str] = field(default_factory=frozenset)
    topics: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Powers:
    """What somebody may do with broadcasts: their areas as an organiser, their topics as an officer, the events they
    run, what they wrote, the newest first, and what waits for their name."""

    areas: tuple[Area, ...] = ()
    topics: frozenset[str] = frozenset()
    everywhere: bool = False
    events: tuple[Gathering, ...] = ()
    mine: tuple[Broadcast, ...] = ()
    waiting: tuple[Broadcast, ...] = ()

    def within(self, place: Area) -> str | None:
        """The one of their areas that a place is in: "" is everywhere, None is none of them."""
        if self.everywhere:
            return ""
        return next((each.code for each in self.areas if place.within(frozenset({each.code}))), None)
