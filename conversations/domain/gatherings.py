"""Gatherings: what the public calls an event. A dated meeting, its five answers, and how it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from conversations.domain.whens import DEFAULT_ZONE, USUAL_MINUTES, instant

Format = Literal[
    "public_meeting", "small_groups", "stall", "workplace", "union", "youth", "online", "at_home",
]  # fmt: skip
StepFree = Literal["yes", "no", "unsure"]
Kept = Literal["draft", "offered", "open", "declined", "cancelled"]
Standing = Literal["draft", "offered", "declined", "open", "changed", "cancelled", "over"]
Asked = Literal["title", "place", "area", "when", "seats", "step_free"]
"""What has to be answered before an event stands. Its area is asked only where nobody knows it yet."""

MOST_SEATS = 10_000
TITLE_LIMIT, PLACE_LIMIT, DETAILS_LIMIT, REMINDER_LIMIT, REPORT_LIMIT = 80, 160, 500, 300, 2000
CODE_LENGTH = 6
_ID = re.compile(r"[0-9A-Z]{8}")
DOOR_OPENS = timedelta(hours=12)
"""So long before an event begins people can be checked in; after it, until its report is published."""
URGENT = timedelta(hours=24)
"""A change to what begins so soon is told at any hour."""


def is_event_id(written: str) -> bool:
    """Whether this can be the id of an event: anything else in a link or a button is not even looked up."""
    return _ID.fullmatch(written) is not None


def read_code(words: str) -> str:
    """The code of a booking as it was typed, whatever case and marks; empty for what can be none. Letters that people
    mix up are read as digits, because no code has them."""
    bare = "".join(ch for ch in words.upper() if ch.isalnum()).translate(str.maketrans("OIL", "011"))
    return bare if len(bare) == CODE_LENGTH and bare.isascii() else ""


def spaced(code: str) -> str:
    """A code as it is shown: `7K-3F-2Q`."""
    return "-".join(code[place : place + 2] for place in range(0, len(code), 2))


@dataclass(frozen=True)
class Area:
    """Where something is: a nation, perhaps one of its regions, perhaps a constituency and its name."""

    nation: str = ""
    region: str = ""
    constituency: str = ""
    name: str = ""

    def __bool__(self) -> bool:
        return bool(self.nation)

    @property
    def code(self) -> str:
        """The code of the narrowest area that is known."""
        return self.constituency or self.region or self.nation

    def within(self, areas: frozenset[str]) -> bool:
        """Whether one of these areas, each a nation, a region or a constituency, holds this one. "" is everywhere."""
        return bool(areas & {"", self.nation or None, self.region or None, self.constituency or None})


@dataclass(frozen=True)
class Report:
    """What an event came to: how many came, what most of them said, and what some saw differently. `published` once it
    is told to everybody; until then it is its writer's."""

    came: int | None = None
    majority: str = ""
    minority: str = ""
    published: datetime | None = None

    @property
    def complete(self) -> bool:
        """Whether it can be published."""
        return self.came is not None and bool(self.majority)


@dataclass(frozen=True)
class Visit:
    """What whoever held an event noted of it for the organisers of its area: what kinds of people were there, what was
    heard from them, and what is to be done next, by which day. Nobody is named, and it is not public."""

    who: str = ""
    heard: str = ""
    follow_up: str = ""
    due: date | None = None
    done: datetime | None = None
    done_by: str = ""

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.due is not None and self.done is None


@dataclass(frozen=True)
class Gathering:
    """One event. `start` is what the clock on the wall shows in `zone`; `version` grows when it is moved or called off.

    `taken` counts the seats that are booked, `waiting` who would like one; `seats` is None until it is answered.
    """

    id: str
    state: Kept = "draft"
    title: str = ""
    place: str = ""
    area: Area = field(default_factory=Area)
    start: datetime | None = None
    minutes: int = USUAL_MINUTES
    zone: str = DEFAULT_ZONE
    seats: int | None = None
    taken: int = 0
    waiting: int = 0
    step_free: StepFree | Literal[""] = ""
    format: Format = "public_meeting"
    details: str = ""
    reminder: str = ""
    language: str = "en"
    topic: str = ""
    version: int = 1
    moved: bool = False
    changed: datetime | None = None
    report: Report = field(default_factory=Report)

    @property
    def left(self) -> int:
        """Seats nobody has booked yet."""
        return max(0, (self.seats or 0) - self.taken)

    @property
    def starts(self) -> datetime | None:
        """The instant it begins."""
        return instant(self.start, self.zone) if self.start else None

    @property
    def ends(self) -> datetime | None:
        """The instant it ends: so many minutes of real time after it began."""
        return self.starts + timedelta(minutes=self.minutes) if self.starts else None

    def standing(self, now: datetime) -> Standing:
        """How it stands at this moment."""
        if self.state == "open" and self.ends and self.ends <= now:
            return "over"
        return "changed" if self.state == "open" and self.moved else self.state

    def bookable(self, now: datetime) -> bool:
        """Whether seats may be booked or given up: until it begins."""
        return self.state == "open" and self.starts is not None and now < self.starts

    def receives(self, now: datetime) -> bool:
        """Whether people can be checked in: from the morning of the day on, until the report stands."""
        begun = self.starts is not None and self.starts - DOOR_OPENS <= now
        return self.state == "open" and begun and self.report.published is None

    def begun(self, now: datetime) -> bool:
        """Whether it takes place, or took place."""
        return self.state == "open" and self.starts is not None and self.starts <= now

    def asks_next(self) -> Asked | None:
        """The first of its answers that is not there yet; None once it stands."""
        given: dict[Asked, object] = {
            "title": self.title, "place": self.place, "area": self.area, "when": self.start, "seats": self.seats,
            "step_free": self.step_free,
        }  # fmt: skip
        return next((name for name, answer in given.items() if not answer), None)


@dataclass(frozen=True)
class Arrivals:
    """Who came to an event so far: with a seat, and without. `has_seat` says whether the code that was asked about is
    of a seat there, and `came` when whoever has it was checked in."""

    event: Gathering
    checked_in: int = 0
    without_seat: int = 0
    has_seat: bool = False
    came: datetime | None = None

    @property
    def people(self) -> int:
        """Everybody who was counted."""
        return self.checked_in + self.without_seat
