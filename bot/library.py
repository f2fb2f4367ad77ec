"""The library: every loaded consultation, read once, in the shapes people's conversations are pinned to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from importlib import resources

from conversations.document.changes import changes, digests
from conversations.document.production import reasons_not_to_open
from conversations.document.reading import read
from conversations.domain.consultation import Consultation, Version
from storage.database import Database, Transaction
from storage.documents import StoredDocument, all_loaded, count, store

log = logging.getLogger(__name__)
SAMPLE = "fair_future"


class Refused(Exception):
    """A document that cannot be loaded; the message says why, line by line."""


@dataclass
class Library:
    """Consultations by id and shape. Newest words and calendar serve every conversation of the same shape."""

    production: bool = False
    _shapes: dict[tuple[str, int], Consultation] = field(default_factory=dict)
    _newest: dict[str, Consultation] = field(default_factory=dict)
    _loads: int = 0

    async def refresh(self, database: Database) -> None:
        """Reads what was loaded since; cheap when nothing was."""
        async with database.read(brief=True) as tx:
            await self.keep_up(tx)

    async def keep_up(self, tx: Transaction) -> None:
        """As `refresh`, in a transaction that is open."""
        if await count(tx) != self._loads:
            self._shelve(await all_loaded(tx))

    def _shelve(self, documents: Iterable[StoredDocument]) -> None:
        loads = list(documents)
        for each in loads:
            held = read(each.text, each.today).consultation
            if held is not None:
                held = self._admitted(held)
                numbered = replace(held, version=Version(each.shape, each.words, each.calendar))
                self._shapes[each.consultation, each.shape] = numbered
                self._newest[each.consultation] = numbered
        for (id_, shape), held in self._shapes.items():
            self._shapes[id_, shape] = replace(held, calendar=self._newest[id_].calendar)
        self._loads = len(loads)

    def _admitted(self, held: Consultation) -> Consultation:
        """In production a document with a legal field missing, or a sample, is as good as withdrawn."""
        reasons = reasons_not_to_open(held) if self.production else ()
        if not reasons:
            return held
        log.error("%s is not opened: %s", held.id, " ".join(reasons))
        return replace(held, calendar=replace(held.calendar, withdrawn=True))

    def all(self) -> tuple[Consultation, ...]:
        """The newest form of every consultation, the soonest to close first."""
        return tuple(sorted(self._newest.values(), key=lambda held: held.calendar.closes))

    def open(self, now: datetime) -> tuple[Consultation, ...]:
        """Those that people may answer now."""
        return tuple(held for held in self.all() if held.standing(now) == "open")

    def pinned(self, id_: str, shape: int) -> Consultation | None:
        """A consultation in the shape a conversation is pinned to, with the newest words of that shape."""
        return self._shapes.get((id_, shape)) or self._newest.get(id_)

    def newest(self, id_: str) -> Consultation | None:
        return self._newest.get(id_)

    def first(self, now: datetime, link: str = "") -> Consultation | None:
        """The consultation a newcomer meets: the one the link names, else the first that is open, else any."""
        everything = self.open(now) or self.all()
        named = next((held for held in everything if link and (held.find_topic(link) or held.id == link)), None)
        return named or next(iter(everything), None)


def sample_text(name: str = SAMPLE) -> str:
    """The text of a document that comes with the product."""
    return (resources.files("conversations.samples") / f"{name}.yaml").read_text(encoding="utf-8")


async def load(tx: Transaction, text: str, today: date, *, production: bool) -> tuple[Consultation, tuple[str, ...]]:
    """Stores a document and tells what changed. Raises Refused, and stores nothing, when it cannot stand."""
    reading = read(text, today)
    if reading.consultation is None:
        raise Refused("\n".join(str(finding) for finding in reading.errors))
    if production:
        reasons = reasons_not_to_open(reading.consultation)
        if reasons:
            raise Refused("\n".join(reasons))
    before = [each for each in await all_loaded(tx) if each.consultation == reading.consultation.id]
    former = read(before[-1].text, before[-1].today).consultation if before else None
    told = digests(reading.consultation)
    kept = {"shape": told.shape, "words": told.words, "calendar": told.calendar}
    await store(tx, reading.consultation.id, text, kept, today)
    return reading.consultation, tuple(changes(former, reading.consultation))
