"""Mistakes, one a line: its code, what stands in the good document, what is written instead, and (where it is
not the first line of that) the text on whose line the finding is expected."""

from __future__ import annotations

from dataclasses import dataclass

from tests.document.good import GOOD


@dataclass(frozen=True)
class Mistake:
    """One planted mistake."""

    code: str
    old: str
    new: str
    at: str = ""

    def __str__(self) -> str:
        return f"{self.code} {(self.new or self.old).strip()[:40]}".replace("\n", " ")


LONG = "This is a sentence that goes on and on and on and never comes to an end at all"
HARD = "Residential accommodation regulations necessitate comprehensive governmental reconsideration of capabilities."
SIX = "".join(f"\n              - {{id: x{n}, label: {{en: Lane {n}n, cy: Lôn {n}n}}}}" for n in range(9))
SHORT_TEXT = '{en: "What about bins?", cy: "Beth am finiau?"}'
B1 = f"      - id: B1\n        ask: words\n        text: {SHORT_TEXT}"
ROAD = '{id: road, label: {en: "By the road", cy: "Ar hyd yr heol"}}'
ROWS = """            rows:
              - {id: day, label: {en: "By day", cy: "Yn y dydd"}}
              - {id: dusk, label: {en: "By night", cy: "Yn y nos"}}
"""
HOLES = '- {id: holes, label: {en: "Holes", cy: "Tyllau"}}'
ALL = "show_if: {all: [{S4: {min: 1, max: 2}}, {not: {S3: none}}]}"
OVER = "show_if: {S6: {min: 5}}"
ANY = "{S1: [yes, no, not_sure]}"

FILE = [
    Mistake("key-twice", "ask: yes_no", "ask: yes_no\n            ask: one", "ask: one"),
    Mistake("key-unknown", "            limit: 300", "            lmit: 300"),
    Mistake("key-unknown", "consultation: streets", "consultation: streets\nowner: me", "owner: me"),
    Mistake("key-unknown", "  hear_by: 2027-06-30", "  hearby: 2027-06-30"),
    Mistake("key-missing", B1, B1.replace(f"        text: {SHORT_TEXT}", ""), "- id: B1"),
    Mistake("key-missing", "  closes: 2027-04-06\n", "", "calendar:"),
    Mistake("value-unknown", "ask: scale", "ask: scales"),
    Mistake("type-text", SHORT_TEXT, "[one, two]"),
    Mistake("type-text", "consultation: streets", "consultation: [streets]"),
    Mistake("type-number", "limit: 300", "limit: many"),
    Mistake("type-number", "max: 100", "max: lots"),
    Mistake("type-switch", "required: true", "required: perhaps"),
    Mistake("type-list", "languages: [en, cy]", "languages: en"),
    Mistake("type-map", "legal:\n", "legal: nobody\nwords_of_law:\n"),
    Mistake("file-broken", 'purpose: {en: "To help us decide."', 'purpose: {en: "To help us decide.'),
    Mistake("file-broken", "postal_address: \"1 High Street, Cardiff\"", "postal_address: Street: Cardiff"),
    Mistake("file-key", SHORT_TEXT, "{{item}: x}"),
    Mistake("file-alias", SHORT_TEXT, "&b 'Bins'"),
    Mistake("file-alias", "hear_by: 2027-06-30", "hear_by: *later"),
    Mistake("file-tag", "hear_by: 2027-06-30", "hear_by: !!timestamp 2027-06-30"),
    Mistake("text-control", "Your street", "Your\\0 street"),
    Mistake("text-control", "Your street", "Your \\u202e street"),
]  # fmt: skip

