"""Understanding: typed words and letters matched with what a prompt offers, in any language."""

from __future__ import annotations

from functools import lru_cache

from conversations import answering
from conversations.domain.languages import Command
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Choice,
    Chose,
    Heard,
    Pressed,
    PressedStanding,
    Prompt,
    Said,
    Text,
    say,
)
from conversations.domain.words import agreement, command, number, plain
from conversations.turning import Conversation

SHORTEST_BEGINNING = 3
BESIDE: tuple[Command, ...] = ("SKIP", "BACK", "WHAT")


def understood_as(conversation: Conversation, heard: Heard, scene: Scene) -> Heard:
    """A press of the prompt that is there is its choice; typed words are a choice where the prompt offers it."""
    match heard:
        case Pressed(_, choice):
            return Chose(choice)
        case Said(words):
            asked = scene.asked(conversation.page)
            beside = choice_of(asked.also, words, scene, digits=False)
            if beside is None and beside_the_question(conversation, words, asked):
                return Chose((command(words) or "").lower())
            if beside is None and conversation.page.reads_words:
                beside = labelled(asked.choices, words, scene) if asked.own_words else None
            elif beside is None:
                beside = choice_of(asked.choices, words, scene, digits=True)
            return Chose(beside.id) if beside else heard
        case _:
            return heard


def beside_the_question(conversation: Conversation, words: str, asked: Prompt) -> bool:
    """SKIP, BACK and WHAT belong to the question even where it does not offer them: it says why not."""
    return isinstance(conversation.page, answering.Asking) and not asked.own_words and command(words) in BESIDE


def choice_of(choices: tuple[Choice, ...], words: str, scene: Scene, *, digits: bool) -> Choice | None:
    given = number(words) if digits else None
    if given is not None:
        exact = labelled(choices, words, scene)
        return exact or (choices[given - 1] if 1 <= given <= len(choices) else None)
    exact = labelled(choices, words, scene)
    if exact:
        return exact
    word = command(words)
    by_command = next((choice for choice in choices if word and choice.id == word.lower()), None)
    meant = agreement(words)
    agreed = next((choice for choice in choices if digits and meant and choice.means == meant), None)
    return by_command or agreed or (_beginning(choices, words, scene) if digits else None)


def labelled(choices: tuple[Choice, ...], words: str, scene: Scene) -> Choice | None:
    """The choice whose label, in any language, or whose id these words are."""
    wanted = plain(words)
    return next((each for each in choices if wanted in _names(each, scene)), None)


def _beginning(choices: tuple[Choice, ...], words: str, scene: Scene) -> Choice | None:
    """The one choice whose label begins with these words; none where there are several."""
    wanted = plain(words)
    found = [each for each in choices if any(name.startswith(wanted) for name in _names(each, scene))]
    return found[0] if len(found) == 1 and len(wanted) >= SHORTEST_BEGINNING else None


def _names(choice: Choice, scene: Scene) -> set[str]:
    own = {_label(choice.id), _label(choice.id.rpartition("/")[2])}
    return own | {_label(form) for form in scene.forms(choice.label)}


@lru_cache(maxsize=4096)
def _label(words: str) -> str:
    """Words of ours as they are compared. What a person says is compared too, and kept nowhere."""
    return plain(words)


def lettered(heard: Said, conversation: Conversation, scene: Scene) -> PressedStanding | None:
    """On numbered channels a letter names a choice of a standing prompt."""
    letter = plain(heard.words).upper()
    if scene.me.channel not in {"terminal", "text"} or len(letter) != 1 or not letter.isascii() or not letter.isalpha():
        return None
    for standing in scene.me.standing:
        place = ord(letter) - ord(standing.letter) if standing.letter else -1
        if 0 <= place < len(standing.choices):
            return PressedStanding(standing.token, standing.choices[place])
    return None


def not_understood(asked: Prompt) -> Text:
    skippable = any(choice.id == "skip" for choice in asked.also)
    count = str(len(asked.choices))
    if len(asked.choices) > 1 and skippable:
        return say("Sorry, I did not get that. Please pick a number from 1 to {count}, or say SKIP.", count=count)
    if len(asked.choices) > 1:
        return say("Sorry, I did not get that. Please pick a number from 1 to {count}.", count=count)
    return say("Sorry, I did not get that. Say HELP to see what you can do.")
