"""Every prompt of every shipped document, counted as a text message: a question takes two parts at most."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.lettered import lay_out
from bot.channels.messages import prompted
from conversations.after_send import AllowingQuote, AskingAgain, TellingOutcome
from conversations.answering import Asking
from conversations.anywhere import ChoosingLanguage, ConfirmingDelete, Meaning
from conversations.asking_about_you import AnsweringAs, FindingPlace, Living, LivingRegion
from conversations.document.parts import parts
from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.page import Page
from conversations.domain.questions import Choosing, Grid, Question, Several
from conversations.domain.speech import Content
from conversations.replying import AddingWords
from conversations.resting import Resting
from conversations.reviewing import ChoosingChange, Reviewing
from conversations.turning import Conversation
from conversations.welcome import Agreeing, ChoosingTopic, Welcoming
from tests.conversations.somebody import SAMPLES, Somebody, sample

MOST = 2
IN_BOTH = [(name, language) for name in SAMPLES for language in sample(name).languages]


def slots(topic: Topic) -> Iterator[Slot]:
    """Every place of a topic where an answer is asked for; of a repeated block, its longest item."""
    for section in topic.questionnaire.sections:
        for question in section.questions:
            repeat = section.repeat_for or question.repeat_for
            item = longest(topic.questionnaire.question(Slot(repeat))) if repeat else ""
            rows = [row.id for row in question.rows] if isinstance(question, Grid) else [""]
            yield from (Slot(question.id, row, item) for row in rows)
            if isinstance(question, Choosing | Several):
                yield from (Slot(question.id, item=item, part="other"),) if question.other else ()
                yield from (Slot(question.id, item=item, part="why"),) if question.why else ()


def longest(question: Question) -> str:
    return max(question.options, key=lambda option: max(map(len, option.label.variants()))).id


def quoted(topic: Topic, slot: Slot) -> dict[Slot, Answer]:
    """An answer to the question that this one quotes, where there is one."""
    quote = topic.questionnaire.question(slot).quote
    if not quote:
        return {}
    options = topic.questionnaire.question(Slot(quote)).options
    return {Slot(quote): Answer(picks=(options[0].id,)) if options else Answer(words="It is too far to walk. " * 40)}


def text(person: Somebody, page: Page) -> str:
    """A page as a text message."""
    person.conversation = Conversation((Asking(), page), 188)
    return lay_out(prompted(person.prompt(), 188, person.language))


def counted(name: str, texts: dict[str, str]) -> list[str]:
    """The prompts over the limit, printed with what they say."""
    over = {where: said for where, said in texts.items() if parts(said) > MOST}
    for where, said in over.items():
        print(f"{name} {where}: {parts(said)} parts, {len(said)} characters\n{said}\n")
    return list(over)


@pytest.mark.parametrize(("name", "language"), IN_BOTH)
def test_every_question_takes_two_parts_at_most(name: str, language: str) -> None:
    held = sample(name)
    texts = {}
    for topic in held.topics:
        for slot in slots(topic):
            person = Somebody(consultation=held, language=language).agreed()
            person.answers.update(quoted(topic, slot))
            texts[str(slot)] = text(person, Asking(topic.id, str(slot)))
    assert counted(name, texts) == []


def pages(held: Consultation) -> list[Page]:
    topic = held.topics[0].id
    return [
        ChoosingTopic(),
        ChoosingLanguage(),
        ConfirmingDelete(),
        Meaning("unsubscribe"),
        AddingWords("tok", "not_what_i_meant"),
        TellingOutcome(topic),
        TellingOutcome(topic, again=True),
        AskingAgain(topic),
        AllowingQuote(topic),
        Living(topic),
        Living(topic, for_route=True),
        LivingRegion(topic),
        FindingPlace(topic),
        FindingPlace(topic, "swansea"),
        AnsweringAs(topic),
    ]


@pytest.mark.parametrize(("name", "language"), IN_BOTH)
def test_every_other_question_of_ours_takes_two_parts_at_most(name: str, language: str) -> None:
    texts = {}
    for page in pages(sample(name)):
        person = Somebody(consultation=sample(name), language=language).agreed()
        person.sent[sample(name).id, sample(name).topics[0].id] = person.now
        texts[f"{language} {page}"] = text(person, page)
    assert counted(name, texts) == []


@pytest.mark.parametrize(("name", "language"), IN_BOTH)
def test_what_may_be_longer_is_counted(name: str, language: str) -> None:
    """Welcome, consent, review and receipt may be longer. Run with -s to read how long they are."""
    held = sample(name)
    topic = held.topics[0]
    for page in (
        Welcoming(),
        Agreeing(),
        Agreeing(told_more=True),
        Reviewing(topic.id),
        ChoosingChange(topic.id),
        Resting(topic.id),
        Resting(topic.id, receipt=True),
    ):
        person = Somebody(consultation=held, language=language).agreed()
        person.answers.update({Slot(each.id): Answer(skipped=True) for each in topic.questions()})
        said = text(person, page)
        print(f"{name} {language} {page}: {parts(said)} parts, {len(said)} characters")
        assert parts(said) <= 12


def test_texts_of_a_document_are_in_each_of_its_languages() -> None:
    for name in SAMPLES:
        held = sample(name)
        texts = [each.text for topic in held.topics for each in topic.questions()]
        assert all(set(each.languages()) == set(held.languages) for each in texts if isinstance(each, Content))
