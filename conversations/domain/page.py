"""What a page is: one state of a conversation."""

from __future__ import annotations

from typing import Any, ClassVar

from conversations.domain.lookups import Lookup
from conversations.domain.scene import Scene
from conversations.domain.speech import Heard, Prompt, Step


class Page:
    """A frozen dataclass whose fields are what it carries.

    `hear` returns None when it did not understand: the engine says so and asks again. `reads_words` pages are
    given typed words as they are; on the others the engine first matches words with the prompt's choices.
    `needs_open` pages make sense only while the consultation is open. `on_top` pages open on top of any other, and
    leave again. `VERSION` is saved with the fields.
    """

    VERSION: ClassVar[int] = 1
    reads_words: ClassVar[bool] = False
    needs_open: ClassVar[bool] = False
    on_top: ClassVar[bool] = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        """What has to be looked up before this page can ask or listen."""
        return ()

    def prompt(self, scene: Scene) -> Prompt:
        """What this page asks."""
        raise NotImplementedError

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        """What this page does with what it hears; None when it did not understand."""
        raise NotImplementedError
