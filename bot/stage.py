"""The stage: a batch of people met, their conversations loaded, stepped, performed, and what is said rendered.

This is the only place that matches effects and has storage perform them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import zip_longest
from typing import cast

from bot import stage_broadcasts
from bot.catalogues import catalogue
from bot.channels.messages import Incoming, Message, message, prompted
from bot.library import Library
from bot.rendering import forms
from bot.stage_events import perform_of_events
from conversations import engine, following, saving, welcome
from conversations.anywhere import desk_text
from conversations.broadcast_view import HINDRANCES
from conversations.domain import effects as acts
from conversations.domain.broadcast_effects import OfBroadcasts
from conversations.domain.consultation import Consultation
from conversations.domain.lookups import (
    BroadcastOf,
    ErasureReceipt,
    Follows,
    Held,
    MyAnswers,
    MyFollows,
    MyPowers,
    MyResponses,
    Response,
)
from conversations.domain.scene import Me, Scene, no_shelf
from conversations.domain.speech import Heard, Returned, Started, Text, say
from conversations.turning import Conversation, Turned
from storage import answers, channels, dialogues, findings, members, people, replies, staff, subscriptions
from storage.broadcasting import Rules
from storage.database import Transaction
from storage.deliveries import Reply
from storage.dialogues import Known, Stored
from storage.people import Person

log = logging.getLogger(__name__)
DRAWN = ("web",)
"""Channels whose pages draw the prompt from the saved state; only remarks and news wait in their ledger."""
OF_BROADCASTS = (MyPowers, BroadcastOf)
"""Lookups that need the library besides the database: whose topics are whose."""


@dataclass(frozen=True)
class Played:
    """What one turn says: replies for the ledger; or `shown` at once where nothing of the person is kept any more."""

    replies: tuple[Reply, ...] = ()
    shown: tuple[Message, ...] = ()


@dataclass
class _Part:
    """One person's part in a batch."""

    incoming: Incoming
    person: Person
    stored: Stored
    known: Known
    consultation: Consultation
    conversation: Conversation
    heard: Heard
    findings: dict[object, object] = field(default_factory=dict)
    turned: Turned | None = None
    forgotten: bool = False

    @property
    def language(self) -> str:
        return self.person.language

    def remark(self, text: Text) -> None:
        """Something only performing knows is said, before the question that stands."""
        assert self.turned is not None, "only a turn has effects"
        self.turned = replace(self.turned, remark=text)


@dataclass(frozen=True)
class Performer:
    """What performing effects needs besides the transaction: the log of erasures, links people are given, every
    consultation there is, and what an operator set for broadcasts."""

    bury: Callable[[str], str]
    links: dict[str, str]
    shelf: Callable[[], tuple[Consultation, ...]] = no_shelf
    rules: Rules = field(default_factory=Rules)


async def play(
    tx: Transaction, met: Sequence[tuple[Incoming, Person]], library: Library, performer: Performer
) -> list[Played]:
    """Takes everybody's turn in one transaction."""
    if not library.all():
        return [_nothing_yet(person) for _, person in met]
    parts = await _load(tx, met, library)
    await _find(tx, parts, lambda part: engine.needs(part.conversation, part.heard), library)
    for part in parts:
        part.turned = engine.hear(part.conversation, part.heard, _scene(part, tx, library, performer))
        part.conversation = part.turned.conversation
    await _perform_all(tx, parts, library, performer)
    staying = [part for part in parts if not part.forgotten]
    await _catch_up(tx, staying, library)
    played = [_say(part, _scene(part, tx, library, performer)) for part in parts]
    await dialogues.save(tx, {part.person.id: _to_store(part) for part in staying})
    return played


@dataclass(frozen=True)
class Presented:
    """Where a person is, for a channel that draws it: the prompt, and the scene it was asked in."""

    prompt: Message
    scene: Scene
    conversation: Conversation
    person: Person


