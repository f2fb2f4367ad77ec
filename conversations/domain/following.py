"""Following: a standing wish to hear of what happens to something, until it is ended.

A subject is a kind and an id, so that something new to follow is one more kind. Whom something is told that happened
depends on who follows its subjects, and on nothing that anybody answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Kind = Literal["topic", "commission", "area", "event", "members"]
Pace = Literal["at_once", "daily", "weekly"]
BUTTON = "f"
"""The token of the button under a notice that ends a follow: its choice names what is followed, so it needs no row."""
NO_REMINDER = "again"
"""The choice of that button under a reminder: no more of them."""
BY_CODE: tuple[Kind, ...] = ("members",)
"""Kinds that nobody follows by a press: a code begins them, and they have no pace."""
PACES: tuple[Pace, ...] = get_args(Pace)
"""The quickest first: who follows the same thing in two ways hears of it the quicker way."""


@dataclass(frozen=True)
class Subject:
    """What is followed. The id of a topic is `consultation/topic`, of an area the code of a constituency, region or
    nation, of an event its own; of what members are told, the code of their constituency."""

    kind: Kind
    id: str

    @property
    def choice(self) -> str:
        """The subject as a button carries it: the first letter of its kind, and its id."""
        return f"{self.kind[0]}/{self.id}"


def subject_of(choice: str) -> Subject | None:
    """The subject that a button carries; None for what nobody wrote."""
    letter, _, id_ = choice.partition("/")
    kind = next((each for each in get_args(Kind) if each[0] == letter), None)
    return Subject(kind, id_) if kind and id_ else None


def event_subject(event: str) -> Subject:
    """An event, as something to follow."""
    return Subject("event", event)


def topic_subject(consultation: str, topic: str) -> Subject:
    """A topic of a consultation, as something to follow."""
    return Subject("topic", f"{consultation}/{topic}")


@dataclass(frozen=True)
class Followed:
    """One thing a person follows. `called` is the name of a constituency or an event; `channel` is where they are
    written to, empty where that address is no more."""

    subject: Subject
    pace: Pace
    channel: str
    since: date
    called: str = ""
