"""Planted mistakes: each is named by its code, at the line where it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conversations.document.messages import ERRORS, WARNINGS
from conversations.document.reading import read
from tests.document.good import GOOD, TODAY, good
from tests.document.mistakes import MISTAKES, Mistake

HOSTILE = {"file-size", "file-line", "file-encoding", "file-several", "file-deep", "file-empty"}
"""Codes that `test_hostile.py` plants."""


def test_nothing_is_said_of_a_good_document() -> None:
    assert read(GOOD, TODAY).findings == ()


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_found_on_its_line(mistake: Mistake) -> None:
    text = good(mistake.old, mistake.new)
    found = {(finding.code, finding.line) for finding in read(text, TODAY).findings}
    assert (mistake.code, _line(text, mistake)) in found


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_an_error_leaves_no_consultation_and_a_warning_does(mistake: Mistake) -> None:
    reading = read(good(mistake.old, mistake.new), TODAY)
    assert (reading.consultation is None) is bool(reading.errors)
    if mistake.code in ERRORS:
        assert reading.errors


def test_every_code_is_planted() -> None:
    assert {mistake.code for mistake in MISTAKES} | HOSTILE == ERRORS.keys() | WARNINGS.keys()


def test_every_code_is_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "document.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^- `([a-z_-]+)`", page, re.M))
    assert listed == ERRORS.keys() | WARNINGS.keys()


def test_a_legal_field_may_wait_in_a_sample() -> None:
    text = good('"+44 20 7946 0000"', '""').replace("legal:\n", "legal:\n  sample: true\n")
    reading = read(text, TODAY)
    assert reading.consultation
    assert {finding.code for finding in reading.warnings} == {"legal-phone", "legal-sample"}


def test_a_finding_says_where_how_grave_and_what_to_do() -> None:
    (finding,) = read(good("            limit: 300", "            lmit: 300"), TODAY).findings
    line = GOOD[: GOOD.index("limit: 300")].count("\n") + 1
    assert str(finding) == f"line {line}: error: “lmit” is not a name we know here. Did you mean “limit”?"


def _line(text: str, mistake: Mistake) -> int:
    """The line of `at`: in what was planted, else the nearest above it, else below. Without `at`, the first line."""
    start = GOOD.index(mistake.old)
    within = mistake.new.find(mistake.at) if mistake.at else len(mistake.new) - len(mistake.new.lstrip())
    above = text.rfind(mistake.at, 0, start + 1)
    place = start + within if within >= 0 else above if above >= 0 else text.index(mistake.at)
    return text[:place].count("\n") + 1
