"""Views: consultations and topics as the public templates take them, every text marked with its language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bot.access import at
from bot.library import Library
from bot.rendering import Paragraph, long_day, render
from conversations.asking_about_you import NATIONS
from conversations.domain.answers import Slot
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.languages import SOURCE
from conversations.domain.speech import Content, Text, say, say_many
from conversations.following import LINK
from storage import retention

LONDON = ZoneInfo("Europe/London")
STATES = {"open": "open", "not_yet": "soon", "closed": "closed", "withdrawn": "withdrawn"}


@dataclass(frozen=True)
class Here:
    """What a public page is drawn from: its language, the moment, and what was loaded."""

    language: str
    now: datetime
    library: Library

    def day(self, when: datetime | date) -> str:
        """A day written out; of an instant, the day it is in London."""
        local = when.astimezone(LONDON).date() if isinstance(when, datetime) else when
        return long_day(local, self.language)

    def state(self, held: Consultation) -> str:
        return STATES[held.standing(self.now)]


# Texts


def in_language(words: str, really: str, language: str) -> Markup:
    """Words on a page in a language, marked when they are really in another."""
    if really == language:
        return Markup.escape(words)
    return Markup('<span lang="{}">{}</span>').format(really, words)


def paragraphs(text: Text | None, language: str) -> list[Markup]:
    """The paragraphs of a text, the runs in another language marked."""
    return [_marked(paragraph, language) for paragraph in render(text or "", language)]


def inline(text: Text, language: str) -> Markup:
    """A text on one line."""
    return Markup(" ").join(paragraphs(text, language))


def _marked(paragraph: Paragraph, language: str) -> Markup:
    return Markup("").join(in_language(run.words, run.language, language) for run in paragraph)


def titled(title: Content, language: str) -> dict[str, Any]:
    """A title that also stands in the browser's title, where nothing can be marked: its language goes beside it."""
    words, really = title.in_language(language)
    return {"title": words, "lang": None if really == language else really}


# Pages


def in_order(here: Here) -> list[Consultation]:
    """Every consultation: open ones first, then those to come, then those that are over."""
    order = list(STATES.values())
    return sorted(here.library.all(), key=lambda held: order.index(here.state(held)))


def on_home(held: Consultation, here: Here) -> dict[str, Any]:
    """A consultation on the first page."""
    deciders = _deciders(held)
    return {
        "title": inline(held.title, here.language),
        "intro": paragraphs(held.intro, here.language),
        "state": here.state(held),
        "opens": here.day(held.calendar.opens),
        "closes": here.day(held.calendar.closes),
        "decides": inline(next(iter(deciders.values())), here.language) if len(deciders) == 1 else None,
        "topics": [_listed(topic, here) for topic in held.topics],
    }


def _listed(topic: Topic, here: Here) -> dict[str, Any]:
    count = most_questions(topic)
    length = say_many("One question.", "Up to {count} questions.", count)
    return {
        "title": inline(topic.title, here.language),
        "summary": inline(length, here.language),
        "href": topic_at(topic, here.language),
        "commission": inline(topic.commission.name, here.language),
    }


def on_topic(held: Consultation, topic: Topic, here: Here) -> dict[str, Any]:
    """A topic on its own page; `counts` are filled in by who has the figures."""
    language, card = here.language, topic.background
    return links_of(held, topic, here) | {
        "commission": inline(topic.commission.name, language),
        "decides": _decides(held, language),
        "background": paragraphs(card.text if card else None, language),
        "sources": [
            {"title": inline(s.title, language), "href": s.url or None} for s in (card.sources if card else ())
        ],
        "checked": here.day(card.checked) if card and card.checked else None,
        "opens": here.day(held.calendar.opens),
        "closes": here.day(held.calendar.closes),
        "questions": most_questions(topic),
        "counts": None,
    }


def links_of(held: Consultation, topic: Topic, here: Here) -> dict[str, Any]:
    """A topic's title and state, and where its pages are."""
    address, state = topic_at(topic, here.language), here.state(held)
    return titled(topic.title, here.language) | {
        "state": state,
        "href": address,
        "start": chat_at(topic, here.language) if state == "open" else None,
        "follow": chat_at(topic, here.language, before=LINK),
        "questionnaire": f"{address}/questions",
        "tallies": f"{address}/tallies" if state == "closed" else None,
        "said_did": f"{at('/said-did', here.language)}#{anchor(held.id, topic.id)}",
    }


def topic_at(topic: Topic, language: str) -> str:
    """The address of a topic's page."""
    return at(f"/topics/{topic.id}", language)


def chat_at(topic: Topic, language: str, before: str = "") -> str:
    """Where one starts answering on a topic, or with the beginning of another link does what that is for."""
    return chat_by(before + topic.id, language)


def chat_by(link: str, language: str) -> str:
    """The chat, entered by a link."""
    return "/chat?" + urlencode({"topic": link} | ({} if language == SOURCE else {"lang": language}))


def anchor(consultation: str, topic: str) -> str:
    """Where a topic stands on the page of what was done."""
    return f"{consultation}-{topic}".casefold()


def most_questions(topic: Topic) -> int:
    """How many questions a topic asks at most."""
    first = topic.questions()[0]
    return topic.questionnaire.progress(Slot(first.id), {}, {})[1]


DAYS_KEPT = {
    "replies": retention.REPLIES_LIVE.days,
    "visitors": retention.VISITORS_LIVE.days,
    "bookings": retention.BOOKINGS_LIVE.days,
}
"""What the notice says of days is what the sweep does."""


def notice(held: Consultation, here: Here) -> dict[str, Any]:
    """The privacy notice of one document."""
    legal, language = held.legal, here.language
    deciders = (say("{place}: {who}", place=one["place"] or "", who=one["text"]) if one["place"] else one["text"]
                for one in _deciding(held))  # fmt: skip
    return {
        "title": inline(held.title, language),
        "controller": inline(legal.controller, language),
        "purpose": inline(legal.purpose, language),
        "basis": inline(legal.basis, language),
        "keep_until": here.day(legal.keep_until) if legal.keep_until else None,
        "decides": [inline(text, language) for text in deciders],
        "contact": {"phone": legal.phone, "address": _address(legal.postal_address), "email": legal.email or None},
        "policy": None,
    }


def _address(written: str) -> list[str]:
    return [line.strip() for line in written.replace("\n", ",").split(",") if line.strip()]


def _deciders(held: Consultation) -> dict[tuple[str, ...], Content]:
    """Who decides, each body once."""
    return {text.variants(): text for text in held.deciding.values()}


def _deciding(held: Consultation) -> list[dict[str, Any]]:
    """Who decides in each nation; without the nation where it is the same everywhere."""
    if len(_deciders(held)) == 1:
        return [{"place": None, "text": text} for text in _deciders(held).values()]
    return [{"place": NATIONS.get(nation, nation), "text": text} for nation, text in held.deciding.items()]


def _decides(held: Consultation, language: str) -> list[dict[str, Any]]:
    return [
        {"place": inline(one["place"], language) if one["place"] else None, "who": inline(one["text"], language)}
        for one in _deciding(held)
    ]
