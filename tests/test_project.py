"""Tests about the project itself: who imports whom, empty `__init__` files, routes declared, sizes kept small."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot import access
from bot.app import build_web
from bot.opening import build_house, prepare
from bot.settings import Settings
from conversations.domain.languages import LANGUAGES, SOURCE

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "conversations", "storage", "locales")


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)


def imported(path: Path) -> set[str]:
    """The modules a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("path", modules("conversations/domain"), ids=lambda path: path.stem)
def test_the_domain_knows_no_page(path: Path) -> None:
    ours = {name for name in imported(path) if name.split(".")[0] in PACKAGES}
    assert all(name.startswith("conversations.domain") or name == "conversations" for name in ours), ours


def test_every_page_may_be_the_first_that_is_loaded() -> None:
    """Pages that lead to each other load in whatever order somebody asks for them."""
    named = sorted(f"conversations.{path.stem}" for path in (ROOT / "conversations").glob("[a-z]*.py"))
    told = (
        "import importlib, sys\n"
        f"for name in {named!r}:\n"
        "    for each in [each for each in sys.modules if each.startswith('conversations')]: del sys.modules[each]\n"
        "    importlib.import_module(name)\n"
    )
    subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True)


@pytest.mark.parametrize("package", PACKAGES)
def test_init_files_are_empty(package: str) -> None:
    assert [path for path in (ROOT / package).rglob("__init__.py") if path.read_text().strip()] == []


def test_no_code_package_beside_the_four() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found <= {*PACKAGES, "tests"}


async def test_every_route_is_declared_and_every_declared_route_is_there(settings: Settings) -> None:
    database = await prepare(settings)
    try:
        app = build_web(build_house(settings, database, {}))
    finally:
        await database.close()
    routes = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert routes - set(access.ROUTES) == set()
    assert set(access.ROUTES) - routes <= {("POST", "/telegram")}


def test_most_files_are_short() -> None:
    """A file has one subject: nine in ten are under 250 lines, and none is past 400."""
    lengths = {path: len(path.read_text().splitlines()) for folder in PACKAGES for path in modules(folder)}
    assert max(lengths.values()) <= 400, max(lengths, key=lambda path: lengths[path])
    assert sum(length <= 250 for length in lengths.values()) >= 0.9 * len(lengths)


def test_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    registry = "pypi" + ".org"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    for path in (ROOT / name for name in listed if name and not name.endswith((".png", ".lock"))):
        text = path.read_text(encoding="utf-8", errors="ignore") if path.exists() else ""
        assert registry not in text, path
        assert "/work" + "/" not in text, path


# One room for a language: its table and its catalogue


LANGUAGES_ROOM = "conversations/domain/languages.py"
OTHERS = [each for each in LANGUAGES.values() if each.code != SOURCE]
NAMED = re.compile(
    "|".join(rf"[\"'/ ]{each.code}[\"'/ .]|\\b(?:{'|'.join(each.called)})\\b" for each in OTHERS), re.IGNORECASE
)
MAY_NAME = {"conversations/document/fresh.py"}
"""An example for whoever writes a document."""


def test_a_language_is_named_in_one_room() -> None:
    """What adding a language touches is the table, the catalogue and documents: nothing else knows one by its name."""
    files = [path for folder in ("bot", "conversations", "storage") for path in modules(folder)]
    files += [*(ROOT / "bot" / "doors" / "templates").glob("*.html"), *(ROOT / "bot" / "doors" / "static").glob("*.js")]
    named = {
        f"{path.relative_to(ROOT)}:{place}: {line.strip()}"
        for path in files
        if str(path.relative_to(ROOT)) not in {LANGUAGES_ROOM, *MAY_NAME}
        for place, line in enumerate(_without_docstrings(path).splitlines(), 1)
        if NAMED.search(line)
    }
    assert not named, "\n".join(sorted(named))


def _without_docstrings(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r'"""[\s\S]*?"""|#.*', "", text) if path.suffix == ".py" else text
