"""The languages we speak: what each calls itself, the words it uses for what we hear, and its few rules.

This table and the catalogue under `locales/` are all that a language is (`docs/adding-a-language.md`). It is empty of
what the bot says: that is the catalogue. The STOP words follow the opt-out words that carriers act on themselves
(`docs/glossary.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Command = Literal[
    "START", "HELP", "STOP", "LANGUAGE", "STATUS", "WHAT", "SKIP", "BACK", "CHANGE", "TOPICS", "MYDATA", "DELETE",
    "MORE", "NEWS", "FOLLOW", "EVENTS", "HOST", "WHEN", "JOIN", "MEMBER", "DESK", "BROADCAST",
]  # fmt: skip
Usual = Literal["yes", "no", "not_sure", "dont_know"]
"""Options that a document need not word itself."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language. Every language's words are understood from everybody: people change in the middle of a sentence.

    `called` is its name in this and every other language we have. The first word of a command is the one we show.
    `conjunction` gives the word before the last of a series, for the word that follows it; `joining` holds every form
    of that word. `labels` keep to the marks that a text message has. `months` begin with January and `weekdays` with
    Monday, as they stand in a date; what follows them is how people type a day and an hour.
    """

    code: str
    name: str
    called: tuple[str, ...]
    commands: Mapping[Command, tuple[str, ...]]
    yes: frozenset[str]
    no: frozenset[str]
    unsure: frozenset[str]
    numbering: tuple[str, ...]
    joining: tuple[str, ...]
    conjunction: Callable[[str], str]
    labels: Mapping[Usual, str]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    today: tuple[str, ...]
    tomorrow: tuple[str, ...]
    noon: tuple[str, ...]
    morning: tuple[str, ...]
    evening: tuple[str, ...]
    until: tuple[str, ...]


def _welsh_and(following: str) -> str:
    """Welsh has "ac" before a vowel."""
    return "ac" if following[:1].casefold() in "aeiouwyâêîôûŵŷ" else "a"


ENGLISH = Language(
    code="en",
    name="English",
    called=("english", "saesneg"),
    commands={
        "START": ("start", "restart"),
        "HELP": ("help", "info", "help me"),
        "STOP": (
            "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "optout", "opt out",
            "please stop", "stop please", "please stop texting me",
        ),
        "LANGUAGE": ("language",),
        "STATUS": ("status",),
        "WHAT": ("what", "what?"),
        "SKIP": ("skip", "pass", "next"),
        "BACK": ("back",),
        "CHANGE": ("change",),
        "TOPICS": ("topics", "topic"),
        "MYDATA": ("mydata", "my data"),
        "DELETE": ("delete",),
        "MORE": ("more",),
        "NEWS": ("news",),
        "FOLLOW": ("follow", "follows", "my follows", "unfollow"),
        "DESK": ("desk",),
        "BROADCAST": ("broadcast", "broadcasts"),
        "EVENTS": ("events", "event"),
        "HOST": ("host",),
        "WHEN": ("when", "when?"),
        "JOIN": ("join", "how to join"),
        "MEMBER": ("member", "membership"),
    },
    yes=frozenset("y yes yeah yep yup yh ok okay sure aye please 👍 ✅".split())
    | {"yes please", "of course", "i agree", "go on"},
    no=frozenset("n no nope nah 👎 ❌".split()) | {"no thanks", "no thank you"},
    unsure=frozenset({"not sure", "dont know", "don't know", "dunno", "idk", "unsure"}),
    numbering=("option", "opt", "number", "no", "no."),
    joining=("and",),
    conjunction=lambda following: "and",
    labels={"yes": "Yes", "no": "No", "not_sure": "Not sure", "dont_know": "Don't know"},
    months=tuple(
        "january february march april may june july august september october november december".split()
    ),
    weekdays=("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    today=("today", "tonight"),
    tomorrow=("tomorrow",),
    noon=("noon", "midday"),
    morning=("am", "a.m", "in the morning"),
    evening=("pm", "p.m", "in the afternoon", "in the evening"),
    until=("to", "until", "till"),
)  # fmt: skip

WELSH = Language(
    code="cy",
    name="Cymraeg",
    called=("cymraeg", "welsh"),
    commands={
        "START": ("dechrau", "cychwyn"),
        "HELP": ("cymorth",),
        "STOP": ("stopio", "peidio", "stopiwch", "stopiwch os gwelwch yn dda"),
        "LANGUAGE": ("iaith",),
        "STATUS": ("statws",),
        "WHAT": ("beth", "beth?"),
        "SKIP": ("hepgor", "nesaf"),
        "BACK": ("nôl", "nol", "yn ôl", "yn ol"),
        "CHANGE": ("newid",),
        "TOPICS": ("pynciau", "pwnc"),
        "MYDATA": ("fynata", "fy nata"),
        "DELETE": ("dileu",),
        "MORE": ("mwy",),
        "NEWS": ("newyddion",),
        "FOLLOW": ("dilyn", "dad-ddilyn"),
        "DESK": ("desg",),
        "BROADCAST": ("darlledu",),
        "EVENTS": ("digwyddiadau", "digwyddiad"),
        "HOST": ("cynnal",),
        "WHEN": ("pryd", "pryd?"),
        "JOIN": ("ymuno", "sut i ymuno"),
        "MEMBER": ("aelod", "aelodaeth"),
    },
    yes=frozenset("do ie ydw oes ydy iawn cytuno".split()),
    no=frozenset("na nage nac naddo nay".split()) | {"dim diolch"},
    unsure=frozenset({"ddim yn siŵr", "ddim yn siwr"}),
    numbering=("dewis", "rhif"),
    joining=("a", "ac"),
    conjunction=_welsh_and,
    labels={"yes": "Ie", "no": "Na", "not_sure": "Ansicr", "dont_know": "Ddim yn gwybod"},
    months=tuple("ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr".split()),
    weekdays=("llun", "mawrth", "mercher", "iau", "gwener", "sadwrn", "sul"),
    today=("heddiw", "heno"),
    tomorrow=("yfory",),
    noon=("hanner dydd",),
    morning=("yb", "y.b", "yn y bore", "y bore"),
    evening=("yh", "y.h", "yn y prynhawn", "y prynhawn", "gyda'r nos", "yr hwyr"),
    until=("tan", "hyd"),
)

LANGUAGES: Mapping[str, Language] = {each.code: each for each in (ENGLISH, WELSH)}
"""Every language we have, by its code, the source first."""

SOURCE = ENGLISH.code


def name_of(code: str) -> str:
    """How a language calls itself; its code for one of a document's own."""
    return LANGUAGES[code].name if code in LANGUAGES else code


def named(words: str) -> str:
    """The code of the language that these words (as `words.plain` gives them) name; empty when they name none."""
    return next((each.code for each in LANGUAGES.values() if words in each.called), "")


def nearest(tag: str) -> str:
    """The language of ours for a tag such as "cy-GB"; the source for one that we do not have."""
    primary = tag.casefold().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else SOURCE


def label_of(name: Usual, code: str) -> str:
    """How one of the usual options is worded in a language; in the source for one that we do not have."""
    return LANGUAGES.get(code, ENGLISH).labels[name]
