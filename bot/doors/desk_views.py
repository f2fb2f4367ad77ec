"""What the desk's first page shows: the topics of my commissions with exact figures, and what waits for me.

Also actions as every page of the desk names them.
"""

from __future__ import annotations

from typing import Any

from bot.access import Who
from bot.doors import desk_events
from bot.doors.desk_frame import Spot, day_of, figure, language, may, said, titled, words_of
from bot.house import House
from conversations.domain.consultation import Consultation
from conversations.domain.speech import Text, say, say_many
from storage import actions, replies, tallies
from storage.actions import ActionVersion
from storage.database import Transaction
from storage.staff import Member
from storage.tallies import TOPIC


async def home_values(house: House, member: Member) -> dict[str, Any]:
    """What desk_home.html takes besides the frame."""
    mine = [
        Spot(held, topic)
        for held in house.library.all()
        for topic in held.topics
        if may(member, Who.SIGNER, topic.commission.id)
    ]
    async with house.database.read() as tx:
        groups = await _groups(tx, house, mine)
        todo = await desk_events.todo(tx, member) + await _todo(tx, member, mine, alone=house.settings.trial)
    return {"commissions": groups, "todo": todo}


async def _groups(tx: Transaction, house: House, mine: list[Spot]) -> list[dict[str, Any]]:
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    several = len({spot.consultation.id for spot in mine}) > 1
    for spot in mine:
        group = groups.setdefault((spot.consultation.id, spot.commission), _group(spot, with_title=several))
        shown = titled(spot.topic.title) | {"href": spot.href, "state": state_of(spot.consultation, house)}
        group["topics"].append(shown | await figures_of(tx, spot))
    return list(groups.values())


def _group(spot: Spot, *, with_title: bool) -> dict[str, Any]:
    name = titled(spot.topic.commission.name)
    more = f" · {words_of(spot.consultation.title)}" if with_title else ""
    return {"name": f"{name['title']}{more}", "lang": name["lang"], "topics": []}


async def figures_of(tx: Transaction, spot: Spot) -> dict[str, str]:
    """A topic's own figures, exact, as they were last rolled up."""
    found = await tallies.of_topic(tx, spot.consultation.id, spot.topic.id)
    own = {pick: people for (slot, pick), people in found.items() if slot == TOPIC}
    answered = own.get("answered", 0)
    return {
        "answered": figure(answered),
        "unsent": figure(answered - own.get("sent", 0)),
        "asked": figure(own.get("asked", 0)),
        "told": figure(own.get("told", 0)),
        "replies": figure(own.get("replied", 0)),
    }


def state_of(held: Consultation, house: House) -> str:
    """Whether people may answer, and until when."""
    match held.standing(house.clock()):
        case "withdrawn":
            return said(say("Taken away"))
        case "not_yet":
            return said(say("Opens on {day}", day=day_of(held.calendar.opens)))
        case "open":
            return said(say("Open until {day}", day=day_of(held.calendar.closes)))
        case _:
            return said(say("Closed on {day}", day=day_of(held.calendar.closes)))


# What waits for me


async def _todo(tx: Transaction, member: Member, mine: list[Spot], *, alone: bool) -> list[dict[str, str]]:
    commissions = {(spot.consultation.id, spot.topic.id): spot.commission for spot in mine}
    unwelcome = await replies.unwelcome(tx)
    todo = []
    for version in newest(await actions.every(tx)):
        commission = commissions.get((version.consultation, version.topic))
        if commission is not None:
            text = _waits(version, member, commission, unwelcome.get(version.id, 0), alone=alone)
            todo += [{"text": said(text), "href": href_of(version)}] if text else []
    return todo


def _waits(version: ActionVersion, member: Member, commission: str, unwelcome: int, *, alone: bool) -> Text:
    name = headline_of(version)["headline"] or ""
    if version.published is not None:
        return _unwelcome(name, unwelcome) if unwelcome else ""
    if version.signed is not None:
        signed = say("“{headline}” is signed. It waits to be published.", headline=name)
        return signed if member.may("officer", commission) else ""
    if version.author == member.name and not alone:
        return say("“{headline}” waits for somebody else to sign it.", headline=name)
    return say("“{headline}” waits for a signature.", headline=name)


def _unwelcome(name: str, people: int) -> Text:
    return say_many(
        "“{headline}”: {count} person said “not what I meant” or “not done”.",
        "“{headline}”: {count} people said “not what I meant” or “not done”.",
        people,
        headline=name,
    )


# Actions


def newest(versions: list[ActionVersion]) -> list[ActionVersion]:
    """The newest version of every action, in the order given."""
    last: dict[str, ActionVersion] = {}
    for version in versions:
        if version.action not in last or version.version > last[version.action].version:
            last[version.action] = version
    return list(last.values())


def href_of(version: ActionVersion) -> str:
    return f"/desk/actions/{version.id}"


def headline_of(version: ActionVersion) -> dict[str, str | None]:
    """An action's headline in the language of the page, with its own where there is none in that."""
    wanted = language()
    really = wanted if wanted in version.texts else next(iter(version.texts), wanted)
    words = version.texts.get(really, {}).get("headline", "")
    return {"headline": words, "lang": really if really != wanted else None}


def standing_of(version: ActionVersion) -> str:
    """How far an action has come."""
    if version.published is not None:
        halted = {"paused": say("Published. Paused"), "stopped": say("Published. Stopped")}
        return said(halted.get(version.fan_out, say("Published")))
    if version.version > 1:
        return said(
            say("Correction. Signed, not yet published") if version.signed else say("Correction. Waits for a signature")
        )
    return said(say("Signed, not yet published") if version.signed else say("Waits for a signature"))
