"""Conditions are three-valued: what may still be asked is neither true nor false."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversations.domain.answers import Answer, Slot
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Facts, Is, Not, facts_used

YES, LOW, SKIPPED = Is("A", ("yes",)), Between("B", 1, 2), Answer(skipped=True)
ANSWERS = {
    Slot("A"): Answer(picks=("yes",)),
    Slot("B"): Answer(picks=("2",)),
    Slot("C"): SKIPPED,
    Slot("N"): Answer(number=Decimal("7.5")),
    Slot("M"): Answer(picks=("x", "y")),
    Slot("W"): Answer(words="here"),
    Slot("T"): Answer(picks=("dont_know",)),
    Slot("R", item="one"): Answer(picks=("yes",)),
    Slot("R", item="two"): Answer(picks=("no",)),
}
ABOUT = {"nation": "wales", "answering_as": ""}

HOLDS: list[tuple[Condition, bool | None]] = [
    (YES, True),
    (Is("A", ("no", "not_sure")), False),
    (Is("M", ("y",)), True),
    (Is("C", ("yes",)), False),
    (Is("later", ("yes",)), None),
    (Is("never", ("yes",)), False),
    (LOW, True),
    (Between("B", 3, None), False),
    (Between("B", None, 2), True),
    (Between("N", 7.5, 8), True),
    (Between("T", 1, 5), False),
    (Between("C", 1, 5), False),
    (Between("later", 1, 5), None),
    (Answered("W"), True),
    (Answered("C"), False),
    (Answered("later"), None),
    (Answered("never"), False),
    (About("nation", ("wales", "scotland")), True),
    (About("nation", ("england",)), False),
    (About("answering_as", ("person",)), False),
    (About("region", ("london",)), None),
    (Not(YES), False),
    (Not(Is("later", ("yes",))), None),
    (All((YES, LOW)), True),
    (All((YES, Is("later", ("yes",)))), None),
    (All((Not(YES), Is("later", ("yes",)))), False),
    (All(()), True),
    (Any((YES, Is("later", ("yes",)))), True),
    (Any((Not(YES), Is("later", ("yes",)))), None),
    (Any((Not(YES), Not(LOW))), False),
]


@pytest.mark.parametrize(("condition", "truth"), HOLDS, ids=str)
def test_a_condition_holds(condition: Condition, truth: bool | None) -> None:
    facts = Facts(ANSWERS, ABOUT, pending=frozenset({"later", "region"}))
    assert condition.holds(facts) is truth


@pytest.mark.parametrize(("item", "truth"), [("one", True), ("two", False), ("", False)])
def test_inside_a_repeated_block_its_own_answer_is_looked_at(item: str, truth: bool) -> None:
    assert Is("R", ("yes",)).holds(Facts(ANSWERS, {}, item)) is truth


def test_a_repeated_block_sees_answers_outside_it() -> None:
    assert YES.holds(Facts(ANSWERS, {}, "one")) is True


def test_which_facts_and_questions_a_condition_looks_at() -> None:
    whole = All((Not(About("nation", ("wales",))), Any((About("answering_as", ("role",)), YES, LOW))))
    assert facts_used(whole) == {"nation", "answering_as"}
    assert whole.questions() == {"A", "B"}
