"""The web chat's view: what the templates draw, from where a person is, what they said, and what waits for them."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from bot import feedback
from bot.catalogues import catalogue
from bot.channels.messages import Label, Message
from bot.house import House
from bot.looking import Seen
from bot.rendering import Paragraph, Run, render
from bot.stage import Presented
from conversations.answering import on_topic
from conversations.domain import exits
from conversations.domain.answers import Slot
from conversations.domain.following import BUTTON
from conversations.domain.languages import LANGUAGES
from conversations.domain.lookups import MyAnswers
from conversations.domain.speech import Text
from conversations.quoting import asked, in_words
from conversations.resting import Resting
from storage.database import Transaction
from storage.deliveries import Delivery, Lane
from storage.people import Person
from storage.schema import deliveries, standing_prompts

LEADS = (
    "You said: {answer}", "You said before: {answer}", "You told us: {answer}",
    "What people said: {words}", "What we did: {words}", "What is happening: {words}", "What we will not do: {words}",
    "What we cannot do: {words}", "Why: {words}", "Who decided: {words}", "What is next: {words}", "By when: {words}",
)  # fmt: skip
"""Texts that begin with who speaks or what follows: a page sets those first words apart from the rest."""
_PLAIN_LINK = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)]")
_CODE = re.compile(r"\b[0-9A-Z]{2,4}(?:-[0-9A-Z]{2,4}){2,}\b")


def texts(paragraphs: tuple[Paragraph, ...], language: str) -> list[Any]:
    """Paragraphs as the templates take them: a string, or words with their language, first words, links and codes."""
    return [_text(each, language) for each in paragraphs]


def _text(paragraph: Paragraph, language: str) -> Any:
    lead, mine, runs = _led(paragraph, language)
    pieces = [piece for run in runs for piece in _pieces(run, language)]
    if lead or len(pieces) > 1:
        return {"lead": lead, "mine": mine, "runs": pieces}
    run = runs[0]
    if "href" in pieces[0] or "code" in pieces[0]:
        return {"lead": "", "mine": False, "runs": pieces}
    if run.language != language or run.quoted:
        return {"text": run.words, "lang": run.language, "quote": run.quoted}
    return run.words


def _led(paragraph: Paragraph, language: str) -> tuple[str, bool, Paragraph]:
    """The first words that say who speaks, whether it is the person, and the rest."""
    first, *others = paragraph
    for place, each in enumerate(LEADS):
        lead = catalogue(language).one(each).partition("{")[0]
        if lead and first.words.startswith(lead):
            rest = replace(first, words=first.words[len(lead) :])
            return lead.strip(), place < 3, (*([rest] if rest.words else []), *others)
    return "", False, paragraph


def _pieces(run: Run, language: str) -> list[dict[str, Any]]:
    """A run cut at our own links and codes. Somebody's own words are never made into links."""
    lang = run.language if run.language != language or run.quoted else None
    if run.quoted:
        return [{"text": run.words, "lang": lang}]
    pieces: list[dict[str, Any]] = []
    for words in re.split(f"({_PLAIN_LINK.pattern}|{_CODE.pattern})", run.words):
        if _PLAIN_LINK.fullmatch(words):
            pieces.append({"text": words, "lang": None, "href": words})
        elif _CODE.fullmatch(words):
            pieces.append({"text": words, "lang": None, "code": True})
        elif words:
            pieces.append({"text": words, "lang": lang})
    return pieces or [{"text": "", "lang": None}]


def _by_language(paragraphs: tuple[Paragraph, ...]) -> tuple[Paragraph, ...]:
    """A text said in each language in turn is easier read as one language after the other."""
    spoken = [{run.language for run in each} for each in paragraphs]
    if any(len(each) != 1 for each in spoken):
        return paragraphs
    order = [each.pop() for each in spoken]
    languages = list(dict.fromkeys(order))
    if len(languages) < 2 or len({order.count(each) for each in languages}) > 1 or order.count(order[0]) < 2:
        return paragraphs
    return tuple(each for language in languages for each, in_ in zip(paragraphs, order, strict=True) if in_ == language)


def prompt_view(message: Message, error: str | None = None) -> dict[str, Any]:
    """The current prompt for chat_fragment.html."""
    said = message.asked
    assert said is not None
    whole = f"{said.progress} {said.title}".strip()
    paragraphs = tuple(each for each in message.paragraphs if _words(each) not in {whole, said.title})
    return {
        "number": said.number,
        "title": said.title,
        "heading": said.title,
        "paragraphs": texts(_by_language(paragraphs), message.language),
        "lang": None,
        "ask": said.ask if said.choices or said.ask in {"words", "line", "find"} else "none",
        "choices": [_choice(each, message.language) for each in said.choices],
        "also": [_choice(each, message.language) for each in said.also],
        "picked": list(said.picked),
        "limit": said.limit,
        "own_words": said.own_words,
        "languages": bool(said.choices) and all(_is_language(each) for each in said.choices),
        "progress": _progress(said.progress),
        "error": error,
        "input": None,
        "value": None,
    }


def _words(paragraph: Paragraph) -> str:
    return "".join(run.words for run in paragraph)


def _choice(label: Label, language: str) -> dict[str, Any]:
    spoken = label.id if _is_language(label) else label.language
    return {"id": label.id, "label": label.words, "lang": spoken if spoken != language else None}


