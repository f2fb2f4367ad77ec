"""Lookups: everything a page may ask to know, as a closed list, each with the type of what is found.

A page names its lookups in `needs()`. One kind of lookup is one query for a whole batch of turns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from conversations.domain.answers import Answer, Slot
from conversations.domain.broadcasts import Broadcast, Powers
from conversations.domain.channels import Channels
from conversations.domain.exits import Share
from conversations.domain.following import Followed, Subject
from conversations.domain.gatherings import Area, Arrivals, Gathering, Visit
from conversations.domain.members import Tries
from conversations.domain.speech import Content, Quoted, Text

Found = TypeVar("Found")


class Lookup(Generic[Found]):
    """Something to find out. The type argument is what is found."""


@dataclass(frozen=True)
class Held:
    """A person's answers on a topic: current ones, and those set aside."""

    current: Mapping[Slot, Answer] = field(default_factory=dict)
    aside: Mapping[Slot, Answer] = field(default_factory=dict)

    def given(self, slot: Slot, answer: Answer) -> Held:
        """What is held once this answer is recorded."""
        aside = {each: kept for each, kept in self.aside.items() if each != slot}
        return Held({**self.current, slot: answer}, aside)


@dataclass(frozen=True)
class MyAnswers(Lookup[Held]):
    """What this person answered in the pinned consultation, on every topic: routing may look at any of it."""


@dataclass(frozen=True)
class Response:
    """All one person said on one topic. `reference` is there once it was sent."""

    consultation: str
    topic: str
    reference: str
    sent_at: datetime | None


@dataclass(frozen=True)
class MyResponses(Lookup[tuple[Response, ...]]):
    """The topics this person answered on, in every consultation."""


@dataclass(frozen=True)
class Place:
    """A constituency, by name, with its official code, region and nation."""

    code: str
    name: str
    region: str
    nation: str


@dataclass(frozen=True)
class PlacesLike(Lookup[tuple[Place, ...]]):
    """Constituencies whose name is like these words, the likeliest first, at most five."""

    words: str


@dataclass(frozen=True)
class Count:
    """How many people chose an option; None while too few answered to be shown."""

    slot: Slot
    pick: str
    people: int | None


@dataclass(frozen=True)
class Tally:
    """A topic's counts, rolled up. `people` is None below the publishing threshold."""

    people: int | None = None
    counts: tuple[Count, ...] = ()


@dataclass(frozen=True)
class TallyOf(Lookup[Tally]):
    """The published counts of a topic of the pinned consultation."""

    topic: str


@dataclass(frozen=True)
class News:
    """A published action, as told to somebody who looks."""

    topic: str
    headline: Content
    published: date


@dataclass(frozen=True)
class MyNews(Lookup[tuple[News, ...]]):
    """Actions published on topics this person answered on, newest first."""


@dataclass(frozen=True)
class ToldNews(Lookup[tuple[News, ...]]):
    """Actions this person was told of because they follow something, newest first."""


@dataclass(frozen=True)
class Booked:
    """One booking as it is kept: its event, its code, whether its person was checked in, and what they added to how it
    was."""

    event: Gathering
    code: str = ""
    came: bool = False
    words: str = ""


@dataclass(frozen=True)
class Record:
    """Everything kept about a person, as plain lines for them to read."""

    pseudonym: str
    since: date
    about: Mapping[str, str]
    consents: tuple[tuple[str, str, date], ...]
    answers: tuple[tuple[str, Slot, Answer, date], ...]
    replies: tuple[tuple[str, str, date], ...]
    responses: tuple[Response, ...]
    follows: tuple[Followed, ...] = ()
    booked: tuple[Booked, ...] = ()
    hosted: tuple[Gathering, ...] = ()
    visits: tuple[Visited, ...] = ()
    written: tuple[Broadcast, ...] = ()
    channels: Channels = field(default_factory=Channels)


@dataclass(frozen=True)
class MyRecord(Lookup[Record]):
    """Everything kept about this person (UK GDPR article 15)."""


@dataclass(frozen=True)
class Follows:
    """All that a person follows, oldest first; and the constituency they told us, which they may follow."""

    mine: tuple[Followed, ...] = ()
    near: Place | None = None

    def of(self, subject: Subject) -> Followed | None:
        """How a subject is followed; None when it is not."""
        return next((each for each in self.mine if each.subject == subject), None)


@dataclass(frozen=True)
class MyFollows(Lookup[Follows]):
    """What this person follows."""


@dataclass(frozen=True)
class MyChannels(Lookup[Channels]):
    """Where this person can be written to, and what they chose to come where."""


@dataclass(frozen=True)
class MyTries(Lookup[Tries]):
    """How often this person typed a membership code that confirmed nothing."""


@dataclass(frozen=True)
class ReturnCode(Lookup[str]):
    """The code that reopens this person's place elsewhere; empty on channels that need none."""


@dataclass(frozen=True)
class ErasureReceipt(Lookup[str]):
    """The receipt of the erasure that this turn performed; empty when there was none."""


