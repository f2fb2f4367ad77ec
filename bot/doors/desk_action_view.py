"""One version of an action as the desk shows it: the public wording, previews, who hears, what I may do with it."""

from __future__ import annotations

import re
from typing import Any

from bot.access import Who
from bot.channels.lettered import lay_out
from bot.channels.messages import Message
from bot.doors.desk_frame import Spot, day_of, language, may, said, titled
from bot.doors.desk_live import travelling
from bot.doors.desk_views import headline_of, href_of, standing_of
from bot.feedback import feedback_text, standing_asked
from bot.house import House
from bot.rendering import render
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Consultation
from conversations.domain.languages import name_of
from conversations.domain.speech import Text, say
from storage import actions
from storage.actions import ActionVersion, Reach
from storage.staff import Member

BUTTONS = (say("Telegram"), say("Web chat"))
LETTERS = say("Text message and terminal")
NEWS = say("To whoever wants only to know that there is news")
OWN = Answer(words="…")
"""Stands in a preview where each person's own answer will."""


async def action_values(house: House, member: Member, version: ActionVersion, spot: Spot) -> dict[str, Any]:
    """What desk_action.html takes besides the frame."""
    is_draft = version.published is None
    async with house.database.read() as tx:
        versions = await actions.versions_of(tx, version.action)
        reach = await actions.reach(tx, version) if is_draft else Reach()
        follow = await actions.followers(tx, version, spot.commission) if is_draft else 0
        live = {} if is_draft else await travelling(tx, version)
    rights = _rights(version, member, spot, alone=house.settings.trial)
    return {
        "topic": titled(spot.topic.title) | {"href": spot.href},
        "action": _action(version, versions, officer=may(member, Who.OFFICER, spot.commission)),
        "previews": previews(version, spot.consultation),
        "hear": reach,
        "follow": follow,
        "names": [{"name": version.signer, "date": day_of(version.signed)}]
        if version.signer and version.signed
        else [],
        "needs": 0 if version.signed else 1,
        "stream": None if is_draft else f"{href_of(version)}/stream",
        "fragment": None if is_draft else f"{href_of(version)}/live",
        **rights,
        **live,
    }


def _rights(version: ActionVersion, member: Member, spot: Spot, *, alone: bool) -> dict[str, Any]:
    officer, open_ = may(member, Who.OFFICER, spot.commission), version.published is None
    own = version.author == member.name and not alone
    why_not = None
    if open_ and version.signed is None and own:
        why_not = said(say("You wrote this. Somebody else has to sign it."))
    elif open_ and version.signed is not None and not officer:
        why_not = said(say("It is signed. An officer has to publish it."))
    return {
        "can_sign": open_ and version.signed is None and not own,
        "can_publish": open_ and version.signed is not None and officer,
        "why_not": why_not,
    }


def _action(version: ActionVersion, versions: list[ActionVersion], *, officer: bool) -> dict[str, Any]:
    is_draft, href = version.published is None, f"{href_of(version)}/edit"
    later = [each for each in versions if each.version > version.version]
    earlier = [each for each in reversed(versions) if each.version < version.version]
    put_right = next((each for each in later if each.published is not None), None)
    state = standing_of(version)
    if put_right is not None and put_right.published is not None:
        state = said(say("{state}. Put right on {day}", state=state, day=day_of(put_right.published)))
    return worded(version) | {
        "state": "draft" if is_draft else "published",
        "state_text": state,
        "edit_href": href if is_draft and officer else None,
        "correct_href": href if not is_draft and officer and put_right is None else None,
        "versions": [worded(each) | {"reason": each.reason} for each in earlier],
        "reason": version.reason,
    }


def worded(version: ActionVersion) -> dict[str, Any]:
    """A version as the public page words it, in the language of the page where it was written in that."""
    shown = headline_of(version)
    words = version.texts.get(shown["lang"] or language(), {})
    return shown | {
        "kind": version.kind,
        "date": day_of(version.published or version.written),
        "said": _paragraphs(words.get("said", "")),
        "said_note": None,
        "quote": None,
        "did": _paragraphs(words.get("did", "")),
        "why": words.get("why", ""),
        "decided": words.get("who", ""),
        "next": words.get("next", ""),
        "by": words.get("by", ""),
        "signed": version.signer,
        "number": version.version,
    }


def _paragraphs(words: str) -> list[str]:
    return [each.strip() for each in re.split(r"\n\s*\n", words) if each.strip()]


# Previews


def previews(version: ActionVersion, consultation: Consultation) -> list[dict[str, Any]]:
    """The feedback as each channel shows it, in every language of the consultation."""
    return [each for language in consultation.languages for each in _in_language(version, consultation, language)]


def _in_language(version: ActionVersion, consultation: Consultation, language: str) -> list[dict[str, Any]]:
    said = _message(version, consultation, language, "with_words")
    assert said.standing is not None
    choices = [each.words for each in said.standing.choices]
    shown = [_preview(channel, language, said.words.split("\n"), choices) for channel in BUTTONS]
    shown.append(_preview(LETTERS, language, lay_out(said).split("\n"), []))
    short = _message(version, consultation, language, "news_only")
    return [*shown, _preview(NEWS, language, short.words.split("\n"), choices)]


def _message(version: ActionVersion, consultation: Consultation, language: str, choice: str) -> Message:
    given = {Slot(question): OWN for question in version.questions}
    text = feedback_text(version, consultation, given, choice=choice)
    return Message(render(text, language), language, standing=standing_asked("preview", "A", language))


def _preview(channel: Text, language: str, paragraphs: list[str], choices: list[str]) -> dict[str, Any]:
    name = name_of(language)
    return {"channel": said(channel), "lang": language, "language": name, "paragraphs": paragraphs, "choices": choices}
