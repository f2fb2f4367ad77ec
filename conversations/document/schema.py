"""The JSON Schema of a document, so that editors complete and check it: `python -m conversations.document.schema`.

`schema.json` is made from the models by this command; a test says whether the two are in step.
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from conversations.document.conditions import FACTS
from conversations.document.kinds import LISTED, SPECIAL, TAKES
from conversations.document.models import Document, Kind, QuestionPart

FILE_NAME = "schema.json"
ADVISED_NAME = "consultation.schema.json"
"""What the schema is called beside a document; `bigconversation new` writes the first line of a document for it."""


def schema() -> dict[str, Any]:
    """The schema, made from the models."""
    made = Document.model_json_schema(by_alias=True)
    told = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Big Conversation consultation"}
    made["$defs"]["Condition"] = _condition()
    question = made["$defs"]["QuestionPart"]
    question["allOf"] = [_kind(kind) for kind in TAKES]
    return {key: _pointed(value) for key, value in {**told, **made, **told}.items()}


def text() -> str:
    """The schema as it is published, from the file that ships with the program."""
    return files("conversations.document").joinpath(FILE_NAME).read_text(encoding="utf-8")


def written() -> str:
    """The schema as the file should have it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=False) + "\n"


def _condition() -> dict[str, Any]:
    here = {"$ref": "#/$defs/Condition"}
    scalar = {"type": ["string", "number"]}
    several = {"anyOf": [scalar, {"type": "array", "items": scalar, "minItems": 1}]}
    span = {
        "type": "object",
        "properties": {"min": {"type": "number"}, "max": {"type": "number"}},
        "additionalProperties": False,
        "minProperties": 1,
    }
    facts = {
        fact: {"anyOf": [{"enum": list(values)}, {"type": "array", "items": {"enum": list(values)}}]}
        for fact, values in FACTS.items()
    }
    joined = {"type": "array", "items": here, "minItems": 1}
    return {
        "description": "A condition over earlier questions: {V1: yes}, {V1: answered}, {all: […]}, {not: {…}}.",
        "type": "object",
        "minProperties": 1,
        "properties": {"all": joined, "any": joined, "not": here, **facts},
        "additionalProperties": {"anyOf": [*several["anyOf"], span]},
    }


def _kind(kind: Kind) -> dict[str, Any]:
    """What a question of one kind must have, and what it cannot have."""
    never = {_alias(name): False for name in sorted(SPECIAL - TAKES[kind])}
    needed = ["options"] if kind in LISTED else []
    needed += {"grid": ["rows"], "scale": ["from", "to", "low", "high"]}.get(kind, [])
    return {
        "if": {"properties": {"ask": {"const": kind}}, "required": ["ask"]},
        "then": {"properties": never, "required": needed},
    }


def _alias(name: str) -> str:
    return QuestionPart.model_fields[name].alias or name


def _pointed(part: Any) -> Any:
    """The schema with every condition pointing at the one definition of conditions."""
    if isinstance(part, dict):
        if part.get("$comment") == "condition":
            return {"$ref": "#/$defs/Condition"}
        return {key: _pointed(value) for key, value in part.items()}
    return [_pointed(item) for item in part] if isinstance(part, list) else part


if __name__ == "__main__":
    Path(__file__).with_name(FILE_NAME).write_text(written(), encoding="utf-8")
