"""What happens to events, told to whoever follows them and has no seat. Who has one is told by `reminders`."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.domain.following import Subject, event_subject
from conversations.domain.gatherings import Gathering
from storage import gatherings as kept
from storage import notices
from storage.database import Transaction
from storage.notices import EventKind, Notice


async def tell_opened(tx: Transaction, id_: str, subjects: Iterable[Subject]) -> None:
    """Tells whoever follows one of these subjects that an event is open, once, however often this is asked: a subject
    may be known only later."""
    event = await kept.one(tx, id_)
    if event is None or not event.bookable(tx.now):
        return
    notice = await notices.note(tx, "event_opens", id_, tx.now) or await notices.one(tx, "event_opens", id_)
    assert notice is not None, "what is not noted anew was noted before"
    await notices.tell_followers(tx, notice, subjects, id_)


async def tell_changed(tx: Transaction, id_: str, kind: EventKind) -> None:
    """Tells whoever follows an event that it was moved or called off, or what was said there."""
    event = await kept.one(tx, id_)
    if event is None:
        return
    what = f"{id_}-{event.version}" if kind == "event_moved" else id_
    if notice := await notices.note(tx, kind, what, tx.now):
        await notices.tell_followers(tx, notice, [event_subject(id_)], id_)


async def of(tx: Transaction, notice: Notice) -> tuple[Gathering, bool] | None:
    """The event a notice is about, and whether what the notice tells of it is still so."""
    id_, _, version = notice.what.partition("-")
    event = await kept.one(tx, id_)
    if event is None:
        return None
    holds = {
        "event_opens": event.bookable(tx.now),
        "event_moved": event.bookable(tx.now) and version == str(event.version),
        "event_off": event.state == "cancelled",
        "event_report": event.report.published is not None,
    }
    return event, holds.get(notice.kind, False)
