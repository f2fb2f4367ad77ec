"""What the benchmarks ask: ten questions, as a document for us and as plain texts for the peers.

`mark` stands in the text of a question, in every language and every bot, so that the driver knows which one it sees.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

QUESTIONS = 10
KINDS = ("scale", "words", "yes_no", "scale", "one", "words", "scale", "words", "one", "words")
SAID = {"scale": "4", "words": "The path by the canal is dark in winter", "yes_no": "1", "one": "2"}
TOPIC = "TENQ"
ENDING = "Item11."
"""Stands in the text that ends the questions."""


def mark(number: int) -> str:
    """What shows that a text asks question `number`, from 1."""
    return f"Item{number}."


def answer(number: int) -> str:
    """What everybody answers to question `number`."""
    return SAID[KINDS[number - 1]]


def plain_question(number: int) -> str:
    """A question as the peers ask it."""
    return f"{mark(number)} What do you think of this, and what should be done about it?"


def document(today: date) -> str:
    """The ten questions as a consultation: two languages, own words, and a route that depends on an answer."""
    both = {"en": "About your area", "cy": "Am eich ardal"}
    written: dict[str, Any] = {
        "consultation": "ten-questions",
        "languages": ["en", "cy"],
        "title": both,
        "run_by": both,
        "intro": both,
        "calendar": {name: str(today + timedelta(days)) for name, days in _CALENDAR.items()},
        "legal": {
            "controller": both, "phone": "+44 20 7946 0000", "postal_address": "1 High Street",
            "email": "help@example.org", "basis": both, "purpose": both, "keep_until": str(today + timedelta(900)),
        },
        "deciding": dict.fromkeys(("england", "scotland", "wales", "northern_ireland"), both),
        "commissions": {"area": both},
        "topics": [
            {"id": TOPIC, "commission": "area", "title": both, "questions": [_question(n) for n in range(1, 11)]}
        ],
    }  # fmt: skip
    return json.dumps(written, ensure_ascii=False)


_CALENDAR = {"opens": -1, "closes": 60, "hear_by": 120}


def _question(number: int) -> dict[str, Any]:
    kind = KINDS[number - 1]
    told = {"en": plain_question(number), "cy": f"{mark(number)} Beth yw eich barn, a beth ddylid ei wneud?"}
    asked: dict[str, Any] = {"id": f"T{number}", "ask": kind, "text": told}
    if kind == "scale":
        asked |= {"from": 1, "to": 5, "low": {"en": "bad", "cy": "gwael"}, "high": {"en": "good", "cy": "da"}}
    if kind == "one":
        options = [("more", "More of it", "Mwy ohono"), ("same", "The same", "Yr un faint"), ("less", "Less", "Llai")]
        asked["options"] = [{"id": id_, "label": {"en": en, "cy": cy}} for id_, en, cy in options]
    if number in (5, 6):
        asked["show_if"] = {"T4": {"min": 3}}
    return asked
