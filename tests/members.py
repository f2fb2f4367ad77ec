"""Membership in a transcript: what the local parties in Wales do.

! member codes W-SAMPLE-13      a sheet of ten codes is made for a constituency
! member taken back             the first sheet is taken back
! member told Come on Friday.   its organiser writes to members near there
! member others                two others, who look at the web chat, confirm with the last codes of the first sheet

In a line {code 1} is the first code of the first sheet as it is printed, {small code 1} the same typed in a hurry, and
{code of the second sheet} the first one of that.
"""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa

from bot.house import House
from conversations.domain.broadcasts import Audience, Writer
from conversations.domain.members import in_groups
from storage import broadcasting, broadcasts, members, places, staff
from storage.broadcasting import Rules
from storage.database import Transaction
from storage.schema import code_sheets
from storage.staff import Member
from tests.storage.acts import met

ORGANISER = Member("an-organiser", "Sample organiser", frozenset({("organiser", "wales")}))
Sheets = list[list[str]]
"""The codes of each sheet that was made."""


async def direct(words: str, house: House, made: Sheets) -> None:
    """Performs one stage direction."""
    act, _, rest = words.partition(" ")
    async with house.database.write(house.clock()) as tx:
        await places.load_sample(tx)
        match act:
            case "codes":
                made.append(await members.make(tx, ORGANISER, rest, 10))
                assert made[-1]
            case "taken":
                assert await members.revoke(tx, ORGANISER, await _first(tx))
            case "others":
                await _others(tx, made[0])
            case "told":
                await _told(tx, rest)
            case _:
                raise ValueError(f"no stage direction {act!r}")
    house.wake()


async def _others(tx: Transaction, codes: list[str]) -> None:
    for number, code in enumerate(codes[-2:]):
        person = await met(tx, f"member {number}", "web")
        assert await members.confirm(tx, person.id, person.address, code)


async def _told(tx: Transaction, words: str) -> None:
    await staff.grant(tx, ORGANISER.name, "organiser", "wales")
    writer = Writer(ORGANISER.name, areas=ORGANISER.commissions("organiser"))
    to_members = Audience("W-SAMPLE-13", members=True)
    made = await broadcasts.draft(tx, writer, "ordinary", to_members, {"en": words, "cy": words}, "wales")
    await broadcasting.send(tx, writer, made, 1, Rules(cooling=timedelta()))
    await broadcasting.begin(tx, made)


async def _first(tx: Transaction) -> str:
    return str((await tx.first(sa.select(code_sheets.c.id).order_by(code_sheets.c.made).limit(1))).id)


def filled(words: str, made: Sheets) -> str:
    """A line of a transcript with the codes that it means."""

    def code(found: re.Match[str]) -> str:
        printed = in_groups(made[0][int(found[2]) - 1] if found[2] else made[1][0])
        return printed.lower().replace("-", " ") if found[1] else printed

    return re.sub(r"\{(small )?code (?:(\d)|of the second sheet)\}", code, words)
