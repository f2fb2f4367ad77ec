"""The command line, as an operator types it."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ANSWERS = "english\nyes\nsafe\n2\n3\nskip\nno\n=the path by the canal\nsend\n1\nskip\nskip\nskip\nskip\n"


def run(folder: Path, *words: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in an empty folder."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-m", "bot", *words]
    return subprocess.run(
        command, check=False, cwd=folder, env=environment, input=typed, capture_output=True, text=True, timeout=120
    )


def test_a_topic_is_answered_in_the_terminal_and_exported(tmp_path: Path) -> None:
    talked = run(tmp_path, "chat", typed=ANSWERS)
    assert talked.returncode == 0, talked.stderr
    assert "We have your answers" in talked.stdout
    out = run(tmp_path, "export", "answers")
    rows = list(csv.DictReader(io.StringIO(out.stdout)))
    given = {row["question"]: row["answer"] for row in rows}
    assert given == {"F1": "2", "F2": "traffic", "F3": "", "F4": "no", "F6": "'=the path by the canal"}
    assert len({row["person"] for row in rows}) == 1


def test_the_place_is_kept_between_two_runs(tmp_path: Path) -> None:
    run(tmp_path, "chat", typed="english\nyes\nsafe\n2\n")
    again = run(tmp_path, "chat", typed="")
    assert "Welcome back. We kept your place." in again.stdout
    assert "What makes it feel unsafe?" in again.stdout


def test_grant_and_link(tmp_path: Path) -> None:
    refused = run(tmp_path, "link", "Nobody known")
    assert refused.returncode == 1
    assert "bigconversation grant" in refused.stderr
    assert run(tmp_path, "grant", "Test officer", "officer", "--commission", "safety").returncode == 0
    linked = run(tmp_path, "link", "Test officer")
    assert "/desk/in/" in linked.stdout
    for nameless in ("", " ", "two\nlines", "\x1b[2J", "\udcff", "x" * 81):
        assert "at most 80 letters" in run(tmp_path, "grant", nameless, "officer").stderr
    wrong = run(tmp_path, "grant", "Test officer", "king")
    assert (wrong.returncode, "Nothing was changed" in wrong.stderr) == (1, True)
    nowhere = run(tmp_path, "grant", "Test officer", "officer", "--commission", "moon")
    assert "There is no commission 'moon'" in nowhere.stderr


def test_grant_an_organiser_an_area(tmp_path: Path) -> None:
    granted = run(tmp_path, "grant", "Sample organiser", "organiser", "--area", "south_west")
    assert granted.stdout == "Sample organiser: organiser of south_west.\n"
    assert run(tmp_path, "grant", "Sample organiser", "organiser").stdout.endswith("organiser of every area.\n")
    for wrong in (
        ("organiser", "--area", "atlantis"),
        ("organiser", "--commission", "safety"),
        ("signer", "--area", "wales"),
    ):
        refused = run(tmp_path, "grant", "Sample organiser", *wrong)
        assert (refused.returncode, refused.stdout) == (1, ""), wrong


def test_new_check_and_load(tmp_path: Path) -> None:
    assert run(tmp_path, "new", "mine.yaml").returncode == 0
    again = run(tmp_path, "new", "mine.yaml")
    assert "already there" in again.stderr
    checked = run(tmp_path, "check", "mine.yaml")
    assert (checked.returncode, "only if you answered" in checked.stdout) == (0, True)
    loaded = run(tmp_path, "load", "mine.yaml")
    assert "New: 1 topics" in loaded.stdout
    twice = run(tmp_path, "load", "mine.yaml")
    assert "Nothing changed" in twice.stdout
    (tmp_path / "mine.yaml").write_text("consultation: [\n")
    broken = run(tmp_path, "check", "mine.yaml")
    assert broken.returncode == 1
    assert "line 1" in broken.stdout or "line 2" in broken.stdout


def test_production_names_every_missing_setting_at_once(tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", BIGCONVERSATION_HOST="0.0.0.0")
    assert refused.returncode == 1
    for name in ("SECRET_KEYS", "LOOKUP_KEY", "PUBLIC_URL"):
        assert f"BIGCONVERSATION_{name}" in refused.stderr
    assert not (tmp_path / "var").exists()


def test_rehearse_adds_and_takes_away(tmp_path: Path) -> None:
    assert "3 invented people" in run(tmp_path, "rehearse", "3").stdout
    gone = run(tmp_path, "rehearse", "--away")
    assert "3 invented people were taken away" in gone.stdout
    assert len(run(tmp_path, "export", "answers").stdout.splitlines()) == 1


COMMANDS = (
    "serve",
    "chat",
    "new",
    "check",
    "load",
    "export",
    "grant",
    "link",
    "rehearse",
    "migrate",
    "doctor",
    "backup",
    "restore",
    "places",
    "audit",
    "quarantine",
    "corrections",
)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)])
def test_help_everywhere(tmp_path: Path, command: list[str]) -> None:
    helped = run(tmp_path, *command, "--help")
    assert helped.returncode == 0
    assert "Usage" in helped.stdout


def test_a_bad_port_is_a_kind_error(tmp_path: Path) -> None:
    refused = run(tmp_path, "serve", BIGCONVERSATION_PORT="ninety")
    assert refused.returncode == 1
    assert "BIGCONVERSATION_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
