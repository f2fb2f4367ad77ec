"""A question is called unreachable only when it is: conditions that can just be met are left alone."""

from __future__ import annotations

import pytest

from conversations.document.reading import read
from tests.document.good import GOOD, TODAY

HEAD = GOOD[: GOOD.index("topics:")].replace("[en, cy]\nunchecked: [cy]", "[en]")
TOPIC = """\
topics:
  - id: T
    commission: safety
    title: T
    questions:
      - {id: A, ask: yes_no, text: A?}
      - {id: L, ask: several, text: L?, options: [{id: a, label: A1}, {id: b, label: B1}, {id: c, label: C1},
         {id: d, label: D1}, {id: none, label: None, alone: true}]}
      - {id: R, ask: ranking, text: R?, limit: 2, options: [{id: x, label: X1}, {id: y, label: Y1}, {id: z, label: Z1}]}
      - {id: N, ask: number, text: N?, min: 0, max: 10}
      - {id: W, ask: number, text: W?, whole: true}
      - {id: S, ask: scale, text: S?, from: 0, to: 10, low: low, high: high, dont_know: true}
      - {id: O, ask: words, text: O?}
      - {id: E, ask: words, text: E?, required: true, show_if: {A: yes}}
      - {id: LAST, ask: words, text: Last?, show_if: <show_if>}
"""


def _unreachable(show_if: str) -> bool:
    reading = read(HEAD + TOPIC.replace("<show_if>", show_if), TODAY)
    codes = {finding.code for finding in reading.errors}
    assert codes <= {"question-unreachable"}, reading.errors
    return bool(codes)


@pytest.mark.parametrize(
    "show_if",
    [
        "{A: no}",
        "{not: {A: [yes, no, not_sure]}}",
        "{not: {A: answered}}",
        "{all: [{L: a}, {L: b}, {L: c}, {L: d}]}",
        "{all: [{not: {L: a}}, {L: answered}]}",
        "{all: [{R: x}, {R: y}]}",
        "{all: [{not: {N: {max: 1}}}, {not: {N: {min: 2}}}, {N: answered}]}",
        "{all: [{W: {min: 2, max: 5}}, {not: {W: {min: 3}}}]}",
        "{N: {min: 10}}",
        "{all: [{S: {min: 10}}, {A: yes}]}",
        "{S: dont_know}",
        "{all: [{O: answered}, {not: {E: answered}}]}",
        "{all: [{not: {nation: [england, scotland, wales]}}, {answering_as: role}]}",
    ],
)
def test_what_can_be_met_is_left_alone(show_if: str) -> None:
    assert not _unreachable(show_if)


@pytest.mark.parametrize(
    "show_if",
    [
        "{all: [{A: yes}, {A: no}]}",
        "{all: [{L: none}, {L: a}]}",
        "{all: [{R: x}, {R: y}, {R: z}]}",
        "{N: {min: 11}}",
        "{all: [{W: {min: 3}}, {not: {W: {min: 2}}}]}",
        "{all: [{S: dont_know}, {S: {min: 0}}]}",
        "{all: [{A: yes}, {not: {E: answered}}]}",
        "{all: [{nation: wales}, {nation: england}]}",
        "{all: [{O: answered}, {not: {O: answered}}]}",
    ],
)
def test_what_can_never_be_met_is_found(show_if: str) -> None:
    assert _unreachable(show_if)