IDS = [
    Mistake("id-form", "id: S10", "id: S.10"),
    Mistake("id-form", "id: park,", "id: by the park,"),
    Mistake("id-form", "id: cars,", "id: cérbydau,"),
    Mistake("id-long", "id: S11", "id: a_question_about_where_to_write"),
    Mistake("id-consultation", "consultation: streets", "consultation: Safe Streets"),
    Mistake("id-topic", "id: BINS", "id: BIN-S"),
    Mistake("id-reserved", "id: BINS", "id: Help"),
    Mistake("id-kept", "id: B1", "id: nation"),
    Mistake("id-kept", ROAD, ROAD.replace("id: road", "id: other")),
    Mistake("id-twice", "id: B1", "id: S1"),
    Mistake("id-twice", "id: BINS", "id: street"),
    Mistake("id-twice", ROAD, ROAD.replace("id: road", "id: park")),
    Mistake("id-twice", "id: dusk,", "id: day,"),
    Mistake("id-twice", "- id: last", "- id: each"),
]

TEXTS = [
    Mistake("language-form", "languages: [en, cy]", "languages: [en, cy, Welsh!]"),
    Mistake("language-twice", "languages: [en, cy]", "languages: [en, cy, en]"),
    Mistake("language-ours", "languages: [en, cy]", "languages: [en, cy, fr]"),
    Mistake("languages-empty", "languages: [en, cy]", "languages: []"),
    Mistake("languages-many", "languages: [en, cy]", f"languages: [{', '.join(f'a{chr(97 + n)}' for n in range(26))}]"),
    Mistake("unchecked-unknown", "unchecked: [cy]", "unchecked: [ga]"),
    Mistake("translation-missing", SHORT_TEXT, '{en: "What about bins?"}'),
    Mistake("translation-missing", SHORT_TEXT, '"What about bins?"'),
    Mistake("translation-missing", 'meaning: {en: "The edge of the pavement.",', "meaning: {"),
    Mistake("language-unknown", SHORT_TEXT, SHORT_TEXT.replace("{", '{fr: "Et les bacs?", ')),
    Mistake("text-empty", SHORT_TEXT, '{en: "What about bins?", cy: " "}'),
    Mistake("item-outside", SHORT_TEXT, '{en: "What about {item}?", cy: "Beth?"}'),
    Mistake("brace-unknown", SHORT_TEXT, '{en: "What about {name}?", cy: "Beth?"}'),
    Mistake("term-unused", 'word: {en: "kerb", cy: "cwrb"}', 'word: {en: "tram", cy: "tram"}'),
    Mistake("plain-grade", SHORT_TEXT, f'{{en: "{HARD} {HARD}", cy: "Beth?"}}'),
    Mistake("plain-sentences", SHORT_TEXT, f'{{en: "{LONG}.", cy: "Beth?"}}'),
    Mistake("plain-median", SHORT_TEXT, '{en: "' + f"{LONG}. " * 60 + '", cy: "Beth?"}', "languages:"),
    Mistake("word-jargon", SHORT_TEXT, '{en: "How should we engage?", cy: "Sut?"}'),
    Mistake("word-jargon", "To help us decide.", "For our stakeholders."),
    Mistake("exclamation", SHORT_TEXT, '{en: "Tell us about bins!", cy: "Beth?"}'),
    Mistake("parts-many", SHORT_TEXT, '{en: "Bins?", cy: "' + "Beth am y tŷ? " * 12 + '"}'),
    Mistake("parts-many", SHORT_TEXT, '{en: "' + "What about bins? " * 20 + '", cy: "Beth?"}'),
    Mistake("read-long", '{en: "Read this first.",', '{en: "' + "Read this first. " * 50 + '",'),
    Mistake("read-long", '{en: "Some streets are dark.",', '{en: "' + "Some are dark. " * 80 + '",'),
]

