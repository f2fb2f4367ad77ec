"""The shape of a document file, as pydantic models; the JSON Schema for editors is made from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

ANY_LANGUAGE = "*"
"""The language of a text that is written once, without saying in which language."""

Kind = Literal[
    "yes_no", "one", "several", "scale", "words", "ranking", "grid", "number", "money", "email", "read"
]  # fmt: skip


def _by_language(written: Any) -> Any:
    if isinstance(written, str):
        return {ANY_LANGUAGE: written}
    if isinstance(written, dict):
        return {language: text for language, text in written.items() if text is not None}
    raise PydanticCustomError("type-text", "a text")


_TEXT = {"type": ["string", "number"]}
_DAY = {"type": "string", "pattern": r"^(\d{4}-\d{2}-\d{2}([ T].+)?|today|in \d+ (weeks?|months?))$"}
Words = Annotated[
    dict[str, str],
    BeforeValidator(_by_language),
    WithJsonSchema(
        {
            "description": "One text, or one per language.",
            "anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}],
        }
    ),
]
Id = Annotated[str, WithJsonSchema(_TEXT)]
When = Annotated[str, WithJsonSchema(_DAY)]
If = Annotated[
    Any, WithJsonSchema({"$comment": "condition", "description": "A condition over earlier questions."})
]  # fmt: skip


class Part(BaseModel):
    """A part of the file. A name with nothing after it counts as not written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        known = {field.alias or name for name, field in cls.model_fields.items()}
        return {name: value for name, value in written.items() if value is not None or name not in known}


class OptionPart(Part):
    id: Id
    label: Words
    alone: bool = False


class QuestionPart(Part):
    id: Id
    ask: Kind
    text: Words
    help: Words | None = None
    required: bool = False
    safety: bool = False
    show_if: If = None
    end_if: If = None
    quote: Id = ""
    repeat_for: Id = ""
    why: Words | None = None
    other: Words | None = None
    find: bool = False
    options: list[OptionPart] | None = None
    rows: list[OptionPart] | None = None
    limit: int | None = None
    low_number: int | None = Field(None, alias="from")
    high_number: int | None = Field(None, alias="to")
    low: Words | None = None
    high: Words | None = None
    dont_know: bool = False
    least: Decimal | None = Field(None, alias="min")
    most: Decimal | None = Field(None, alias="max")
    whole: bool = False


class SectionPart(Part):
    id: Id
    title: Words | None = None
    show_if: If = None
    repeat_for: Id = ""
    questions: list[QuestionPart] = []


class SourcePart(Part):
    title: Words
    url: str


class BackgroundPart(Part):
    text: Words
    checked: When = ""
    sources: list[SourcePart] = []


class TopicPart(Part):
    id: Id
    commission: Id
    title: Words
    background: BackgroundPart | None = None
    closing: Words | None = None
    sections: list[SectionPart] | None = None
    questions: list[QuestionPart] | None = None


class CalendarPart(Part):
    opens: When
    closes: When
    hear_by: When = ""
    withdrawn: bool = False


class LegalPart(Part):
    controller: Words | None = None
    sample: bool = False
    phone: Id = ""
    postal_address: str = ""
    email: str = ""
    basis: Words | None = None
    purpose: Words | None = None
    keep_until: When = ""


class DecidingPart(Part):
    england: Words | None = None
    scotland: Words | None = None
    wales: Words | None = None
    northern_ireland: Words | None = None


class TermPart(Part):
    word: Words
    meaning: Words


class Document(Part):
    """A whole consultation file."""

    consultation: Id
    languages: list[str]
    unchecked: list[str] = []
    title: Words
    run_by: Words
    intro: Words | None = None
    ask_age: bool = True
    calendar: CalendarPart
    legal: LegalPart
    deciding: DecidingPart = DecidingPart()
    commissions: dict[str, Words]
    words: list[TermPart] = []
    closing: Words | None = None
    joining: Words | None = None
    topics: list[TopicPart]
