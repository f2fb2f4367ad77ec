"""The form an action is written in: read, looked over kindly, and drawn again with everything still in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.doors.desk_frame import Form, Spot, one, said, words_of
from conversations.domain.languages import name_of
from conversations.domain.speech import Text, say
from storage.actions import OUTCOMES, ActionVersion, Texts

KINDS = ("update", *OUTCOMES)
PARTS = ("headline", "said", "did", "why", "who", "next", "by")
REQUIRED = {
    "headline": say("{language}: please write the headline."),
    "said": say("{language}: please write what people said."),
    "did": say("{language}: please write what you did, or will not do."),
    "why": say("{language}: please write why."),
    "who": say("{language}: please write who decided."),
}
FIELDS = {"who": "decided"}
"""Where the form names a part otherwise than it is stored."""
HEADLINE_LIMIT, TEXT_LIMIT, REASON_LIMIT = 100, 2000, 500

Fault = dict[str, str]


@dataclass(frozen=True)
class Written:
    """An action as somebody wrote it."""

    kind: str = ""
    questions: tuple[str, ...] = ()
    texts: Texts = field(default_factory=dict)
    reason: str = ""


def as_written(version: ActionVersion) -> Written:
    """A stored version, to write on from. A correction begins without a reason of its own."""
    reason = version.reason if version.published is None else ""
    return Written(version.kind, version.questions, version.texts, reason)


def read_form(form: Form, spot: Spot) -> Written:
    """What was posted; names and questions we do not know are left out."""
    known = [question.id for question in spot.topic.questions()]
    texts = {
        language: {part: one(form, f"{FIELDS.get(part, part)}.{language}") for part in PARTS}
        for language in spot.consultation.languages
    }
    ticked = form.get("questions", [])
    return Written(one(form, "kind"), tuple(id_ for id_ in known if id_ in ticked), texts, one(form, "reason"))


def faults(written: Written, *, is_correction: bool) -> list[Fault]:
    """Everything that is missing or too long, each with the field it stands in."""
    found = []
    if is_correction and not written.reason:
        found.append(_fault("reason", say("Please say why you put it right.")))
    if len(written.reason) > REASON_LIMIT:
        too_long = say(
            "The reason has {count} letters. Please use {limit} or fewer.",
            count=len(written.reason),
            limit=REASON_LIMIT,
        )
        found.append(_fault("reason", too_long))
    if written.kind not in KINDS:
        found.append(_fault("kind", say("Please choose what kind it is.")))
    if not written.questions:
        found.append(_fault("questions", say("Please choose at least one question it answers.")))
    for language, words in written.texts.items():
        found += _text_faults(language, words)
    return found


def _text_faults(language: str, words: Mapping[str, str]) -> list[Fault]:
    name = name_of(language)
    found = []
    for part in PARTS:
        place, text = f"{FIELDS.get(part, part)}.{language}", words[part]
        limit = HEADLINE_LIMIT if part == "headline" else TEXT_LIMIT
        if not text and part in REQUIRED:
            found.append(_fault(place, say(REQUIRED[part].message, language=name)))
        elif len(text) > limit:
            found.append(_fault(place, _too_long(name, text, limit)))
        elif part == "headline" and "\n" in text:
            found.append(_fault(place, say("{language}: please keep the headline on one line.", language=name)))
    return found


def _too_long(name: str, text: str, limit: int) -> Text:
    return say(
        "{language}: this has {count} letters. Please use {limit} or fewer.",
        language=name, count=f"{len(text):,}", limit=f"{limit:,}",
    )  # fmt: skip


def _fault(place: str, text: Text) -> Fault:
    return {"field": place, "text": said(text)}


def form_values(written: Written, spot: Spot, *, version: ActionVersion | None, seen: str) -> dict[str, Any]:
    """What desk_action_edit.html takes as `action`. `seen` is which words the writer began from."""
    languages = [
        {"lang": language, "name": name_of(language)}
        | {FIELDS.get(part, part): written.texts.get(language, {}).get(part, "") for part in PARTS}
        for language in spot.consultation.languages
    ]
    questions = [
        {"id": question.id, "text": words_of(question.text), "checked": question.id in written.questions}
        for question in spot.topic.questions()
    ]
    return {
        "id": version.id if version else None,
        "version": version.version if version else None,
        "kind": written.kind,
        "is_correction": is_correction(version),
        "reason": written.reason,
        "questions": questions,
        "languages": languages,
        "seen": seen,
    }


def is_correction(version: ActionVersion | None) -> bool:
    """Whether what is written from this version puts a published action right, and so needs a reason."""
    return version is not None and (version.published is not None or version.version > 1)
