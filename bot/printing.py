"""Printing: rows as CSV on standard output, for a spreadsheet or another program."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime


def print_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A heading and rows. No cell is one that a spreadsheet would run."""
    out = csv.writer(sys.stdout)
    out.writerow(heads)
    out.writerows([safe(_cell(each)) for each in row] for row in rows)


def _cell(value: object) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)


def safe(cell: str) -> str:
    """A cell that a spreadsheet will not run as a formula (OWASP, CSV injection)."""
    dangerous = cell.startswith(("=", "+", "@", "\t", "\r")) or (cell.startswith("-") and not cell[1:2].isdigit())
    return f"'{cell}" if dangerous else cell
