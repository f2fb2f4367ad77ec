"""Broadcasting: one broadcast as it stands. A last look at it, a second person's name, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from conversations.broadcast_view import (
    MOST,
    faulty,
    fingerprint,
    get_it,
    preview,
    progress,
    stands,
    starts_at,
)
from conversations.domain.broadcast_effects import (
    CorrectBroadcast,
    RewordBroadcast,
    SendBroadcast,
    SignBroadcast,
    SteerBroadcast,
    TimeBroadcast,
    TryBroadcast,
    UndoBroadcast,
    WithdrawBroadcast,
)
from conversations.domain.broadcasts import Audience, Broadcast, Steered
from conversations.domain.languages import name_of
from conversations.domain.lookups import BroadcastOf, Lookup, SeenBroadcast
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Quoted, Said, Step, lines, say
from conversations.domain.whens import DEFAULT_ZONE, Misread, instant, read_when
from conversations.event_answers import misread, number_of
from conversations.hosting import KEEP, example

TITLE = say("Write to many people")
DONE = Choice("done", say("Go on"), "yes")
TRIED = say("Done. The test comes to you, and to nobody else.")
TAKEN_BACK = say("Done. It was taken back. Nobody got it.")
STEERED: dict[str, Steered] = {"pause": "paused", "resume": "running", "stop": "stopped"}


def offered(page: Page, scene: Scene) -> tuple[Choice, ...]:
    """All that a page offers."""
    asked = scene.asked(page)
    return (*asked.choices, *asked.also)


def looking_at(id_: str, waiting: Sequence[Broadcast]) -> Page:
    """The page on which one of these, which wait for a second person, is signed as it reads now."""
    return next((SigningBroadcast(id_, fingerprint(each)) for each in waiting if each.id == id_), SeeingBroadcast(id_))


@dataclass(frozen=True)
class SeeingBroadcast(Page):
    """One broadcast as it stands, and what one may do with it; without a name, what one wrote last."""

    broadcast: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (BroadcastOf(self.broadcast),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(BroadcastOf(self.broadcast))
        if seen is None:
            return Prompt(say("There is no such message."), (DONE,), title=TITLE)
        draft = seen.broadcast.state == "draft"
        shown = (
            (stands(seen.broadcast), *preview(seen, scene), starts_at(seen.broadcast), get_it(seen.people))
            if draft
            else (stands(seen.broadcast), *progress(seen))
        )
        also = (Choice("drop", say("Do not send")), DONE) if draft else (DONE,)
        return Prompt(lines(*shown), _choices(seen, scene), also, title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(BroadcastOf(self.broadcast))
        if not isinstance(heard, Chose) or heard.choice not in {each.id for each in offered(self, scene)}:
            return None
        if seen is None or heard.choice == "done":
            return Step(Leave())
        return _done(heard.choice, seen.broadcast, scene)


def _choices(seen: SeenBroadcast, scene: Scene) -> tuple[Choice, ...]:
    """What one may do with a broadcast that stands like this."""
    match seen.broadcast.state:
        case "draft":
            return _before_it_goes(seen, scene)
        case "asked":
            return (*((Choice("look", say("Look at it")),) if seen.signs else ()), Choice("undo", say("Take it back")))
        case "cooling":
            return (Choice("undo", say("Take it back")),)
        case "running":
            return (
                Choice("pause", say("Pause")),
                Choice("stop", say("Stop the rest")),
                Choice("again", say("Look again")),
            )
        case "paused":
            return Choice("resume", say("Go on with it")), Choice("stop", say("Stop the rest"))
        case "done" | "stopped":
            return (Choice("correct", say("Put it right")),)
        case _:
            return ()


def _before_it_goes(seen: SeenBroadcast, scene: Scene) -> tuple[Choice, ...]:
    held = seen.broadcast
    lacking = (code for code in scene.consultation.languages if code not in held.texts)
    choices = (
        Choice("send", say("Send it")) if seen.people else None,
        Choice("when", say("Choose when")) if held.kind == "ordinary" and not held.corrects else None,
        Choice("try", say("Try it on me")) if held.kind == "ordinary" else None,
        Choice("words", say("Change the words")),
        *(Choice(f"in/{code}", say("Write it in {language} too", language=name_of(code))) for code in lacking),
    )
    return tuple(filter(None, choices))


def _done(choice: str, held: Broadcast, scene: Scene) -> Step[Any]:
    """What a choice does with a broadcast."""
    again = SeeingBroadcast(held.id)
    match choice:
        case "drop":
            return Step(Leave(), say("That is fine. Nobody got it."), (WithdrawBroadcast(held.id),))
        case "send":
            at_once = held.kind == "event"
            return Step(again, effects=(SendBroadcast(held.id),)) if at_once else Step(TypingCount(held.id))
        case "try":
            return Step(again, TRIED, (TryBroadcast(held.id),))
        case "undo":
            return Step(again, TAKEN_BACK, (UndoBroadcast(held.id),))
        case "pause" | "resume" | "stop":
            return Step(again, effects=(SteerBroadcast(held.id, STEERED[choice]),))
        case _:
            return Step(_asking(choice, held, scene))


def _asking(choice: str, held: Broadcast, scene: Scene) -> Page:
    """The page that asks what a choice needs to know."""
    match choice:
        case "when":
            return SayingTime(held.id)
        case "words":
            return Rewording(held.id, next(iter(held.texts), scene.me.language))
        case "look":
            return SigningBroadcast(held.id, fingerprint(held))
        case "correct":
            return Correcting(held.id)
        case "again":
            return SeeingBroadcast(held.id)
        case language:
            return Rewording(held.id, language.removeprefix("in/"))


@dataclass(frozen=True)
class SigningBroadcast(Page):
    """A second person reads what somebody wrote to many, and signs it or not. `read` is the fingerprint of what they
    read: other words are not signed by it."""

    broadcast: str = ""
    read: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (BroadcastOf(self.broadcast),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(BroadcastOf(self.broadcast))
        if seen is None or not seen.signs:
            return Prompt(say("That does not wait for you any more."), (DONE,), title=TITLE)
        by = say("{name} wrote this. Is it right?", name=seen.broadcast.author)
        choices = (Choice("sign", say("Yes, sign it"), "yes"), Choice("undo", say("No, send it back"), "no"))
        shown = (*preview(seen, scene), starts_at(seen.broadcast), get_it(seen.people), by)
        return Prompt(lines(*shown), choices, (Choice("done", say("Not now")),), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(BroadcastOf(self.broadcast))
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose("sign") if seen and fingerprint(seen.broadcast) != self.read:
                changed = say("The words were changed after you read them. Please read them again.")
                return Step(SigningBroadcast(self.broadcast, fingerprint(seen.broadcast)), changed)
            case Chose("sign") if seen and seen.signs:
                signed = SignBroadcast(self.broadcast, self.read)
                return Step(SeeingBroadcast(self.broadcast), say("Thank you. You signed it."), (signed,))
            case Chose("undo") if seen and seen.signs:
                return Step(
                    Leave(),
                    say("Done. It went back to {name}.", name=seen.broadcast.author),
                    (UndoBroadcast(self.broadcast),),
                )
            case _:
                return None


@dataclass(frozen=True)
class Rewording(Page):
    """Other words for a text that is being written, or the same in another language."""

    reads_words: ClassVar[bool] = True
    broadcast: str = ""
    language: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (BroadcastOf(self.broadcast),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(BroadcastOf(self.broadcast))
        before = seen.broadcast.texts.get(self.language) if seen else None
        was = say("Now it says: {words}", words=Quoted(before, self.language)) if before else None
        ask = say("What would you like to say in {language}?", language=name_of(self.language))
        return Prompt(lines(was, ask), also=(KEEP,), ask="words", limit=MOST, title=TITLE, own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("keep"):
                return Step(SeeingBroadcast(self.broadcast))
            case Said(words) if words.strip():
                seen = scene.find(BroadcastOf(self.broadcast))
                if wrong := faulty(words, seen.broadcast.audience if seen else Audience(), scene):
                    return Step(self, wrong)
                reworded = RewordBroadcast(self.broadcast, self.language, words.strip())
                return Step(SeeingBroadcast(self.broadcast), effects=(reworded,))
            case _:
                return None


@dataclass(frozen=True)
class Correcting(Page):
    """What is told to exactly those who got it, to put it right."""

    reads_words: ClassVar[bool] = True
    broadcast: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("What was wrong, and what is right? Only those who got it are told.")
        return Prompt(ask, also=(KEEP,), ask="words", limit=MOST, title=TITLE, own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("keep"):
                return Step(SeeingBroadcast(self.broadcast))
            case Said(words) if words.strip():
                if wrong := faulty(words, Audience(received=self.broadcast), scene):
                    return Step(self, wrong)
                corrected = CorrectBroadcast(self.broadcast, scene.me.language, words.strip())
                return Step(SeeingBroadcast(), effects=(corrected,))
            case _:
                return None


@dataclass(frozen=True)
class SayingTime(Page):
    """When it shall go out, in plain words."""

    reads_words: ClassVar[bool] = True
    broadcast: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        ask = say("When shall it go out? Type it like this: {example}", example=example(scene))
        return Prompt(ask, also=(Choice("now", say("As soon as it can")), KEEP), ask="line", title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("keep"):
                return Step(SeeingBroadcast(self.broadcast))
            case Chose("now"):
                return Step(SeeingBroadcast(self.broadcast), effects=(TimeBroadcast(self.broadcast, None),))
            case Said(words):
                read = read_when(words, scene.now, DEFAULT_ZONE)
                if isinstance(read, Misread):
                    return Step(self, misread(read))
                at = instant(read.start, DEFAULT_ZONE)
                return Step(SeeingBroadcast(self.broadcast), effects=(TimeBroadcast(self.broadcast, at),))
            case _:
                return None


@dataclass(frozen=True)
class TypingCount(Page):
    """How many get it is typed, so that nobody writes to more people than they meant."""

    reads_words: ClassVar[bool] = True
    broadcast: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (BroadcastOf(self.broadcast),)

    def prompt(self, scene: Scene) -> Prompt:
        seen = scene.find(BroadcastOf(self.broadcast))
        ask = say("To send it for real, type that number.")
        return Prompt(lines(get_it(seen.people if seen else 0), ask), also=(KEEP,), ask="line", title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        seen = scene.find(BroadcastOf(self.broadcast))
        match heard:
            case Chose("keep"):
                return Step(SeeingBroadcast(self.broadcast))
            case Said(words) if seen and number_of(words) == seen.people:
                sent = SendBroadcast(self.broadcast, seen.people)
                return Step(SeeingBroadcast(self.broadcast), effects=(sent,))
            case Said(words) if number_of(words) is not None:
                return Step(self, say("That is not the number. Nothing was sent."))
            case _:
                return None
