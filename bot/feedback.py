"""Feedback: what a person is told because of an action, beside their own words. Rendered when it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import sqlalchemy as sa

from bot.catalogues import catalogue
from bot.channels.messages import Label, Message, StandingAsked, label
from bot.library import Library
from bot.rendering import Paragraph, render
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.lookups import Held
from conversations.domain.speech import Choice, Content, Day, Text, lines, say
from conversations.quoting import about
from conversations.replying import VERDICTS
from storage import actions, answers
from storage.actions import WANTS_TO_HEAR, ActionVersion
from storage.database import Transaction, among
from storage.deliveries import Delivery, Settlement
from storage.schema import consents, standing_prompts
from storage.unasked import DIGESTS


@dataclass(frozen=True)
class Prepared:
    """A delivery ready to be sent; or, where it must not be, what to write down instead.

    `digest` is keyed: whoever has the look-up key can prove what was said, and nobody else can guess it.
    """

    delivery: Delivery
    message: Message | None
    settlement: Settlement | None = None
    digest: str = ""


def feedback_text(
    version: ActionVersion, consultation: Consultation, given: Mapping[Slot, Answer], *, choice: str
) -> Text:
    """What one person is told of a version of an action. `choice` is how they asked to hear."""
    before, after = _around(version, consultation, choice)
    return lines(*before, *_own_answers(consultation.topic(version.topic), version, given, choice), *after)


_Texts = tuple[Text | None, ...]


def _around(version: ActionVersion, consultation: Consultation, choice: str) -> tuple[_Texts, _Texts]:
    """What everybody who asked to hear in this way is told alike: before their own answers, and after them."""
    opening = say("You told us about “{topic}”.", topic=consultation.topic(version.topic).title)
    if choice != "with_words":
        return (opening, say("There is news."), say("The news: {headline}", headline=part(version, "headline"))), ()
    corrected = version.version > 1
    before = (
        say("We have to correct what we told you. The reason: {reason}", reason=version.reason) if corrected else None,
        part(version, "headline"),
        opening,
    )
    return before, (*decision(version), say("Have we understood you?"))


def decision(version: ActionVersion) -> tuple[Text | None, ...]:
    """The decision itself: what was said, what was done and why, who decided, what is next."""
    said = say("What people said: {words}", words=part(version, "said"))
    did = {
        "update": say("What is happening: {words}", words=part(version, "did")),
        "will_not": say("What we will not do: {words}", words=part(version, "did")),
        "cannot": say("What we cannot do: {words}", words=part(version, "did")),
    }.get(version.kind, say("What we did: {words}", words=part(version, "did")))
    signed = version.published or version.signed
    return (
        said,
        did,
        say("Why: {words}", words=part(version, "why")),
        say("Who decided: {words}", words=part(version, "who")),
        say("What is next: {words}", words=part(version, "next")) if has(version, "next") else None,
        say("By when: {words}", words=part(version, "by")) if has(version, "by") else None,
        say("{name} signed this on {day}.", name=version.signer, day=Day(signed.date()))
        if version.signer and signed
        else None,
    )


def part(version: ActionVersion, name: str) -> Content:
    """One part of an action's text, in every language it was written in."""
    return Content({language: words.get(name, "") for language, words in version.texts.items() if words.get(name)})


def has(version: ActionVersion, name: str) -> bool:
    """Whether a part of an action was written."""
    return any(words.get(name) for words in version.texts.values())


def _own_answers(topic: Topic, version: ActionVersion, given: Mapping[Slot, Answer], choice: str) -> tuple[Text, ...]:
    if choice != "with_words":
        return ()
    mine = [slot for slot in given if slot.question in version.questions and not given[slot].skipped]
    order = [question.id for question in topic.questions()]
    mine.sort(key=lambda slot: (order.index(slot.question) if slot.question in order else 99, slot))
    return tuple(
        about(topic.questionnaire.question(slot), slot, given[slot]) for slot in mine if topic.questionnaire.has(slot)
    )


def standing_asked(token: str, letter: str, language: str) -> StandingAsked:
    """The three replies, as they stand under feedback."""
    return StandingAsked(token, letter, _verdicts(language))


@cache
def _verdicts(language: str) -> tuple[Label, ...]:
    return tuple(label(Choice(id_, text), language) for id_, text in VERDICTS.items())


