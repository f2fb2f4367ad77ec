"""Effects: everything a conversation may cause, as a closed list of values.

The machine only names them. `bot/turns.py` is the one place that has storage perform them, in order, in the turn's
transaction; what staff do at the desk is performed by the same functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from conversations.domain.answers import Answer, Slot
from conversations.domain.broadcast_effects import OfBroadcasts
from conversations.domain.channels import MessageKind
from conversations.domain.exits import ExitAnswer, ExitQuestion
from conversations.domain.following import Pace, Subject
from conversations.domain.gatherings import Area
from conversations.domain.whens import When

Purpose = Literal["take_part", "outcome", "ask_again", "quote", "follow", "events"]
ANYWHERE = ""
"""In place of a consultation: a consent that holds whichever one the person is in."""
Verdict = Literal["that_is_it", "not_what_i_meant", "not_done"]
Fact = Literal["nation", "region", "constituency", "answering_as"]


@dataclass(frozen=True)
class SetLanguage:
    """The person chose the language we speak."""

    language: str


@dataclass(frozen=True)
class RecordConsent:
    """A positive act, or a refusal, for one named purpose (UK GDPR article 7). `wording` names the text agreed to."""

    consultation: str
    purpose: Purpose
    choice: str
    wording: str


@dataclass(frozen=True)
class TakeUp:
    """The person moves to another consultation: the conversation pins its current shape."""

    consultation: str


@dataclass(frozen=True)
class RecordAnswer:
    """One answer, kept and counted from this moment. Replaces the current one in its slot; history stays."""

    topic: str
    slot: Slot
    answer: Answer


@dataclass(frozen=True)
class SetAside:
    """Answers that the route no longer passes: out of every count, kept in history, offered again."""

    topic: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class SendResponse:
    """The person looked their answers over and sent them: the response gets its reference."""

    topic: str


@dataclass(frozen=True)
class TellAbout:
    """Something the person told us about themselves; an empty value means they would rather not say."""

    fact: Fact
    value: str


@dataclass(frozen=True)
class StopMessages:
    """STOP: nothing unasked is sent to this address again until START."""


@dataclass(frozen=True)
class ResumeMessages:
    """START after STOP."""


@dataclass(frozen=True)
class RecordReply:
    """What the person says of a published action, on a standing prompt."""

    token: str
    verdict: Verdict


@dataclass(frozen=True)
class AddReplyWords:
    """The person's own words under their reply."""

    token: str
    words: str


@dataclass(frozen=True)
class Forget:
    """Erase the person: answers, address, conversation. `receipt` when the person asked for one by DELETE."""

    receipt: bool = False


@dataclass(frozen=True)
class Follow:
    """The person wants to hear of what happens to a subject, so often, here; or from now on so often."""

    subject: Subject
    pace: Pace


@dataclass(frozen=True)
class EndFollows:
    """The person no longer wants to hear of these subjects."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class FollowHere:
    """What happens to these subjects is told at the address the person speaks on, from now on."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True)
class ChooseChannel:
    """A kind of message comes on this channel from now on; on none, where the person asked for it."""

    kind: MessageKind
    channel: str = ""


@dataclass(frozen=True)
class ConfirmMember:
    """The person typed a code from their local party: where it is a good one, members' news there comes here from now
    on. `agreed` is what they agree to by typing it; it is recorded with the code, and not without."""

    code: str
    agreed: RecordConsent | None = None


@dataclass(frozen=True)
class AskDeskLink:
    """Somebody on the staff asks for a one-time link to the desk, in the chat they are known by."""


@dataclass(frozen=True)
class BeginEvent:
    """The person begins to describe an event: by its name, or as a copy of one they held, without its day."""

    title: str = ""
    copied: str = ""


Told = Literal[
    "title",
    "place",
    "area",
    "when",
    "seats",
    "step_free",
    "details",
    "format",
    "language",
    "topic",
    "reminder",
    "came",
    "majority",
    "minority",
]


@dataclass(frozen=True)
class DescribeEvent:
    """Something said of an event by whoever runs it."""

    event: str
    what: Told
    value: str | int | When | Area


@dataclass(frozen=True)
class OfferEvent:
    """The person's draft stands: open at once where they are an organiser of its area, else offered to one."""


@dataclass(frozen=True)
class DropEvent:
    """The person gives up describing an event."""


@dataclass(frozen=True)
class DecideEvent:
    """An organiser of the area approves an offer, or says no."""

    event: str
    approved: bool


@dataclass(frozen=True)
class MoveEvent:
    """An open event begins at another time, or is at another place, or the way in is otherwise. Everybody who booked is
    told."""

    event: str
    when: When | None = None
    place: str = ""
    step_free: str = ""


@dataclass(frozen=True)
class CallOffEvent:
    """An open event does not take place. Everybody who booked is told."""

    event: str


@dataclass(frozen=True)
class BookSeat:
    """A seat, if one is left when this is performed; else a place on the waiting list, where they `wait`."""

    event: str
    wait: bool = False


@dataclass(frozen=True)
class GiveUpSeat:
    """A seat, or a place on the waiting list, is given back."""

    event: str


@dataclass(frozen=True)
class PublishReport:
    """The report of an event that is over is published, for good, and told to everybody who had a seat."""

    event: str


@dataclass(frozen=True)
class ChangeSeats:
    """So many people can come to an open event: never fewer than have booked. Who waits moves up."""

    event: str
    seats: int


@dataclass(frozen=True)
class CheckIn:
    """Whoever has the seat with this code came to the event."""

    event: str
    code: str


@dataclass(frozen=True)
class CountArrival:
    """Somebody came to the event without a seat."""

    event: str


@dataclass(frozen=True)
class RecordExit:
    """What somebody who came says of an event: counted, and joined with nobody."""

    event: str
    question: ExitQuestion
    answer: ExitAnswer


@dataclass(frozen=True)
class AddExitWords:
    """What somebody who came adds in their own words, for whoever held the event; empty when they would rather not."""

    event: str
    words: str = ""


@dataclass(frozen=True)
class NoteVisit:
    """Something noted of an event for the organisers of its area; of what follows also by which day."""

    event: str
    what: Literal["who", "heard", "follow_up"]
    words: str
    due: date | None = None


@dataclass(frozen=True)
class TickOff:
    """What was to be done after an event is done."""

    event: str


OfEvents = (
    BeginEvent
    | DescribeEvent
    | OfferEvent
    | DropEvent
    | DecideEvent
    | MoveEvent
    | CallOffEvent
    | BookSeat
    | GiveUpSeat
    | ChangeSeats
    | PublishReport
    | CheckIn
    | CountArrival
    | RecordExit
    | AddExitWords
    | NoteVisit
    | TickOff
)  # fmt: skip
Effect = (
    SetLanguage
    | RecordConsent
    | TakeUp
    | RecordAnswer
    | SetAside
    | SendResponse
    | TellAbout
    | StopMessages
    | ResumeMessages
    | RecordReply
    | AddReplyWords
    | Forget
    | Follow
    | EndFollows
    | FollowHere
    | ConfirmMember
    | ChooseChannel
    | AskDeskLink
    | OfEvents
    | OfBroadcasts
)
