"""The wording of a broadcast: what each of its readers reads, the same in a preview and when it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.channels.messages import Message
from bot.library import Library
from bot.rendering import Paragraph, plain, render
from conversations import broadcast_words, subjects
from conversations.broadcast_words import About
from conversations.domain.broadcast_checks import FIELD
from conversations.domain.broadcasts import Broadcast
from conversations.domain.gatherings import Area
from conversations.domain.speech import Content, Text
from storage import audiences, gatherings, programme
from storage.audiences import Reader
from storage.database import Transaction


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
