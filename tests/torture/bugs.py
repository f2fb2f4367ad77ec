"""Bugs planted in the program on purpose. A judge that does not find each of them proves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """A slip somebody could make. `part` is the part of the torture that must find it, with the program dying at
    `points` where chance alone would take long."""

    told: str
    part: str
    plant: Callable[[], None]
    points: tuple[str, ...] = ()


BUGS: dict[str, Bug] = {}
