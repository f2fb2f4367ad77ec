"""Places: constituencies from the official look-up file, found by a part of their name."""

from __future__ import annotations

import csv
import io
from importlib import resources

import sqlalchemy as sa

from storage.database import Transaction
from storage.schema import places

NATIONS = {"E": "england", "S": "scotland", "W": "wales", "N": "northern_ireland"}
REGIONS = {
    "North East": "north_east", "North West": "north_west", "Yorkshire and The Humber": "yorkshire",
    "East Midlands": "east_midlands", "West Midlands": "west_midlands", "East of England": "east", "London": "london",
    "South East": "south_east", "South West": "south_west",
}  # fmt: skip


def folded(name: str) -> str:
    """A place name as it is compared: lower case, letters and spaces only."""
    return " ".join("".join(ch if ch.isalnum() else " " for ch in name.casefold()).split())


class NotALookup(ValueError):
    """The file has no columns that name constituencies."""


async def load(tx: Transaction, text: str) -> int:
    """Replaces the places with those of a CSV file: a code (E14…, S14…, W07…, N05…) and a name, a region if there is
    one. Column names are those of the ONS look-ups (PCON…CD, PCON…NM, RGN…NM), any year. Raises NotALookup."""
    reader = csv.DictReader(io.StringIO(text))
    columns = reader.fieldnames or []
    code, name = _column(columns, "PCON", "CD"), _column(columns, "PCON", "NM")
    region = _column(columns, "RGN", "NM")
    if code is None or name is None:
        raise NotALookup("This needs columns such as PCON24CD and PCON24NM.")
    rows = {}
    for line in reader:
        id_, called = (line[code] or "").strip(), (line[name] or "").strip()
        if id_ and called and id_[0] in NATIONS:
            where = REGIONS.get((line.get(region) or "").strip(), "") if region else ""
            rows[id_] = {
                "code": id_[:12], "name": called[:120], "folded": folded(called)[:120], "region": where,
                "nation": NATIONS[id_[0]],
            }  # fmt: skip
    if not rows:
        raise NotALookup("No constituency was found in it.")
    await tx.execute(sa.delete(places))
    await tx.execute(sa.insert(places), list(rows.values()))
    return len(rows)


async def load_sample(tx: Transaction) -> None:
    """The small sample that comes with the product, where nothing was loaded yet."""
    if await tx.first(sa.select(places.c.code).limit(1)) is None:
        await load(tx, (resources.files("storage") / "places_sample.csv").read_text(encoding="utf-8"))


def _column(columns: object, begins: str, ends: str) -> str | None:
    names = [str(each) for each in columns] if isinstance(columns, list | tuple) else []
    return next((each for each in names if each.upper().startswith(begins) and each.upper().endswith(ends)), None)
