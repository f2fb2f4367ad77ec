"""Commanding: what the words that work anywhere do, once STOP, HELP and START have been heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conversations import addressing, answering, anywhere, coming, following, members, reviewing, seeing, welcome
from conversations.domain.effects import AskDeskLink, SetLanguage
from conversations.domain.languages import Command
from conversations.domain.languages import named as language_named
from conversations.domain.lookups import MyAnswers, MyPowers, MyRecord
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Chose,
    Heard,
    Leave,
    Said,
    Step,
    Text,
    say,
)
from conversations.domain.words import command, plain
from conversations.telling import dates_text, news_text, record_text, status_text
from conversations.turning import Conversation, Turned, floor_given, is_shut, opened, renumbered, stepped, told_closed
from conversations.understanding import BESIDE, not_understood


def act(word: Command, words: str, conversation: Conversation, scene: Scene) -> Turned | None:
    """What a command does; `words` are as they were typed, because LANGUAGE may name the language at once."""
    tells: dict[Command, Callable[[Scene], Text]] = {
        "STATUS": status_text, "NEWS": news_text, "MYDATA": record_text, "WHEN": dates_text,
    }  # fmt: skip
    opens: dict[Command, Page] = {
        "LANGUAGE": anywhere.ChoosingLanguage(), "DELETE": anywhere.ConfirmingDelete(),
        "EVENTS": coming.FindingEvents(), "HOST": seeing.host(scene), "MEMBER": members.SayingMemberCode(),
    }  # fmt: skip
    if word == "JOIN":
        told = scene.consultation.joining or not_understood(scene.asked(conversation.page))
        return Turned(conversation, told)
    if word in tells:
        if word == "MYDATA" and not scene.me.consents and not scene.find(MyRecord()).consents:
            return Turned(conversation, say("We have kept nothing from you yet."))
        return Turned(conversation, tells[word](scene))
    named = language_named(plain(words))
    if word == "LANGUAGE" and named in scene.consultation.languages:
        chosen = (SetLanguage(named),)
        asking = isinstance(conversation.page, anywhere.ChoosingLanguage)
        return stepped(conversation, Step(Leave(), effects=chosen)) if asking else Turned(conversation, effects=chosen)
    if word == "DESK":
        return Turned(conversation, effects=(AskDeskLink(),))
    if word == "BROADCAST" and scene.find(MyPowers()):
        opens["BROADCAST"] = addressing.ChoosingReaders()
    if word == "FOLLOW":
        opens["FOLLOW"] = following.opening(scene)
    if word in opens:
        again = conversation.page == opens[word]
        return Turned(conversation) if again else opened(conversation, Step(opens[word]))
    return _go(word, conversation, scene)


def _go(word: Command, conversation: Conversation, scene: Scene) -> Turned | None:
    """Commands that move the floor; only for somebody who has agreed to take part."""
    if scene.me.consents.get("take_part") != "yes":
        return Turned(conversation, not_understood(scene.asked(conversation.page)))
    topic = getattr(conversation.stack[0], "topic", "")
    match word:
        case "TOPICS":
            return Turned(floor_given(conversation, welcome.ChoosingTopic()))
        case "CHANGE" | "BACK" if topic and not _answered_on(topic, scene):
            return Turned(conversation, say("You have not answered on any topic yet."))
        case "CHANGE" | "BACK" if topic:
            return Turned(floor_given(conversation, reviewing.ChoosingChange(topic)))
        case _:
            return Turned(conversation, not_understood(scene.asked(conversation.page)))


def _answered_on(topic: str, scene: Scene) -> bool:
    """Whether there is an answer on a topic of the pinned consultation to change."""
    held = scene.consultation.find_topic(topic)
    return held is not None and bool(answering.on_topic(held, scene.find(MyAnswers()).current))


def meant(conversation: Conversation, words: str, choice: Heard, scene: Scene) -> Turned:
    """The question "is that your answer?" is settled: the words are the answer, or the command is done."""
    below = replace(conversation, stack=conversation.stack[:-1])
    if is_shut(below.page, scene):
        return told_closed(conversation, below.page)
    if choice == Chose("act"):
        word = command(words)
        if word in BESIDE and isinstance(below.page, answering.Asking):
            return renumbered(stepped(below, below.page.hear(Chose(word.lower()), scene) or Step(below.page)))
        done = act(word, words, below, scene) if word and word != "START" else None
        return renumbered(done) if done else renumbered(Turned(below))
    step = below.page.hear(Said(words), scene)
    return renumbered(stepped(below, step) if step else Turned(below))
