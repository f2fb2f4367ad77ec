"""What every command shares: how it is run, how it says that something cannot be done, and whom the trail names."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

OPERATOR = "operator"
"""Whoever runs a command, on the audit trail."""


def fail(message: str) -> None:
    """Says what went wrong and ends."""
    print(message, file=sys.stderr)
    raise SystemExit(1)


def do(work: Coroutine[Any, Any, None]) -> None:
    """Runs what a command does."""
    asyncio.run(work)
