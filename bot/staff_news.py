"""Staff news: what a colleague has to do with a broadcast, or did with it, as it is told in their chat."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.messages import message
from bot.feedback import Prepared
from bot.notices import refused
from conversations.broadcast_view import get_it
from conversations.domain.broadcasts import Broadcast
from conversations.domain.speech import Text, lines, say
from storage import broadcasts
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement
from storage.staff_news import read_source


async def prepare(tx: Transaction, claimed: Sequence[Delivery]) -> list[Prepared]:
    """Renders claimed staff news; what is true no more is withdrawn."""
    return [await _one(tx, each) for each in claimed]


async def _one(tx: Transaction, each: Delivery) -> Prepared:
    id_, news = read_source(each.source or "")
    held = await broadcasts.one(tx, id_)
    text = _text(news, held) if held else None
    if text is None:
        return Prepared(each, None, Settlement(each.id, "withdrawn", failure="overtaken"))
    if reason := refused(each, agreed=True):
        return Prepared(each, None, Settlement(each.id, "refused", failure=reason))
    said = message(text, each.language)
    return Prepared(each, said, digest=tx.keys.find("feedback", f"{each.id}\0{said.words}"))


def _text(news: str, held: Broadcast) -> Text | None:
    """What is told; None for what is true no more."""
    look = say("Say BROADCAST to look at it.")
    match news:
        case "asked" if held.state == "asked":
            waits = say("A message waits for your name. {name} wrote it.", name=held.author)
            return lines(waits, get_it(held.counted or 0), look)
        case "signed" if held.signer:
            return lines(say("{name} signed your message.", name=held.signer), look)
        case "returned" if held.state == "draft":
            return lines(say("Your message was sent back to you. It did not go out."), look)
        case _:
            return None