QUESTIONS = [
    Mistake("topics-empty", GOOD[GOOD.index("topics:") :], "topics: []\n"),
    Mistake("topic-empty", B1, "      []", "- id: BINS"),
    Mistake("section-empty", "      - id: last", "      - id: none_yet\n        questions: []\n      - id: last"),
    Mistake("sections-both", f"    questions:\n{B1}", f"    sections: []\n    questions:\n{B1}", "questions:"),
    Mistake("key-not-for-kind", "ask: money", "ask: money\n            whole: true", "whole: true"),
    Mistake("key-not-for-kind", "ask: email", "ask: email\n            options: []", "options: []"),
    Mistake("options-missing", f"words\n        text: {SHORT_TEXT}", f"one\n        text: {SHORT_TEXT}", "- id: B1"),
    Mistake("options-few", '              - {id: bad, label: {en: "Bad", cy: "Gwael"}}\n', "", "options:"),
    Mistake("options-many", f"              {HOLES}", f"              {HOLES}{SIX}", "options:"),
    Mistake("options-yes-no", "required: true", "options: [{id: maybe, label: {en: Maybe, cy: Efallai}}]"),
    Mistake("rows-missing", ROWS, "", "- id: S9"),
    Mistake("find-few", "show_if: {S1: [yes, not_sure]}", "find: true"),
    Mistake("label-twice", "By the road", "By the park"),
    Mistake("label-twice", "Another way", "By the road"),
    Mistake("label-long", "By the road", "By the road that goes all the way round the town"),
    Mistake("label-number", "By the road", "1"),
    Mistake("word-reserved", "By the road", "Stop"),
    Mistake("word-reserved", "Ar hyd yr heol", "Newyddion."),
    Mistake("alone-outside", ROAD, ROAD[:-1] + ", alone: true}"),
    Mistake("alone-twice", HOLES, HOLES[:-1] + ", alone: true}", "options:"),
    Mistake("limit-range", "            limit: 300", "            limit: 90000"),
    Mistake("limit-range", "o'i le yno?\"}\n            limit: 2", "o'i le yno?\"}\n            limit: 3", "limit: 3"),
    Mistake("limit-range", "gyntaf?\"}\n            limit: 2", "gyntaf?\"}\n            limit: 0", "limit: 0"),
    Mistake("scale-missing", '            low: {en: "not safe", cy: "ddim yn ddiogel"}\n', "", "- id: S4"),
    Mistake("scale-order", "from: 1", "from: 5"),
    Mistake("scale-long", "to: 5", "to: 20"),
    Mistake("range-order", "max: 100", "max: -1"),
    Mistake("quote-unknown", "quote: S3", "quote: S33"),
    Mistake("quote-later", "quote: S3", "quote: S8"),
    Mistake("quote-nothing", "quote: S3", "quote: S0"),
    Mistake("quote-nothing", "ask: money", "ask: money\n            quote: S6", "quote: S6"),
    Mistake("repeat-unknown", "repeat_for: S3", "repeat_for: T3"),
    Mistake("repeat-later", "repeat_for: S3", "repeat_for: S8"),
    Mistake("repeat-kind", "repeat_for: S3", "repeat_for: S2"),
    Mistake("repeat-inside", "- id: S7", "- id: S7\n            repeat_for: S3", "repeat_for: S3"),
    Mistake("commission-unknown", "  safety: {", "  safty: {", "commission: safety"),
    Mistake("commission-unused", "commissions:\n", "commissions:\n  bins: {en: Bins, cy: Biniau}\n", "bins:"),
]  # fmt: skip

