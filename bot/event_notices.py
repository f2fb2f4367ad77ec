"""What whoever follows an event, its area, topic or group is told of it, as the event is when it is sent."""

from __future__ import annotations

from bot.happening import Happening
from conversations import subjects
from conversations.domain.following import event_subject
from conversations.domain.gatherings import Gathering
from conversations.domain.speech import Text, say
from conversations.event_words import in_full, in_short, report_in_words
from conversations.subjects import Shelf
from storage import event_notices
from storage.database import Transaction
from storage.notices import Notice

_Said = tuple[Text, tuple[Text | None, ...], Text]
"""What is said before the line that says why somebody hears it, after it, and in a digest."""


async def happening(tx: Transaction, notice: Notice, shelf: Shelf, site: str) -> Happening | None:
    """What a notice says of an event; None once that is so no more."""
    found = await event_notices.of(tx, notice)
    if found is None or not found[1]:
        return None
    event = found[0]
    first, after, line = _said(notice, event, site)
    about = subjects.of_event(event, shelf) if notice.kind == "event_opens" else (event_subject(event.id),)
    return Happening(about, (first,), after, line, notice.happened)


def _said(notice: Notice, event: Gathering, site: str) -> _Said:
    short = in_short(event)
    there = say("See it, or book a seat: {link}", link=f"{site}/events/{event.id}") if site else None
    match notice.kind:
        case "event_opens":
            return say("There is a new event."), (*in_full(event), there), say("A new event: {event}", event=short)
        case "event_moved":
            line = say("It has changed: {event}", event=short)
            return say("An event has changed."), (*in_full(event), there), line
        case "event_off":
            was = say("It was: {event}", event=short)
            return say("An event was called off."), (was,), say("It was called off: {event}", event=short)
        case _:
            line = say("You can read what was said there: {event}", event=short)
            return say("This is what was said at an event."), report_in_words(event), line
