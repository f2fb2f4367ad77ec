"""Event news: what those who booked are told of an event, worded when it is sent, as the event is by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.messages import StandingAsked, label, message
from bot.feedback import Prepared, proved
from conversations.after_event import ASKS, choices, said_in_words
from conversations.domain.exits import BUTTON, Share
from conversations.domain.gatherings import Gathering, spaced
from conversations.domain.reminding import REMINDERS, due
from conversations.domain.speech import Quoted, Text, lines, say
from conversations.event_words import in_full, in_short, report_in_words
from storage import bookings, exits, gatherings, reminders
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement
from storage.reminders import Source

TO_HOSTS = ("approved", "declined")


def event_text(source: Source, event: Gathering, link: str, code: str) -> Text:
    """What is told, with the code of the seat to whoever has one. How to stop it is said with it."""
    there = say("See it, or put it in your calendar: {link}", link=link) if link else None
    show = say("Your code is {code}. Show it when you come.", code=spaced(code)) if code else None
    leave = say("If you cannot come, say EVENTS and give your seat up. Say STOP to end our messages.")
    match source.news:
        case "cancelled":
            off = say("An event you booked was called off.")
            return lines(off, say("It was: {event}", event=in_short(event)), say("Say STOP to end our messages."))
        case "declined":
            return lines(say("An organiser said no to your event."), say("It was: {event}", event=in_short(event)))
        case "approved":
            return lines(say("Your event is open. People can book now."), *in_full(event), there)
        case "moved":
            return lines(say("An event you booked has changed."), *in_full(event), there, leave)
        case "report":
            return lines(
                say("You had a seat at this event. This is what was said there."), *report_in_words(event), there
            )
        case "after":
            was = say("You were at this event: {event}", event=in_short(event))
            mine = say("You can also say EVENTS and choose “My events”.")
            return lines(was, say("We have three short questions. Nobody learns who said what."), mine, ASKS["heard"])
        case "seat":
            return lines(say("A seat came free, and it is yours."), *in_full(event), show, there, leave)
        case "day" | "hour":
            own = say("{words}", words=Quoted(event.reminder, event.language)) if event.reminder else None
            return lines(say("A reminder: you have a seat at this event."), *in_full(event), own, show, leave)


@dataclass(frozen=True)
class _Guest:
    """Whom something is told: whether they have a seat, its code, and whether they are to say how it was."""

    mine: bookings.Place = ""
    code: str = ""
    asked: bool = False


async def prepare(tx: Transaction, claimed: Sequence[Delivery], site: str) -> list[Prepared]:
    """Renders claimed news of events; what is true no more is withdrawn."""
    events: dict[str, tuple[Gathering | None, tuple[Share, ...]]] = {}
    ready = []
    for each in claimed:
        source = reminders.read_source(each.source)
        if source is None:
            ready.append(_withdrawn(each, "no source"))
            continue
        if source.gathering not in events:
            said = await exits.said_of(tx, source.gathering) if source.news == "report" else ()
            events[source.gathering] = await gatherings.one(tx, source.gathering), said
        guest = await _guest(tx, each.person, source)
        ready.append(_one(tx, each, source, *events[source.gathering], guest, site))
    return ready


async def _guest(tx: Transaction, person: str, source: Source) -> _Guest:
    mine, _ = await bookings.place_of(tx, person, source.gathering)
    if source.news in (*REMINDERS, "seat"):
        return _Guest(mine, await bookings.code_of(tx, person, source.gathering))
    asked = await exits.asked(tx, person, source.gathering) if source.news == "after" else None
    return _Guest(mine, asked=asked is not None and asked.answered == 0)


def _one(
    tx: Transaction,
    each: Delivery,
    source: Source,
    event: Gathering | None,
    said: tuple[Share, ...],
    guest: _Guest,
    site: str,
) -> Prepared:
    if each.stopped or each.silent:
        return Prepared(each, None, Settlement(each.id, "refused", failure="stopped" if each.stopped else each.silent))
    if event is None or not _still_true(source, event, guest, each.zone, tx.now):
        return _withdrawn(each, "overtaken")
    link = f"{site}/events/{event.id}" if site else ""
    told = message(lines(event_text(source, event, link, guest.code), *said_in_words(said)), each.language)
    if source.news == "after":
        answers = tuple(label(choice, each.language) for choice in choices(event.id))
        told = replace(told, standing=StandingAsked(BUTTON, "", answers))
    return proved(tx, Prepared(each, told))


def _withdrawn(each: Delivery, why: str) -> Prepared:
    return Prepared(each, None, Settlement(each.id, "withdrawn", failure=why))


def _still_true(source: Source, event: Gathering, guest: _Guest, zone: str, now: datetime) -> bool:
    """Whether this may still be told: of the newest version, before it begins, to somebody who has a seat. Once the
    reminder of the last hour is due, that of the day before is late and says nothing more."""
    mine = guest.mine
    if source.news == "after":
        return guest.asked and source.version == event.version
    if source.news in TO_HOSTS:
        return event.state == ("open" if source.news == "approved" else "declined")
    if source.news == "cancelled":
        return event.state == "cancelled" and mine != ""
    if source.news == "report":
        return event.report.published is not None and mine == "booked"
    if not event.bookable(now) or mine == "" or event.start is None:
        return False
    if source.news == "moved":
        return source.version == event.version
    late = source.news == "day" and due("hour", event.start, event.zone, zone) <= now
    return mine == "booked" and (source.news == "seat" or (source.version == event.version and not late))
