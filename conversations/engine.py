"""The engine: one thing heard, a page turned. Pure; `bot/turns.py` gives it the scene and performs what it decides.

What is heard goes down a short stair: STOP and HELP, then a press on a prompt that is no longer there, then the
other commands, then the page on top. Each stair either answers or passes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from conversations import answering, anywhere, resting, reviewing, welcome
from conversations.domain.consultation import Consultation
from conversations.domain.effects import Effect, ResumeMessages, SetLanguage, StopMessages, TakeUp
from conversations.domain.lookups import Lookup, MyAnswers, MyNews, MyRecord, MyResponses
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Amended,
    Choice,
    Chose,
    ChoseSeveral,
    Heard,
    Leave,
    Pressed,
    PressedStanding,
    Prompt,
    Returned,
    Said,
    Started,
    Step,
    Text,
    Unreadable,
    lines,
    say,
)
from conversations.domain.words import Command, agreement, command, number, plain
from conversations.replying import VERDICTS, reply
from conversations.telling import help_text, news_text, record_text, status_text

STACK_LIMIT = 3
SHORTEST_BEGINNING = 3
BESIDE: tuple[Command, ...] = ("SKIP", "BACK", "WHAT")


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


def needs(conversation: Conversation, heard: Heard) -> tuple[Lookup[Any], ...]:
    """What must be looked up before this can be heard: what the page needs, and what a command tells."""
    page = conversation.page
    own = tuple(need for each in conversation.stack for need in each.needs())
    word = command(heard.words) if isinstance(heard, Said) else None
    if isinstance(page, anywhere.Meaning):
        word = command(page.words)
    told: dict[Command, tuple[Lookup[Any], ...]] = {
        "STATUS": (MyResponses(), MyNews()),
        "NEWS": (MyNews(),),
        "MYDATA": (MyRecord(),),
        "WHAT": (MyAnswers(),),
        "TOPICS": (MyAnswers(), MyResponses()),
    }
    return (*own, MyAnswers(), MyResponses(), *(told.get(word, ()) if word else ()))


def hear(conversation: Conversation, heard: Heard, scene: Scene) -> Turned:
    """One turn. Never raises for anything a person can say or press."""
    for stair in (_unmissable, _standing, _started, _stale, _unreadable, _commands):
        turned = stair(conversation, heard, scene)
        if turned is not None:
            return _while_open(_receipt_given(turned, conversation), conversation, scene)
    return _while_open(_receipt_given(_page(conversation, heard, scene), conversation), conversation, scene)


def prompt(conversation: Conversation, scene: Scene) -> Prompt:
    """What is asked now."""
    return conversation.page.prompt(scene)


# The stairs


def _unmissable(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    word = command(heard.words) if isinstance(heard, Said) else None
    if word == "STOP":
        done = say("Done. You will get no more messages from us. Say START to come back.")
        return Turned(conversation, done, (StopMessages(),), quiet=True)
    if word == "HELP":
        return Turned(conversation, help_text(scene))
    if scene.me.stopped and isinstance(heard, Said) and word != "START":
        return Turned(conversation, say("You asked us to stop. Say START if you want to go on."), quiet=True)
    return None


def _standing(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if isinstance(heard, Said):
        heard = _lettered(heard, conversation, scene) or heard
    if not isinstance(heard, PressedStanding):
        return None
    known = next((each for each in scene.me.standing if each.token == heard.token), None)
    if known is None or heard.choice not in VERDICTS or known.settled:
        said = VERDICTS.get(known.settled) if known and known.settled else None  # type: ignore[call-overload]
        gone = say("You have answered that. You said: “{verdict}”.", verdict=said) if said else say("That is over now.")
        return Turned(conversation, gone)
    if len(conversation.stack) >= STACK_LIMIT:
        conversation = replace(conversation, stack=conversation.stack[:1])
    step = reply(known.token, heard.choice)
    return _opened(conversation, step)


def _started(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if isinstance(heard, Said) and command(heard.words) == "START":
        asks_back = scene.me.stopped or not _own_words(conversation, scene)
        heard = Started() if asks_back else heard
    if not isinstance(heard, Started):
        return None
    effects: tuple[Effect, ...] = (ResumeMessages(),) if scene.me.stopped else ()
    named = scene.consultation.find_topic(heard.link)
    floor = conversation.stack[0]
    elsewhere = None if named else _elsewhere(heard.link, scene)
    if elsewhere:
        return _moved(conversation, elsewhere, heard.link, effects, scene)
    step = floor.hear(Returned(), scene) if isinstance(floor, resting.Resting | welcome.NotOpen) else None
    page = step.page if step else floor
    if isinstance(page, welcome.Welcoming | welcome.Agreeing):
        return Turned(_at(conversation, replace(page, topic=named.id) if named else page), None, effects)
    if named and getattr(floor, "topic", "") != named.id:
        agreed = scene.me.consents.get("take_part") == "yes"
        begun = answering.begin(named, scene) if agreed else welcome.Agreeing(named.id)
        kept = say("We kept your other answers.") if agreed and not _shut(begun, scene) else None
        return Turned(_at(conversation, begun), kept, effects)
    return Turned(_at(conversation, page), None if _shut(page, scene) else _welcome_back(page, scene), effects)


def _elsewhere(link: str, scene: Scene) -> Consultation | None:
    """Another open consultation that a link names, by its own id or a topic's."""
    others = (held for held in scene.open if held.id != scene.consultation.id)
    return next((held for held in others if link and (held.find_topic(link) or held.id == link)), None)


