"""You said, we did: every published action with its older versions, topic by topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from bot.doors.site_figures import Figures, four_counts, three_replies
from bot.doors.site_views import Here, anchor, in_language, titled
from bot.rendering import long_day
from conversations.domain.consultation import Topic
from conversations.domain.speech import Content
from storage.actions import ActionVersion

TopicKey = tuple[str, str]
"""A consultation and one of its topics."""
Actions = dict[TopicKey, list[list[ActionVersion]]]
"""For each topic its actions, the newest first; of each action the published versions, the newest first."""


def by_topic(published: Sequence[ActionVersion]) -> Actions:
    """Published versions, which come newest first, gathered by topic and action."""
    actions: dict[str, list[ActionVersion]] = {}
    for version in published:
        actions.setdefault(version.action, []).append(version)
    topics: Actions = {}
    for versions in actions.values():
        newest_first = sorted(versions, key=lambda version: version.version, reverse=True)
        topics.setdefault((versions[0].consultation, versions[0].topic), []).append(newest_first)
    return topics


def topics_shown(here: Here, done: Actions) -> dict[TopicKey, Content]:
    """Topics with news first, then all that people could answer on. An action on a topic since removed still shows."""
    every = {(held.id, topic.id): topic for held in here.library.all() for topic in held.topics}
    begun = {held.id for held in here.library.all() if here.state(held) != "soon"}
    with_news = {key: _title(every.get(key), key) for key in done}
    return with_news | {key: topic.title for key, topic in every.items() if key[0] in begun and key not in done}


def _title(topic: Topic | None, key: TopicKey) -> Content:
    return topic.title if topic else Content({"en": key[1]})


def on_topic(
    key: TopicKey, title: Content, actions: list[list[ActionVersion]], figures: Figures, here: Here
) -> dict[str, Any]:
    """A topic with its counts and its actions."""
    return titled(title, here.language) | {
        "id": anchor(*key),
        "counts": four_counts(figures),
        "replies": three_replies(figures) if actions else None,
        "actions": [_action(versions, here) for versions in actions],
    }


def _action(versions: list[ActionVersion], here: Here) -> dict[str, Any]:
    newest, *older = versions
    return _version(newest, here) | {"id": newest.action, "versions": [_version(each, here) for each in older]}


def _version(version: ActionVersion, here: Here) -> dict[str, Any]:
    """One wording: in the reader's language where it was written in it, else in its first, and marked so."""
    really = here.language if here.language in version.texts else next(iter(version.texts), "en")
    parts = version.texts.get(really, {})

    def told(name: str) -> Markup | None:
        words = parts.get(name, "").strip()
        return in_language(words, really, here.language) if words else None

    def paragraphs(name: str) -> list[Markup]:
        pieces = re.split(r"\n\s*\n", parts.get(name, "").strip())
        return [in_language(piece.strip(), really, here.language) for piece in pieces if piece.strip()]

    said = paragraphs("said")
    written_in = next(iter(version.texts), "en")
    return {
        "headline": parts.get("headline", ""), "lang": None if really == here.language else really,
        "kind": version.kind, "number": version.version, "quote": None, "said_note": None,
        "date": here.day(version.published or version.written),
        "said": said[0] if len(said) == 1 else said, "did": paragraphs("did"),
        "why": told("why"), "decided": told("who"), "next": told("next"), "signed": version.signer,
        "by": in_language(_day(parts.get("by", ""), really), really, here.language) or None,
        "reason": in_language(version.reason, written_in, here.language) if version.reason else None,
    }  # fmt: skip


def _day(written: str, language: str) -> str:
    """A day that was given as a date, written out; other words as they are."""
    try:
        return long_day(date.fromisoformat(written.strip()), language)
    except ValueError:
        return written.strip()
