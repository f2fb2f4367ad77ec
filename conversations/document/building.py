"""A document that was checked, made into the consultation that everything else works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from conversations.document import dates, walking
from conversations.document.build_questions import QuestionBuilder
from conversations.document.check_calendar import NATIONS
from conversations.document.check_references import asked_in
from conversations.document.contents import Contents
from conversations.document.models import BackgroundPart, CalendarPart, Document, LegalPart, SectionPart, TopicPart
from conversations.document.tree import Path
from conversations.document.walking import Placed
from conversations.domain.consultation import (
    Background,
    Calendar,
    Commission,
    Consultation,
    Legal,
    Source,
    Term,
    Topic,
)
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Section
from conversations.domain.speech import Content


def build(document: Document, today: date) -> Consultation:
    """The consultation of a document without errors."""
    return _Builder(document, today, Contents(tuple(document.languages))).consultation()


@dataclass(frozen=True)
class _Builder:
    document: Document
    today: date
    contents: Contents

    def consultation(self) -> Consultation:
        document, contents = self.document, self.contents
        named = {key: Commission(key, contents.of(name)) for key, name in document.commissions.items()}
        return Consultation(
            id=document.consultation,
            title=contents.of(document.title),
            languages=tuple(document.languages),
            unchecked_languages=tuple(document.unchecked),
            run_by=contents.of(document.run_by),
            intro=contents.maybe(document.intro),
            legal=self._legal(document.legal),
            calendar=self._calendar(document.calendar),
            commissions=tuple(named.values()),
            deciding=self._deciding(),
            topics=tuple(self._topic(topic, path, named) for path, topic in walking.topics(document)),
            terms=tuple(Term(contents.of(term.word), contents.of(term.meaning)) for term in document.words),
            closing=contents.maybe(document.closing),
            joining=contents.maybe(document.joining),
            ask_age=document.ask_age,
        )

    def _legal(self, legal: LegalPart) -> Legal:
        return Legal(
            controller=self.contents.of(legal.controller or {}),
            phone=legal.phone.strip(),
            postal_address=legal.postal_address.strip(),
            email=legal.email.strip(),
            basis=self.contents.of(legal.basis or {}),
            purpose=self.contents.of(legal.purpose or {}),
            keep_until=dates.day(legal.keep_until, self.today),
            is_sample=legal.sample,
        )

    def _calendar(self, calendar: CalendarPart) -> Calendar:
        opens, closes = dates.opening(calendar.opens, self.today), dates.closing(calendar.closes, self.today)
        if opens is None or closes is None:
            raise ValueError("The check lets no document through without two days that can be read.")
        return Calendar(opens, closes, dates.day(calendar.hear_by, self.today), calendar.withdrawn)

    def _deciding(self) -> dict[str, Content]:
        bodies = ((nation, getattr(self.document.deciding, nation)) for nation in NATIONS)
        return {nation: self.contents.of(body) for nation, body in bodies if body is not None}

    def _topic(self, topic: TopicPart, path: Path, commissions: dict[str, Commission]) -> Topic:
        builder = QuestionBuilder(self.contents, asked_in(topic, path))
        by_section: dict[Path, list[Placed]] = {}
        for placed in walking.questions_of(topic, path):
            by_section.setdefault(placed.path[:-2], []).append(placed)
        sections = tuple(
            self._section(section, builder, by_section.get(inside, []))
            for inside, section in walking.sections(topic, path)
        )
        return Topic(
            id=topic.id,
            title=self.contents.of(topic.title),
            commission=commissions[topic.commission],
            background=self._background(topic.background) if topic.background else None,
            questionnaire=Questionnaire(sections),
            closing=self.contents.maybe(topic.closing),
        )

    def _section(self, section: SectionPart, builder: QuestionBuilder, questions: list[Placed]) -> Section:
        return Section(
            id=section.id,
            title=self.contents.maybe(section.title),
            questions=tuple(builder.build(placed) for placed in questions),
            show_if=builder.condition(section.show_if),
            repeat_for=section.repeat_for,
        )

    def _background(self, background: BackgroundPart) -> Background:
        sources = tuple(Source(self.contents.of(source.title), source.url) for source in background.sources)
        return Background(self.contents.of(background.text), sources, dates.day(background.checked, self.today))
