"""A consultation: a set of topics open between two dates, who asks, who decides, and on what legal footing.

It is made of *shape* (ids, kinds, options, routing), *words* (all texts, in all languages) and *calendar*. The
three are numbered apart: conversations pin the shape, new words serve everybody, a new calendar binds at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from conversations.domain.answers import Slot
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Question
from conversations.domain.speech import Content

Standing = Literal["not_yet", "open", "closed", "withdrawn"]


@dataclass(frozen=True)
class Source:
    """Where a statement of a background card comes from."""

    title: Content
    url: str = ""


@dataclass(frozen=True)
class Background:
    """A short balanced card on a topic, with its sources and the day they were last checked."""

    text: Content
    sources: tuple[Source, ...]
    checked: date | None


@dataclass(frozen=True)
class Term:
    """A hard word and its plain meaning, given on WHAT."""

    word: Content
    meaning: Content


@dataclass(frozen=True)
class Commission:
    """The policy group that owns topics, reads everything sent on them, and acts."""

    id: str
    name: Content


@dataclass(frozen=True)
class Topic:
    """One subject, owned by a commission, with its questions."""

    id: str
    title: Content
    commission: Commission
    background: Background | None
    questionnaire: Questionnaire
    closing: Content | None = None

    def questions(self) -> tuple[Question, ...]:
        return self.questionnaire.questions()


@dataclass(frozen=True)
class Legal:
    """Who answers for the data and why it may be kept (UK GDPR articles 6, 9 and 13).

    `keep_until` is the last day answers are kept with a way back to the person.
    """

    controller: Content
    phone: str
    postal_address: str
    email: str
    basis: Content
    purpose: Content
    keep_until: date | None
    is_sample: bool = False


@dataclass(frozen=True)
class Calendar:
    """When people may answer, and by when they will hear. Instants are UTC; `hear_by` is a day."""

    opens: datetime
    closes: datetime
    hear_by: date | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Version:
    """Which shape, words and calendar these are; a digest of each tells whether they changed."""

    shape: int = 1
    words: int = 1
    calendar: int = 1


@dataclass(frozen=True)
class Consultation:
    """The whole document, read and checked."""

    id: str
    title: Content
    languages: tuple[str, ...]
    unchecked_languages: tuple[str, ...]
    run_by: Content
    intro: Content | None
    legal: Legal
    calendar: Calendar
    commissions: tuple[Commission, ...]
    deciding: Mapping[str, Content]
    topics: tuple[Topic, ...]
    terms: tuple[Term, ...] = ()
    closing: Content | None = None
    joining: Content | None = None
    ask_age: bool = True
    version: Version = field(default_factory=Version)

    def topic(self, topic_id: str) -> Topic:
        """The topic with this id. Raises KeyError when there is none."""
        for topic in self.topics:
            if topic.id == topic_id:
                return topic
        raise KeyError(topic_id)

    def find_topic(self, written: str) -> Topic | None:
        """The topic a link or a word names, in any case; None when there is none."""
        wanted = written.casefold().strip()
        return next((topic for topic in self.topics if topic.id.casefold() == wanted), None)

    def topic_of(self, slot: Slot) -> Topic | None:
        """The topic in which a slot is asked; question ids are unique in a document."""
        return next((topic for topic in self.topics if topic.questionnaire.has(slot)), None)

    def standing(self, now: datetime) -> Standing:
        """Whether people may answer at this instant."""
        if self.calendar.withdrawn:
            return "withdrawn"
        if now < self.calendar.opens:
            return "not_yet"
        return "open" if now < self.calendar.closes else "closed"

    def terms_in(self, text: Content) -> tuple[Term, ...]:
        """The hard words that occur in a text, in any language."""
        variants = [variant.casefold() for variant in text.variants()]
        return tuple(
            term
            for term in self.terms
            if any(word.casefold() in variant for word in term.word.variants() for variant in variants)
        )
