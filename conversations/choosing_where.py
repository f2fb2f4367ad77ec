"""Choosing where: somebody who can be reached in several places says where each kind of message comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from conversations.domain.channels import MESSAGE_KINDS, MessageKind
from conversations.domain.effects import ChooseChannel
from conversations.domain.lookups import Lookup, MyChannels
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Step, Text, lines, say
from conversations.putting import BACK

TITLE = say("Where shall it come?")
KINDS: Mapping[MessageKind, Text] = {
    "follows": say("News of what you follow"),
    "events": say("Reminders and news of events"),
    "outcomes": say("What is done with your answers"),
    "many": say("Messages from organisers"),
}
CHANNELS: Mapping[str, Text] = {"telegram": say("Telegram"), "web": say("Web chat"), "terminal": say("Terminal")}
AS_ASKED = Choice("asked", say("Where I asked for it"))


def offered(scene: Scene) -> tuple[Choice, ...]:
    """The way to this page, for whoever has more than one channel."""
    return (Choice("where", say("Where it comes")),) if len(scene.find(MyChannels()).mine) > 1 else ()


def in_words(kind: MessageKind, channel: str) -> Text:
    """One kind of message, and where it comes."""
    where = CHANNELS.get(channel, channel) if channel else say("where you asked for it")
    return say("{kind}: {where}", kind=KINDS[kind], where=where)


@dataclass(frozen=True)
class ChoosingWhere(Page):
    """The kinds of message, and where each comes; with one of them as `kind`, the channels it may come on."""

    on_top: ClassVar[bool] = True
    kind: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyChannels(),)

    def prompt(self, scene: Scene) -> Prompt:
        channels, kind = scene.find(MyChannels()), self._kind
        if kind is None:
            told = (in_words(each, channels.chosen.get(each, "")) for each in MESSAGE_KINDS)
            text = lines(TITLE, *told, say("What answers you comes where you write to us."))
            return Prompt(text, tuple(Choice(each, KINDS[each]) for each in MESSAGE_KINDS), (BACK,), title=TITLE)
        ask = lines(in_words(kind, channels.chosen.get(kind, "")), TITLE)
        there = tuple(Choice(each, CHANNELS.get(each, each)) for each in channels.mine)
        return Prompt(ask, (*there, *((AS_ASKED,) if kind in channels.chosen else ())), (BACK,), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        kind = self._kind
        match heard:
            case Chose("back"):
                return Step(ChoosingWhere() if kind else Leave())
            case Chose(chosen) if kind is None and chosen in MESSAGE_KINDS:
                return Step(ChoosingWhere(chosen))
            case Chose(channel) if kind and channel in scene.find(MyChannels()).mine:
                return Step(ChoosingWhere(), say("Fine. It comes there now."), (ChooseChannel(kind, channel),))
            case Chose(AS_ASKED.id) if kind:
                return Step(ChoosingWhere(), say("Fine. It comes where you asked for it."), (ChooseChannel(kind),))
            case _:
                return None

    @property
    def _kind(self) -> MessageKind | None:
        return next((each for each in MESSAGE_KINDS if each == self.kind), None)