@dataclass(frozen=True)
class Programme:
    """The next events near a place. `near` is what was looked in: none is everywhere. `widened` when nothing was on
    nearer; `known` is False for a place that nobody knows."""

    events: tuple[Gathering, ...]
    near: Area = field(default_factory=Area)
    more: bool = False
    widened: bool = False
    known: bool = True


@dataclass(frozen=True)
class WhatsOn(Lookup[Programme]):
    """What is on near a place: the code of an area or a part of a constituency's name. "" is where the person lives, if
    they told us, and EVERYWHERE is everywhere."""

    place: str = ""
    since: datetime | None = None
    step_free: bool = False
    page: int = 0


EVERYWHERE = "*"


@dataclass(frozen=True)
class SeenEvent:
    """An event as one person sees it: their seat with its code, or their place in the queue, and what they may do with
    it. `said` is what those who came said of it, where enough did and it may be shown to this person. `held_on` is the
    channel on which whoever holds it does so, where the code is of a seat there."""

    event: Gathering
    mine: Literal["booked", "waiting", ""] = ""
    queue: int = 0
    runs: bool = False
    decides: bool = False
    code: str = ""
    said: tuple[Share, ...] = ()
    held_on: str = ""


@dataclass(frozen=True)
class EventOf(Lookup[SeenEvent | None]):
    """An event by its id; None where there is none that this person may see."""

    id: str


@dataclass(frozen=True)
class AtTheDoor(Lookup[Arrivals | None]):
    """Who came to an event, and whether a code is of a seat there; None for whoever does not run it."""

    event: str
    code: str = ""


@dataclass(frozen=True)
class ExitAsked:
    """An event whose guest may say how it was, and how many of the questions they have answered."""

    event: Gathering
    answered: int = 0


@dataclass(frozen=True)
class AddedToHowItWas(Lookup[tuple[Quoted, ...]]):
    """What those who came added in their own words, in no order, for whoever runs the event until its report is
    published; nothing while fewer than five have come to where they are asked."""

    event: str


@dataclass(frozen=True)
class HowItWas(Lookup[ExitAsked | None]):
    """Whether this person may say how an event was; None where they may not, or not any more."""

    event: str


@dataclass(frozen=True)
class NextStep:
    """What somebody might do next who was told the outcome on a topic: come to an event about it near where they live,
    follow it, or hold an event. `event` is the nearest one they have not booked."""

    consultation: str
    topic: str
    event: Gathering | None = None
    follows: bool = False


@dataclass(frozen=True)
class NextAfter(Lookup[NextStep | None]):
    """What might be done next, after the outcome that a standing prompt told; None after anything but an outcome."""

    token: str


@dataclass(frozen=True)
class Visited:
    """What was noted of an event, for whoever runs it. `organises` says that this person may tick it off."""

    event: Gathering
    visit: Visit
    organises: bool = False


@dataclass(frozen=True)
class VisitOf(Lookup[Visited | None]):
    """What was noted of an event; None for whoever does not run it."""

    event: str


@dataclass(frozen=True)
class Drafted:
    """What a person is describing. `area` is where they may be expected to hold it, `last` what they held before, and
    `organises` says that nobody need approve it."""

    event: Gathering | None = None
    area: Area = field(default_factory=Area)
    last: Gathering | None = None
    organises: bool = False


@dataclass(frozen=True)
class MyDraft(Lookup[Drafted]):
    """The event that this person is still describing."""


@dataclass(frozen=True)
class Mine:
    """The events of one person: booked, hosted or offered, and offers that wait for them as an organiser; and
    those that are over, of which they may say how it was. `due` is what is to be done in their areas, the first due
    first."""

    booked: tuple[Gathering, ...] = ()
    hosted: tuple[Gathering, ...] = ()
    undecided: tuple[Gathering, ...] = ()
    asked: tuple[Gathering, ...] = ()
    due: tuple[Visited, ...] = ()


@dataclass(frozen=True)
class MyEvents(Lookup[Mine]):
    """What this person has to do with events."""


@dataclass(frozen=True)
class MyPowers(Lookup[Powers | None]):
    """What this person may do with broadcasts; None for somebody who is neither organiser nor officer."""


@dataclass(frozen=True)
class SeenBroadcast:
    """A broadcast for somebody who may see it: how many people it reaches, and what a few of them get; in which state
    how many of its deliveries are; and whether it waits for this person's name."""

    broadcast: Broadcast
    people: int = 0
    samples: tuple[Text, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    signs: bool = False


@dataclass(frozen=True)
class BroadcastOf(Lookup[SeenBroadcast | None]):
    """A broadcast by its id, or the draft that this person wrote last; None where there is none they may see."""

    id: str = ""


AnyLookup = (
    MyAnswers
    | MyResponses
    | PlacesLike
    | TallyOf
    | MyNews
    | ToldNews
    | MyRecord
    | MyFollows
    | MyTries
    | MyChannels
    | ReturnCode
    | ErasureReceipt
    | WhatsOn
    | EventOf
    | AtTheDoor
    | HowItWas
    | AddedToHowItWas
    | VisitOf
    | NextAfter
    | MyDraft
    | MyEvents
    | MyPowers
    | BroadcastOf
)
