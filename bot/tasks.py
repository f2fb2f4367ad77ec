"""Tasks that run for as long as their owner does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator

log = logging.getLogger(__name__)


async def end(task: asyncio.Task[None] | None) -> None:
    """Breaks a task off, if it was begun, and waits until it is over."""
    if task is not None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.contextmanager
def kept_going(what: str) -> Iterator[None]:
    """A loop that sends outlives what goes wrong in one round of it."""
    try:
        yield
    except Exception:
        log.exception("%s failed; it is tried again", what)
