"""The engine: one thing heard, a page turned. Pure; `bot/turns.py` gives it the scene and performs what it decides.

What is heard goes down a short stair: STOP and HELP, then a press on a prompt that is no longer there, then the
other commands, then the page on top. Each stair either answers or passes on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conversations import after_event, answering, anywhere, following, resting, seeing, welcome
from conversations.commanding import act, meant
from conversations.domain.consultation import Consultation
from conversations.domain.effects import Effect, ResumeMessages, StopMessages, TakeUp
from conversations.domain.following import BUTTON
from conversations.domain.languages import Command
from conversations.domain.lookups import (
    Lookup,
    MyAnswers,
    MyEvents,
    MyFollows,
    MyNews,
    MyPowers,
    MyRecord,
    MyResponses,
    ToldNews,
    WhatsOn,
)
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Amended,
    Begin,
    Chose,
    ChoseSeveral,
    Heard,
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
from conversations.domain.words import command
from conversations.replying import VERDICTS, reply
from conversations.telling import help_text
from conversations.turning import (
    STACK_LIMIT,
    Conversation,
    Turned,
    floor_given,
    is_shut,
    opened,
    receipt_given,
    stepped,
    told_closed,
    while_open,
)
from conversations.understanding import (
    beside_the_question,
    choice_of,
    labelled,
    lettered,
    not_understood,
    understood_as,
)


def needs(conversation: Conversation, heard: Heard) -> tuple[Lookup[Any], ...]:
    """What must be looked up before this can be heard: what the page needs, and what a command tells."""
    page = conversation.page
    own = tuple(need for each in conversation.stack for need in each.needs())
    word = command(heard.words) if isinstance(heard, Said) else None
    if isinstance(page, anywhere.Meaning):
        word = command(page.words)
    told: dict[Command, tuple[Lookup[Any], ...]] = {
        "STATUS": (MyResponses(), MyNews()),
        "NEWS": (MyNews(), ToldNews()),
        "MYDATA": (MyRecord(),),
        "WHAT": (MyAnswers(),),
        "TOPICS": (MyAnswers(), MyResponses()),
        "FOLLOW": (MyFollows(),),
        "WHEN": (MyEvents(), WhatsOn()),
        "BROADCAST": (MyPowers(),),
    }
    if isinstance(heard, Started):
        own += following.link_needs(heard.link)
    if isinstance(heard, PressedStanding) and heard.token == BUTTON:
        own += (MyFollows(),)
    own += after_event.needs(heard)
    return (*own, MyAnswers(), MyResponses(), *(told.get(word, ()) if word else ()))


def hear(conversation: Conversation, heard: Heard, scene: Scene) -> Turned:
    """One turn. Never raises for anything a person can say or press."""
    for stair in (_unmissable, _standing, _started, _stale, _unreadable, _commands):
        turned = stair(conversation, heard, scene)
        if turned is not None:
            return while_open(receipt_given(turned, conversation), conversation, scene)
    return while_open(receipt_given(_page(conversation, heard, scene), conversation), conversation, scene)


def prompt(conversation: Conversation, scene: Scene) -> Prompt:
    """What is asked now."""
    return scene.asked(conversation.page)


def _unmissable(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    word = command(heard.words) if isinstance(heard, Said) else None
    if word == "STOP":
        return Turned(conversation, _stopped(scene), (StopMessages(),), quiet=True)
    if word == "HELP":
        return Turned(conversation, help_text(scene))
    if scene.me.stopped and isinstance(heard, Said):
        return _while_stopped(word, heard, conversation, scene)
    return None


def _stopped(scene: Scene) -> Text:
    """STOP is confirmed once; whether to keep what was said is asked with it."""
    done = say("Done. You will get no more messages from us. Say START to come back.")
    answered = scene.me.consents.get("take_part") == "yes"
    return lines(done, say("We keep your answers. Say DELETE if they should go.")) if answered else done


def _while_stopped(word: Command | None, heard: Said, conversation: Conversation, scene: Scene) -> Turned | None:
    """Whoever said STOP still has their rights: to come back, to see what is kept, to have it deleted."""
    if word == "START" or isinstance(conversation.page, anywhere.ConfirmingDelete):
        return None
    if word == "DELETE":
        return act(word, heard.words, conversation, scene)
    if word == "MYDATA" and (shown := act(word, heard.words, conversation, scene)):
        return replace(shown, quiet=True)
    return Turned(conversation, say("You asked us to stop. Say START if you want to go on."), quiet=True)


def _standing(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if isinstance(heard, Said):
        heard = lettered(heard, conversation, scene) or heard
    if not isinstance(heard, PressedStanding):
        return None
    if heard.token == BUTTON:
        return Turned(conversation, *following.ends(heard.choice, scene))
    if asked := after_event.pressed(heard, scene):
        return opened(conversation, asked) if isinstance(asked, Step) else Turned(conversation, asked)
    known = next((each for each in scene.me.standing if each.token == heard.token), None)
    if known is None or heard.choice not in VERDICTS or known.settled:
        said = VERDICTS.get(known.settled) if known and known.settled else None  # type: ignore[call-overload]
        gone = say("You have answered that. You said: “{verdict}”.", verdict=said) if said else say("That is over now.")
        return Turned(conversation, gone)
    if len(conversation.stack) >= STACK_LIMIT:
        conversation = replace(conversation, stack=conversation.stack[:1])
    step = reply(known.token, heard.choice)
    return opened(conversation, step)


def _started(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if isinstance(heard, Said) and command(heard.words) == "START":
        asks_back = scene.me.stopped or not _own_words(conversation, scene)
        heard = Started() if asks_back else heard
    if not isinstance(heard, Started):
        return None
    effects: tuple[Effect, ...] = (ResumeMessages(),) if scene.me.stopped else ()
    if step := seeing.linked(heard.link, scene):
        hello = welcome.hello(scene) if isinstance(conversation.stack[0], welcome.Welcoming) else None
        return opened(conversation, Step(step.page, hello, (*effects, *step.effects)))
    named = scene.consultation.find_topic(heard.link)
    if offer := following.offered(heard.link, scene):
        return opened(replace(conversation, stack=conversation.stack[:1]), Step(offer, effects=effects))
    floor = conversation.stack[0]
    elsewhere = None if named else _elsewhere(heard.link, scene)
    if elsewhere:
        return _moved(conversation, elsewhere, heard.link, effects, scene)
    step = floor.hear(Returned(), scene) if isinstance(floor, resting.Resting | welcome.NotOpen) else None
    page = step.page if step else floor
    if isinstance(page, welcome.Welcoming | welcome.Agreeing):
        return Turned(floor_given(conversation, replace(page, topic=named.id) if named else page), None, effects)
    if named and getattr(floor, "topic", "") != named.id:
        agreed = scene.me.consents.get("take_part") == "yes"
        begun = answering.begin(named, scene) if agreed else welcome.Agreeing(named.id)
        kept = say("We kept your other answers.") if agreed and not is_shut(begun, scene) else None
        return Turned(floor_given(conversation, begun), kept, effects)
    return Turned(
        floor_given(conversation, page), None if is_shut(page, scene) else _welcome_back(page, scene), effects
    )


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
    return Turned(floor_given(conversation, page), None, (*effects, TakeUp(held.id)))


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
            return Turned(floor_given(conversation, step.page) if step else conversation)
        case _:
            return None


def _commands(conversation: Conversation, heard: Heard, scene: Scene) -> Turned | None:
    if not isinstance(heard, Said):
        return None
    asked = prompt(conversation, scene)
    if choice_of(asked.also, heard.words, scene, digits=False) or labelled(asked.choices, heard.words, scene):
        return None
    word = command(heard.words)
    if word is None or isinstance(conversation.page, anywhere.Meaning):
        return None
    if beside_the_question(conversation, heard.words, asked):
        return None
    if asked.own_words:
        return opened(conversation, Step(anywhere.Meaning(heard.words)))
    return act(word, heard.words, conversation, scene)


def _page(conversation: Conversation, heard: Heard, scene: Scene) -> Turned:
    page = conversation.page
    if is_shut(page, scene):
        return told_closed(conversation, page)
    understood = understood_as(conversation, heard, scene)
    if isinstance(page, anywhere.Meaning) and understood in (Chose("answer"), Chose("act")):
        return meant(conversation, page.words, understood, scene)
    step = page.hear(understood, scene)
    if step is None:
        return Turned(conversation, not_understood(prompt(conversation, scene)))
    if isinstance(step.page, Begin):
        begun = _started(replace(conversation, stack=conversation.stack[:1]), Started(step.page.link), scene)
        assert begun is not None, "whoever starts arrives"
        return begun
    return stepped(conversation, step)


def _own_words(conversation: Conversation, scene: Scene) -> bool:
    return prompt(conversation, scene).own_words


def _welcome_back(page: Page, scene: Scene) -> Text:
    kept = say("Welcome back. We kept your place.")
    if not isinstance(page, answering.Asking):
        return say("Welcome back.")
    where = scene.asked(page).progress
    return lines(kept, say("You were at {place}", place=where)) if where else kept
