"""Notices: what is told to whoever follows something, when it happens. Rendered when it is sent, for each person as
they are then; the last line says how to end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from bot import event_notices
from bot.channels.messages import Message, StandingAsked, label
from bot.feedback import Prepared, decision, part, proved
from bot.happening import Happening
from bot.library import Library
from bot.rendering import render
from conversations import subjects
from conversations.domain.consultation import Consultation
from conversations.domain.following import BUTTON, Followed, Subject, topic_subject
from conversations.domain.lookups import News
from conversations.domain.speech import Choice, Day, Text, lines, say
from conversations.resting import told
from storage import actions, notices, subscriptions
from storage.actions import ActionVersion
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement
from storage.notices import EventKind, Notice

HOW_TO_END = say("Say FOLLOWS to change or end this.")


async def happenings(tx: Transaction, sources: Sequence[str], library: Library, site: str = "") -> dict[str, Happening]:
    """What is behind these sources, as far as there is anything to say of it."""
    noted = await notices.of(tx, set(sources))
    found = {each.id: await _happening(tx, each, library, site) for each in noted.values()}
    return {id_: each for id_, each in found.items() if each is not None}


def subjects_of(held: Consultation) -> tuple[Subject, ...]:
    """All that one can follow of a consultation."""
    groups = dict.fromkeys(Subject("commission", topic.commission.id) for topic in held.topics)
    return *(topic_subject(held.id, topic.id) for topic in held.topics), *groups


async def _happening(tx: Transaction, notice: Notice, library: Library, site: str) -> Happening | None:
    if notice.kind == "action":
        return await _published(tx, notice, library)
    if notice.kind in get_args(EventKind):
        return await event_notices.happening(tx, notice, library.all(), site)
    held = library.newest(notice.what)
    return _dated(notice, held) if held else None


async def _published(tx: Transaction, notice: Notice, library: Library) -> Happening | None:
    version = await actions.version_of(tx, notice.what)
    held = library.newest(version.consultation) if version else None
    topic = held.find_topic(version.topic) if held and version else None
    if version is None or held is None or topic is None:
        return None
    subjects = (topic_subject(held.id, topic.id), Subject("commission", topic.commission.id))
    headline = part(version, "headline")
    line = told(News(version.topic, headline, notice.happened.date()))
    return Happening(subjects, (_corrected(version), headline), decision(version), line, notice.happened)


def _dated(notice: Notice, held: Consultation) -> Happening:
    """A consultation opened or closed."""
    by, until = held.calendar.hear_by, Day(held.calendar.closes.date())
    if notice.kind == "opens":
        now = say("“{title}” is open. Say START.", title=held.title)
        then: Text | None = say("You can answer until {day}.", day=until)
        line = say("“{title}” opened on {day}.", title=held.title, day=Day(notice.happened.date()))
    else:
        now = line = say("“{title}” closed on {day}.", title=held.title, day=until)
        then = say("We tell you what is done by {day}.", day=Day(by)) if by else None
    return Happening(subjects_of(held), (now,), (then,), line, notice.happened)


def _corrected(version: ActionVersion) -> Text | None:
    if version.version == 1:
        return None
    return say("We have to correct what we told you. The reason: {reason}", reason=version.reason)


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library, site: str = "") -> list[Prepared]:
    """Renders claimed notices: that it is still followed, STOP and language are looked at here, at send."""
    found = await happenings(tx, [each.source or "" for each in claimed], library, site)
    follows = await subscriptions.of(tx, list({each.person for each in claimed}))
    return [proved(tx, _one(each, found.get(each.source or ""), follows[each.person], library)) for each in claimed]


def _one(each: Delivery, happening: Happening | None, mine: Sequence[Followed], library: Library) -> Prepared:
    if happening is None:
        return Prepared(each, None, Settlement(each.id, "withdrawn", failure="no source"))
    followed = happening.followed(mine)
    if reason := refused(each, agreed=followed is not None):
        return Prepared(each, None, Settlement(each.id, "refused", failure=reason))
    assert followed is not None
    called = subjects.name(followed, library.all())
    why = say("You follow “{subject}”.", subject=called)
    text = lines(*happening.before, why, *happening.after, HOW_TO_END)
    end = Choice(followed.subject.choice, say("Unfollow {subject}", subject=called))
    standing = StandingAsked(BUTTON, "", (label(end, each.language),))
    return Prepared(each, Message(render(text, each.language), each.language, standing=standing))


def refused(each: Delivery, *, agreed: bool) -> str:
    """Why somebody may not be written to now; empty when they may."""
    if each.stopped:
        return "stopped"
    return (each.silent or "") if agreed else "consent"
