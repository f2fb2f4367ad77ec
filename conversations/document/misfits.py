"""What does not fit the shape of the file, told in plain words: pydantic's errors turned into findings."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from conversations.document.models import Document
from conversations.document.notes import Notes
from conversations.document.tree import Path, Tree

_TYPES = {
    "string_type": "type-text",
    "type-text": "type-text",
    "bool_type": "type-switch",
    "bool_parsing": "type-switch",
    "list_type": "type-list",
    "dict_type": "type-map",
    "model_type": "type-map",
    "model_attributes_type": "type-map",
}


def fitted(tree: Tree, notes: Notes) -> Document | None:
    """The document as it is written, when its shape is right; what is wrong is noted."""
    if tree is None:
        notes.add((), "file-empty")
        return None
    try:
        return Document.model_validate(tree)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False, include_context=True)[:200]:
            _note(error, notes)
        return None


def _note(error: ErrorDetails, notes: Notes) -> None:
    path, kind = tuple(error["loc"]), error["type"]
    if kind == "extra_forbidden":
        key = str(path[-1])
        notes.add(path, "key-unknown", key=key, hint=notes.hint(key, _names(path[:-1])))
    elif kind == "missing":
        notes.add(path, "key-missing", key=path[-1])
    elif kind == "literal_error":
        allowed = error.get("ctx", {}).get("expected", "").replace("'", "").replace(" or ", ", ")
        value = str(error["input"])
        notes.add(path, "value-unknown", value=value, allowed=allowed, hint=notes.hint(value, allowed.split(", ")))
    else:
        notes.add(path, _TYPES.get(kind, "type-number"))


def _names(path: Path) -> tuple[str, ...]:
    """The names that may stand in the part this path leads to."""
    models: list[type[BaseModel]] = [Document]
    for step in path:
        if isinstance(step, str):
            models = [inner for model in models for inner in _inside(model, step)]
    return tuple(field.alias or name for model in models for name, field in model.model_fields.items())


def _inside(model: type[BaseModel], name: str) -> Iterator[type[BaseModel]]:
    for own, field in model.model_fields.items():
        if name == (field.alias or own):
            yield from _models(field.annotation)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in {list, Union, types.UnionType}:
        for inner in get_args(annotation):
            yield from _models(inner)
