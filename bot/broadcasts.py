"""Broadcasts: worded when they are sent, for each person as they are then. Whether it still goes out, and whether they
are still somebody it is for, is looked at here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.channels.messages import Message
from bot.feedback import Prepared, proved
from bot.library import Library
from bot.rendering import Paragraph, plain, render
from conversations import broadcast_words, subjects
from conversations.broadcast_words import About
from conversations.domain.broadcast_checks import FIELD
from conversations.domain.broadcasts import Broadcast
from conversations.domain.gatherings import Area
from conversations.domain.speech import Content, Text
from storage import audiences, broadcasts, gatherings, programme
from storage.audiences import Reader
from storage.broadcasting import TRIED_OUT
from storage.broadcasts import PREFIX
from storage.database import Transaction
from storage.deliveries import Delivery, Settlement


@dataclass
class Wording:
    """A broadcast on its way to many: worded once for all who read the same."""

    broadcast: Broadcast
    about: About
    test: bool = False
    _alike: dict[Reader, tuple[Paragraph, ...]] = field(default_factory=dict)

    def message(self, reader: Reader) -> Message:
        """What one person reads."""
        if reader not in self._alike:
            self._alike[reader] = self._paragraphs(reader)
        return Message(self._alike[reader], reader.language)

    def _paragraphs(self, reader: Reader) -> tuple[Paragraph, ...]:
        language = reader.language
        before, after = broadcast_words.around(self.broadcast, self.about, test=self.test)
        words, really = broadcast_words.written(self.broadcast).in_language(language)
        return (
            render(before, language) + render(self._filled(words, really, reader), language) + render(after, language)
        )

    def _filled(self, words: str, language: str, reader: Reader) -> Text:
        place = reader.place_name or subjects.areas().get(reader.place, "")
        known = broadcast_words.values(self.about, place)
        return Content({language: FIELD.sub(lambda found: plain(known.get(found[1], found[0]), language), words)})


async def worded(tx: Transaction, found: Broadcast, library: Library, *, test: bool = False) -> Wording:
    """A broadcast with all that is said of it."""
    place = await programme.area_of(tx, found.area) if found.area else Area()
    event = await gatherings.one(tx, found.audience.event) if found.audience.event else None
    return Wording(found, broadcast_words.about(found, place, event, library.all()), test)


async def samples(tx: Transaction, found: Broadcast, library: Library) -> list[Message]:
    """What a few of those it reaches would read: words alone, of nobody."""
    wording = await worded(tx, found, library)
    return [wording.message(each) for each in await audiences.samples(tx, found)]


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """Words claimed broadcasts. Who stopped, or is no longer one of those it is for, is not sent it; and what was
    paused or stopped meanwhile is sent to nobody: it goes back, and stays back."""
    ready: dict[str, Prepared] = {}
    for source in dict.fromkeys(each.source or "" for each in claimed):
        mine = [each for each in claimed if each.source == source]
        ready |= {each.delivery.id: each for each in await _of_one(tx, source, mine, library)}
    return [proved(tx, ready[each.id]) for each in claimed]


async def _of_one(tx: Transaction, source: str, mine: Sequence[Delivery], library: Library) -> list[Prepared]:
    test = source.startswith(TRIED_OUT)
    found = await broadcasts.one(tx, _broadcast_of(source))
    if found is None or not (test or found.began):
        return [Prepared(each, None, Settlement(each.id, "withdrawn", failure="no source")) for each in mine]
    if not test and found.state in ("paused", "stopped"):
        return [Prepared(each, None, Settlement(each.id, "again")) for each in mine]
    people = [each.person for each in mine]
    reached = set(people) if test else await audiences.still_in(tx, found, people)
    readers = await audiences.readers(tx, people)
    wording = await worded(tx, found, library, test=test)
    return [_one(each, wording, readers[each.person], agreed=each.person in reached) for each in mine]


def _broadcast_of(source: str) -> str:
    """The broadcast that a delivery's source names: itself, or what a test is of."""
    if not source.startswith(TRIED_OUT):
        return source
    return PREFIX + source.removeprefix(TRIED_OUT).partition("-")[0]


def _one(each: Delivery, wording: Wording, reader: Reader, *, agreed: bool) -> Prepared:
    if each.stopped or each.silent or not agreed:
        failure = "stopped" if each.stopped else each.silent or "consent"
        return Prepared(each, None, Settlement(each.id, "refused", failure=failure))
    return Prepared(each, wording.message(reader))
