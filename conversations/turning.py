"""Turning: where a conversation is, what a turn decided, and the few ways a page gives way to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conversations import resting, welcome
from conversations.domain.effects import Effect, TakeUp
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Leave,
    Step,
    Text,
)

STACK_LIMIT = 3


@dataclass(frozen=True)
class Conversation:
    """Where one person is: pages from the floor up, and the number of the prompt they see.

    The number grows with every prompt that asks something new, so that a press on an old one is known for what it is.
    """

    stack: tuple[Page, ...] = (welcome.Welcoming(),)
    prompt_number: int = 1

    @property
    def page(self) -> Page:
        return self.stack[-1]


@dataclass(frozen=True)
class Turned:
    """What a turn decided. `quiet` says that no prompt follows; `amends` that the prompt only changes its marks."""

    conversation: Conversation
    remark: Text | None = None
    effects: tuple[Effect, ...] = ()
    quiet: bool = False
    amends: bool = False


def is_shut(page: Page, scene: Scene) -> bool:
    """Whether the page makes no sense now, because what it asks about is not open."""
    if isinstance(page, welcome.ChoosingTopic) and scene.open:
        return False
    return page.needs_open and scene.consultation.standing(scene.now) != "open"


def told_closed(conversation: Conversation, page: Page) -> Turned:
    """The person is told that what this page asks about is not open."""
    return Turned(floor_given(conversation, welcome.NotOpen(getattr(page, "topic", ""))))


def while_open(turned: Turned, before: Conversation, scene: Scene) -> Turned:
    """Nobody is led to a page that is closed: who was elsewhere stays there, and is told."""
    moved = any(isinstance(effect, TakeUp) for effect in turned.effects)
    page, floor = turned.conversation.page, before.stack[0]
    if moved or turned.quiet or not is_shut(page, scene):
        return turned
    if turned.effects or is_shut(floor, scene) or isinstance(floor, welcome.NotOpen):
        closed = told_closed(turned.conversation, page)
        return replace(closed, remark=turned.remark, effects=turned.effects)
    return Turned(floor_given(before, floor), welcome.standing_text(scene.consultation, scene))


def receipt_given(turned: Turned, before: Conversation) -> Turned:
    """A receipt is given once: whatever is said after it is followed by the short form of the same page."""
    floor = turned.conversation.stack[0]
    if isinstance(floor, resting.Resting) and floor.receipt and floor == before.stack[0]:
        stack = (replace(floor, receipt=False), *turned.conversation.stack[1:])
        return replace(turned, conversation=replace(turned.conversation, stack=stack))
    return turned


def floor_given(conversation: Conversation, page: Page) -> Conversation:
    """The page has the floor; whatever was open on it is closed."""
    number_ = conversation.prompt_number + (page != conversation.page)
    return Conversation((page,), number_)


def opened(conversation: Conversation, step: Step[Any]) -> Turned:
    """The page is opened on top; in a full stack the floor and what was on top of it stay."""
    above = conversation.stack[1:][2 - STACK_LIMIT :]
    stack = (conversation.stack[0], *above, step.page)
    return Turned(Conversation(stack, conversation.prompt_number + 1), step.remark, step.effects)


def stepped(conversation: Conversation, step: Step[Any]) -> Turned:
    """The page on top gives way to the next one, or to what lay under it."""
    if isinstance(step.page, Leave):
        stack = conversation.stack[:-1] or conversation.stack
        return Turned(Conversation(stack, conversation.prompt_number + 1), step.remark, step.effects)
    if step.page.on_top and not conversation.page.on_top:
        return opened(conversation, step)
    stack = (*conversation.stack[:-1], step.page)
    fresh = step.page != conversation.page and not step.amends
    number_ = conversation.prompt_number + fresh
    return Turned(Conversation(stack, number_), step.remark, step.effects, amends=step.amends)


def renumbered(turned: Turned) -> Turned:
    """The prompt counts as a new one, though its page may be the same: presses on the old one are stale."""
    moved = replace(turned.conversation, prompt_number=turned.conversation.prompt_number + 1)
    return replace(turned, conversation=moved)
