"""A new document passes its own check, the schema is in step, and the samples hold."""

from __future__ import annotations

from importlib.resources import files

import pytest

from conversations.document import schema
from conversations.document.fresh import new_document
from conversations.document.models import Document, Part, QuestionPart
from conversations.document.production import reasons_not_to_open
from conversations.document.reading import read
from tests.document.good import TODAY

SAMPLES = sorted(each.name for each in files("conversations.samples").iterdir() if each.name.endswith(".yaml"))


def test_a_new_document_lacks_only_what_its_author_must_fill_in() -> None:
    reading = read(new_document(TODAY), TODAY)
    assert reading.consultation
    assert {finding.code for finding in reading.findings} == {
        "legal-sample",
        "legal-controller",
        "legal-phone",
        "legal-postal_address",
        "legal-basis",
        "legal-purpose",
    }
    assert len(reasons_not_to_open(reading.consultation)) == 6


def test_a_new_document_is_plain_and_names_its_schema() -> None:
    text = new_document(TODAY)
    assert text.startswith(f"# yaml-language-server: $schema={schema.ADVISED_NAME}\n")
    assert "<" not in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_schema_is_in_step_with_the_models() -> None:
    assert schema.text() == schema.written(), "run `python -m conversations.document.schema`"


def test_the_schema_knows_every_name() -> None:
    made = schema.schema()
    question = made["$defs"]["QuestionPart"]
    assert set(question["properties"]) == {f.alias or name for name, f in QuestionPart.model_fields.items()}
    assert question["properties"]["show_if"] == {"$ref": "#/$defs/Condition"}
    assert made["additionalProperties"] is False
    assert set(made["required"]) >= {"consultation", "languages", "topics"}
    assert issubclass(Document, Part)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_has_no_errors(name: str) -> None:
    reading = read(files("conversations.samples").joinpath(name).read_bytes(), TODAY)
    assert reading.consultation, "\n".join(map(str, reading.errors))
