"""The stage's part in broadcasts: what somebody may do with them, how one stands, and what they decide is performed."""

from __future__ import annotations

from collections.abc import Collection

from bot.broadcast_wording import samples
from bot.channels.messages import Message
from bot.library import Library
from conversations.broadcast_view import fingerprint
from conversations.domain import broadcast_effects as acts
from conversations.domain.broadcasts import Broadcast, Powers, Writer
from conversations.domain.following import topic_subject
from conversations.domain.gatherings import Gathering
from conversations.domain.lookups import BroadcastOf, MyPowers, SeenBroadcast
from conversations.domain.speech import Content, Text, lines
from storage import actions, audiences, broadcasting, broadcasts, gatherings, programme, staff, staff_news
from storage.broadcasting import Rules
from storage.broadcasts import Refused
from storage.database import Transaction
from storage.people import Person
from storage.places import NATIONS
from storage.staff import Member

MOST_LISTED = 9


def topics_of(library: Library, commissions: Collection[str]) -> frozenset[str]:
    """The topics of these commissions, as they are followed; "" is every one."""
    every = ((held, topic) for held in library.all() for topic in held.topics)
    mine = ((held, topic) for held, topic in every if "" in commissions or topic.commission.id in commissions)
    return frozenset(topic_subject(held.id, topic.id).id for held, topic in mine)


def writer_at_desk(member: Member, library: Library, person: str = "") -> Writer:
    """Who a member of staff is where broadcasts are concerned."""
    topics = topics_of(library, member.commissions("officer"))
    return Writer(member.name, person, member.commissions("organiser"), topics)


async def writer(tx: Transaction, person: str, library: Library) -> Writer:
    """Who a person of the chat is where broadcasts are concerned."""
    member = await staff.member_of(tx, person)
    return writer_at_desk(member, library, person) if member else Writer(person=person)


async def find(tx: Transaction, person: str, lookup: object, library: Library) -> object:
    """What a page must know of broadcasts."""
    who = await writer(tx, person, library)
    match lookup:
        case MyPowers():
            return await _powers(tx, who)
        case BroadcastOf(""):
            last = next((each for each in await broadcasts.of_author(tx, who) if each.state == "draft"), None)
            return await seen(tx, who, last, library) if last else None
        case BroadcastOf(id_):
            found = await broadcasts.seen_by(tx, who, id_)
            return await seen(tx, who, found, library) if found else None
        case _:
            raise LookupError(f"nothing finds {lookup}")


async def _powers(tx: Transaction, who: Writer) -> Powers | None:
    if not who.areas and not who.topics:
        return None
    everywhere = "" in who.areas
    codes = sorted(NATIONS.values()) if everywhere else sorted(who.areas)
    areas = [await programme.area_of(tx, code) for code in codes]
    events = tuple(await events_of(tx, who, MOST_LISTED))
    written = await broadcasts.of_author(tx, who, MOST_LISTED)
    waiting = await broadcasts.to_sign(tx, who, MOST_LISTED)
    return Powers(tuple(filter(None, areas)), who.topics, everywhere, events, tuple(written), tuple(waiting))


async def events_of(tx: Transaction, who: Writer, most: int) -> list[Gathering]:
    """The events that somebody runs, and that somebody has booked: their own first, then those of their areas."""
    held = {each.id: each for each in await gatherings.hosted_by(tx, who.person)} if who.person else {}
    for code in sorted(who.areas):
        held |= {each.id: each for each in await programme.in_area(tx, code, most)}
    return [each for each in held.values() if each.bookable(tx.now) and each.taken][:most]


async def seen(tx: Transaction, who: Writer, found: Broadcast, library: Library) -> SeenBroadcast:
    """A broadcast as somebody who may see it sees it."""
    if found.state not in ("draft", "asked"):
        return SeenBroadcast(found, found.counted or 0, counts=await actions.progress(tx, found.id))
    people = await audiences.count(tx, found)
    signs = found.state == "asked" and who.name not in ("", found.author) and await audiences.covers(tx, who, found)
    return SeenBroadcast(
        found, people, tuple(_as_text(each) for each in await samples(tx, found, library)), signs=signs
    )


