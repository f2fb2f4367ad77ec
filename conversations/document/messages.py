"""Everything the check can say, by code: how grave it is, and the sentence, which always says what to do.

A code never changes its meaning; `docs/document.md` lists them all, and a test keeps the two in step.
"""

from __future__ import annotations

import re

from conversations.document.findings import Finding, Level

ERRORS: dict[str, str] = {
    # The file
    "file-size": "The file is too big. A document may have {most} kB and 12,000 parts; divide it in two.",
    "file-line": "This line has more than {most} characters. Break it into shorter lines.",
    "file-encoding": "The file is not plain text in UTF-8. Save it again with the encoding UTF-8.",
    "file-broken": "This cannot be read as YAML: {why}.",
    "file-alias": "Anchors (&) and aliases (*) are not read here. Write the part out, or put the text in quotes.",
    "file-tag": "Tags (!) and % lines are not read here. Take this away, or put the text in quotation marks.",
    "file-several": "The file has more than one document. Keep one, and take away the line with three dashes.",
    "file-deep": "This is more than {most} levels deep. Make it simpler.",
    "file-key": "A name is expected here, not a list or a map. Put a text that begins with {{ or [ in quotes.",
    "file-empty": "There is no consultation in this file. `bigconversation new` writes one to start from.",
    # Names and values
    "key-twice": "“{key}” is written twice here, first on line {first}. Keep one.",
    "key-unknown": "“{key}” is not a name we know here.{hint}",
    "key-missing": "“{key}” is missing here. Add it.",
    "key-not-for-kind": "“{key}” has no meaning for a question of the kind {kind}. Take it away.",
    "value-unknown": "“{value}” is not one of the words that may stand here: {allowed}.{hint}",
    "type-text": "A text is expected here: words, or one text per language such as {{en: …, cy: …}}.",
    "type-number": "A number is expected here, such as 3.",
    "type-switch": "Write true or false here.",
    "type-list": "A list is expected here: one entry a line, each beginning with a dash.",
    "type-map": "Names and values are expected here, such as “id: V1”.",
    # Ids
    "id-form": "The id “{id}” may have letters, digits, _ and - only. Write it without spaces or accents.",
    "id-long": "The id “{id}” is longer than {most} characters. Shorten it.",
    "id-consultation": "The id “{id}” of a consultation may have small letters, digits and hyphens only.",
    "id-topic": "The id “{id}” of a topic is used in links: letters and digits only.",
    "id-reserved": "The topic id “{id}” is a word that does something else when typed. Choose another.",
    "id-kept": "“{id}” has a meaning of its own and cannot be an id here. Choose another.",
    "id-twice": "The id “{id}” is used already, on line {first}. Give every {what} its own.",
    # Languages and texts
    "language-form": "“{language}” is not a language code. Write codes such as en and fr.",
    "language-twice": "“{language}” is listed twice. Keep one.",
    "languages-empty": "No language is listed. Write the language of the document, such as [en].",
    "languages-many": "{count} languages are too many for one document. Twenty are the most.",
    "unchecked-unknown": "“{language}” is not among the languages of the document. Take it away here.",
    "translation-missing": "The text has no {language}. Add it, or take {language} out of “languages”.",
    "text-empty": "This text is empty. Write it, or take the line away.",
    "text-control": "There is an invisible mark ({mark}) in a text here. Delete it and type the text again.",
    "item-outside": "{{item}} stands only in a section that is repeated. Write the text without it.",
    # Structure
    "topics-empty": "There is no topic. Add one under “topics”.",
    "topic-empty": "The topic “{id}” has no questions. Add some under “questions”, or take the topic away.",
    "section-empty": "The section “{id}” has no questions. Add some, or take the section away.",
    "sections-both": "A topic has “sections” or “questions”, not both. Move these questions into a section.",
    "commission-unknown": "There is no commission “{id}” under “commissions”.{hint}",
    # Questions
    "options-few": "At least two options are needed here. Add some.",
    "options-missing": "A question of the kind {kind} needs “options”. Add them.",
    "options-yes-no": "The options of a yes_no question are yes, no and not_sure. Use the kind “one” for others.",
    "rows-missing": "A grid needs “rows”: what is asked about, one by one. Add them.",
    "label-twice": "Two options here have the label “{label}”. Give each its own.",
    "word-reserved": "“{label}” does something else when it is typed, so nobody could choose it. Use other words.",
    "alone-outside": "“alone” has a meaning only for the kind “several”. Take it away.",
    "limit-range": "The limit {limit} cannot be: here it goes from {least} to {most}.",
    "scale-missing": "A scale needs “{key}”. Add it.",
    "scale-order": "The scale goes from {low} to {high}. The first must be the smaller one.",
    "scale-long": "The scale has {steps} steps. Use eleven at most.",
    "range-order": "“min” is bigger than “max”, so no number fits. Change one of them.",
    "quote-unknown": "There is no question “{id}” in this topic to quote.{hint}",
    "quote-later": "Question “{id}” is asked only later, so there is nothing to quote yet. Quote an earlier one.",
    "quote-nothing": "There is no single answer to “{id}” that could be quoted here. Quote another question.",
    "repeat-unknown": "There is no question “{id}” in this topic to repeat for.{hint}",
    "repeat-later": "Question “{id}” comes only after this. Repeat for an earlier one.",
    "repeat-kind": "“{id}” is no question where several can be chosen. Repeat for one of the kind several or ranking.",
    "repeat-inside": "This is inside a part that is repeated already. One repeat is enough.",
    # Conditions
    "condition-form": "This condition cannot be read: {why}. See “show_if” in docs/document.md.",
    "condition-unknown": "There is no question “{id}”.{hint}",
    "condition-elsewhere": "Question “{id}” is in another topic, which the person may not have seen. Ask here too.",
    "condition-later": "Question “{id}” is asked only later. A condition looks back: move it, or use an earlier one.",
    "condition-option": "“{value}” is not an option of “{id}”.{hint}",
    "condition-fact": "“{value}” is not one of {allowed}.{hint}",
    "condition-kind": "“{id}” is a question of the kind {kind}, which a condition cannot compare so. {instead}.",
    "condition-range": "Nothing lies between {least} and {most}. Change one of them.",
    "condition-repeated": "“{id}” is asked once per item, so it has no single answer out here. Use another question.",
    "question-unreachable": "“{id}” can never be asked: {why}. Change the condition, or take the question away.",
    # Dates, law, sources
    "date-form": "“{value}” is not a day we can read. Write {example}.",
    "dates-order": "It closes before it opens. Change one of the two days.",
    "hear-before-close": "People would hear before the consultation closes. Write a later day.",
    "keep-before-close": "Answers would have to go before the consultation closes. Write a later day.",
    "legal-controller": "Say who answers for the data, with their name.",
    "legal-phone": "Give a phone number that a person answers.",
    "legal-postal_address": "Give a postal address to write to.",
    "legal-basis": "Say what the lawful basis is (UK GDPR articles 6 and 9).",
    "legal-purpose": "Say what the answers are used for.",
    "legal-keep_until": "Say until which day answers are kept.",
    "legal-phone-digits": "“{phone}” is not a phone number: it has too few digits.",
    "legal-email": "“{email}” is not an e-mail address. Correct it, or take it away.",
    "source-url": "“{url}” is not a safe web address. Write one that begins with https://.",
    "background-future": "The sources were checked on {day}, which is still to come. Write the day it was done.",
}

