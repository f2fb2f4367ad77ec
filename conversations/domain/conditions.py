"""Conditions: when a question is asked. Three-valued, because a question not yet reached is not a "no"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from conversations.domain.answers import Answer, Answers, Slot

Truth = bool | None
"""True, False, or None: not known yet."""


@dataclass(frozen=True)
class Facts:
    """What conditions may look at: answers so far, and what the person told us about themselves.

    `about` has `nation` and `answering_as`; a missing key is not known yet. `item` is the item of the repeated block
    being asked, so that a condition inside a block looks at the same block's answers. What is `pending` may still be
    asked and counts as unknown; what is neither answered nor pending was never asked, and counts as false.
    """

    answers: Answers
    about: Mapping[str, str]
    item: str = ""
    pending: Collection[str] = frozenset()

    def unknown(self, name: str) -> Truth:
        return None if name in self.pending else False

    def answer(self, question: str) -> Answer | None:
        """The answer to a question: in this block if it is asked there, else outside any block."""
        own = self.answers.get(Slot(question, item=self.item)) if self.item else None
        return own or self.answers.get(Slot(question))


@dataclass(frozen=True)
class Is:
    """True when the question's picks include any of `values`; false once it is answered or skipped otherwise."""

    question: str
    values: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        answer = facts.answer(self.question)
        if answer is None:
            return facts.unknown(self.question)
        return any(value in answer.picks for value in self.values)

    def questions(self) -> frozenset[str]:
        return frozenset({self.question})


@dataclass(frozen=True)
class Between:
    """True when a scale or number answer lies between `least` and `most`, both included."""

    question: str
    least: float | None
    most: float | None

    def holds(self, facts: Facts) -> Truth:
        answer = facts.answer(self.question)
        if answer is None:
            return facts.unknown(self.question)
        value = _figure(answer)
        if value is None:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def questions(self) -> frozenset[str]:
        return frozenset({self.question})


@dataclass(frozen=True)
class Answered:
    """True when the question has an answer that is not a skip."""

    question: str

    def holds(self, facts: Facts) -> Truth:
        answer = facts.answer(self.question)
        return facts.unknown(self.question) if answer is None else not answer.skipped

    def questions(self) -> frozenset[str]:
        return frozenset({self.question})


@dataclass(frozen=True)
class About:
    """True when what the person told us about themselves (nation, answering_as) is one of `values`."""

    fact: str
    values: tuple[str, ...]

    def holds(self, facts: Facts) -> Truth:
        value = facts.about.get(self.fact)
        return facts.unknown(self.fact) if value is None else value in self.values

    def questions(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True)
class Not:
    """True when the part is false."""

    part: Condition

    def holds(self, facts: Facts) -> Truth:
        inner = self.part.holds(facts)
        return None if inner is None else not inner

    def questions(self) -> frozenset[str]:
        return self.part.questions()


@dataclass(frozen=True)
class All:
    """True when every part is."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> Truth:
        return _join([part.holds(facts) for part in self.parts], all, stops_at=False)

    def questions(self) -> frozenset[str]:
        return frozenset().union(*(part.questions() for part in self.parts))


@dataclass(frozen=True)
class Any:
    """True when at least one part is."""

    parts: tuple[Condition, ...]

    def holds(self, facts: Facts) -> Truth:
        return _join([part.holds(facts) for part in self.parts], any, stops_at=True)

    def questions(self) -> frozenset[str]:
        return frozenset().union(*(part.questions() for part in self.parts))


Condition = Is | Between | Answered | About | Not | All | Any


def facts_used(condition: Condition | None) -> frozenset[str]:
    """Which facts about the person a condition looks at."""
    match condition:
        case About(fact):
            return frozenset({fact})
        case Not(part):
            return facts_used(part)
        case All(parts) | Any(parts):
            return frozenset().union(*(facts_used(part) for part in parts))
        case _:
            return frozenset()


def _join(truths: list[Truth], joined: Callable[[list[bool]], bool], *, stops_at: bool) -> Truth:
    if stops_at in truths:
        return stops_at
    if None in truths:
        return None
    return joined([bool(truth) for truth in truths])


def _figure(answer: Answer) -> float | None:
    if answer.number is not None:
        return float(answer.number)
    first = answer.picks[0] if answer.picks else ""
    return float(first) if first.lstrip("-").isdigit() else None
