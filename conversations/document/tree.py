"""The text of a document turned into a plain tree, with the line of every part; hostile files are refused here.

Everything written is kept as the words that were written: no guessing at dates or numbers, and `yes` stays "yes".
The parts of YAML that let one file hide another (anchors, aliases, tags, directives) are refused, and so is
anything too big or too deep, before it can cost more than a moment.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from conversations.document.findings import Finding
from conversations.document.messages import finding

Path = tuple[str | int, ...]
Tree = str | None | list[Any] | dict[str, Any]

MOST_BYTES = 300_000
MOST_PARTS = 12_000
MOST_IN_A_LINE = 10_000
DEEPEST = 20
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Place:
    """A line and a column, both counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Source:
    """A document as a tree, and where each part of it is written (for a key: where the key is)."""

    tree: Tree
    places: dict[Path, Place]


class RefusedError(Exception):
    """The file cannot be read; carries the finding that says why."""

    def __init__(self, code: str, place: Place | None = None, **values: object) -> None:
        where = place or Place()
        self.finding = finding(code, where.line, where.column, None, **values)
        super().__init__(str(self.finding))


def grow(text: str | bytes) -> Source | Finding:
    """The tree of a document, or why there is none."""
    try:
        return _Builder(_events(_decoded(text))).source()
    except RefusedError as refused:
        return refused.finding
    except YAMLError as broken:
        return _broken(broken)
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError, AssertionError, AttributeError):
        return finding("file-broken", 1, 1, why="a part of it is written in a way YAML does not know")


def _decoded(text: str | bytes) -> str:
    if len(text) > MOST_BYTES:
        raise RefusedError("file-size", most=MOST_BYTES // 1000)
    try:
        raw = text.encode() if isinstance(text, str) else text
        whole = raw.decode("utf-8-sig")
    except UnicodeError as wrong:
        before = wrong.object[: wrong.start] if isinstance(wrong, UnicodeDecodeError) else b""
        raise RefusedError("file-encoding", Place(before.count(b"\n") + 1)) from None
    if len(raw) > MOST_BYTES:
        raise RefusedError("file-size", most=MOST_BYTES // 1000)
    for count, line in enumerate(whole.splitlines(), 1):
        if len(line) > MOST_IN_A_LINE:
            raise RefusedError("file-line", Place(count), most=MOST_IN_A_LINE)
    return whole


def _events(text: str) -> Iterator[Event]:
    """What the file says, part by part, stopping at the first thing we do not read."""
    depth = documents = 0
    for count, event in enumerate(YAML(typ="safe", pure=True).parse(text)):
        place = _place(event)
        if count > MOST_PARTS:
            raise RefusedError("file-size", place, most=MOST_BYTES // 1000)
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise RefusedError("file-alias", place)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise RefusedError("file-several", place)
            if event.version or event.tags:
                raise RefusedError("file-tag", place)
        elif getattr(event, "tag", None):
            raise RefusedError("file-tag", place)
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
        if depth > DEEPEST:
            raise RefusedError("file-deep", place, most=DEEPEST)
        yield event


def _place(event: Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark is not None else Place()


@dataclass
class _Builder:
    """Makes the tree out of the events, and notes where each part was written."""

    events: Iterator[Event]
    places: dict[Path, Place] = field(default_factory=dict)

    def source(self) -> Source:
        tree: Tree = None
        for event in self.events:
            if isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
                self.places[()] = _place(event)
                tree = self._value(event, ())
            elif isinstance(event, StreamEndEvent):
                break
        return Source(tree, self.places)

    def _value(self, event: Event, path: Path) -> Tree:
        if isinstance(event, ScalarEvent):
            return _scalar(event)
        return self._list(path) if isinstance(event, SequenceStartEvent) else self._map(path)

    def _list(self, path: Path) -> list[Tree]:
        items: list[Tree] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            here = (*path, len(items))
            self.places[here] = _place(event)
            items.append(self._value(event, here))
        return items

    def _map(self, path: Path) -> dict[str, Tree]:
        pairs: dict[str, Tree] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent):
                raise RefusedError("file-key", _place(event))
            key = _written(event)
            if key in pairs:
                first = self.places[(*path, key)].line
                raise RefusedError("key-twice", _place(event), key=key, first=first)
            self.places[(*path, key)] = _place(event)
            pairs[key] = self._value(next(self.events), (*path, key))
        return pairs


def _written(event: ScalarEvent) -> str:
    words = str(event.value)
    for mark in words:
        if (unicodedata.category(mark) in {"Cc", "Cs"} and mark not in "\n\t") or mark in _BIDI:
            raise RefusedError("text-control", _place(event), mark=f"U+{ord(mark):04X}")
    return words


def _scalar(event: ScalarEvent) -> str | None:
    words = _written(event)
    return None if event.style is None and words in _NOTHING else words


_MEANT = {
    "mapping values are not allowed": "a text with a colon in it needs quotation marks around it",
    "cannot start any token": "use spaces, not tabs, and put texts that begin with a mark in quotation marks",
    "could not find expected ':'": "a colon is missing after a name, or a text runs on to a line that is not indented",
    "unexpected end of stream": "a quotation mark is opened and never closed",
    "expected ',' or": "a bracket is not closed, or a comma is missing",
    "<block end>": "this line is indented more or less than its neighbours, or a quotation mark stands inside a text",
}


def _broken(error: YAMLError) -> Finding:
    if isinstance(error, YAMLStreamError) or not isinstance(error, MarkedYAMLError):
        wrong = re.search(r"#x[0-9a-fA-F]+", str(error))
        return finding("text-control", 1, 1, mark=wrong.group().replace("#x", "U+") if wrong else "unknown")
    mark = error.problem_mark or error.context_mark
    problem = " ".join(filter(None, (error.context, error.problem)))
    why = next((meant for said, meant in _MEANT.items() if said in problem), problem or "it is not YAML")
    return finding("file-broken", (mark.line if mark else 0) + 1, (mark.column if mark else 0) + 1, why=why)
