"""Staff news: whoever has something to do with a broadcast, or wrote it, is told so in the chat they are known by."""

from __future__ import annotations

from typing import Literal

from conversations.domain.broadcasts import Broadcast
from storage import audiences, fan_out, programme, staff
from storage.broadcasts import PREFIX
from storage.database import Transaction
from storage.deliveries import Lane
from storage.references import short_code

KIND = "staff"
"""The kind of these deliveries."""
News = Literal["asked", "signed", "returned"]
_OPENS = "bs-"


def read_source(source: str) -> tuple[str, str]:
    """The broadcast that a delivery is about, and which news of it."""
    id_, _, rest = source.removeprefix(_OPENS).partition("-")
    return f"{PREFIX}{id_}", rest.partition("-")[0]


async def tell_signers(tx: Transaction, held: Broadcast, commission: str) -> None:
    """Tells everybody who may sign a broadcast, and did not write it, that it waits for a second person."""
    area = await programme.area_of(tx, held.area)
    areas = {"", area.nation, area.region, area.constituency} if area else {""}
    for each in await staff.in_chat(tx, {"organiser": areas, "officer": {"", commission} if commission else set()}):
        if each.name != held.author:
            await _tell(tx, held, "asked", each.person)


async def tell_author(tx: Transaction, held: Broadcast, news: News) -> None:
    """Tells whoever wrote a broadcast what a second person did with it."""
    person = await staff.person_of(tx, held.author)
    if person:
        await _tell(tx, held, news, person)


async def _tell(tx: Transaction, held: Broadcast, news: News, person: str) -> None:
    source = f"{_OPENS}{held.id.removeprefix(PREFIX)}-{news}-{short_code(6)}"
    query = audiences.reached(person)
    await fan_out.queue(tx, query, query.selected_columns.person, source, Lane.FEEDBACK, KIND)