CONDITIONS = [
    Mistake("condition-form", OVER, "show_if: often"),
    Mistake("condition-form", OVER, "show_if: {all: {S6: answered}}"),
    Mistake("condition-form", OVER, "show_if: {S6: {least: 5}}"),
    Mistake("condition-form", OVER, "show_if: {S1: []}"),
    Mistake("condition-unknown", OVER, "show_if: {S66: {min: 5}}"),
    Mistake("condition-unknown", ALL, "show_if: {all: [{S4: {min: 1}}, {not: {T3: none}}]}"),
    Mistake("condition-elsewhere", SHORT_TEXT, f"{SHORT_TEXT}\n        show_if: {{S1: yes}}", "show_if"),
    Mistake("condition-later", ALL, "show_if: {S8: cars}"),
    Mistake("condition-later", "show_if: {S1: [yes, not_sure]}", "show_if: {S2: park}"),
    Mistake("condition-option", "show_if: {S1: [yes, not_sure]}", "show_if: {S1: [yes, maybe]}"),
    Mistake("condition-option", "show_if: {S1: [yes, not_sure]}", "show_if: {S1: true}"),
    Mistake("condition-option", ALL, "show_if: {S4: 6}"),
    Mistake("condition-fact", "end_if: {answering_as: organisation}", "end_if: {answering_as: firm}"),
    Mistake("condition-fact", "{nation: wales}", "{nation: cymru}"),
    Mistake("condition-kind", OVER, "show_if: {S6: lots}"),
    Mistake("condition-kind", OVER, "show_if: {S5: dark}"),
    Mistake("condition-kind", OVER, "show_if: {S1: {min: 1}}"),
    Mistake("condition-range", ALL, "show_if: {S4: {min: 4, max: 2}}"),
    Mistake("condition-repeated", "ask: money", "ask: money\n            show_if: {S6: {min: 1}}", "show_if"),
    Mistake("question-unreachable", ALL, "show_if: {all: [{S1: no}, {S2: park}]}"),
    Mistake("question-unreachable", OVER, "show_if: {S6: {min: 101}}"),
    Mistake("question-unreachable", "required: true", f"required: true\n            end_if: {ANY}", "id: S2"),
    Mistake("question-unreachable", OVER, "show_if: {all: [{S4: 1}, {S4: 2}]}"),
    Mistake("end-never", "end_if: {answering_as: organisation}", "end_if: {all: [{S1: yes}, {S1: no}]}"),
]  # fmt: skip

LAW = [
    Mistake("date-form", "opens: 2027-01-12", "opens: 12 January"),
    Mistake("date-form", "opens: 2027-01-12", "opens: 2027-02-30"),
    Mistake("date-form", "keep_until: 2029-06-30", "keep_until: for ever"),
    Mistake("date-form", "checked: 2026-11-01", "checked: lately"),
    Mistake("dates-order", "closes: 2027-04-06", "closes: 2026-04-06"),
    Mistake("period-short", "closes: 2027-04-06", "closes: 2027-01-30"),
    Mistake("hear-before-close", "hear_by: 2027-06-30", "hear_by: 2027-03-30"),
    Mistake("keep-before-close", "keep_until: 2029-06-30", "keep_until: 2027-03-30"),
    Mistake("legal-controller", '{en: "The Street Party", cy: "Plaid y Stryd"}', '""'),
    Mistake("legal-phone", '"+44 20 7946 0000"', '""'),
    Mistake("legal-phone-digits", '"+44 20 7946 0000"', '"the office"'),
    Mistake("legal-postal_address", '"1 High Street, Cardiff"', ""),
    Mistake("legal-email", '"help@street.org.uk"', '"help at street"'),
    Mistake("legal-basis", '{en: "Articles 6(1)(e) and 9(2)(d)", cy: "Erthyglau 6(1)(e) a 9(2)(d)"}', ""),
    Mistake("legal-purpose", "cy: \"I'n helpu i benderfynu.\"", 'cy: ""'),
    Mistake("legal-keep_until", "  keep_until: 2029-06-30\n", "", "legal:"),
    Mistake("legal-sample", "legal:\n", "legal:\n  sample: true\n", "sample: true"),
    Mistake("deciding-missing", '  wales: {en: "the council", cy: "y cyngor"}\n', "", "deciding:"),
    Mistake("source-url", "https://www.gov.uk/lights", "http://www.gov.uk/lights"),
    Mistake("source-url", "https://www.gov.uk/lights", "https://the lights"),
    Mistake("background-source", '      sources:\n        - {title: {en: "Lights", cy: "Goleuadau"}, '
            'url: "https://www.gov.uk/lights"}\n', "", "background:"),
    Mistake("background-checked", "      checked: 2026-11-01\n", "", "background:"),
    Mistake("background-future", "checked: 2026-11-01", "checked: 2026-12-01"),
    Mistake("background-old", "checked: 2026-11-01", "checked: 2024-11-01"),
]  # fmt: skip

MISTAKES = [*FILE, *IDS, *TEXTS, *QUESTIONS, *CONDITIONS, *LAW]