WARNINGS: dict[str, str] = {
    "language-unknown": "“{language}” is not among the languages of the document, so nobody will see this text.",
    "language-ours": "Our own words exist in {ours} only. Who chooses {language} will see English around yours.",
    "brace-unknown": "{{{name}}} is shown as it stands. Only {{item}} is filled in.",
    "commission-unused": "No topic belongs to the commission “{id}”. Give it one, or take it away.",
    "deciding-missing": "Nothing says who decides in {nation}. Add it under “deciding”.",
    "term-unused": "The word “{word}” occurs in no text. Take it away, or correct its spelling.",
    "options-many": "{count} options are a lot to read on a phone. Ten are enough, or “one” with “find: true”.",
    "find-few": "Ten options or fewer need no “find”: people can just choose.",
    "label-long": "The label “{label}” has {length} characters ({language}). A button holds 40; shorten it.",
    "label-number": "The label “{label}” is a number, but not its place in the list. In a text message that confuses.",
    "alone-twice": "Two options exclude the others. One “none of these” is enough.",
    "end-never": "This can never be true, so “end_if” does nothing. Change it, or take it away.",
    "parts-many": "As a text message this takes {count} parts in {language}{because}. Two are enough: shorten it.",
    "read-long": "This takes {count} parts as a text message in {language}. {most} are enough: shorten or divide it.",
    "plain-grade": "This needs {grade} years of school to read. Six are enough: shorter words, shorter sentences.",
    "plain-sentences": "The sentences here have {words} words ({language}). Fifteen are enough: make two of one.",
    "plain-median": "Half of all sentences have more than {words} words ({language}). Twelve are enough: shorten.",
    "word-jargon": "“{word}” is not how people talk. Say “{instead}”, or say it in other words.",
    "exclamation": "Take the exclamation mark away ({language}). We ask, we do not shout.",
    "period-short": "It is open for {days} days. Twelve weeks are usual; under six few people can answer.",
    "background-source": "The background gives no source. Say where it comes from, so that people can look.",
    "background-checked": "Nothing says when the background was last checked. Add “checked” with a day.",
    "background-old": "The background was last checked on {day}, more than a year before it opens. Check it again.",
    "legal-sample": "This is a sample: nobody real answers for the data, so it will not open in production.",
}


def finding(code: str, line: int, column: int, level: Level | None = None, **values: object) -> Finding:
    """A finding of this code, its sentence filled in; `level` makes it graver or milder than usual."""
    usual: Level = "error" if code in ERRORS else "warning"
    sentence = ERRORS.get(code) or WARNINGS[code]
    return Finding(line, column, level or usual, code, sentence.format(**{k: _short(v) for k, v in values.items()}))


def _short(value: object) -> str:
    words = re.sub(r"\s+", " ", str(value))
    return words if len(words) <= 160 else words[:157] + "…"
