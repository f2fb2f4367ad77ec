"""Reading makes the right consultation out of a document."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from conversations.document import dates
from conversations.document.production import reasons_not_to_open
from conversations.document.reading import read
from conversations.domain import questions as kinds
from conversations.domain.answers import Answer, Slot
from conversations.domain.conditions import About, All, Answered, Any, Between, Condition, Is, Not
from conversations.domain.consultation import Consultation
from conversations.domain.speech import Content
from tests.document.good import TODAY, good


@pytest.fixture
def streets() -> Consultation:
    return _read(good())


def _read(text: str) -> Consultation:
    reading = read(text, TODAY)
    assert reading.consultation, "\n".join(map(str, reading.findings))
    return reading.consultation


def _asked(consultation: Consultation, name: str) -> kinds.Question:
    topic = consultation.topic_of(Slot(name))
    assert topic
    return topic.questionnaire.question(Slot(name))


def test_what_stands_at_the_top(streets: Consultation) -> None:
    assert streets.id == "streets"
    assert streets.languages == ("en", "cy")
    assert streets.unchecked_languages == ("cy",)
    assert streets.title == Content({"en": "Safe streets", "cy": "Strydoedd diogel"})
    assert streets.legal.keep_until == date(2029, 6, 30)
    assert not streets.legal.is_sample
    assert set(streets.deciding) == {"england", "scotland", "wales", "northern_ireland"}
    assert streets.terms[0].word.in_language("cy") == ("cwrb", "cy")
    assert [topic.id for topic in streets.topics] == ["STREET", "BINS"]
    assert streets.topics[0].background
    assert streets.topics[0].background.checked == date(2026, 11, 1)
    assert streets.topics[1].questionnaire.sections[0].id == "main"


def test_days_are_days_in_london(streets: Consultation) -> None:
    assert streets.calendar.opens == datetime(2027, 1, 12, tzinfo=UTC)
    assert streets.calendar.closes == datetime(2027, 4, 6, 22, 59, 59, tzinfo=UTC)
    assert streets.calendar.hear_by == date(2027, 6, 30)


def test_today_and_weeks_from_now() -> None:
    text = good("opens: 2027-01-12", "opens: today").replace("closes: 2027-04-06", "closes: in 12 weeks")
    calendar = _read(text.replace("keep_until: 2029-06-30", "keep_until: in 3 months")).calendar
    assert calendar.opens == datetime(2026, 11, 22, tzinfo=UTC)
    assert calendar.closes == datetime(2027, 2, 14, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("today", TODAY),
        ("in 1 week", date(2026, 11, 29)),
        ("in 3 months", date(2027, 2, 22)),
        ("2028-02-29", date(2028, 2, 29)),
        ("2027-02-29", None),
        ("20270112", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days_as_they_are_written(written: str, day: date | None) -> None:
    assert dates.day(written, TODAY) == day


def test_a_month_from_the_last_of_a_month() -> None:
    assert dates.day("in 1 month", date(2027, 1, 31)) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2027-07-01 09:30", datetime(2027, 7, 1, 8, 30, tzinfo=UTC)),
        ("2027-07-01T09:30+00:00", datetime(2027, 7, 1, 9, 30, tzinfo=UTC)),
        ("2027-07-01 25:00", None),
        ("0001-01-01T00:00+14:00", None),
    ],
)
def test_a_day_with_a_time(written: str, moment: datetime | None) -> None:
    assert dates.opening(written, TODAY) == moment


def test_yes_and_no_have_labels_and_meanings(streets: Consultation) -> None:
    question = _asked(streets, "S1")
    assert isinstance(question, kinds.Choosing)
    assert [(option.id, option.means) for option in question.options] == [
        ("yes", "yes"),
        ("no", "no"),
        ("not_sure", "unsure"),
    ]
    assert question.options[0].label == Content({"en": "Yes", "cy": "Ie"})
    assert question.required
    assert question.read("yeah") == Answer(picks=("yes",))


def test_yes_and_no_may_have_labels_of_their_own() -> None:
    own = "options: [{id: yes, label: {en: Yes, cy: Ydw}}, {id: no, label: {en: No, cy: Nac ydw}}]"
    text = good("required: true", own).replace("[yes, not_sure]", "yes")
    question = _asked(_read(text), "S1")
    assert [option.label.in_language("cy")[0] for option in question.options] == ["Ydw", "Nac ydw"]
    assert question.read("nope") == Answer(picks=("no",))


def test_every_kind(streets: Consultation) -> None:
    found = {question.id: question for topic in streets.topics for question in topic.questions()}
    assert isinstance(found["S0"], kinds.Reading)
    one, several, scale = found["S2"], found["S3"], found["S4"]
    assert isinstance(one, kinds.Choosing)
    assert [option.id for option in one.options] == ["park", "road", "other"]
    assert isinstance(several, kinds.Several)
    assert (several.limit, several.choices[2].alone) == (2, True)
    assert isinstance(scale, kinds.Scale)
    assert [option.id for option in scale.options] == ["1", "2", "3", "4", "5", "dont_know"]
    assert (scale.low, scale.high, scale.high_label.in_language("cy")[0]) == (1, 5, "diogel iawn")
    assert scale.why
    words, number, ranking, grid = found["S5"], found["S6"], found["S8"], found["S9"]
    assert isinstance(words, kinds.OwnWords)
    assert (words.limit, words.safety, words.quote) == (300, True, "S3")
    assert isinstance(number, kinds.Number)
    assert (number.least, number.most, number.whole, number.money) == (Decimal(0), Decimal(100), True, False)
    assert isinstance(ranking, kinds.Ranking)
    assert ranking.limit == 2
    assert isinstance(grid, kinds.Grid)
    assert [row.id for row in grid.rows] == ["day", "dusk"]
    assert isinstance(found["S10"], kinds.Number)
    assert isinstance(found["S11"], kinds.Email)


def test_limits_that_are_left_out() -> None:
    consultation = _read(good().replace("            limit: 2\n", "").replace("            limit: 300\n", ""))
    several, words, ranking = (_asked(consultation, name) for name in ("S3", "S5", "S8"))
    assert isinstance(several, kinds.Several)
    assert isinstance(words, kinds.OwnWords)
    assert isinstance(ranking, kinds.Ranking)
    assert (several.limit, words.limit, ranking.limit) == (2, 1000, 3)


def test_conditions_and_repeats(streets: Consultation) -> None:
    assert _asked(streets, "S2").show_if == Is("S1", ("yes", "not_sure"))
    assert _asked(streets, "S5").show_if == All((Between("S4", 1, 2), Not(Is("S3", ("none",)))))
    assert _asked(streets, "S9").end_if == About("answering_as", ("organisation",))
    each = streets.topics[0].questionnaire.sections[1]
    assert each.repeat_for == "S3"
    assert each.show_if == Any((Answered("S3"), About("nation", ("wales",))))


@pytest.mark.parametrize(
    ("written", "condition"),
    [
        ("{S1: yes, nation: wales}", All((Is("S1", ("yes",)), About("nation", ("wales",))))),
        ("{nation: [wales, england]}", About("nation", ("wales", "england"))),
        ("{S4: 3}", Is("S4", ("3",))),
        ("{S4: dont_know}", Is("S4", ("dont_know",))),
        ("{S4: {min: 2}}", Between("S4", 2, None)),
        ("{S2: other}", Is("S2", ("other",))),
        ("{not: {any: [{S1: no}, {S0: answered}]}}", Not(Any((Is("S1", ("no",)), Answered("S0"))))),
    ],
)
def test_a_condition(written: str, condition: Condition) -> None:
    text = good("show_if: {all: [{S4: {min: 1, max: 2}}, {not: {S3: none}}]}", f"show_if: {written}")
    assert _asked(_read(text), "S5").show_if == condition


def test_one_language_needs_no_codes() -> None:
    text = good("languages: [en, cy]", "languages: [en]").replace("unchecked: [cy]\n", "")
    text = text.replace('{en: "What about bins?", cy: "Beth am finiau?"}', "What about bins?")
    assert _asked(_read(text), "B1").text == Content({"en": "What about bins?"})


def test_a_document_may_be_bytes_with_a_mark_at_the_start() -> None:
    assert read(b"\xef\xbb\xbf" + good().encode(), TODAY).consultation


def test_somebody_real_must_answer_before_it_opens(streets: Consultation) -> None:
    assert reasons_not_to_open(streets) == ()
    sample = good("legal:\n", "legal:\n  sample: true\n").replace('"+44 20 7946 0000"', '""')
    sample = sample.replace('cy: "I\'n helpu i benderfynu."', 'cy: ""').replace("keep_until: 2029-06-30", "keep_until:")
    reasons = reasons_not_to_open(_read(sample))
    assert len(reasons) == 4
    assert ["sample" in reasons[0], "phone" in reasons[1], "purpose" in reasons[2]] == [True, True, True]
