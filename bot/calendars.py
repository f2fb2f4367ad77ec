"""Calendars: events as RFC 5545 has them, for one file or a feed that a calendar asks for again and again.

Times are instants in UTC, worked out from the wall clock and the zone each time: so that no calendar need know our
zones, and a law that changes one reaches every calendar with the next look.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.rendering import plain
from conversations.domain.gatherings import Gathering
from conversations.event_words import STEP_FREE, area

TYPE = "text/calendar"
LINE = 75
"""Octets of a line, without its end (RFC 5545, 3.1)."""
ASKED_AGAIN = "PT1H"


def calendar(events: Iterable[Gathering], name: str, site: str, language: str) -> bytes:
    """These events as a calendar of this name, in a language; `site` is where their pages are."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Big Conversation//Events//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        _line("NAME", name),
        _line("X-WR-CALNAME", name),
        f"REFRESH-INTERVAL;VALUE=DURATION:{ASKED_AGAIN}",
        f"X-PUBLISHED-TTL:{ASKED_AGAIN}",
        *(line for event in events for line in _event(event, site, language)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line)).encode()


def _event(event: Gathering, site: str, language: str) -> list[str]:
    starts, ends = event.starts, event.ends
    if starts is None or ends is None or event.changed is None:
        return []
    page = f"{site}/events/{event.id}"
    about = [plain(STEP_FREE[event.step_free], language) if event.step_free else "", event.details]
    return [
        "BEGIN:VEVENT",
        f"UID:{event.id}@{urlsplit(site).hostname}",
        f"DTSTAMP:{_instant(event.changed)}",
        f"LAST-MODIFIED:{_instant(event.changed)}",
        f"DTSTART:{_instant(starts)}",
        f"DTEND:{_instant(ends)}",
        f"SEQUENCE:{event.version - 1}",
        f"STATUS:{'CANCELLED' if event.state == 'cancelled' else 'CONFIRMED'}",
        _line("SUMMARY", event.title),
        _line("LOCATION", f"{event.place}, {plain(area(event.area), language)}"),
        _line("DESCRIPTION", "\n".join(words for words in (*about, page) if words)),
        f"URL:{page}",
        "END:VEVENT",
    ]


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _line(name: str, words: str) -> str:
    """A text as its value (RFC 5545, 3.3.11), without what no text may hold."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(ch for ch in lines if ch == "\n" or ch.isprintable())
    escaped = kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return f"{name}:{escaped}"


def _folded(line: str) -> Iterable[str]:
    """A long line in pieces, each after the first begun by a space; no letter is cut in two."""
    piece, size = "", 0
    for letter in line:
        length = len(letter.encode())
        if size + length > LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + letter, size + length
    yield piece
