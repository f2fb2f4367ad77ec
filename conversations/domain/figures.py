"""Figures: the one rule for what may be shown of how many people said something."""

from __future__ import annotations

SHOWN_FROM = 10
"""The fewest people a published figure may concern (design part 6); figures move in steps of ten."""


def published(people: int) -> int | None:
    """A figure as it may be published: rounded down to ten, None below ten people."""
    return people // SHOWN_FROM * SHOWN_FROM if people >= SHOWN_FROM else None
