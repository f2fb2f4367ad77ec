"""The scene: all a page may look at besides its own fields. Built by the turn, pure data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar, cast

from conversations.domain.consultation import Consultation
from conversations.domain.lookups import Lookup
from conversations.domain.speech import Prompt, Text

if TYPE_CHECKING:
    from conversations.domain.page import Page

Found = TypeVar("Found")


@dataclass(frozen=True)
class Standing:
    """A standing prompt that waits for this person: its token and what it offers. `letter` names its first choice."""

    token: str
    choices: tuple[str, ...]
    letter: str
    settled: str = ""


@dataclass(frozen=True)
class Me:
    """What is always known about the person in the conversation.

    `consents` maps a purpose to the choice made for the pinned consultation. `about` holds facts they told us.
    """

    language: str
    channel: str
    about: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, str] = field(default_factory=dict)
    stopped: bool = False
    standing: tuple[Standing, ...] = ()


def no_shelf() -> tuple[Consultation, ...]:
    """Every consultation there is when nothing is known of a library."""
    return ()


def no_forms(text: Text) -> tuple[str, ...]:
    """The forms of a text when nothing is known of catalogues: a plain string as it is."""
    return (text,) if isinstance(text, str) else ()


@dataclass(frozen=True)
class Scene:
    """One moment for one person: the pinned consultation, everything open, who they are, what was looked up.

    `forms` gives the words of a text in every language, so that a typed label is understood in any. `shelf` gives every
    consultation, also those that are over: what happens to them can be followed.
    """

    consultation: Consultation
    now: datetime
    me: Me
    open: tuple[Consultation, ...] = ()
    findings: Mapping[object, object] = field(default_factory=dict)
    forms: Callable[[Text], tuple[str, ...]] = no_forms
    links: Mapping[str, str] = field(default_factory=dict)
    shelf: Callable[[], tuple[Consultation, ...]] = no_shelf
    _drawn: dict[Page, Prompt] = field(default_factory=dict, init=False, repr=False, compare=False)

    def asked(self, page: Page) -> Prompt:
        """The prompt of a page, drawn once: several stairs of a turn look at it."""
        if page not in self._drawn:
            self._drawn[page] = page.prompt(self)
        return self._drawn[page]

    def find(self, lookup: Lookup[Found]) -> Found:
        """What was found for a lookup. Raises KeyError when the page did not name it in `needs()`."""
        return cast("Found", self.findings[lookup])
