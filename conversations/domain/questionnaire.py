"""The route through a topic's questions: what comes next, what is out of reach, how far along a person is.

Everything follows from the answers given, never from a stored position, so a changed answer changes the route at
once. Conditions look only at earlier questions (the document check sees to it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from conversations.domain.answers import Answer, Answers, Slot
from conversations.domain.conditions import Facts, facts_used
from conversations.domain.questions import OTHER, Choosing, Grid, Question, Ranking, Section, Several
from conversations.domain.speech import Content


@dataclass(frozen=True)
class Questionnaire:
    """A topic's sections in order. Pure: every method takes the answers and what is known about the person."""

    sections: tuple[Section, ...]

    def question(self, slot: Slot) -> Question:
        """The question of a slot, speaking of its item in a repeated block. Raises KeyError when there is none."""
        section, question = self._by_id[slot.question]
        repeat = section.repeat_for or question.repeat_for
        return self._of_item(question, repeat, slot.item) if slot.item and repeat else question

    @cached_property
    def _by_id(self) -> dict[str, tuple[Section, Question]]:
        """Each question and its section; the first of an id, should a document not yet checked have two."""
        everything = [(section, question) for section in self.sections for question in section.questions]
        return {question.id: (section, question) for section, question in reversed(everything)}

    def _of_item(self, question: Question, repeat_for: str, item: str) -> Question:
        """A repeated question with its item's name in place of `{item}`, in every language."""
        options = self.question(Slot(repeat_for)).options
        label = next((option.label for option in options if option.id == item), Content({"en": item}))
        text = {
            code: words.replace("{item}", label.in_language(code)[0])
            for code, words in question.text.translations.items()
        }
        return replace(question, text=Content(text))

    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def has(self, slot: Slot) -> bool:
        return slot.question in self._by_id

    def route(self, answers: Answers, about: Mapping[str, str]) -> tuple[Slot, ...]:
        """The slots this person has been or will certainly be asked, in order, up to the first not yet answered."""
        return tuple(self._walk(answers, about))

    def next(self, answers: Answers, about: Mapping[str, str]) -> Slot | None:
        """The first slot on the route without an answer; None when there is nothing left to ask."""
        return next((slot for slot in self._walk(answers, about) if slot not in answers), None)

    def previous(self, slot: Slot, answers: Answers, about: Mapping[str, str]) -> Slot | None:
        """The slot before this one on the route."""
        route = self.route(answers, about)
        before = route[: route.index(slot)] if slot in route else route
        return before[-1] if before else None

    def unreachable(self, answers: Answers, about: Mapping[str, str]) -> tuple[Slot, ...]:
        """Answered slots that the route no longer passes; their answers are to be set aside.

        What only a set-aside answer led to goes with it.
        """
        kept = dict(answers)
        while lost := kept.keys() - set(self._possible(kept, about)):
            kept = {slot: answer for slot, answer in kept.items() if slot not in lost}
        return tuple(slot for slot in answers if slot not in kept)

    def progress(self, slot: Slot, answers: Answers, about: Mapping[str, str]) -> tuple[int, int]:
        """Which number this slot is, and of how many at most: what may still be asked is counted in."""
        places = [each for each in self._possible(answers, about) if not each.part]
        asked = slot._replace(part="")
        position = places.index(asked) + 1 if asked in places else len(places)
        return position, len(places)

    def fact_needed(self, answers: Answers, about: Mapping[str, str]) -> str:
        """The fact about the person that routing cannot do without now ("nation"), or an empty string."""
        if not any(used - about.keys() for _, used in self._facts_used):
            return ""
        upcoming = self.next(answers, about)
        for question, used in self._facts_used:
            unknown = sorted(used - about.keys())
            if unknown:
                return unknown[0]
            if upcoming and question == upcoming.question:
                return ""
        return ""

    @cached_property
    def _facts_used(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each question's id, and the facts about the person that decide whether it is asked or the last."""
        return tuple(
            (question.id, facts_used(question.show_if) | facts_used(section.show_if) | facts_used(question.end_if))
            for section in self.sections
            for question in section.questions
        )

    # How the route is walked

    def _walk(self, answers: Answers, about: Mapping[str, str]) -> Iterator[Slot]:
        """Slots in order as far as they are certain: stops after the first one without an answer."""
        for section, question, item in self._places(answers):
            if _conditional(section, question) and not _shown(section, question, Facts(answers, about, item)):
                continue
            for slot in slots_of(question, item, answers):
                yield slot
                if slot not in answers:
                    return
            if question.end_if and question.end_if.holds(Facts(answers, about, item)):
                return

    def _possible(self, answers: Answers, about: Mapping[str, str]) -> Iterator[Slot]:
        """Slots that are on the route or may still come to be, whatever is yet to be answered."""
        pending = {fact for fact in ("nation", "answering_as") if fact not in about}
        for section, question, item in self._places(answers, pending):
            facts = Facts(answers, about, item, pending) if _conditional(section, question) else None
            if facts and _shown(section, question, facts) is False:
                continue
            slots = slots_of(question, item, answers)
            yield from slots
            if not answers.keys() >= set(slots):
                pending.add(question.id)
            elif facts and question.end_if and question.end_if.holds(facts):
                return

    def _places(self, answers: Answers, pending: Collection[str] = ()) -> Iterator[tuple[Section, Question, str]]:
        """Every question, its section and the item it is asked for; a repeated section comes whole for each item."""
        for section in self.sections:
            for item in self._items(section.repeat_for, answers, pending):
                for question in section.questions:
                    own = question.repeat_for if not item else ""
                    inner = self._items(own, answers, pending) if own else (item,)
                    for each in inner:
                        yield section, question, each

    def _items(self, repeat_for: str, answers: Answers, pending: Collection[str]) -> tuple[str, ...]:
        """The items a block is asked for: one nameless item when it is not repeated; "none of these" is no item.

        While the choice is pending, as many as may be chosen stand in for them.
        """
        if not repeat_for:
            return ("",)
        chosen, asked = answers.get(Slot(repeat_for)), self.question(Slot(repeat_for))
        if chosen is None and repeat_for in pending:
            most = asked.limit if isinstance(asked, Several | Ranking) else 1
            return tuple(f"?{place}" for place in range(most))
        alone = {option.id for option in asked.options if option.alone}
        return tuple(pick for pick in chosen.picks if pick not in alone) if chosen else ()


def _conditional(section: Section, question: Question) -> bool:
    """Whether what was answered decides anything here: most questions are asked of everybody."""
    return bool(question.show_if or section.show_if or question.end_if)


def _shown(section: Section, question: Question, facts: Facts) -> bool | None:
    outer = section.show_if.holds(replace(facts, item="")) if section.show_if else True
    inner = question.show_if.holds(facts) if question.show_if else True
    if outer is False or inner is False:
        return False
    return None if outer is None or inner is None else True


def slots_of(question: Question, item: str, answers: Answers) -> tuple[Slot, ...]:
    """The slots one question opens: a grid's rows, and after an answer the words it asks for ("why?", "other")."""
    if isinstance(question, Grid):
        return tuple(Slot(question.id, row=row.id, item=item) for row in question.rows)
    slot = Slot(question.id, "", item)
    answer = answers.get(slot)
    return (slot, *extra_slots(question, slot, answer)) if answer else (slot,)


def extra_slots(question: Question, slot: Slot, answer: Answer | None) -> tuple[Slot, ...]:
    """The further slots an answer opens."""
    if not isinstance(question, Choosing | Several) or answer is None or answer.skipped:
        return ()
    other = (slot._replace(part="other"),) if OTHER in answer.picks else ()
    why = (slot._replace(part="why"),) if question.why else ()
    return other + why


def prompt_of_part(question: Question, slot: Slot) -> Content | None:
    """What a further slot asks: the document's own "why?"; none where our catalogue asks it ("other")."""
    return question.why if slot.part == "why" and isinstance(question, Choosing | Several) else None
