"""A good document that uses every kind of question and every way of routing, for mistakes to be planted in."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 11, 22)

GOOD = """\
consultation: streets
languages: [en, cy]
unchecked: [cy]
title: {en: "Safe streets", cy: "Strydoedd diogel"}
run_by: {en: "the party", cy: "y blaid"}
intro: {en: "Tell us about your street.", cy: "Soniwch am eich stryd."}
calendar:
  opens: 2027-01-12
  closes: 2027-04-06
  hear_by: 2027-06-30
legal:
  controller: {en: "The Street Party", cy: "Plaid y Stryd"}
  phone: "+44 20 7946 0000"
  postal_address: "1 High Street, Cardiff"
  email: "help@street.org.uk"
  basis: {en: "Articles 6(1)(e) and 9(2)(d)", cy: "Erthyglau 6(1)(e) a 9(2)(d)"}
  purpose: {en: "To help us decide.", cy: "I'n helpu i benderfynu."}
  keep_until: 2029-06-30
deciding:
  england: {en: "the council", cy: "y cyngor"}
  scotland: {en: "the council", cy: "y cyngor"}
  wales: {en: "the council", cy: "y cyngor"}
  northern_ireland: {en: "the council", cy: "y cyngor"}
commissions:
  safety: {en: "Safety", cy: "Diogelwch"}
words:
  - word: {en: "kerb", cy: "cwrb"}
    meaning: {en: "The edge of the pavement.", cy: "Ymyl y palmant."}
topics:
  - id: STREET
    commission: safety
    title: {en: "Your street", cy: "Eich stryd"}
    background:
      text: {en: "Some streets are dark.", cy: "Mae rhai strydoedd yn dywyll."}
      checked: 2026-11-01
      sources:
        - {title: {en: "Lights", cy: "Goleuadau"}, url: "https://www.gov.uk/lights"}
    sections:
      - id: first
        questions:
          - id: S0
            ask: read
            text: {en: "Read this first.", cy: "Darllenwch hyn."}
          - id: S1
            ask: yes_no
            text: {en: "Do you walk here?", cy: "Ydych chi'n cerdded yma?"}
            required: true
          - id: S2
            ask: one
            text: {en: "Which way do you go?", cy: "Pa ffordd ewch chi?"}
            show_if: {S1: [yes, not_sure]}
            other: {en: "Another way", cy: "Ffordd arall"}
            options:
              - {id: park, label: {en: "By the park", cy: "Drwy'r parc"}}
              - {id: road, label: {en: "By the road", cy: "Ar hyd yr heol"}}
          - id: S3
            ask: several
            text: {en: "What is wrong there?", cy: "Beth sydd o'i le yno?"}
            limit: 2
            options:
              - {id: lights, label: {en: "Lights", cy: "Goleuadau"}}
              - {id: holes, label: {en: "Holes", cy: "Tyllau"}}
              - {id: none, label: {en: "None of these", cy: "Dim un"}, alone: true}
          - id: S4
            ask: scale
            text: {en: "How safe is it?", cy: "Pa mor ddiogel yw hi?"}
            from: 1
            to: 5
            low: {en: "not safe", cy: "ddim yn ddiogel"}
            high: {en: "very safe", cy: "diogel iawn"}
            dont_know: true
            why: {en: "Why?", cy: "Pam?"}
          - id: S5
            ask: words
            text: {en: "What would help?", cy: "Beth fyddai'n helpu?"}
            quote: S3
            limit: 300
            safety: true
            show_if: {all: [{S4: {min: 1, max: 2}}, {not: {S3: none}}]}
      - id: each
        repeat_for: S3
        show_if: {any: [{S3: answered}, {nation: wales}]}
        questions:
          - id: S6
            ask: number
            text: {en: "How many {item} are there?", cy: "Faint o {item} sydd?"}
            min: 0
            max: 100
            whole: true
          - id: S7
            ask: words
            text: {en: "Where are they?", cy: "Ble maen nhw?"}
            show_if: {S6: {min: 5}}
      - id: last
        title: {en: "The kerb", cy: "Y cwrb"}
        questions:
          - id: S8
            ask: ranking
            text: {en: "What comes first?", cy: "Beth sy'n dod gyntaf?"}
            limit: 2
            options:
              - {id: cars, label: {en: "Cars", cy: "Ceir"}}
              - {id: bikes, label: {en: "Bikes", cy: "Beiciau"}}
              - {id: feet, label: {en: "Feet", cy: "Traed"}}
          - id: S9
            ask: grid
            text: {en: "How is this?", cy: "Sut mae hyn?"}
            rows:
              - {id: day, label: {en: "By day", cy: "Yn y dydd"}}
              - {id: dusk, label: {en: "By night", cy: "Yn y nos"}}
            options:
              - {id: good, label: {en: "Good", cy: "Da"}}
              - {id: bad, label: {en: "Bad", cy: "Gwael"}}
            end_if: {answering_as: organisation}
          - id: S10
            ask: money
            text: {en: "What did it cost you?", cy: "Faint gostiodd hyn?"}
            min: 0
          - id: S11
            ask: email
            text: {en: "Where can we write?", cy: "I ble cawn ni ysgrifennu?"}
  - id: BINS
    commission: safety
    title: {en: "Bins", cy: "Biniau"}
    questions:
      - id: B1
        ask: words
        text: {en: "What about bins?", cy: "Beth am finiau?"}
"""


def good(old: str = "", new: str = "") -> str:
    """The good document with one thing in it put differently."""
    assert GOOD.count(old) == 1 or not old, f"{old!r} is there {GOOD.count(old)} times"
    return GOOD.replace(old, new) if old else GOOD