async def present(tx: Transaction, person: Person, library: Library, performer: Performer) -> Presented | None:
    """The prompt somebody sees now. Reads only; nothing is turned. None for somebody never heard."""
    stored = (await dialogues.load(tx, [person.id]))[person.id]
    held = library.pinned(stored.consultation, stored.shape)
    if not stored.state or held is None:
        return None
    known = (await dialogues.known(tx, [person.id]))[person.id]
    conversation, _ = _opening(stored, Returned())
    incoming = Incoming(person.channel, "", "", Returned())
    part = _Part(incoming, person, stored, known, held, conversation, Returned())
    await _find(tx, [part], lambda each: (*each.conversation.page.needs(), MyAnswers()), library)
    scene = _scene(part, tx, library, performer)
    shown = prompted(engine.prompt(conversation, scene), conversation.prompt_number, person.language)
    return Presented(shown, scene, conversation, person)


def newcomer(library: Library, performer: Performer, now: datetime, language: str, link: str) -> Message | None:
    """What somebody never heard sees first. None while no consultation is loaded."""
    held = library.first(now, link)
    if held is None:
        return None
    me = Me(language, "web")
    known: dict[object, object] = {MyResponses(): (), MyAnswers(): Held(), MyFollows(): Follows()}
    scene = Scene(held, now, me, library.open(now), known, forms, performer.links, library.all)
    conversation = Conversation()
    if offer := following.offered(link, scene):
        conversation = Conversation((*conversation.stack, offer))
    elif held.standing(now) != "open":
        conversation = Conversation((welcome.NotOpen(),))
    return prompted(engine.prompt(conversation, scene), conversation.prompt_number, language)


async def _load(tx: Transaction, met: Sequence[tuple[Incoming, Person]], library: Library) -> list[_Part]:
    ids = [person.id for _, person in met]
    stored, known = await dialogues.load(tx, ids), await dialogues.known(tx, ids)
    parts = []
    for incoming, person in met:
        if person.silent:  # whoever writes can be written to
            await people.silence(tx, person.address, None)
        kept, heard = stored[person.id], incoming.heard
        held = library.pinned(kept.consultation, kept.shape) or library.first(tx.now, getattr(heard, "link", ""))
        assert held is not None, "play() answers where nothing is loaded"
        conversation, heard = _opening(kept, heard)
        parts.append(_Part(incoming, person, kept, known[person.id], held, conversation, heard))
    return parts


def _opening(stored: Stored, heard: Heard) -> tuple[Conversation, Heard]:
    """The conversation as it was kept; a newcomer's first words, whatever they are, only open it."""
    if stored.state:
        try:
            return saving.load(json.loads(stored.state)), heard
        except saving.UnknownPage:
            log.exception("a stored state is of no release we know; the person is welcomed afresh")
            return Conversation((welcome.ChoosingTopic(),)), Returned()
    return Conversation(), heard if isinstance(heard, Started) else Started()


async def _find(
    tx: Transaction, parts: Sequence[_Part], needs: Callable[[_Part], tuple[object, ...]], library: Library
) -> None:
    asked = {part.person.id: needs(part) for part in parts}
    plain = {id_: tuple(each for each in asks if not isinstance(each, OF_BROADCASTS)) for id_, asks in asked.items()}
    wanted = {part.person.id: (part.consultation.id, part.person.channel, plain[part.person.id]) for part in parts}
    found = await findings.find(tx, wanted) if wanted else {}  # type: ignore[arg-type]
    for part in parts:
        part.findings = found[part.person.id]
        for lookup in {*asked[part.person.id]} - part.findings.keys():
            part.findings[lookup] = await stage_broadcasts.find(tx, part.person.id, lookup, library)


async def _catch_up(tx: Transaction, parts: Sequence[_Part], library: Library) -> None:
    """What effects may have changed is read again, in the same transaction. An answer, by far the most frequent one,
    changes what its person holds and nothing else that the next question looks at."""
    read_again, lacking = [], []
    for part in parts:
        assert part.turned is not None
        effects, needed = part.turned.effects, part.conversation.page.needs()
        if not all(isinstance(effect, acts.RecordAnswer) for effect in effects):
            read_again.append(part)
        elif not set(needed) <= ({MyAnswers()} if effects else part.findings.keys()):
            lacking.append(part)
        else:
            _hold(part, effects)
    known = await dialogues.known(tx, [part.person.id for part in read_again]) if read_again else {}
    for part in read_again:
        part.known = known[part.person.id]
    await _find(tx, [*read_again, *lacking], lambda part: part.conversation.page.needs(), library)


