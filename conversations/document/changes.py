"""What changed between two versions of a consultation, told apart as shape, words and calendar."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from conversations.document.shape import Data, calendar_of, section_shape, shape_of, words_of
from conversations.domain.consultation import Consultation, Topic

MOST_WORDS_TOLD = 20


@dataclass(frozen=True)
class Digests:
    """A digest of each side of a consultation: equal exactly when nothing on that side changed."""

    shape: str
    words: str
    calendar: str


def digests(consultation: Consultation) -> Digests:
    """The digests of a consultation (SHA-256 in hexadecimal)."""
    return Digests(
        _digest(shape_of(consultation)), _digest(words_of(consultation)), _digest(calendar_of(consultation))
    )  # fmt: skip


def _digest(data: Mapping[str, object]) -> str:
    written = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def changes(old: Consultation | None, new: Consultation) -> tuple[str, ...]:
    """Each change in a plain line, shape first; a first version says what it holds."""
    if old is None:
        count = sum(len(topic.questions()) for topic in new.topics)
        return (f"New: {len(new.topics)} topics and {count} questions in {', '.join(new.languages)}.",)
    before, after = calendar_of(old), calendar_of(new)
    moved = (f"Calendar: {name}: {before[name] or 'nothing'} → {after[name] or 'nothing'}." for name in after)
    days = tuple(line for line, name in zip(moved, after, strict=True) if before[name] != after[name])
    return (*_shape(old, new), *_words(words_of(old), words_of(new)), *days)


def _shape(old: Consultation, new: Consultation) -> Iterator[str]:
    if old.ask_age != new.ask_age:
        yield f"Shape: people are {'now' if new.ask_age else 'no longer'} asked whether they are 16 or over."
    before, after = {topic.id: topic for topic in old.topics}, {topic.id: topic for topic in new.topics}
    yield from (f"Shape: topic {name} is gone." for name in before if name not in after)
    for name, topic in after.items():
        if name not in before:
            yield f"Shape: topic {name} is new, with {len(topic.questions())} questions."
        else:
            yield from _topic(before[name], topic)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield "Shape: the topics stand in another order."


def _topic(old: Topic, new: Topic) -> Iterator[str]:
    if old.commission.id != new.commission.id:
        yield f"Shape: {new.id} now belongs to {new.commission.id}, before to {old.commission.id}."
    before, after = _questions(old), _questions(new)
    yield from (f"Shape: question {name} is gone from {new.id}." for name in before if name not in after)
    for name, question in after.items():
        if name not in before:
            yield f"Shape: question {name} is new in {new.id}."
            continue
        for key in sorted({*question, *before[name]}):
            was, is_ = before[name].get(key), question.get(key)
            if was != is_:
                yield f"Shape: {name}: {key}: {_told(was)} → {_told(is_)}."
    if [name for name in before if name in after] != [name for name in after if name in before]:
        yield f"Shape: the questions of {new.id} stand in another order."


def _questions(topic: Topic) -> dict[str, Data]:
    """A topic's questions by id, each with what its section says of it."""
    found: dict[str, Data] = {}
    for section in map(section_shape, topic.questionnaire.sections):
        around = {f"section {key}": value for key, value in section.items() if key != "questions"}
        found |= {question["id"]: question | around for question in section["questions"]}
    return found


def _words(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    different = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    for name in different[:MOST_WORDS_TOLD]:
        if name not in after:
            yield f"Words: {name} is gone."
        else:
            yield f"Words: {name} is {'changed' if name in before else 'new'}."
    if len(different) > MOST_WORDS_TOLD:
        yield f"Words: and {len(different) - MOST_WORDS_TOLD} more texts."


def _told(value: object) -> str:
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
