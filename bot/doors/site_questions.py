"""The questionnaire as a page to read: every question, how it is answered, and when it is asked, in words."""

from __future__ import annotations

from typing import Any

from bot.doors.site_views import Here, inline, links_of, paragraphs
from conversations.domain.conditions import All, Condition
from conversations.domain.conditions_in_words import in_words
from conversations.domain.consultation import Consultation, Term, Topic
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Choosing, Grid, Question, Scale, Section, Several
from conversations.domain.questions_in_words import how_answered
from conversations.domain.speech import Content, Text, lines, say


def all_of(held: Consultation, topic: Topic, here: Here) -> dict[str, Any]:
    """Everything a topic asks."""
    explained: list[Term] = []
    sections = [
        {
            "title": inline(section.title, here.language) if section.title else None,
            "questions": [_question(held, topic, section, one, here, explained) for one in section.questions],
        }
        for section in topic.questionnaire.sections
    ]
    ending = paragraphs(topic.closing or held.closing, here.language)
    return {"topic": links_of(held, topic, here), "sections": sections, "ending": ending}


def _question(
    held: Consultation, topic: Topic, section: Section, question: Question, here: Here, explained: list[Term]
) -> dict[str, Any]:
    language = here.language
    fresh = [term for term in held.terms_in(question.text) if not _seen(term, explained)]
    when = _when(topic.questionnaire, section, question)
    return {
        "text": inline(_without_item(question.text), language),
        "kind": inline(_how(question), language),
        "choices": [inline(option.label, language) for option in _listed(question)],
        "rows": [inline(row.label, language) for row in question.rows] if isinstance(question, Grid) else None,
        "help": inline(question.help, language) if question.help else None,
        "when": inline(when, language) if when.parts else None,
        "words": [{"word": inline(t.word, language), "means": inline(t.meaning, language)} for t in fresh],
    }


def _seen(term: Term, explained: list[Term]) -> bool:
    """Whether a hard word was explained further up; it is now."""
    seen = term in explained
    explained.append(term)
    return seen


def _without_item(text: Content) -> Content:
    """A question that is asked for several things, with a gap where each is named."""
    return Content(
        {code: words.replace("{item}.", "…").replace("{item}", "…") for code, words in text.translations.items()}
    )


def _listed(question: Question) -> list[Any]:
    """The choices worth listing: the numbers of a scale are told by its two ends."""
    inside = isinstance(question, Scale)
    return [option for option in question.options if not (inside and option.id.lstrip("-").isdigit())]


# How it is answered


def _how(question: Question) -> Text:
    """How a question is answered, and what else is asked or said with it."""
    why = question.why if isinstance(question, Choosing | Several) else None
    return lines(
        how_answered(question),
        say("Then we ask: “{question}”", question=why) if why else None,
        say("You cannot skip this one.") if question.required else None,
        say("Nobody reads this live. If you are in danger, ring 999. Please leave out people's names.")
        if question.safety
        else None,
    )


# When it is asked


def _when(questionnaire: Questionnaire, section: Section, question: Question) -> Any:
    """When a question is asked, and what ends the topic there; no parts when it always is and nothing does."""
    repeated = question.repeat_for or section.repeat_for
    shown = [one for one in (section.show_if, question.show_if) if one is not None]
    asked = _clause(shown[0] if len(shown) == 1 else All(tuple(shown)), questionnaire) if shown else None
    ends = _clause(question.end_if, questionnaire) if question.end_if else None
    return lines(
        say("Asked only if {condition}.", condition=asked) if asked else None,
        say("Asked once for each thing you pick in question {number}.", number=_number(questionnaire, repeated))
        if repeated
        else None,
        say("The questions end here if {condition}.", condition=ends) if ends else None,
    )


def _clause(condition: Condition, questionnaire: Questionnaire) -> Text:
    return in_words(
        condition, questionnaire, lambda asked: say("question {number}", number=_number(questionnaire, asked.id))
    )


def _number(questionnaire: Questionnaire, question: str) -> int:
    """The number a question has on the page."""
    return [each.id for each in questionnaire.questions()].index(question) + 1
