"""Putting a question: its prompt, from the question, the place in the route, and what was said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from conversations.domain.answers import Answer, Slot
from conversations.domain.consultation import Topic
from conversations.domain.lookups import Held
from conversations.domain.questionnaire import prompt_of_part
from conversations.domain.questions import Choosing, Grid, Number, OwnWords, Question, Ranking, Reading, Scale, Several
from conversations.domain.scene import Scene
from conversations.domain.speech import Ask, Choice, Content, Prompt, Text, lines, say
from conversations.quoting import in_words

SKIP = Choice("skip", say("Skip"))
BACK = Choice("back", say("Back"))
KEEP = Choice("keep", say("Keep what I said"))
MOST_QUOTED = 40
WHAT = Choice("what", say("What does it mean?"))


def put(topic: Topic, slot: Slot, held: Held, scene: Scene, picked: tuple[str, ...], *, back: bool) -> Prompt:
    """The prompt of one slot."""
    question = topic.questionnaire.question(slot)
    progress = _progress(topic, slot, held, scene)
    kept = held.aside.get(slot)
    if slot.part:
        return _put_part(question, slot, progress, kept, back=back)
    also = tuple(filter(None, (None if question.required else SKIP, BACK if back else None, _what(question, scene))))
    choices = choices_of(question)
    if kept is not None and not kept.skipped:
        also = (KEEP, *also)
    return Prompt(
        lines(
            _quoted(topic, question, held),
            say("{progress} {question}", progress=progress, question=title_of(topic, slot)),
            _instruction(question, picked),
            _kept(question, slot, kept),
            _safety(question),
        ),
        choices,
        also,
        ask=_ask(question),
        picked=picked,
        limit=_limit(question),
        title=title_of(topic, slot),
        progress=progress,
        own_words=isinstance(question, OwnWords),
    )


def title_of(topic: Topic, slot: Slot) -> Text:
    """What is asked in a slot, as its heading."""
    question = topic.questionnaire.question(slot)
    if slot.part == "other":
        return say("Please say it in your own words.")
    if slot.part:
        return prompt_of_part(question, slot) or say("Why?")
    if slot.row and isinstance(question, Grid):
        row = next((row.label for row in question.rows if row.id == slot.row), Content({}))
        return say("{question} {row}", question=question.text, row=row)
    return question.text


def _put_part(question: Question, slot: Slot, progress: Text, kept: Answer | None, *, back: bool) -> Prompt:
    asked = prompt_of_part(question, slot) or say("Please say it in your own words.")
    text = lines(say("{progress} {question}", progress=progress, question=asked), _kept(question, slot, kept))
    also = (SKIP, BACK) if back else (SKIP,)
    if kept is not None and not kept.skipped:
        also = (KEEP, *also)
    return Prompt(text, also=also, ask="words", limit=1000, title=asked, progress=progress, own_words=True)


def _kept(question: Question, slot: Slot, kept: Answer | None) -> Text | None:
    """What was said here before the route left it."""
    if kept is None or kept.skipped:
        return None
    return say("You said before: {answer}", answer=in_words(question, slot, kept))


def _progress(topic: Topic, slot: Slot, held: Held, scene: Scene) -> Text:
    answers = {each: answer for each, answer in held.current.items() if topic.questionnaire.has(each)}
    position, total = topic.questionnaire.progress(slot, answers, scene.me.about)
    return say("{position} of {total}.", position=position, total=total)


def _quoted(topic: Topic, question: Question, held: Held) -> Text | None:
    slot = Slot(question.quote)
    answer = held.current.get(slot)
    if not question.quote or answer is None or answer.skipped:
        return None
    earlier = topic.questionnaire.question(slot)
    return say("You told us: {answer}", answer=in_words(earlier, slot, replace(answer, words=_short(answer.words))))


def _short(words: str) -> str:
    """The beginning of long words, enough to know them again."""
    if len(words) <= MOST_QUOTED:
        return words
    cut = words[:MOST_QUOTED]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip()}…"


def _what(question: Question, scene: Scene) -> Choice | None:
    return WHAT if question.help or scene.consultation.terms_in(question.text) else None


def _instruction(question: Question, picked: tuple[str, ...]) -> Text | None:
    match question:
        case Scale():
            low, high = str(question.low), str(question.high)
            return say(
                "{low} is {low_label}, {high} is {high_label}.",
                low=low,
                low_label=question.low_label,
                high=high,
                high_label=question.high_label,
            )
        case Several():
            return say("Pick up to {limit}.", limit=question.limit) if question.limit > 1 else None
        case Ranking():
            return say("Put {limit} in order. The one you want most goes first.", limit=question.limit)
        case Number() if question.money:
            return say("Give an amount in pounds.")
        case Choosing() if question.by_typing:
            return say("Type a part of the name.")
        case _:
            return None


def _safety(question: Question) -> Text | None:
    if not question.safety:
        return None
    return say("Nobody reads this live. If you are in danger, ring 999. Please leave out people's names.")


def _ask(question: Question) -> Ask:
    match question:
        case Several():
            return "several"
        case Ranking():
            return "order"
        case OwnWords():
            return "words"
        case Number():
            return "line"
        case Choosing() if question.by_typing:
            return "find"
        case Choosing() | Grid() | Reading():
            return "one"
        case _:
            return "line"


def choices_of(question: Question) -> tuple[Choice, ...]:
    """What a question offers to choose."""
    if isinstance(question, Reading):
        return (Choice("read", say("I have read it"), "yes"),)
    shown = tuple(Choice(option.id, option.label, _means(option.means)) for option in question.options)
    if isinstance(question, Scale):
        return tuple(replace(each, label=each.id) if each.id.lstrip("-").isdigit() else each for each in shown)
    return shown


def _means(meant: str) -> Literal["yes", "no", ""]:
    return "yes" if meant == "yes" else "no" if meant == "no" else ""


def _limit(question: Question) -> int:
    return question.limit if isinstance(question, Several | Ranking | OwnWords) else 0
