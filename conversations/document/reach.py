"""Can every question be asked? All ways through a topic are walked at once, with answers that stand for all others.

A way is kept only as far as later conditions look back at it, so there are few of them even in a long topic; where
there are too many after all, nothing is claimed. Conditions are tried by the domain itself, so what is found here
is what happens in a conversation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations, pairwise, product
from math import comb
from typing import Literal

from conversations.document.conditions import FACTS
from conversations.domain.answers import Answer, Slot
from conversations.domain.conditions import All, Any, Between, Condition, Facts, Is, Not, facts_used
from conversations.domain.questionnaire import Questionnaire
from conversations.domain.questions import Choosing, Grid, Number, OwnWords, Question, Ranking, Section, Several

MOST_STEPS = 16_000
MOST_ANSWERS = 100
ITEM = "item"
Never = Literal["shown", "ended", "ends"]
"""Its condition never holds; the topic has always ended before; its `end_if` never holds."""

Way = tuple[frozenset[tuple[Slot, Answer]], frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class DeadEnd:
    """A question that can never be asked, or whose `end_if` can never be true."""

    question: str
    never: Never


class TooManyError(Exception):
    """There are more ways than can be walked; nothing is claimed from here on."""


@dataclass
class Steps:
    """How many steps may still be walked."""

    left: int = MOST_STEPS

    def half(self) -> Steps:
        """Half of what is left, so that one topic leaves something for the next."""
        return Steps(self.left // 2)

    def take(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooManyError


def dead_ends(questionnaire: Questionnaire, steps: Steps) -> tuple[DeadEnd, ...]:
    """What no person can ever come to, in the order of the questions; as far as so many steps lead."""
    found: list[DeadEnd] = []
    allowed = steps.half()
    given = allowed.left
    with suppress(TooManyError):
        found.extend(each for each in _walk(questionnaire, allowed))
    steps.left -= given - allowed.left
    return tuple(found)


def _walk(questionnaire: Questionnaire, steps: Steps) -> Iterator[DeadEnd]:
    looked = _looked_at(questionnaire)
    ways: set[Way] = {(frozenset(), about) for about in _abouts(questionnaire)}
    for section, question in _in_order(questionnaire):
        if not ways:
            yield DeadEnd(question.id, "ended")
            continue
        here = _Crossing(section, question, looked.get(question.id, ()), steps)
        ways = {after for way in ways for after in here.cross(way)}
        if not here.asked:
            yield DeadEnd(question.id, "shown")
        elif question.end_if and not here.ended:
            yield DeadEnd(question.id, "ends")
        ways = _forget(ways, question.id, questionnaire)


def _in_order(questionnaire: Questionnaire) -> Iterator[tuple[Section, Question]]:
    for section in questionnaire.sections:
        yield from ((section, question) for question in section.questions)


@dataclass
class _Crossing:
    """One question, met on every way."""

    section: Section
    question: Question
    looked: tuple[Condition, ...]
    steps: Steps
    asked: bool = False
    ended: bool = False

    def cross(self, way: Way) -> Iterator[Way]:
        answers, about = way
        self.steps.take()
        outside = Facts(dict(answers), dict(about))
        item = self._item(outside)
        inside = Facts(outside.answers, outside.about, item or "")
        section_shown = self.section.show_if is None or self.section.show_if.holds(outside)
        question_shown = self.question.show_if is None or self.question.show_if.holds(inside)
        if item is None or not section_shown or not question_shown:
            yield way
            return
        self.asked = True
        for answer in _answers(self.question, self.looked):
            self.steps.take()
            after = answers | {(Slot(self.question.id, item=item), answer)} if answer else answers
            facts = Facts(dict(after), outside.about, item)
            if self.question.end_if and self.question.end_if.holds(facts):
                self.ended = True
            else:
                yield after, about

    def _item(self, facts: Facts) -> str | None:
        """The item this is asked for; none when nothing was chosen that it could be asked for."""
        source = self.section.repeat_for or self.question.repeat_for
        if not source:
            return ""
        chosen = facts.answers.get(Slot(source))
        return ITEM if chosen and chosen.picks else None


def _answers(question: Question, looked: tuple[Condition, ...]) -> Iterable[Answer | None]:
    """Answers that stand for all others, as far as the conditions that look at this question can tell."""
    if not looked or isinstance(question, Grid):
        return (None,)
    skip = () if question.required else (Answer(skipped=True),)
    if isinstance(question, Number):
        return (*_numbers(question, looked), *skip)
    if not isinstance(question, Choosing | Several | Ranking):
        return (Answer(words="…") if isinstance(question, OwnWords) else Answer(picks=("read",)), *skip)
    named = {value for condition in looked if isinstance(condition, Is) for value in condition.values}
    everything = isinstance(question, Choosing) and any(isinstance(each, Between) for each in looked)
    ids = [option.id for option in question.options]
    telling = [each for each in ids if everything or each in named]
    telling += [each for each in ids if each not in telling][:1]
    most = 1 if isinstance(question, Choosing) else min(question.limit, len(telling))
    least = most if isinstance(question, Ranking) else 1
    if sum(comb(len(telling), size) for size in range(least, most + 1)) > MOST_ANSWERS:
        raise TooManyError
    picks = (chosen for size in range(least, most + 1) for chosen in combinations(telling, size))
    return (*(Answer(picks=each) for each in picks if _stands(question, each)), *skip)


def _stands(question: Choosing | Several | Ranking, picks: tuple[str, ...]) -> bool:
    alone = {option.id for option in question.options if option.alone}
    return len(picks) == 1 or not alone & set(picks)


def _numbers(question: Number, looked: tuple[Condition, ...]) -> Iterator[Answer]:
    named = {end for each in looked if isinstance(each, Between) for end in (each.least, each.most) if end is not None}
    ends = sorted(Decimal(str(end)) for end in named or {0.0})
    between = {(low + high) / 2 for low, high in pairwise(ends)}
    near = between | {end + step for end in ends for step in (-1, 0, 1)}
    if question.whole:
        near = {value.to_integral_value(rounding) for value in near for rounding in (ROUND_FLOOR, ROUND_CEILING)}
    limits = {limit for limit in (question.least, question.most) if limit is not None}
    for value in sorted(near | limits):
        low, high = question.least is None or value >= question.least, question.most is None or value <= question.most
        if low and high:
            yield Answer(number=value)


def _abouts(questionnaire: Questionnaire) -> Iterator[frozenset[tuple[str, str]]]:
    """Everything a person can be, as far as conditions ask."""
    used = sorted({fact for condition in _conditions(questionnaire) for fact in facts_used(condition)})
    for values in product(*(("", *FACTS.get(fact, ())) for fact in used)):
        yield frozenset((fact, value) for fact, value in zip(used, values, strict=True) if value)


def _conditions(questionnaire: Questionnaire) -> Iterator[Condition]:
    yield from (section.show_if for section in questionnaire.sections if section.show_if)
    for question in questionnaire.questions():
        yield from (each for each in (question.show_if, question.end_if) if each)


def _looked_at(questionnaire: Questionnaire) -> dict[str, tuple[Condition, ...]]:
    """For each question, the plain conditions that look at it; a repeat looks whether anything was chosen."""
    looked: dict[str, list[Condition]] = {}
    for condition in _conditions(questionnaire):
        for leaf in leaves(condition):
            for name in leaf.questions():
                looked.setdefault(name, []).append(leaf)
    for section, question in _in_order(questionnaire):
        for source in filter(None, (section.repeat_for, question.repeat_for)):
            looked.setdefault(source, []).append(Is(source, ()))
    return {name: tuple(dict.fromkeys(conditions)) for name, conditions in looked.items()}


def leaves(condition: Condition) -> Iterator[Condition]:
    """The plain conditions in a joined one."""
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


def _forget(ways: set[Way], passed: str, questionnaire: Questionnaire) -> set[Way]:
    """The ways without the answers that nothing further on looks at."""
    needed: set[str] = set()
    beyond = False
    for section, question in _in_order(questionnaire):
        if beyond:
            needed |= {section.repeat_for, question.repeat_for}
            for condition in (section.show_if, question.show_if, question.end_if):
                needed |= condition.questions() if condition else set()
        beyond = beyond or question.id == passed
    return {(frozenset(pair for pair in answers if pair[0].question in needed), about) for answers, about in ways}
