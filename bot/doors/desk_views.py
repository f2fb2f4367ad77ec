"""What the desk's first page shows: the topics of my commissions with exact figures, and what waits for me.

Also actions as every page of the desk names them.
"""

from __future__ import annotations

from typing import Any

from bot.access import Who
from bot.doors.desk_frame import LANGUAGE, Spot, day_of, figure, may, titled, words_of
from bot.house import House
from conversations.domain.consultation import Consultation
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
        todo = await _todo(tx, member, mine, alone=house.settings.trial)
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
            return "Taken away"
        case "not_yet":
            return f"Opens on {day_of(held.calendar.opens)}"
        case "open":
            return f"Open until {day_of(held.calendar.closes)}"
        case _:
            return f"Closed on {day_of(held.calendar.closes)}"


# What waits for me


async def _todo(tx: Transaction, member: Member, mine: list[Spot], *, alone: bool) -> list[dict[str, str]]:
    commissions = {(spot.consultation.id, spot.topic.id): spot.commission for spot in mine}
    unwelcome = await replies.unwelcome(tx)
    todo = []
    for version in newest(await actions.every(tx)):
        commission = commissions.get((version.consultation, version.topic))
        if commission is not None:
            text = _waits(version, member, commission, unwelcome.get(version.id, 0), alone=alone)
            todo += [{"text": text, "href": href_of(version)}] if text else []
    return todo


def _waits(version: ActionVersion, member: Member, commission: str, unwelcome: int, *, alone: bool) -> str:
    name = f"“{headline_of(version)['headline']}”"
    if version.published is not None:
        people = "1 person" if unwelcome == 1 else f"{figure(unwelcome)} people"
        return f"{name}: {people} said “not what I meant” or “not done”." if unwelcome else ""
    if version.signed is not None:
        return f"{name} is signed. It waits to be published." if member.may("officer", commission) else ""
    if version.author == member.name and not alone:
        return f"{name} waits for somebody else to sign it."
    return f"{name} waits for a signature."


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
    """An action's headline in English, with its language where there is none in English."""
    language = LANGUAGE if LANGUAGE in version.texts else next(iter(version.texts), LANGUAGE)
    words = version.texts.get(language, {}).get("headline", "")
    return {"headline": words, "lang": language if language != LANGUAGE else None}


def standing_of(version: ActionVersion) -> str:
    """How far an action has come."""
    if version.published is not None:
        return {"paused": "Published. Paused", "stopped": "Published. Stopped"}.get(version.fan_out, "Published")
    written = "Correction. " if version.version > 1 else ""
    return f"{written}Signed, not yet published" if version.signed else f"{written}Waits for a signature"
