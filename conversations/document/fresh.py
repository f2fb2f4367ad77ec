"""A new document to start from: one small topic that works, and a comment on everything that can be written."""

from __future__ import annotations

from datetime import date, timedelta

from conversations.document.schema import ADVISED_NAME


def new_document(today: date) -> str:
    """A commented document in English, with days that suit; what is left empty is what its author must fill in."""
    opens = today + timedelta(weeks=4)
    closes = opens + timedelta(weeks=12)
    days = {
        "<opens>": opens,
        "<closes>": closes,
        "<hear_by>": closes + timedelta(weeks=12),
        "<keep_until>": closes + timedelta(weeks=104),
        "<today>": today,
    }
    text = f"# yaml-language-server: $schema={ADVISED_NAME}\n" + _DOCUMENT
    for mark, day in days.items():
        text = text.replace(mark, day.isoformat())
    return text


_DOCUMENT = """\
# A consultation. `bigconversation check FILE` says what is missing or wrong, line by line.
# Lines that begin with # are notes for you: keep them or take them away.
# Put a text in "quotation marks". For two languages write {en: "Yes, please", cy: "Ie, os gwelwch yn dda"}.

consultation: my-consultation       # its id: small letters, digits and hyphens. It never changes.
languages: [en]                     # the first is the one you write in; add cy when every text has its Welsh
# unchecked: [cy]                   # languages that no native reader has checked yet
title: "Have your say"
run_by: "the party"                 # said as "run by the party, not by the government"
intro: "We ask what you think. Then we come back and tell you what was done."
ask_age: true                       # asks "are you 16 or over?" before anything is kept

calendar:
  opens: <opens>                 # a day, a day and time such as 2027-01-12 09:00, or: today
  closes: <closes>                # the last day. Twelve weeks are usual. Or: in 12 weeks
  hear_by: <hear_by>               # by when people will hear what was done
  # withdrawn: true                 # takes the whole consultation away

# Fill these in. When they are right, take the line `sample: true` away; until then it cannot open to the public.
legal:
  sample: true
  controller: ""                    # who answers for the data: the full legal name
  phone: ""                         # a number that a person answers
  postal_address: ""
  email: ""                         # optional
  basis: ""                         # the lawful basis (UK GDPR articles 6 and 9)
  purpose: ""                       # what the answers are used for, in plain words
  keep_until: <keep_until>            # until when answers are kept. Or: in 24 months

# Who can decide these things, in each nation. People are told before they answer. Correct what is not so.
deciding:
  england: "the UK government"
  scotland: "the Scottish Government"
  wales: "the Welsh Government"
  northern_ireland: "the Northern Ireland Executive"

commissions:                        # the groups that read the answers and act on them
  transport: "Transport"

words:                              # hard words, and what they mean
  - word: "bus pass"
    meaning: "A card that lets you travel by bus for free or for less."

# closing: "That is all we wanted to ask."     # optional: said after Send

topics:
  - id: BUS                         # letters and digits; it stands in links
    commission: transport
    title: "Buses near you"
    background:                     # a short card with both sides of it
      text: "Buses cost money to run. Some people have no other way to get about. Others never use them."
      checked: <today>           # the day you last looked at the sources
      sources:
        - {title: "Bus statistics", url: "https://www.gov.uk/government/collections/bus-statistics"}
    questions:                      # or `sections:`, each with an id, a title and its own questions
      - id: B1
        ask: yes_no                 # yes, no or not sure
        text: "Do you use a bus near home?"
        # help: "Any bus counts."   # said when somebody asks WHAT
        # required: true            # then there is no Skip

      - id: B2
        ask: one                    # one of a list
        text: "What keeps you from it?"
        show_if: {B1: no}           # asked only after a no
        other: "Something else"     # lets people say it in their own words
        options:
          - {id: cost, label: "What it costs"}
          - {id: times, label: "When it runs"}
          - {id: far, label: "The stop is too far"}

      - id: B3
        ask: several                # up to `limit` of a list
        text: "What would you change first?"
        limit: 2
        why: "Why is that?"         # asks why, in their own words
        options:
          - {id: late, label: "Buses late at night"}
          - {id: cheap, label: "Cheaper tickets"}
          - {id: pass, label: "A bus pass for the young"}
          - {id: none, label: "None of these", alone: true}

      - id: B4
        ask: scale                  # a number between two ends
        text: "How safe do you feel at the bus stop after dark?"
        from: 1
        to: 5
        low: "not safe at all"
        high: "very safe"
        dont_know: true

      - id: B5
        ask: words                  # their own words
        text: "What would make it safer?"
        show_if: {all: [{B4: {max: 2}}, {not: {B1: no}}]}
        safety: true                # says first that nobody reads this live: ring 999 in danger
        limit: 500                  # characters

# Other kinds: ranking (put in order), grid (the same options for several `rows`), number, money, email,
# read (a text to read first). A condition may also ask for {nation: wales} or {answering_as: organisation}.
# `end_if` ends the topic, `quote` repeats an earlier answer, `repeat_for` asks a section once per thing chosen.
# All of it is explained in docs/document.md.
"""
