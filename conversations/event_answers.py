"""What people say of an event, read by one rule wherever they say it: in the chat, or in a form at the desk.

A reader gives the value; `Wrong`, with what to say of it; or None, where nothing was said that could be meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from conversations.domain.gatherings import MOST_SEATS
from conversations.domain.speech import Day, Text, say
from conversations.domain.whens import Misread, When, read_when

STEP_FREE_ANSWERS: dict[str, Text] = {
    "yes": say("Yes, without steps"),
    "no": say("No, there are steps"),
    "unsure": say("Not sure"),
}
"""Whether somebody who cannot climb steps gets in."""


@dataclass(frozen=True)
class Wrong:
    """Why an answer cannot be taken, for whoever gave it."""

    why: Text


def read_line(words: str, limit: int) -> str | Wrong | None:
    """A name or a place: one line of at most `limit` characters."""
    if len(words.strip()) > limit:
        return Wrong(too_long(limit))
    return " ".join(words.split()) or None


def read_words(words: str, limit: int) -> str | Wrong | None:
    """Words that may have several lines, of at most `limit` characters."""
    bare = words.strip()
    return Wrong(too_long(limit)) if len(bare) > limit else bare or None


def read_start(words: str, now: datetime, zone: str) -> When | Wrong:
    """When it begins, by the clock on the wall of this zone."""
    read = read_when(words, now, zone)
    return Wrong(misread(read)) if isinstance(read, Misread) else read


def read_seats(words: str, taken: int = 0) -> int | Wrong | None:
    """How many can come: never fewer than have booked."""
    seats, least = number_of(words), max(1, taken)
    if seats is None or least <= seats <= MOST_SEATS:
        return seats
    return Wrong(from_to(least, MOST_SEATS))


def number_of(words: str) -> int | None:
    """A number that was typed; None for what is none."""
    bare = words.strip()
    return int(bare[:9]) if bare.isascii() and bare.isdigit() else None


def misread(read: Misread) -> Text:
    """What was not understood of a day and an hour, and how to say it."""
    day: Text = Day(read.day) if read.day else ""
    return {
        "no_day": say("Sorry, I did not find a day in that."),
        "no_hour": say("Sorry, at what time on {day}? Type it with the day.", day=day),
        "no_such_day": say("Sorry, there is no such day."),
        "other_weekday": say("{day} is another day of the week. Which one do you mean?", day=day),
        "which_half": say("Is that in the morning or in the evening? Say am or pm."),
        "no_such_hour": say("The clocks go forward on {day}. There is no such time that night.", day=day),
        "past": say("That is over. Please type a time to come."),
        "too_far": say("That is too far ahead. Two years is the most."),
    }[read.why]


def too_long(limit: int) -> Text:
    """More was typed than we keep."""
    return say("That is longer than we can keep. Please use {limit} characters or fewer.", limit=limit)


def from_to(least: int, most: int) -> Text:
    """Which numbers can be meant."""
    return say("Please type a number from {least} to {most}.", least=least, most=most)