def _hold(part: _Part, given: Sequence[acts.Effect]) -> None:
    for effect in given:
        held = part.findings[MyAnswers()]
        assert isinstance(effect, acts.RecordAnswer)
        assert isinstance(held, Held)
        part.findings[MyAnswers()] = held.given(effect.slot, effect.answer)


def _scene(part: _Part, tx: Transaction, library: Library, performer: Performer) -> Scene:
    held = part.consultation
    held_or_any = (held.id, acts.ANYWHERE)
    consents = {purpose: choice for (of, purpose), choice in part.known.consents.items() if of in held_or_any}
    me = Me(part.language, part.person.channel, part.known.about, consents, part.person.stopped, part.known.standing)
    return Scene(held, tx.now, me, library.open(tx.now), part.findings, forms, performer.links, library.all)


def _say(part: _Part, scene: Scene) -> Played:
    turned = part.turned
    assert turned is not None
    said = [] if turned.remark is None else [message(turned.remark, part.language)]
    asked: Message | None = None
    if not turned.quiet:
        prompt = engine.prompt(part.conversation, scene)
        asked = prompted(prompt, part.conversation.prompt_number, part.language) if prompt.text != "" else None
    if part.forgotten:
        return Played(shown=tuple(filter(None, (*said, asked))))
    target = part.incoming.pressed if turned.amends and not said else None
    if part.person.channel in DRAWN:
        asked = None
    spoken = [(each, False, None) for each in said] + ([(asked, True, target)] if asked else [])
    return Played(tuple(_reply(part, each, is_prompt, to) for each, is_prompt, to in spoken))


def _nothing_yet(person: Person) -> Played:
    """What anybody hears while no consultation is loaded; an operator loads one with `bigconversation load`."""
    said = message(say("There is nothing to talk about just now. Please come back later."), person.language)
    version = catalogue(person.language).version
    reply = Reply(person.id, person.address, person.channel, said.to_json(), False, person.language, version)
    return Played((reply,))


def _reply(part: _Part, said: Message, is_prompt: bool, target: str | None) -> Reply:
    version = catalogue(part.language).version
    person = part.person
    body = said.to_json()
    last = part.turned is not None and any(isinstance(each, acts.StopMessages) for each in part.turned.effects)
    return Reply(person.id, person.address, person.channel, body, is_prompt, part.language, version, target, said, last)


def _to_store(part: _Part) -> Stored:
    state = json.dumps(saving.save(part.conversation), separators=(",", ":"))
    pinned = part.consultation.version.shape
    return Stored(part.consultation.id, pinned, state, part.stored.revision)


# Effects


async def _perform_all(tx: Transaction, parts: Sequence[_Part], library: Library, performer: Performer) -> None:
    """Everybody's first effect, then everybody's second: each in their own order, and answers of one round together."""
    for effects in zip_longest(*(part.turned.effects if part.turned else () for part in parts)):
        round_ = [(part, effect) for part, effect in zip(parts, effects, strict=True) if effect is not None]
        given = [_given(part, effect) for part, effect in round_ if isinstance(effect, acts.RecordAnswer)]
        await answers.record_all(tx, given)
        for part, effect in sorted(round_, key=_shared):  # what many want is locked in one order
            if not isinstance(effect, acts.RecordAnswer):
                await _perform(tx, part, effect, library, performer)


def _shared(acting: tuple[_Part, acts.Effect]) -> str:
    """The event that an effect is about, or the code that two may have at once."""
    return getattr(acting[1], "event", "") or getattr(acting[1], "code", "")


