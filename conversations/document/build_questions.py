"""A question as it is written, made into the question that reads answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

from conversations.document.conditions import ConditionReader, Scope
from conversations.document.contents import Contents
from conversations.document.kinds import AGREEING, DONT_KNOW, USUAL_CHARACTERS, steps
from conversations.document.models import OptionPart, QuestionPart
from conversations.document.notes import Notes
from conversations.document.walking import Placed
from conversations.domain import questions as kinds
from conversations.domain.conditions import Condition
from conversations.domain.questions import Option
from conversations.domain.speech import Content

_MEANS: dict[str, Literal["yes", "no", "unsure"]] = {"yes": "yes", "no": "no", "not_sure": "unsure"}


class Common(TypedDict):
    """What every kind of question is made with."""

    id: str
    text: Content
    help: Content | None
    show_if: Condition | None
    end_if: Condition | None
    required: bool
    safety: bool
    quote: str
    repeat_for: str


@dataclass(frozen=True)
class QuestionBuilder:
    """Builds the questions of one topic, whose questions are `asked` in this order."""

    contents: Contents
    asked: dict[str, tuple[int, Placed]]

    def condition(self, written: Any, repeated_for: str = "") -> Condition | None:
        """A condition, known by now to be sound."""
        scope = Scope(self.asked, frozenset(), len(self.asked), repeated_for)
        return ConditionReader(scope, Notes({})).read(written, ()) if written is not None else None

    def build(self, placed: Placed) -> kinds.Question:
        """The question of the kind that is written."""
        question, common = placed.question, self._common(placed)
        match question.ask:
            case "yes_no" | "one":
                return self._choosing(question, common)
            case "scale":
                return self._scale(question, common)
            case "several":
                return self._several(question, common)
            case "ranking":
                options = self._options(question.options)
                return kinds.Ranking(**common, choices=options, limit=question.limit or len(options))
            case "grid":
                rows, options = self._options(question.rows), self._options(question.options)
                return kinds.Grid(**common, rows=rows, choices=options)
            case "words":
                return kinds.OwnWords(**common, limit=question.limit or USUAL_CHARACTERS)
            case "number" | "money" as ask:
                least, most, whole = question.least, question.most, question.whole
                return kinds.Number(**common, money=ask == "money", whole=whole, least=least, most=most)
            case "email":
                return kinds.Email(**common)
            case "read":
                return kinds.Reading(**common)

    def _common(self, placed: Placed) -> Common:
        question = placed.question
        return Common(
            id=question.id,
            text=self.contents.of(question.text),
            help=self.contents.maybe(question.help),
            show_if=self.condition(question.show_if, placed.repeated_for()),
            end_if=self.condition(question.end_if, placed.repeated_for()),
            required=question.required,
            safety=question.safety,
            quote=question.quote,
            repeat_for=question.repeat_for,
        )

    def _choosing(self, question: QuestionPart, common: Common) -> kinds.Choosing:
        choices = self._options(question.options)
        if question.ask == "yes_no":
            choices = choices or tuple(Option(each, self.contents.label(each)) for each in AGREEING)
            choices = tuple(replace(each, means=_MEANS[each.id]) for each in choices)
        other, why = self.contents.maybe(question.other), self.contents.maybe(question.why)
        return kinds.Choosing(**common, choices=choices, other=other, why=why, find=question.find)

    def _several(self, question: QuestionPart, common: Common) -> kinds.Several:
        choices = self._options(question.options)
        other, why = self.contents.maybe(question.other), self.contents.maybe(question.why)
        together = sum(not option.alone for option in choices) + (other is not None)
        return kinds.Several(**common, choices=choices, limit=question.limit or together, other=other, why=why)

    def _scale(self, question: QuestionPart, common: Common) -> kinds.Scale:
        choices = tuple(Option(step, self.contents.figure(step)) for step in steps(question))
        if question.dont_know:
            choices += (Option(DONT_KNOW, self.contents.label(DONT_KNOW), means="unsure"),)
        return kinds.Scale(
            **common,
            choices=choices,
            why=self.contents.maybe(question.why),
            low=question.low_number or 0,
            high=question.high_number or 0,
            low_label=self.contents.of(question.low or {}),
            high_label=self.contents.of(question.high or {}),
        )

    def _options(self, options: list[OptionPart] | None) -> tuple[Option, ...]:
        return tuple(Option(each.id, self.contents.of(each.label), each.alone) for each in options or ())