def _moved(
    conversation: Conversation, held: Consultation, link: str, effects: tuple[Effect, ...], scene: Scene
) -> Turned:
    """A link into another consultation is followed; somebody quite new is welcomed there."""
    named = held.find_topic(link)
    topic = named.id if named else ""
    strange = isinstance(conversation.stack[0], welcome.Welcoming | welcome.NotOpen)
    fresh = strange and scene.me.consents.get("take_part") != "yes"
    page = welcome.Welcoming(topic) if fresh else welcome.Moving(topic)
    return Turned(_at(conversation, page), None, (*effects, TakeUp(held.id)))


def _stale(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if not isinstance(heard, Pressed | ChoseSeveral) or heard.prompt in (0, conversation.prompt_number):
        return None
    return Turned(conversation, say("That question is done. Say BACK to change your last answer. Now:"))


def _unreadable(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    match heard:
        case Unreadable():
            return Turned(conversation, say("Sorry, I can only read words. Please type your answer."))
        case Amended():
            amended = say("We cannot see changes to old messages. Say BACK or CHANGE to change an answer.")
            return Turned(conversation, amended)
        case Returned():
            page = conversation.page
            step = page.hear(heard, scene) if isinstance(page, resting.Resting | welcome.NotOpen) else None
            return Turned(_at(conversation, step.page) if step else conversation)
        case _:
            return None


def _commands(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if not isinstance(heard, Said):
        return None
    asked = prompt(conversation, scene)
    if _choice(asked.also, heard.words, scene, digits=False) or _label(asked.choices, heard.words, scene):
        return None
    word = command(heard.words)
    if word is None or isinstance(conversation.page, anywhere.Meaning):
        return None
    if _beside_the_question(conversation, heard.words, asked):
        return None
    if asked.own_words:
        return _opened(conversation, Step(anywhere.Meaning(heard.words)))
    return _do(word, heard.words, conversation, scene)


def _page(conversation: Conversation, heard: Heard, scene: Scene) -> Turned:
    page = conversation.page
    if _shut(page, scene):
        return _not_open(conversation, page)
    understood = _understand(conversation, heard, scene)
    if isinstance(page, anywhere.Meaning) and understood in (Chose("answer"), Chose("act")):
        return _meant(conversation, page.words, understood, scene)
    step = page.hear(understood, scene)
    if step is None:
        return Turned(conversation, _not_understood(prompt(conversation, scene)))
    return _stepped(conversation, step)


# Commands


def _do(word: Command, words: str, conversation: Conversation, scene: Scene) -> Turned | None:
    tells: dict[Command, Callable[[Scene], Text]] = {"STATUS": status_text, "NEWS": news_text, "MYDATA": record_text}
    opens: dict[Command, Page] = {"LANGUAGE": anywhere.ChoosingLanguage(), "DELETE": anywhere.ConfirmingDelete()}
    if word in tells:
        if word == "MYDATA" and isinstance(conversation.page, welcome.Welcoming | welcome.Agreeing):
            return Turned(conversation, say("We have kept nothing from you yet."))
        return Turned(conversation, tells[word](scene))
    named = {"cymraeg": "cy", "welsh": "cy", "english": "en", "saesneg": "en"}.get(plain(words))
    if word == "LANGUAGE" and named in scene.consultation.languages:
        chosen = (SetLanguage(named or ""),)
        asking = isinstance(conversation.page, anywhere.ChoosingLanguage)
        return _stepped(conversation, Step(Leave(), effects=chosen)) if asking else Turned(conversation, effects=chosen)
    if word in opens:
        again = conversation.page == opens[word]
        return Turned(conversation) if again else _opened(conversation, Step(opens[word]))
    return _go(word, conversation, scene)


def _go(word: Command, conversation: Conversation, scene: Scene) -> Turned | None:
    """Commands that move the floor; only for somebody who has agreed to take part."""
    if scene.me.consents.get("take_part") != "yes":
        return Turned(conversation, _not_understood(prompt(conversation, scene)))
    topic = getattr(conversation.stack[0], "topic", "")
    match word:
        case "TOPICS":
            return Turned(_at(conversation, welcome.ChoosingTopic()))
        case "CHANGE" | "BACK" if topic and not _answered_on(topic, scene):
            return Turned(conversation, say("You have not answered on any topic yet."))
        case "CHANGE" | "BACK" if topic:
            return Turned(_at(conversation, reviewing.ChoosingChange(topic)))
        case _:
            return Turned(conversation, _not_understood(prompt(conversation, scene)))


def _answered_on(topic: str, scene: Scene) -> bool:
    """Whether there is an answer on a topic of the pinned consultation to change."""
    held = scene.consultation.find_topic(topic)
    return held is not None and bool(answering.on_topic(held, scene.find(MyAnswers()).current))


def _meant(conversation: Conversation, words: str, choice: Heard, scene: Scene) -> Turned:
    below = replace(conversation, stack=conversation.stack[:-1])
    if _shut(below.page, scene):
        return _not_open(conversation, below.page)
    if choice == Chose("act"):
        word = command(words)
        if word in BESIDE and isinstance(below.page, answering.Asking):
            return _renumbered(_stepped(below, below.page.hear(Chose(word.lower()), scene) or Step(below.page)))
        done = _do(word, words, below, scene) if word and word != "START" else None
        return _renumbered(done) if done else _renumbered(Turned(below))
    step = below.page.hear(Said(words), scene)
    return _renumbered(_stepped(below, step) if step else Turned(below))


# Understanding


def _understand(conversation: Conversation, heard: Heard, scene: Scene) -> Heard:
    """A press of the prompt that is there is its choice; typed words are a choice where the prompt offers it."""
    match heard:
        case Pressed(_, choice):
            return Chose(choice)
        case Said(words):
            asked = prompt(conversation, scene)
            beside = _choice(asked.also, words, scene, digits=False)
            if beside is None and _beside_the_question(conversation, words, asked):
                return Chose((command(words) or "").lower())
            if beside is None and conversation.page.reads_words:
                beside = _label(asked.choices, words, scene) if asked.own_words else None
            elif beside is None:
                beside = _choice(asked.choices, words, scene, digits=True)
            return Chose(beside.id) if beside else heard
        case _:
            return heard


def _beside_the_question(conversation: Conversation, words: str, asked: Prompt) -> bool:
    """SKIP, BACK and WHAT belong to the question even where it does not offer them: it says why not."""
    return isinstance(conversation.page, answering.Asking) and not asked.own_words and command(words) in BESIDE


def _choice(choices: tuple[Choice, ...], words: str, scene: Scene, *, digits: bool) -> Choice | None:
    given = number(words) if digits else None
    if given is not None:
        labelled = _label(choices, words, scene)
        return labelled or (choices[given - 1] if 1 <= given <= len(choices) else None)
    exact = _label(choices, words, scene)
    if exact:
        return exact
    word = command(words)
    by_command = next((choice for choice in choices if word and choice.id == word.lower()), None)
    meant = agreement(words)
    agreed = next((choice for choice in choices if digits and meant and choice.means == meant), None)
    return by_command or agreed or (_beginning(choices, words, scene) if digits else None)


def _label(choices: tuple[Choice, ...], words: str, scene: Scene) -> Choice | None:
    """The choice whose label, in any language, or whose id these words are."""
    wanted = plain(words)
    return next((each for each in choices if wanted in _names(each, scene)), None)


def _beginning(choices: tuple[Choice, ...], words: str, scene: Scene) -> Choice | None:
    """The one choice whose label begins with these words; none where there are several."""
    wanted = plain(words)
    found = [each for each in choices if any(name.startswith(wanted) for name in _names(each, scene))]
    return found[0] if len(found) == 1 and len(wanted) >= SHORTEST_BEGINNING else None


def _names(choice: Choice, scene: Scene) -> set[str]:
    return {plain(choice.id), plain(choice.id.rpartition("/")[2])} | {plain(form) for form in scene.forms(choice.label)}


def _lettered(heard: Said, conversation: Conversation, scene: Scene) -> PressedStanding | None:
    """On numbered channels a letter names a choice of a standing prompt."""
    letter = plain(heard.words).upper()
    if scene.me.channel not in {"terminal", "text"} or len(letter) != 1 or not letter.isascii() or not letter.isalpha():
        return None
    for standing in scene.me.standing:
        place = ord(letter) - ord(standing.letter) if standing.letter else -1
        if 0 <= place < len(standing.choices):
            return PressedStanding(standing.token, standing.choices[place])
    return None


def _not_understood(asked: Prompt) -> Text:
    skippable = any(choice.id == "skip" for choice in asked.also)
    count = str(len(asked.choices))
    if len(asked.choices) > 1 and skippable:
        return say("Sorry, I did not get that. Please pick a number from 1 to {count}, or say SKIP.", count=count)
    if len(asked.choices) > 1:
        return say("Sorry, I did not get that. Please pick a number from 1 to {count}.", count=count)
    return say("Sorry, I did not get that. Say HELP to see what you can do.")


def _own_words(conversation: Conversation, scene: Scene) -> bool:
    return prompt(conversation, scene).own_words


def _welcome_back(page: Page, scene: Scene) -> Text:
    kept = say("Welcome back. We kept your place.")
    if not isinstance(page, answering.Asking):
        return say("Welcome back.")
    where = page.prompt(scene).progress
    return lines(kept, say("You were at {place}", place=where)) if where else kept


# Moving


def _shut(page: Page, scene: Scene) -> bool:
    """Whether the page makes no sense now, because what it asks about is not open."""
    if isinstance(page, welcome.ChoosingTopic) and scene.open:
        return False
    return page.needs_open and scene.consultation.standing(scene.now) != "open"


def _not_open(conversation: Conversation, page: Page) -> Turned:
    return Turned(_at(conversation, welcome.NotOpen(getattr(page, "topic", ""))))


def _while_open(turned: Turned, before: Conversation, scene: Scene) -> Turned:
    """Nobody is led to a page that is closed: who was elsewhere stays there, and is told."""
    moved = any(isinstance(effect, TakeUp) for effect in turned.effects)
    page, floor = turned.conversation.page, before.stack[0]
    if moved or turned.quiet or not _shut(page, scene):
        return turned
    if turned.effects or _shut(floor, scene) or isinstance(floor, welcome.NotOpen):
        closed = _not_open(turned.conversation, page)
        return replace(closed, remark=turned.remark, effects=turned.effects)
    return Turned(_at(before, floor), welcome.standing_text(scene.consultation, scene))


def _receipt_given(turned: Turned, before: Conversation) -> Turned:
    """A receipt is given once: whatever is said after it is followed by the short form of the same page."""
    floor = turned.conversation.stack[0]
    if isinstance(floor, resting.Resting) and floor.receipt and floor == before.stack[0]:
        stack = (replace(floor, receipt=False), *turned.conversation.stack[1:])
        return replace(turned, conversation=replace(turned.conversation, stack=stack))
    return turned


def _at(conversation: Conversation, page: Page) -> Conversation:
    """The page has the floor; whatever was open on it is closed."""
    number_ = conversation.prompt_number + (page != conversation.page)
    return Conversation((page,), number_)


def _opened(conversation: Conversation, step: Step[Any]) -> Turned:
    """The page is opened on top; in a full stack the floor and what was on top of it stay."""
    above = conversation.stack[1:][2 - STACK_LIMIT :]
    stack = (conversation.stack[0], *above, step.page)
    return Turned(Conversation(stack, conversation.prompt_number + 1), step.remark, step.effects)


def _stepped(conversation: Conversation, step: Step[Any]) -> Turned:
    if isinstance(step.page, Leave):
        stack = conversation.stack[:-1] or conversation.stack
        return Turned(Conversation(stack, conversation.prompt_number + 1), step.remark, step.effects)
    stack = (*conversation.stack[:-1], step.page)
    fresh = step.page != conversation.page and not step.amends
    number_ = conversation.prompt_number + fresh
    return Turned(Conversation(stack, number_), step.remark, step.effects, amends=step.amends)


def _renumbered(turned: Turned) -> Turned:
    moved = replace(turned.conversation, prompt_number=turned.conversation.prompt_number + 1)
    return replace(turned, conversation=moved)