@dataclass
class _Wording:
    """A version on its way to many: what all are told alike is rendered once for each language, not for each person."""

    version: ActionVersion
    consultation: Consultation
    _alike: dict[tuple[str, str], tuple[tuple[Paragraph, ...], tuple[Paragraph, ...]]] = field(default_factory=dict)

    def paragraphs(self, given: Mapping[Slot, Answer], choice: str, language: str) -> tuple[Paragraph, ...]:
        """`feedback_text`, rendered."""
        if (alike := self._alike.get((choice, language))) is None:
            before, after = _around(self.version, self.consultation, choice)
            alike = self._alike[choice, language] = render(lines(*before), language), render(lines(*after), language)
        own = _own_answers(self.consultation.topic(self.version.topic), self.version, given, choice)
        return alike[0] + render(lines(*own), language) + alike[1]


async def prepare(tx: Transaction, claimed: Sequence[Delivery], library: Library) -> list[Prepared]:
    """Renders claimed feedback for each person as they are now: consent and language are looked at here, at send."""
    if not claimed:
        return []
    versions = {source: await actions.version_of(tx, source) for source in {each.source or "" for each in claimed}}
    choices = await _choices(tx, {each.person for each in claimed})
    letters = await _letters(tx, [each.token or "" for each in claimed])
    held = await _held(tx, claimed, versions)
    wordings = {source: _wording(version, library) for source, version in versions.items()}
    ready = []
    for each in claimed:
        wording = wordings[each.source or ""]
        if wording is None:
            ready.append(Prepared(each, None, Settlement(each.id, "withdrawn", failure="no source")))
            continue
        choice = choices.get((each.person, wording.version.consultation), "")
        ready.append(_one(each, wording, choice, held.get(each.person, Held()), letters))
    return [proved(tx, each) for each in ready]


def _wording(version: ActionVersion | None, library: Library) -> _Wording | None:
    consultation = library.newest(version.consultation) if version else None
    return _Wording(version, consultation) if version and consultation else None


def proved(tx: Transaction, ready: Prepared) -> Prepared:
    """What is ready, with the digest that proves its exact text."""
    if ready.message is None:
        return ready
    return replace(ready, digest=tx.keys.find("feedback", f"{ready.delivery.id}\0{ready.message.words}"))


def _one(each: Delivery, wording: _Wording, choice: str, held: Held, letters: dict[str, str]) -> Prepared:
    if each.stopped or choice not in WANTS_TO_HEAR:
        return Prepared(each, None, Settlement(each.id, "refused", failure="stopped" if each.stopped else "consent"))
    if each.silent:
        return Prepared(each, None, Settlement(each.id, "refused", failure=each.silent))
    paragraphs = wording.paragraphs(held.current, choice, each.language)
    standing = standing_asked(each.token or "", letters.get(each.token or "", ""), each.language)
    return Prepared(each, Message(paragraphs, each.language, standing=standing))


def settled(prepared: Prepared, remote: str | None = None) -> Settlement:
    """What is written down of feedback that was accepted: language, catalogue and a digest of the exact text."""
    message = prepared.message
    assert message is not None
    version = catalogue(message.language).version
    return Settlement(
        prepared.delivery.id, "accepted", remote, language=message.language, catalogue=version, digest=prepared.digest,
        carries=prepared.delivery.kind in DIGESTS,
    )  # fmt: skip


_CHOICES = sa.select(consents.c.person, consents.c.consultation, consents.c.choice).where(
    among(consents.c.person, "people"), consents.c.purpose == "outcome"
)
_LETTERS = sa.select(standing_prompts.c.token, standing_prompts.c.letter).where(
    among(standing_prompts.c.token, "tokens")
)


async def _choices(tx: Transaction, people: set[str]) -> dict[tuple[str, str], str]:
    rows = await tx.rows(_CHOICES, {"people": list(people)})
    return {(row.person, row.consultation): row.choice for row in rows}


async def _letters(tx: Transaction, tokens: list[str]) -> dict[str, str]:
    return {row.token: row.letter for row in await tx.rows(_LETTERS, {"tokens": tokens})}


async def _held(
    tx: Transaction, claimed: Sequence[Delivery], versions: Mapping[str, ActionVersion | None]
) -> dict[str, Held]:
    """Everybody's answers in the consultation their feedback is about (one person, one version at a time)."""
    people = {}
    for each in claimed:
        version = versions[each.source or ""]
        if version is not None:
            people[each.person] = version.consultation
    return await answers.held_by(tx, people)