def _as_text(said: Message) -> Text:
    """What was worded for somebody, to be shown to somebody else as it is."""
    paragraphs = ("".join(run.words for run in paragraph) for paragraph in said.paragraphs)
    return lines(*(Content({said.language: words}) for words in paragraphs))


async def perform(tx: Transaction, person: Person, effect: acts.OfBroadcasts, library: Library, rules: Rules) -> str:
    """Has storage perform an effect that concerns broadcasts. Returns what stood in the way; empty when nothing did."""
    who = await writer(tx, person.id, library)
    try:
        await _perform(tx, who, effect, library, rules)
    except Refused as error:
        return error.hindrance
    return ""


async def _perform(tx: Transaction, who: Writer, effect: acts.OfBroadcasts, library: Library, rules: Rules) -> None:
    match effect:
        case acts.WriteBroadcast(kind, audience, area, language, words):
            await broadcasts.draft(tx, who, kind, audience, {language: words}, area)
        case acts.CorrectBroadcast(id_, language, words):
            await broadcasts.correct(tx, who, id_, {language: words})
        case acts.RewordBroadcast() | acts.TimeBroadcast():
            await _rewrite(tx, who, effect)
        case acts.TryBroadcast(id_):
            await broadcasting.try_out(tx, who, id_)
        case acts.SendBroadcast(id_, people):
            await send(tx, who, id_, people, library, rules)
        case acts.SignBroadcast(id_, read):
            await sign(tx, who, id_, read, rules)
        case acts.UndoBroadcast(id_):
            await undo(tx, who, id_)
        case acts.WithdrawBroadcast(id_):
            await broadcasting.withdraw(tx, who, id_)
        case acts.SteerBroadcast(id_, to):
            await broadcasting.steer(tx, who, id_, to)


async def _rewrite(tx: Transaction, who: Writer, effect: acts.RewordBroadcast | acts.TimeBroadcast) -> None:
    """Words or the hour of a draft: what is not said stays."""
    held = (await broadcasts.held(tx, effect.broadcast)).broadcast
    match effect:
        case acts.RewordBroadcast(id_, language, words):
            await broadcasts.rewrite(tx, who, id_, {**held.texts, language: words}, scheduled=held.scheduled)
        case acts.TimeBroadcast(id_, at):
            await broadcasts.rewrite(tx, who, id_, held.texts, scheduled=at)


async def send(tx: Transaction, who: Writer, id_: str, people: int | None, library: Library, rules: Rules) -> None:
    """The author sends it, in the chat or at the desk; whoever may sign it is told that it waits."""
    if await broadcasting.send(tx, who, id_, people, rules) == "asked":
        held = (await broadcasts.held(tx, id_)).broadcast
        await staff_news.tell_signers(tx, held, _commission(library, held.audience.topic))


def _commission(library: Library, topic: str) -> str:
    """The commission that owns a topic."""
    consultation, _, id_ = topic.partition("/")
    held = library.newest(consultation) if topic else None
    found = held.find_topic(id_) if held else None
    return found.commission.id if found else ""


async def sign(tx: Transaction, who: Writer, id_: str, read: str, rules: Rules) -> None:
    """A second person signs what they read, and no other words; its author is told."""
    held = (await broadcasts.held(tx, id_)).broadcast
    if fingerprint(held) != read:
        raise Refused("not now")
    await broadcasting.sign(tx, who, id_, rules)
    await staff_news.tell_author(tx, held, "signed")


async def undo(tx: Transaction, who: Writer, id_: str) -> None:
    """Taken back by its author, or sent back by a second person, of which its author is told."""
    held = (await broadcasts.held(tx, id_)).broadcast
    await broadcasting.undo(tx, who, id_)
    if who.name != held.author:
        await staff_news.tell_author(tx, held, "returned")
