"""How each kind of question reads what a person said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from conversations.domain.answers import Answer, Misreading
from conversations.domain.questions import (
    Choosing,
    Email,
    Grid,
    Number,
    Option,
    OwnWords,
    Question,
    Ranking,
    Reading,
    Scale,
    Several,
)
from conversations.domain.speech import Content


def text(en: str, cy: str = "") -> Content:
    return Content({"en": en, "cy": cy or en})


TEXT = text("?")
YES_NO = Choosing(
    id="A",
    text=TEXT,
    choices=(
        Option("yes", text("Yes", "Ie"), means="yes"),
        Option("no", text("No", "Na"), means="no"),
        Option("not_sure", text("Not sure", "Ddim yn siŵr"), means="unsure"),
    ),
)
PLACES = (
    Option("lighting", text("Lighting", "Goleuo")),
    Option("traffic", text("Traffic and noise", "Traffig a sŵn")),
    Option("train", text("Trains", "Trenau")),
    Option("none", text("None of these", "Dim un o'r rhain"), alone=True),
)
ONE = Choosing(id="B", text=TEXT, choices=PLACES, other=text("Something else", "Rhywbeth arall"))
SEVERAL = Several(id="C", text=TEXT, choices=PLACES, limit=2)
ORDER = Ranking(id="D", text=TEXT, choices=PLACES[:3], limit=2)
SCALE = Scale(
    id="E",
    text=TEXT,
    choices=(
        *(Option(str(n), text(str(n))) for n in range(1, 6)),
        Option("dont_know", text("Don't know"), means="unsure"),
    ),
    low=1,
    high=5,
    low_label=text("low"),
    high_label=text("high"),
)
BELOW_ZERO = Scale(
    id="E",
    text=TEXT,
    choices=tuple(Option(str(n), text(str(n))) for n in range(-2, 3)),
    low=-2,
    high=2,
    low_label=text("low"),
    high_label=text("high"),
)
WORDS = OwnWords(id="F", text=TEXT, limit=10)
WHOLE = Number(id="G", text=TEXT, whole=True, least=Decimal(1), most=Decimal(5000))
MONEY = Number(id="H", text=TEXT, money=True, least=Decimal(0))
EMAIL = Email(id="I", text=TEXT)
GRID = Grid(id="J", text=TEXT, rows=(Option("row", text("Row")),), choices=YES_NO.choices)
READ = Reading(id="K", text=TEXT)
NAMES = "Accounts,Animal care,Building,Buses,Charity work,Cleaning,Factory work,Farming,Health,Hotels,Law,Shops"
LONG = Choosing(
    id="L",
    text=TEXT,
    find=True,
    choices=tuple(Option(f"o{n}", text(name)) for n, name in enumerate(NAMES.split(","))),
)

READ_AS = [
    # yes, no and not sure, in any words that are plainly that
    *(
        (YES_NO, said, "yes")
        for said in ("Yes", "ie", "yeah", "Yep!", "👍", "👍🏽", "ok", "1", "opt 1", "Option 1", "#1", "1.", "1)", "y")
    ),
    *((YES_NO, said, "no") for said in ("no", "Na", "nope", "👎", "2", "no.2", "nah", "dim diolch")),
    *((YES_NO, said, "not_sure") for said in ("not sure", "dunno", "don't know", "don’t know", "ddim yn siwr", "3")),
    *((GRID, said, "yes") for said in ("Ie", "yeah", "1")),
    # one of a list
    *(
        (ONE, said, "lighting")
        for said in ("lighting", "LIGHTING.", "goleuo", "“Lighting”", "lig", "light", "opt 1", "dewis 1")
    ),
    *((ONE, said, "traffic") for said in ("traffic and noise", "traf", "2")),
    *((ONE, said, "other") for said in ("something else", "rhywbeth arall", "other", "5", "some")),
    # a scale
    *((SCALE, said, "3") for said in ("3", "opt 3", " 3. ", "rhif 3")),
    *((SCALE, said, "dont_know") for said in ("don't know", "not sure", "idk")),
    *((BELOW_ZERO, said, "-2") for said in ("-2",)),
    # several
    (SEVERAL, "1, 2", "lighting traffic"),
    (SEVERAL, "2 1", "lighting traffic"),
    (SEVERAL, "1 and 3", "lighting train"),
    (SEVERAL, "traffic and noise", "traffic"),
    (SEVERAL, "traffic and noise, trains", "traffic train"),
    (SEVERAL, "lighting and trains", "lighting train"),
    (SEVERAL, "goleuo a trenau", "lighting train"),
    (SEVERAL, "2,2", "traffic"),
    (SEVERAL, "none of these", "none"),
    # an order, the first the most wanted
    (ORDER, "3, 1", "train lighting"),
    (ORDER, "3 1", "train lighting"),
    (ORDER, "trains, lighting", "train lighting"),
    # found by typing
    (LONG, "health", "o8"),
    (LONG, "build", "o2"),
    (LONG, "charity", "o4"),
    (LONG, "animal care", "o1"),
    (LONG, "care", "o1"),
    # a text to read
    *((READ, said, "read") for said in ("ok", "yes", "1", "read", "👍")),
]

MISREAD = [
    (YES_NO, "perhaps", "not_an_option", ""),
    (YES_NO, "", "not_an_option", ""),
    (YES_NO, "4", "not_an_option", "4"),
    (YES_NO, "0", "not_an_option", "0"),
    (ONE, "tra", "ambiguous", ""),
    (ONE, "tr", "not_an_option", ""),
    (ONE, "yes", "not_an_option", ""),
    (SCALE, "6", "not_an_option", "6"),
    (SCALE, "0", "not_an_option", "0"),
    (SCALE, "-1", "not_an_option", ""),
    (SCALE, "very", "not_an_option", ""),
    (SEVERAL, "1 2 3", "too_many", "2"),
    (SEVERAL, "1, 4", "none_stands_alone", ""),
    (SEVERAL, "1, 9", "not_an_option", "9"),
    (SEVERAL, "1, and the rest", "not_an_option", ""),
    (SEVERAL, ",", "not_an_option", ""),
    (ORDER, "1", "order_all", "2"),
    (ORDER, "1 1", "order_all", "2"),
    (ORDER, "1 2 3", "order_all", "2"),
    (WORDS, "   ", "empty", ""),
    (WORDS, "eleven long", "too_long", "10"),
    (WHOLE, "many", "not_a_number", ""),
    (WHOLE, "2.5", "not_whole", ""),
    (WHOLE, "0", "too_small", "1"),
    (WHOLE, "5001", "too_big", "5000"),
    (WHOLE, "1e3", "not_a_number", ""),
    (WHOLE, "9" * 400, "not_a_number", ""),
    (MONEY, "12.505", "not_a_number", ""),
    (MONEY, "12,50", "not_a_number", ""),
    (MONEY, "-1", "too_small", "0"),
    (LONG, "work", "ambiguous", ""),
    (LONG, "3", "not_an_option", ""),
    (LONG, "zoo", "not_an_option", ""),
    (READ, "no", "not_an_option", ""),
    *(
        (EMAIL, said, "not_an_email", "")
        for said in (
            "me",
            "me@",
            "me@home",
            "a b@example.org",
            "@example.org",
            "me@exa_mple.org",
            "x" * 65 + "@example.org",
        )
    ),
]


@pytest.mark.parametrize(("question", "said", "picks"), READ_AS)
def test_words_are_read_as_the_choice_they_plainly_are(question: Question, said: str, picks: str) -> None:
    assert question.read(said) == Answer(picks=tuple(picks.split()))


@pytest.mark.parametrize(("question", "said", "fault", "figure"), MISREAD)
def test_what_is_not_plain_is_a_named_misreading(question: Question, said: str, fault: str, figure: str) -> None:
    read = question.read(said)
    assert isinstance(read, Misreading)
    assert (read.fault, read.figure) == (fault, figure)


@pytest.mark.parametrize(
    ("question", "said", "number"),
    [
        (WHOLE, "12", "12"),
        (WHOLE, "1,200", "1200"),
        (WHOLE, "1 200", "1200"),
        (MONEY, "£12.50", "12.50"),
        (MONEY, "£1,200.5", "1200.5"),
        (MONEY, " 0 ", "0"),
    ],
)
def test_numbers_are_exact(question: Number, said: str, number: str) -> None:
    assert question.read(said) == Answer(number=Decimal(number))


@pytest.mark.parametrize(
    ("said", "kept"), [("me@example.org", "me@example.org"), (" <A.b+c@exa-mple.co.uk> ", "A.b+c@exa-mple.co.uk")]
)
def test_an_email_address_is_kept_as_given(said: str, kept: str) -> None:
    assert EMAIL.read(said) == Answer(words=kept)


def test_own_words_are_kept_to_the_limit() -> None:
    assert WORDS.read(" ten  long ") == Answer(words="ten  long")


def test_the_choices_an_ambiguous_beginning_could_be_are_named() -> None:
    assert ONE.read("tra") == Misreading("ambiguous", "", ("traffic", "train"))
