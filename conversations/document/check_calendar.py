"""Checks on days, on the legal part, on who decides, and on the sources of background cards."""

from __future__ import annotations

import re
from datetime import date, timedelta

from conversations.document import dates, walking
from conversations.document.kinds import label_in
from conversations.document.models import Document, LegalPart, TopicPart
from conversations.document.notes import Notes
from conversations.document.tree import Path
from conversations.domain.questions import EMAIL

SHORTEST = timedelta(weeks=6)
_DAY, _MOMENT = "a day such as 2027-06-30", "a day such as 2027-01-12, “today”, or “in 12 weeks”"
NATIONS = {"england": "England", "scotland": "Scotland", "wales": "Wales", "northern_ireland": "Northern Ireland"}


def check_calendar(document: Document, notes: Notes, today: date) -> None:
    """The calendar and everything that hangs on it."""
    calendar, here = document.calendar, ("calendar",)
    opens, closes = dates.opening(calendar.opens, today), dates.closing(calendar.closes, today)
    for key, moment, written in (("opens", opens, calendar.opens), ("closes", closes, calendar.closes)):
        if moment is None:
            notes.add((*here, key), "date-form", value=written, example=_MOMENT)
    if opens and closes and closes <= opens:
        notes.add((*here, "closes"), "dates-order")
    elif opens and closes and closes - opens < SHORTEST:
        notes.add((*here, "closes"), "period-short", days=(closes - opens).days)
    last, first = closes.date() if closes else None, opens.date() if opens else None
    _after(calendar.hear_by, (*here, "hear_by"), last, "hear-before-close", today, notes)
    _after(document.legal.keep_until, ("legal", "keep_until"), last, "keep-before-close", today, notes)
    for path, topic in walking.topics(document):
        _background(topic, path, today, first, notes)


def check_legal(document: Document, notes: Notes) -> None:
    """Whether somebody answers for the data, and whether people can reach them."""
    legal = document.legal
    for name in missing(legal, document.languages):
        notes.add(("legal", name), f"legal-{name}", "warning" if legal.sample else "error")
    if legal.sample:
        notes.add(("legal", "sample"), "legal-sample")
    if legal.phone.strip() and len(re.findall(r"\d", legal.phone)) < 3:
        notes.add(("legal", "phone"), "legal-phone-digits", phone=legal.phone)
    if legal.email.strip() and not EMAIL.match(legal.email.strip()):
        notes.add(("legal", "email"), "legal-email", email=legal.email)
    for key, nation in NATIONS.items():
        if getattr(document.deciding, key) is None:
            notes.add(("deciding",), "deciding-missing", nation=nation)


def missing(legal: LegalPart, languages: list[str]) -> list[str]:
    """The legal parts that are empty in some language."""
    texts = {"controller": legal.controller, "basis": legal.basis, "purpose": legal.purpose}
    empty = [name for name, words in texts.items() if not words or not _filled(words, languages)]
    lines = {"phone": legal.phone, "postal_address": legal.postal_address, "keep_until": legal.keep_until}
    return empty + [name for name, line in lines.items() if not line.strip()]


def _filled(words: dict[str, str], languages: list[str]) -> bool:
    return all(label_in(words, language).strip() for language in languages if language in words or "*" in words)


def _after(written: str, path: Path, last: date | None, code: str, today: date, notes: Notes) -> None:
    if not written.strip():
        return
    day = dates.day(written, today)
    if day is None:
        notes.add(path, "date-form", value=written, example=_DAY)
    elif last and day < last:
        notes.add(path, code)


def _background(topic: TopicPart, path: Path, today: date, opens: date | None, notes: Notes) -> None:
    background, here = topic.background, (*path, "background")
    if background is None:
        return
    if not background.sources:
        notes.add(here, "background-source")
    for i, source in enumerate(background.sources):
        if not re.fullmatch(r"https://[^\s/?#.]+(\.[^\s/?#.]+)+([/?#]\S*)?", source.url):
            notes.add((*here, "sources", i, "url"), "source-url", url=source.url)
    _checked(background.checked, (*here, "checked"), today, opens, notes)


def _checked(written: str, here: Path, today: date, opens: date | None, notes: Notes) -> None:
    day = dates.day(written, today)
    if not written.strip():
        notes.add(here, "background-checked")
    elif day is None:
        notes.add(here, "date-form", value=written, example=_DAY)
    elif day > today:
        notes.add(here, "background-future", day=day.isoformat())
    elif opens and (opens - day).days > 366:
        notes.add(here, "background-old", day=day.isoformat())
