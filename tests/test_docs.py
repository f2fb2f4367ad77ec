"""The documents in step with the code: links, commands, settings, STOP's words, and no path of one machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from bot.access import ROLES
from bot.commands import cli
from bot.settings import PREFIX, Settings
from conversations.domain.words import COMMANDS

HOUSE = Path(__file__).resolve().parents[1]
README = HOUSE / "README.md"
DOCUMENTS = sorted([README, HOUSE / "CHANGELOG.md", *(HOUSE / "docs").rglob("*.md")])
DEPLOYED = sorted(each for each in (HOUSE / "deploy").iterdir() if each.is_file())
LATER = ("docs/pictures/",)
"""What a document may name before it is there; a test prints what is still missing."""

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|[\s`(]|bin/)bigconversation ((?!:)[a-z]+)(?: ([a-z]+))?", re.MULTILINE)
SETTING = re.compile(rf"\b{PREFIX}([A-Z_]*[A-Z])\b")
OURS_FOR_TESTS = {"TEST_NO_SKIPS"}
PLACES = re.compile(r"/(?:work|tmp|root|home/\w+)/")
SOURCES = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.org|docker\.io|ghcr\.io|quay\.io|gcr\.io")


def named(path: Path) -> str:
    """A document as it is named in the project."""
    return path.relative_to(HOUSE).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_links_lead_somewhere(document: Path) -> None:
    missing = []
    for link in LINK.findall(text_of(document)):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = (document.parent / target).resolve() if target else document
        if not file.exists():
            if file.is_relative_to(HOUSE) and named(file).startswith(LATER):
                print(f"still to come: {named(file)}")
            else:
                missing.append(link)
        elif anchor and anchor not in anchors(file):
            missing.append(link)
    assert not missing


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYED], ids=named)
def test_commands_are_there(document: Path) -> None:
    group = typer.main.get_command(cli)
    known = getattr(group, "commands", {})
    for command, below in COMMAND.findall(text_of(document)):
        assert command in known, f"there is no command `bigconversation {command}`"
        deeper = getattr(known[command], "commands", None)
        assert deeper is None or below in deeper, f"there is no command `bigconversation {command} {below}`"


def test_every_command_is_in_the_readme() -> None:
    text, group = text_of(README), typer.main.get_command(cli)
    assert not [name for name in getattr(group, "commands", {}) if not re.search(rf"\b{name}\b", text)]


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYED], ids=named)
def test_make_targets_are_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of(HOUSE / "Makefile"), re.MULTILINE))
    said = re.findall(r"(?:^|`)make ((?:[a-z-]+ ?)+)", text_of(document), re.MULTILINE)
    assert {word for words in said for word in words.split()} <= targets


def test_every_setting_is_in_the_operators_table_and_no_other() -> None:
    rows = re.findall(rf"^\| `{PREFIX}([A-Z_]+)` \|", text_of(HOUSE / "docs" / "operating.md"), re.MULTILINE)
    assert sorted(rows) == sorted(name.upper() for name in Settings.model_fields)


def test_the_defaults_in_the_table_are_those_in_force() -> None:
    text = text_of(HOUSE / "docs" / "operating.md")
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `{PREFIX}{name.upper()}` \| (.*?) \|", text, re.MULTILINE)
        assert row is not None, name
        assert field.default == "" or f"`{field.default}`" == row[1]


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYED], ids=named)
def test_settings_named_are_there(document: Path) -> None:
    known = {name.upper() for name in Settings.model_fields} | OURS_FOR_TESTS
    assert set(SETTING.findall(text_of(document))) <= known


@pytest.mark.parametrize("document", [*DOCUMENTS, *DEPLOYED], ids=named)
def test_no_document_names_a_place_on_one_machine(document: Path) -> None:
    text = text_of(document)
    assert not PLACES.findall(text)
    assert not SOURCES.findall(text)


def test_the_glossary_has_every_word_heard_anywhere() -> None:
    text = text_of(HOUSE / "docs" / "glossary.md").casefold()
    assert not [word for word in COMMANDS["STOP"] if word not in text]
    assert not [name for name in COMMANDS if f"| {name.casefold()} |" not in text]


def test_the_transcript_is_what_the_command_prints(tmp_path: Path) -> None:
    shown = re.search(
        r"printf '(.*)' \| \.venv/bin/bigconversation chat\n```\n\n```text\n(.*?)```", text_of(README), re.DOTALL
    )
    assert shown is not None
    environment = {**os.environ, f"{PREFIX}DATABASE_URL": f"sqlite:///{tmp_path}/bc.db", "PYTHONPATH": str(HOUSE)}
    chat = [sys.executable, "-c", "from bot.__main__ import main; main()", "chat"]
    typed = shown[1].replace("\\n", "\n")
    printed = subprocess.run(chat, input=typed, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert shown[2].strip() in printed.stdout, printed.stdout


def test_the_roles_are_told() -> None:
    text = text_of(HOUSE / "docs" / "operating.md")
    assert not [role for role in ROLES if f"`{role}`" not in text]
