"""The areas that a form at the desk offers an organiser, and a constituency that they type."""

from __future__ import annotations

from bot.doors.desk_form import Fault
from bot.doors.desk_frame import said
from conversations.domain.gatherings import Area
from conversations.domain.speech import Text, say
from conversations.postcodes import NOT_USED, is_postcode
from storage import findings, programme
from storage.database import Transaction
from storage.places import NATIONS

PLACE_LIMIT = 60


async def areas_of(tx: Transaction, mine: frozenset[str]) -> tuple[Area, ...]:
    """An organiser's areas; the nations, for one of everywhere."""
    codes = sorted(NATIONS.values()) if "" in mine else sorted(mine)
    return tuple(filter(None, [await programme.area_of(tx, code) for code in codes]))


async def constituency(tx: Transaction, typed: str) -> Area | Text:
    """The constituency whose name, or a part of it, was typed; else what to say of it."""
    if is_postcode(typed):
        return NOT_USED
    like = await findings.places_like(tx, typed)
    exact = next((each for each in like if each.name.casefold() == typed.casefold()), None)
    chosen = exact or (like[0] if len(like) == 1 else None)
    if chosen is not None:
        return Area(chosen.nation, chosen.region, chosen.code, chosen.name)
    if not like:
        return say("We do not know a place called “{words}”.", words=typed)
    return say("Which one do you mean: {names}?", names=", ".join(each.name for each in like))


async def code_of(tx: Transaction, typed: str, found: list[Fault]) -> str:
    """The code of the constituency that was typed in the field of a place; of what is none, a fault is found."""
    named = await constituency(tx, typed)
    if isinstance(named, Area):
        return named.code
    found.append({"field": "place", "text": said(named)})
    return ""
