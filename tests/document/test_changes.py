"""What changed between two versions is told, and told apart."""

from __future__ import annotations

import pytest

from conversations.document.changes import changes, digests
from conversations.document.reading import read
from conversations.domain.consultation import Consultation
from tests.document.good import GOOD, TODAY, good

BIN = '      - id: B1\n        ask: words\n        text: {en: "What about bins?", cy: "Beth am finiau?"}\n'


def _read(text: str) -> Consultation:
    reading = read(text, TODAY)
    assert reading.consultation, "\n".join(map(str, reading.findings))
    return reading.consultation


def test_a_first_version_says_what_it_holds() -> None:
    assert changes(None, _read(GOOD)) == ("New: 2 topics and 13 questions in en, cy.",)


def test_nothing_changed() -> None:
    assert changes(_read(GOOD), _read("# a note\n" + GOOD)) == ()
    assert digests(_read(GOOD)) == digests(_read("# a note\n" + GOOD))


@pytest.mark.parametrize(
    ("old", "new", "sides", "told"),
    [
        ("            limit: 300", "            limit: 200", "shape", "Shape: S5: limit: 300 → 200."),
        ("id: dusk,", "id: night,", "shape words", "Shape: S9: rows: day, dusk → day, night."),
        ("[yes, not_sure]", "yes", "shape", 'Shape: S2: show_if: {"S1": ["yes", "not_sure"]} → {"S1": ["yes"]}.'),
        ("required: true", "required: false", "shape", "Shape: S1: required: yes → no."),
        ("repeat_for: S3\n", "repeat_for: S3\n        title: {en: One by one, cy: Fesul un}\n", "words",
         "Words: STREET each title (en) is new."),
        ('why: {en: "Why?", cy: "Pam?"}', "required: true", "shape words", "Shape: S4: why: yes → no."),
        ("ask: email", "ask: words", "shape", "Shape: S11: ask: email → words."),
        ("Beth am finiau?", "Beth am y biniau?", "words", "Words: BINS main B1 text (cy) is changed."),
        ('phone: "+44 20 7946 0000"', 'phone: "+44 20 7946 0001"', "words", "Words: legal: phone is changed."),
        ("checked: 2026-11-01", "checked: 2026-11-02", "words", "Words: STREET: sources is changed."),
        ("hear_by: 2027-06-30", "hear_by: 2027-07-30", "calendar", "Calendar: hear by: 2027-06-30 → 2027-07-30."),
        ("  hear_by: 2027-06-30\n", "  withdrawn: true\n", "calendar", "Calendar: withdrawn: False → True."),
        (BIN, BIN + BIN.replace("B1", "B2"), "shape words", "Shape: question B2 is new in BINS."),
        (BIN, BIN.replace("B1", "B2"), "shape words", "Shape: question B1 is gone from BINS."),
        ("id: BINS", "id: RUBBISH", "shape words", "Shape: topic BINS is gone."),
        ("commissions:", "ask_age: false\ncommissions:", "shape",
         "Shape: people are no longer asked whether they are 16 or over."),
    ],
)  # fmt: skip
def test_a_change_is_told_on_its_side(old: str, new: str, sides: str, told: str) -> None:
    before, after = _read(GOOD), _read(good(old, new))
    was, is_ = digests(before), digests(after)
    changed = [side for side in ("shape", "words", "calendar") if getattr(was, side) != getattr(is_, side)]
    assert changed == sides.split()
    assert told in changes(before, after)
    assert {line.split(":")[0].casefold() for line in changes(before, after)} == set(changed)


def test_another_order_is_a_change_of_shape() -> None:
    start = GOOD.index("  - id: BINS")
    first = GOOD.index("  - id: STREET")
    turned = GOOD[:first] + GOOD[start:] + GOOD[first:start]
    assert changes(_read(GOOD), _read(turned)) == ("Shape: the topics stand in another order.",)


def test_a_digest_never_changes_by_itself() -> None:
    """These three are stored with every consultation: when this fails, stored digests no longer compare."""
    found = digests(_read(GOOD))
    assert (found.shape[:12], found.words[:12], found.calendar[:12]) == ("72e732a3d229", "0d53a1a9042a", "8ea637b97b0b")
