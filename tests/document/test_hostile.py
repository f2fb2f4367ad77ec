"""Files that mean harm, or are something else altogether, are refused at once and never break the reader."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conversations.document.reading import read
from tests.document.good import GOOD, TODAY

BOMB = "a: &a0 [x, x]\n" + "".join(f"b{n}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(20))
HEAD = GOOD[: GOOD.index("topics:")].replace("[en, cy]\nunchecked: [cy]", "[en]") + "topics:\n"
TOPIC = "  - id: T{n}\n    commission: safety\n    title: T\n    questions:\n"
QUESTION = "      - {{id: Q{n}, ask: one, text: Why {n}?, show_if: {{Q{m}: answered}}, options: {options}}}\n"
OPTIONS = "[{id: a, label: A}, {id: b, label: B}]"


def _crowd(count: int) -> str:
    """A topic with many questions, each looking back at the one before."""
    first = "      - {id: Q0, ask: yes_no, text: Why?}\n"
    later = (QUESTION.format(n=n, m=n - 1, options=OPTIONS) for n in range(1, count))
    return HEAD + TOPIC.format(n=1) + first + "".join(later)


def _ways(topic: int, count: int) -> str:
    """A topic whose last question looks back at all before it."""
    ids = [f"Q{topic}_{n}" for n in range(count)]
    asked = (f"      - {{id: {id_}, ask: several, text: Why?, options: {OPTIONS}}}\n" for id_ in ids)
    looks = ", ".join(f"{{{id_}: a}}" for id_ in ids)
    last = f"      - {{id: L{topic}, ask: words, text: Why?, show_if: {{all: [{looks}]}}}}\n"
    return TOPIC.format(n=topic) + "".join(asked) + last


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "file-empty"),
    "only a note": ("# hello\n", "file-empty"),
    "only spaces": (" " * 9_000, "file-empty"),
    "a word": ("hello", "type-map"),
    "a list": ("- a\n- b\n", "type-map"),
    "an alias bomb": (BOMB, "file-alias"),
    "two megabytes": ("a: b\n" * 400_000, "file-size"),
    "two megabytes of bytes": (b"x" * 2_000_000, "file-size"),
    "wide letters over the limit": ("a: " + "ŵ" * 300_000, "file-size"),
    "many small parts": ("- a\n" * 99_000, "file-size"),
    "many brackets": ("[" * 9_000, "file-deep"),
    "many brackets in lines": ("[\n" * 149_000, "file-deep"),
    "many braces": ("{" * 9_000, "file-key"),
    "many dashes": ("- " * 4_000, "file-deep"),
    "many dashes in lines": ("".join(" " * n + "-\n" for n in range(600)), "file-deep"),
    "many question marks": ("? " * 4_000, "file-key"),
    "one long line": ("a: " + "w" * 290_000, "file-line"),
    "a long tag": ("a: !<" + "a" * 290_000 + ">", "file-line"),
    "a tag": ("a: !!python/object/apply:os.system ['ls']", "file-tag"),
    "a directive": ("%YAML 1.1\n---\na: b\n", "file-tag"),
    "two documents": (GOOD + "---\n" + GOOD, "key-missing file-several"),
    "not UTF-8": (GOOD.encode("utf-16"), "file-encoding"),
    "Latin 1": ("title: caf\xe9".encode("latin-1"), "file-encoding"),
    "a lone surrogate": ("title: '\ud800'", "file-encoding"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "file-encoding"),
    "noughts": (b"\0" * 1000, "text-control"),
    "a web page": ("<!doctype html>\n<html lang=en>\n<p>Hello: you", "file-broken"),
    "tabs": ("legal:\n\tphone: 1\n", "file-broken"),
    "blank lines without end": ("a: 'b\n" + "\n" * 299_000 + "'", "type-map key-unknown"),
    "quoted lines without end": ('a: "' + "w\n\n" * 99_000 + '"', "key-unknown"),
    "a crowd of questions": (_crowd(1_500), "file-size"),
    "as many questions as are let in": (_crowd(400), ""),
    "too many ways": (HEAD + _ways(1, 30), ""),
    "too many ways in many topics": (HEAD + "".join(_ways(topic, 10) for topic in range(35)), ""),
    "huge numbers": (GOOD.replace("to: 5", "to: 1" + "0" * 5_000), "type-number"),
    "a huge week": (
        GOOD.replace("2027-04-06", "in 999 weeks")
        .replace("2029-06-30", "in 999 months")
        .replace("2027-06-30", "in 999 weeks"),
        "",
    ),
    "a huge scale": (GOOD.replace("to: 5", "to: 2000000000"), "scale-long"),
    "not a number": (GOOD.replace("max: 100", "max: NaN"), "type-number"),
}


MARKS = ["", "{", "[", "'", ": ", "- ", "\n", "é", "~", "*a"]
ODD = ["{}", "[]", "0", "-1", "''", "yes", "{a: b}", "[[]]", "1e999", "2027-13-01", "{item}", "S1", "'{'"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_within_a_second(name: str) -> None:
    text, codes = HOSTILE[name]
    spent = []
    for _ in range(3):  # processor time swells on a machine whose cores are shared: the best of three counts
        begun = process_time()
        reading = read(text, TODAY)
        spent.append(process_time() - begun)
        if spent[-1] < 1:
            break
    assert min(spent) < 1
    if codes:
        assert {finding.code for finding in reading.findings} & set(codes.split())
        assert reading.consultation is None
    else:
        assert reading.consultation


@settings(deadline=None)
@given(st.one_of(st.text(), st.binary()))
def test_no_text_breaks_the_reader(text: str | bytes) -> None:
    read(text, TODAY)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 60), st.sampled_from(MARKS))
def test_no_damage_breaks_the_reader(start: int, length: int, put: str) -> None:
    reading = read(GOOD[:start] + put + GOOD[start + length :], TODAY)
    assert reading.consultation or reading.errors


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, GOOD.count("\n")),
    st.sampled_from(ODD),
)
def test_no_odd_value_breaks_the_reader(number: int, value: str) -> None:
    lines = GOOD.split("\n")
    name, colon, _ = lines[number].partition(": ")
    lines[number] = f"{name}{colon}{value}" if colon else lines[number]
    reading = read("\n".join(lines), TODAY)
    assert reading.consultation or reading.errors
