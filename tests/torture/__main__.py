"""`make torture PART=…`: one part of the torture, with a seed that plays it again. Ends with 1 for a broken promise.

A part is a module here with `FULL` (its full size), `PROMISE` (one line) and `async def run(asked) -> Verdict`.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import pkgutil
import platform
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import tests.torture
from tests.torture.verdict import Asked, Verdict

MOST_TOLD = 25
ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "docs" / "reliability.md"
HEADING = "## Figures"
TOLD = "Each row was printed by `make torture PART=…` with that seed; *kept* means that every promise was."
COLUMNS = ("Date", "Part", "Database", "Size", "Seed", "Figures", "Verdict", "Commit", "Machine")


def parts() -> dict[str, ModuleType]:
    """Every part there is, by its name."""
    names = [each.name for each in pkgutil.iter_modules(tests.torture.__path__) if not each.name.startswith("test_")]
    found = {name: importlib.import_module(f"tests.torture.{name}") for name in names if name != "__main__"}
    return {name: module for name, module in found.items() if hasattr(module, "FULL")}


def main() -> int:
    known = parts()
    given = _arguments(known)
    asked = _asked(given, known[given.part].FULL)
    print(
        f"{asked.part} on {asked.database}, size {asked.size}, seed {asked.seed}"
        + f" bug {asked.bug}" * bool(asked.bug)
    )
    commit = _commit()
    verdict: Verdict = asyncio.run(known[asked.part].run(asked))
    print(file=sys.stderr)
    for name, figure in verdict.figures.items():
        print(f"  {name}: {figure}")
    for name, count in verdict.details.items():
        print(f"    {count} × {name}")
    for each, times in Counter(verdict.broken).most_common(MOST_TOLD):
        print(f"BROKEN{f' {times} times' if times > 1 else ''}: {each}")
    print("kept" if not verdict.broken else f"{len(verdict.broken)} promises broken")
    if given.write and not asked.bug:
        write_row(FIGURES, row_of(asked, verdict, commit))
    return 1 if verdict.broken else 0


def _arguments(known: dict[str, ModuleType]) -> argparse.Namespace:
    told = "\n".join(f"  {name:10} {module.PROMISE} (full size {module.FULL})" for name, module in known.items())
    form = argparse.RawDescriptionHelpFormatter
    reading = argparse.ArgumentParser("make torture", description=f"{__doc__}\n{told}", formatter_class=form)
    reading.add_argument("part", choices=known, metavar="PART")
    reading.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    reading.add_argument("--seed", type=int, help="left out: a new one")
    reading.add_argument("--size", type=int, help="left out: the full size")
    reading.add_argument("--bug", help="plants a bug in the program: the part must find it")
    reading.add_argument("--resume", action="store_true", help="goes on with a run that was ended; give its seed")
    reading.add_argument("--write", action="store_true", help="adds a row to docs/reliability.md")
    return reading.parse_args()


def _asked(given: argparse.Namespace, full: int) -> Asked:
    seed = random.SystemRandom().randrange(1_000_000) if given.seed is None else given.seed
    size = given.size or full
    kept = ROOT / "var" / "torture" / f"{given.part}-{given.database}-{size}-{seed}{given.bug or ''}.json"
    return Asked(given.part, given.database, seed, size, given.bug, kept, given.resume)


def row_of(asked: Asked, verdict: Verdict, commit: str) -> tuple[str, ...]:
    """A run as a row of the table."""
    figures = ", ".join(f"{name} {_short(figure)}" for name, figure in verdict.figures.items())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}",
        asked.part,
        asked.database,
        f"{asked.size:,}",
        str(asked.seed),
        figures,
        "kept" if not verdict.broken else f"**broken**: {len(verdict.broken)}",
        commit,
        f"{os.cpu_count()} cores, Python {platform.python_version()}",
    )


def _short(figure: object) -> str:
    return f"{figure:.2f}" if isinstance(figure, float) else f"{figure:,}" if isinstance(figure, int) else str(figure)


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--", "bot", "storage", "conversations", "locales")
    return (git("rev-parse", "--short=9", "HEAD") or "unknown") + (" and changes" if changed else "")


def write_row(document: Path, row: tuple[str, ...]) -> None:
    """Adds a row at the end of the table of figures, which is begun where there is none."""
    lines = document.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if HEADING not in lines:
        lines += ["", HEADING, "", TOLD, "", f"| {' | '.join(COLUMNS)} |", f"| {' | '.join('---' for _ in COLUMNS)} |"]
    place = lines.index(HEADING) + 1
    after = next((at for at in range(place, len(lines)) if lines[at].startswith("## ")), len(lines))
    last = max(at for at in range(place, after) if lines[at].startswith("|"))
    lines.insert(last + 1, f"| {' | '.join(row)} |")
    document.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