def _is_language(label: Label) -> bool:
    """Whether a choice is a language, under its own name."""
    return label.id in LANGUAGES and LANGUAGES[label.id].name == label.words


def _progress(text: str) -> dict[str, Any] | None:
    figures = re.findall(r"\d+", text)
    return {"text": text, "done": int(figures[0]), "of": int(figures[1])} if len(figures) == 2 else None


def thread(presented: Presented | None, seen: list[Seen], shown: tuple[Message, ...]) -> list[dict[str, Any]]:
    """What was asked and answered on this topic, then the remarks that waited.

    Only the answer just given stays open before a question; what came before it is folded away.
    """
    entries = _answered(presented) if presented else []
    asking = presented is not None and hasattr(presented.conversation.page, "slot")
    open_ = 2 if asking else 0
    for entry in entries[: len(entries) - open_]:
        entry["folded"] = True
    for each in seen:
        if not each.is_prompt and each.message.standing is None:
            entries.append(_entry(each.id, "we", texts(each.message.paragraphs, each.message.language)))
    for place, said in enumerate(shown):
        entries.append(_entry(f"now{place}", "we", texts(said.paragraphs, said.language)))
    return entries


def _answered(presented: Presented) -> list[dict[str, Any]]:
    scene, language = presented.scene, presented.person.language
    topic = scene.consultation.find_topic(getattr(presented.conversation.stack[0], "topic", ""))
    if topic is None:
        return []
    answers = on_topic(topic, scene.find(MyAnswers()).current)
    current = getattr(presented.conversation.page, "slot", "")
    entries = []
    for slot in topic.questionnaire.route(answers, scene.me.about):
        if slot in answers and str(slot) != current:
            question = topic.questionnaire.question(slot)
            entries.append(_said(f"q-{slot}", "we", asked(question, slot), language) | {"asked": True})
            entries.append(_said(f"a-{slot}", "you", in_words(question, slot, answers[slot]), language))
    return entries


def _said(id_: str, kind: str, text: Text, language: str) -> dict[str, Any]:
    return _entry(id_, kind, texts(render(text, language), language))


def _entry(id_: str, kind: str, paragraphs: list[Any]) -> dict[str, Any]:
    return {"id": id_, "kind": kind, "paragraphs": paragraphs, "lang": None, "is_quote": kind == "you", "asked": False,
            "folded": False}  # fmt: skip


async def standing(tx: Transaction, house: House, person: Person) -> list[dict[str, Any]]:
    """News this person was told and has not replied to: shown as cards until they do."""
    query = (
        sa.select(standing_prompts.c.token, standing_prompts.c.source, deliveries.c.id)
        .join(deliveries, deliveries.c.token == standing_prompts.c.token)
        .where(
            standing_prompts.c.person == person.id,
            standing_prompts.c.verdict.is_(None),
            deliveries.c.state == "accepted",
        )
        .order_by(standing_prompts.c.opened)
    )
    told = [
        Delivery(row.id, 0, Lane.FEEDBACK, person.id, person.address, "web", "message", "", None, False, 1, row.source,
                 row.token, language=person.language)
        for row in await tx.rows(query)
    ]  # fmt: skip
    prepared = await feedback.prepare(tx, told, house.library)
    return [_card(each.message) for each in prepared if each.message is not None]


def notices(seen: list[Seen]) -> list[dict[str, Any]]:
    """Notices seen just now, each with the button that ends them, and what is asked after an event: cards that nothing
    waits for."""
    return [_card(each.message, each.id) for each in seen if _is_notice(each)]


def _is_notice(each: Seen) -> bool:
    return each.message.standing is not None and each.message.standing.token in (BUTTON, exits.BUTTON)


def _card(message: Message, id_: str = "") -> dict[str, Any]:
    assert message.standing is not None
    first, *rest = message.paragraphs
    return {
        "id": id_ or message.standing.token,
        "token": message.standing.token,
        "heading": _words(first),
        "paragraphs": texts(tuple(rest), message.language),
        "lang": None,
        "choices": [{"id": each.id, "label": each.words} for each in message.standing.choices],
    }


def elsewhere(presented: Presented, telegram: str) -> list[dict[str, Any]]:
    """Beside the receipt: hear it in Telegram instead, as the same person; and everything we keep, to keep."""
    if not isinstance(presented.conversation.page, Resting):
        return []
    book = catalogue(presented.person.language)
    links = [{"id": "data", "label": book.one("Save what we keep about you"), "href": "/chat/data"}]
    if telegram:
        links.insert(0, {"id": "telegram", "label": book.one("Hear it in Telegram"), "href": "/chat/telegram"})
    return links


def input_kind(presented: Presented) -> str | None:
    """Which keyboard a phone should offer for the question on the page."""
    slot = getattr(presented.conversation.page, "slot", "")
    topic = presented.scene.consultation.find_topic(getattr(presented.conversation.page, "topic", ""))
    if not slot or topic is None or Slot.read(slot).part:
        return None
    return topic.questionnaire.question(Slot.read(slot)).keyboard or None


def nonce() -> str:
    """The event id of a drawn page: posted twice, it counts once."""
    return secrets.token_urlsafe(12)