def _given(part: _Part, effect: acts.RecordAnswer) -> answers.Given:
    held, person = part.consultation, part.person
    numbers = held.version
    given = answers.Given(
        person.id, person.address, held.id, effect.topic, effect.slot, effect.answer, numbers.shape, numbers.words
    )
    if part.turned is None or effect is not part.turned.effects[0]:
        return given  # what was found before the turn's first effect may be true no more
    mine = cast("Held", part.findings[MyAnswers()])
    begun = cast("tuple[Response, ...]", part.findings[MyResponses()])
    begins = (held.id, effect.topic) not in {(each.consultation, each.topic) for each in begun}
    return replace(given, begins=begins, former=effect.slot in mine.current or effect.slot in mine.aside)


async def _perform(tx: Transaction, part: _Part, effect: acts.Effect, library: Library, performer: Performer) -> None:
    person, held = part.person, part.consultation
    match effect:
        case acts.SetLanguage(language):
            await people.set_language(tx, person.id, language)
            part.person = replace(person, language=language)
        case acts.RecordConsent(consultation, purpose, choice, wording):
            await people.record_consent(tx, person.id, consultation, purpose, choice, wording, person.channel)
        case acts.TakeUp(consultation):
            part.consultation = library.newest(consultation) or held
        case acts.SetAside(_, slots):
            await answers.set_aside(tx, person.id, held.id, slots)
        case acts.SendResponse(topic):
            await answers.send(tx, person.id, person.address, held.id, topic)
            await people.keep_return_code(tx, person.id)
        case acts.TellAbout(fact, value):
            await people.tell_about(tx, person.id, fact, value)
        case _ if isinstance(effect, OfBroadcasts):
            hindered = await stage_broadcasts.perform(tx, person, effect, library, performer.rules)
            if hindered:  # it was not done: that is said in place of what its page says when it is
                part.remark(HINDRANCES[hindered])
        case _:
            await _perform_rarer(tx, part, effect, performer)


async def _perform_rarer(tx: Transaction, part: _Part, effect: acts.Effect, performer: Performer) -> None:
    person = part.person
    match effect:
        case acts.StopMessages():
            await people.stop(tx, person.address)
        case acts.ResumeMessages():
            await people.resume(tx, person.address)
            part.person = replace(person, stopped=False)
        case acts.RecordReply(token, verdict):
            await replies.record(tx, person.id, token, verdict)
        case acts.AddReplyWords(token, words):
            await replies.add_words(tx, person.id, token, words)
        case acts.AskDeskLink():
            one_time = await staff.make_link_for(tx, person.id)
            part.remark(desk_text(f"{performer.links['site']}/desk/in/{one_time}" if one_time else ""))
        case acts.ChooseChannel(kind, channel):
            await channels.choose(tx, person.id, person.address, kind, channel)
        case acts.Follow() | acts.EndFollows() | acts.FollowHere() | acts.ConfirmMember():
            await _perform_following(tx, person, effect)
        case _ if isinstance(effect, acts.OfEvents):
            await perform_of_events(tx, person, effect, performer.shelf())
        case acts.Forget(receipt):
            buried = performer.bury(person.id)
            part.findings = {ErasureReceipt(): buried if receipt else ""}
            part.forgotten = True
            await people.forget(tx, person.id)
        case _:
            raise TypeError(f"nothing performs {effect}")


async def _perform_following(
    tx: Transaction, person: Person, effect: acts.Follow | acts.EndFollows | acts.FollowHere | acts.ConfirmMember
) -> None:
    match effect:
        case acts.ConfirmMember(code, agreed):
            confirmed = await members.confirm(tx, person.id, person.address, code)
            if confirmed and agreed:
                given = (agreed.consultation, agreed.purpose, agreed.choice, agreed.wording)
                await people.record_consent(tx, person.id, *given, person.channel)
        case acts.Follow(subject, pace):
            await subscriptions.follow(tx, person.id, person.address, subject, pace)
        case acts.EndFollows(subjects):
            await subscriptions.end(tx, person.id, subjects)
            if any(each.kind == "members" for each in subjects):
                await members.leave(tx, person.id)
        case acts.FollowHere(subjects):
            await subscriptions.bring(tx, person.id, person.address, subjects)
