"""The route through a topic: what comes next, what is out of reach, how far along a person is."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from conversations.domain.answers import Answer, Slot
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Grid, Number, OwnWords, Question, Ranking, Several
from tests.conversations.somebody import SAMPLES, sample


def on(document: str, topic: str) -> Questionnaire:
    return sample(document).topic(topic).questionnaire


VOTE, SAFE = on("fair_future", "VOTE"), on("fair_future", "SAFE")
LOCAL = on("fair_future", "LOCAL")
FLOW, DRAFTS = on("process", "FLOW"), on("process", "DRAFTS")
JOBS = on("workers", "JOBS")
ME = {"answering_as": "person", "nation": "wales"}


def given(**answers: str | tuple[str, ...] | None) -> dict[Slot, Answer]:
    """Answers by question: an option, several, None for a skip; "P3_at_dates" is slot P3@dates."""
    out = {}
    for name, value in answers.items():
        slot = Slot.read(name.replace("_at_", "@").replace("_row_", ".").replace("_part_", "+"))
        picks = (value,) if isinstance(value, str) else value
        out[slot] = Answer(picks=picks) if picks else Answer(skipped=True)
    return out


@pytest.mark.parametrize(
    ("questionnaire", "answers", "expected"),
    [
        (VOTE, given(), "V1"),
        (VOTE, given(V1="yes"), "V2"),
        (VOTE, given(V1="no"), "V3"),
        (VOTE, given(V1="not_sure"), "V4"),
        (VOTE, given(V1=None), "V4"),
        (VOTE, given(V1="yes", V2="other"), "V2+other"),
        (VOTE, given(V1="yes", V2="habit", V4="2"), "V5"),
        (VOTE, given(V1="yes", V2="habit", V4="3"), "V6"),
        (VOTE, given(V1="yes", V2="habit", V4="3", V6=("come",)), "None"),
        # a block is asked once for each item chosen, in the order of the document
        (FLOW, given(P1="read", P2=("papers", "dates")), "P3@papers"),
        (FLOW, given(P1="read", P2=("dates", "papers"), P3_at_dates="4"), "P4@dates"),
        (FLOW, given(P1="read", P2=("dates", "papers"), P3_at_dates="1"), "P3@papers"),
        (FLOW, given(P1="read", P2="none"), "P5"),
        (FLOW, given(P1="read", P2=None), "P5"),
        (FLOW, given(P1="read", P2="none", P5="text"), "P5+why"),
        (FLOW, given(P1="read", P2="none", P5=None), "P7"),
        # a route ends early
        (DRAFTS, given(D1="no"), "D2"),
        (DRAFTS, given(D1="no", D2=None), "None"),
        (DRAFTS, given(D1="yes"), "D3"),
        # a grid goes row by row
        (DRAFTS, given(D1="yes", D3=None, D4=None), "D5.idea"),
        (DRAFTS, given(D1="yes", D3=None, D4=None, D5_row_idea="always"), "D5.asking"),
        # by who somebody answers as, and where
        (JOBS, given(J1="health"), "J4"),
    ],
)  # fmt: skip
def test_what_comes_next(questionnaire: Questionnaire, answers: dict[Slot, Answer], expected: str) -> None:
    assert str(questionnaire.next(answers, ME)) == expected


def test_back_goes_along_the_route_that_was_really_taken() -> None:
    answers = given(V1="no", V3="other", V3_part_other=None)
    route = [str(slot) for slot in VOTE.route(answers, ME)]
    assert route == ["V1", "V3", "V3+other", "V4"]
    back = [str(VOTE.previous(Slot.read(slot), answers, ME)) for slot in route]
    assert back == ["None", "V1", "V3", "V3+other"]


@pytest.mark.parametrize(
    ("questionnaire", "before", "changed", "lost"),
    [
        (VOTE, given(V1="yes", V2="habit"), given(V1="no"), {"V2"}),
        (VOTE, given(V1="yes", V2="other", V2_part_other=None), given(V1="no"), {"V2", "V2+other"}),
        (VOTE, given(V2="other", V1="yes", V2_part_other=None), given(V2="habit"), {"V2+other"}),
        (VOTE, given(V1="yes", V2="habit", V4="1", V5=None), given(V4="5"), {"V5"}),
        (FLOW, given(P2=("dates", "papers"), P3_at_dates="4", P4_at_dates=None, P3_at_papers="1"),
         given(P2=("papers",)), {"P3@dates", "P4@dates"}),
        (DRAFTS, given(D1="yes", D3=None, D4="sender", D4_part_why=None), given(D1="no", D2=None),
         {"D3", "D4", "D4+why"}),
        (LOCAL, given(L1="bus", L1a=None, L2=None), given(L1=None), {"L1a", "L2"}),
        (VOTE, given(V1="yes", V2="habit"), given(V2="future"), set()),
    ],
)  # fmt: skip
def test_a_changed_answer_sets_aside_what_the_route_no_longer_passes(
    questionnaire: Questionnaire, before: dict[Slot, Answer], changed: dict[Slot, Answer], lost: set[str]
) -> None:
    assert {str(slot) for slot in questionnaire.unreachable({**before, **changed}, ME)} == lost


def test_what_is_not_yet_known_is_never_out_of_reach() -> None:
    """Somebody asked elsewhere who they answer as keeps what was answered before we knew."""
    assert JOBS.unreachable(given(J2=None, J4=None), {}) == ()


@pytest.mark.parametrize(
    ("answers", "about", "fact"),
    [
        (given(), {}, ""),
        (given(J1="health"), {}, "answering_as"),
        (given(J1="health"), {"answering_as": "person"}, ""),
        (given(J1="health", J4=None, J5=None, J6=None), {"answering_as": "person"}, "nation"),
        (given(J1="health", J4=None, J5=None, J6=None), {"answering_as": "person", "nation": ""}, ""),
    ],
)
def test_a_fact_is_asked_for_when_the_route_cannot_do_without_it(
    answers: dict[Slot, Answer], about: dict[str, str], fact: str
) -> None:
    assert JOBS.fact_needed(answers, about) == fact


def answer(question: Question, slot: Slot, dice: random.Random) -> Answer:
    """Any answer that stands."""
    if dice.random() < 0.2 and not question.required:
        return Answer(skipped=True)
    if slot.part or isinstance(question, OwnWords):
        return Answer(words="words")
    if isinstance(question, Number):
        return Answer(number=Decimal(dice.randint(0, 26)))
    if isinstance(question, Ranking):
        return Answer(picks=tuple(dice.sample([each.id for each in question.options], question.limit)))
    if isinstance(question, Several):
        several = [each.id for each in question.options if not each.alone]
        alone = [each.id for each in question.options if each.alone]
        some = tuple(dice.sample(several, dice.randint(1, question.limit)))
        return Answer(picks=(alone[0],) if alone and dice.random() < 0.2 else some)
    options = [each.id for each in question.options] or ["read"]
    return Answer(picks=(dice.choice(options),))


@pytest.mark.parametrize("document", SAMPLES)
def test_on_every_route_the_place_goes_up_and_the_total_only_down(document: str) -> None:
    dice = random.Random(document)
    for topic in sample(document).topics:
        for _ in range(60):
            about = {
                "answering_as": dice.choice(["person", "role", "organisation", ""]),
                "nation": dice.choice(["wales", "england", ""]),
            }
            answers: dict[Slot, Answer] = {}
            place, total = 0, 1000
            while (slot := topic.questionnaire.next(answers, about)) is not None:
                at, of = topic.questionnaire.progress(slot, answers, about)
                assert place <= at <= of <= total, (topic.id, str(slot), at, of, place, total)
                assert at > place or slot.part, (topic.id, str(slot))
                place, total = at, of
                answers[slot] = answer(topic.questionnaire.question(slot), slot, dice)
            assert topic.questionnaire.unreachable(answers, about) == ()
            assert set(topic.questionnaire.route(answers, about)) == set(answers)


def test_the_last_question_is_the_last_of_the_total() -> None:
    answers = given(P1="read", P2=("dates",), P3_at_dates="1", P5="text", P5_part_why=None)
    assert FLOW.progress(Slot("P7"), answers, ME) == (5, 5)


def test_extra_words_belong_to_their_question() -> None:
    answers = given(V1="yes", V2="other")
    assert VOTE.progress(Slot("V2", part="other"), answers, ME) == VOTE.progress(Slot("V2"), given(V1="yes"), ME)


def test_slots_are_written_and_read_again() -> None:
    for written in ("A", "A@item", "A.row", "A@item.row", "A+why", "A@item+other"):
        assert str(Slot.read(written)) == written
    assert Slot.read("A@item+other") == Slot("A", item="item")._replace(part="other")


def test_a_grid_opens_one_slot_a_row() -> None:
    grid = next(each for each in DRAFTS.questions() if isinstance(each, Grid))
    rows = [slot for slot in DRAFTS.route(given(D1="yes", D3=None, D4=None), ME) if slot.question == grid.id]
    assert rows == [Slot("D5", row="idea")]
