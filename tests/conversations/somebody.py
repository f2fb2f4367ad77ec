"""Somebody who talks with the pure machine: effects are performed in memory, state is saved and loaded every turn."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from bot.library import sample_text
from bot.rendering import forms, plain
from conversations import engine, saving, welcome
from conversations.anywhere import Erased
from conversations.document.reading import read
from conversations.domain import effects as acts
from conversations.domain.answers import Answer, Slot
from conversations.domain.broadcast_effects import OfBroadcasts
from conversations.domain.broadcasts import Audience, Broadcast, Powers
from conversations.domain.channels import Channels
from conversations.domain.consultation import Consultation
from conversations.domain.following import Followed, Subject, topic_subject
from conversations.domain.gatherings import Area, Arrivals, Gathering, Visit
from conversations.domain.lookups import (
    AddedToHowItWas,
    AtTheDoor,
    BroadcastOf,
    Drafted,
    ErasureReceipt,
    EventOf,
    ExitAsked,
    Follows,
    Held,
    HowItWas,
    Mine,
    MyAnswers,
    MyChannels,
    MyDraft,
    MyEvents,
    MyFollows,
    MyNews,
    MyPowers,
    MyRecord,
    MyResponses,
    MyTries,
    NextAfter,
    NextStep,
    Place,
    PlacesLike,
    Programme,
    Record,
    Response,
    ReturnCode,
    SeenBroadcast,
    SeenEvent,
    Tally,
    TallyOf,
    ToldNews,
    Visited,
    VisitOf,
    WhatsOn,
)
from conversations.domain.members import CODE_LENGTH, Tries, members_of
from conversations.domain.page import Page
from conversations.domain.scene import Me, Scene, Standing
from conversations.domain.speech import Chose, Heard, Prompt, Quoted, Said, Started
from conversations.turning import Conversation, Turned

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAMPLES = ("fair_future", "process", "workers", "mp")
PLACES = (
    Place("W01", "Swansea West", "", "wales"),
    Place("W02", "Gower", "", "wales"),
    Place("E01", "Bristol West", "south_west", "england"),
)

EVENT = Gathering(
    "EV3NT001", "open", "A talk about lights", "Sample hall", Area("wales", "", "W01", "Swansea West"),
    datetime(2026, 12, 5, 19), seats=30, step_free="yes",
)  # fmt: skip

BROADCAST = Broadcast(
    "bc-BR0ADC4S",
    "ordinary",
    "draft",
    Audience("wales"),
    "wales",
    {"en": "The hall has a new door."},
    "Sample organiser",
)


@cache
def sample(name: str) -> Consultation:
    """A consultation that comes with the product, read on a fixed day."""
    held = read(sample_text(name), TODAY).consultation
    assert held is not None
    return held


@dataclass
class Somebody:
    """One person. `now`, `open` and what is known of them may be set by a test."""

    consultation: Consultation = field(default_factory=lambda: sample("fair_future"))
    open: tuple[Consultation, ...] = ()
    channel: str = "terminal"
    now: datetime = NOW
    conversation: Conversation = field(default_factory=Conversation)
    language: str = "en"
    about: dict[str, str] = field(default_factory=dict)
    consents: dict[tuple[str, str], str] = field(default_factory=dict)
    current: dict[str, dict[Slot, Answer]] = field(default_factory=dict)
    aside: dict[str, dict[Slot, Answer]] = field(default_factory=dict)
    sent: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    standing: tuple[Standing, ...] = ()
    follows: dict[Subject, Followed] = field(default_factory=dict)
    channels: Channels = field(default_factory=Channels)
    stopped: bool = False
    effects: tuple[acts.Effect, ...] = ()
    turned: Turned | None = None

    def __post_init__(self) -> None:
        self.open = self.open or (self.consultation,)

    def agreed(self, topic: str = "") -> Somebody:
        """Somebody who has agreed, at the first question of a topic if one is named."""
        self.consents[self.consultation.id, "take_part"] = "yes"
        self.conversation = Conversation((welcome.ChoosingTopic(),))
        return self.hear(Started(topic)) if topic else self

    def at(self, *stack: Page) -> Somebody:
        """Somebody on these pages, from the floor up."""
        self.conversation = Conversation(stack, self.conversation.prompt_number)
        return self

    # What they do

    def hear(self, heard: Heard) -> Somebody:
        scene = self.scene(engine.needs(self.conversation, heard))
        self.turned = engine.hear(self.conversation, heard, scene)
        self.effects = self.turned.effects
        self.conversation = self.turned.conversation
        for effect in self.effects:
            self._perform(effect)
        if isinstance(self.page, welcome.Gone | Erased):
            self.prompt()
            self.conversation = Conversation()
        else:
            stored = json.dumps(saving.save(self.conversation))
            assert saving.load(json.loads(stored)) == self.conversation
        return self

    def say(self, *words: str) -> Somebody:
        for each in words:
            self.hear(Said(each))
        return self

    def choose(self, *choices: str) -> Somebody:
        for each in choices:
            self.hear(Chose(each))
        return self

    # What they see

    @property
    def page(self) -> Page:
        return self.conversation.page

    @property
    def answers(self) -> dict[Slot, Answer]:
        return self.current.setdefault(self.consultation.id, {})

    @property
    def set_aside(self) -> dict[Slot, Answer]:
        return self.aside.setdefault(self.consultation.id, {})

    def prompt(self) -> Prompt:
        return engine.prompt(self.conversation, self.scene(self.page.needs()))

    @property
    def asked(self) -> str:
        return plain(self.prompt().text, self.language)

    @property
    def told(self) -> str:
        remark = self.turned.remark if self.turned else None
        return plain(remark, self.language) if remark is not None else ""

    @property
    def offered(self) -> list[str]:
        prompt = self.prompt()
        return [each.id for each in (*prompt.choices, *prompt.also)]

    @property
    def slot(self) -> str:
        return str(getattr(self.page, "slot", ""))

    def scene(self, wanted: tuple[Any, ...]) -> Scene:
        consents = {
            what: choice for (of, what), choice in self.consents.items() if of in (self.consultation.id, acts.ANYWHERE)
        }
        me = Me(self.language, self.channel, self.about, consents, self.stopped, self.standing)
        open_ = tuple(held for held in self.open if held.standing(self.now) == "open")
        findings = {lookup: self._found(lookup) for lookup in wanted}
        return Scene(
            self.consultation, self.now, me, open_, findings, forms, {"site": "https://bc.example"}, lambda: self.open
        )

    def _found(self, lookup: object) -> object:
        match lookup:
            case MyAnswers():
                return Held(dict(self.answers), dict(self.set_aside))
            case MyResponses():
                return tuple(Response(of, topic, "AB-1", when) for (of, topic), when in self.sent.items())
            case PlacesLike(words):
                return tuple(place for place in PLACES if words and words.casefold() in place.name.casefold())
            case MyNews() | ToldNews():
                return ()
            case MyRecord():
                kept = tuple(("", slot, answer, TODAY) for slot, answer in self.answers.items())
                consents = tuple((what, choice, TODAY) for (_, what), choice in self.consents.items())
                return Record("P-SAMPLE", TODAY, self.about, consents, kept, (), ())
            case NextAfter(token):
                follows = topic_subject("fair-future", "SAFE") in self.follows
                return NextStep("fair-future", "SAFE", follows=follows) if token == "outcome" else None
            case MyFollows():
                return Follows(tuple(self.follows.values()))
            case TallyOf():
                return Tally()
            case ReturnCode() | ErasureReceipt():
                return ""
            case _:
                return self._found_of_events(lookup)

    def _found_of_events(self, lookup: object) -> object:
        match lookup:
            case WhatsOn():
                return Programme((EVENT,))
            case EventOf(id_):
                return SeenEvent(EVENT, runs=True) if id_ == EVENT.id else None
            case HowItWas():
                return ExitAsked(EVENT, 1)
            case AddedToHowItWas():
                return (Quoted("Ring the low bell", "en"),)
            case VisitOf():
                return Visited(EVENT, Visit("residents", "dark paths", "ask the council", TODAY), organises=True)
            case AtTheDoor():
                return Arrivals(EVENT, 3, 1)
            case MyDraft():
                return Drafted(replace(EVENT, state="draft", start=None), EVENT.area, EVENT)
            case MyEvents():
                return Mine((EVENT,))
            case _:
                return self._found_of_many(lookup)

    def _found_of_many(self, lookup: object) -> object:
        match lookup:
            case MyChannels():
                return self.channels
            case MyTries():
                return Tries()
            case MyPowers():
                return Powers((EVENT.area,), events=(EVENT,), mine=(BROADCAST,), waiting=(BROADCAST,))
            case BroadcastOf(id_):
                return SeenBroadcast(BROADCAST, 3, ("The hall has a new door.",)) if id_ in ("", BROADCAST.id) else None
            case _:
                raise AssertionError(lookup)

    def _perform(self, effect: acts.Effect) -> None:
        match effect:
            case acts.AskDeskLink():
                pass
            case acts.SetLanguage(language):
                self.language = language
            case acts.RecordConsent(of, purpose, choice):
                self.consents[of, purpose] = choice
            case acts.TakeUp(of):
                self.consultation = next(held for held in self.open if held.id == of)
            case acts.RecordAnswer(topic, slot, answer):
                self.answers[slot] = answer
                self.set_aside.pop(slot, None)
                self.sent.setdefault((self.consultation.id, topic), None)
            case acts.SetAside(_, slots):
                for slot in slots:
                    self.set_aside[slot] = self.answers.pop(slot)
            case acts.SendResponse(topic):
                self.sent[self.consultation.id, topic] = self.now
            case _:
                self._perform_rarer(effect)

    def _confirm(self, code: str, agreed: acts.RecordConsent | None) -> None:
        """Whatever is as long as a code is one."""
        if len(code) == CODE_LENGTH:
            subject = members_of("W01")
            self.follows[subject] = Followed(subject, "at_once", self.channel, TODAY, "Swansea West")
            if agreed:
                self._perform(agreed)

    def _perform_rarer(self, effect: acts.Effect) -> None:
        match effect:
            case acts.TellAbout(fact, value):
                self.about[fact] = value
            case acts.Follow(subject, pace):
                channel = self.follows[subject].channel if subject in self.follows else self.channel
                self.follows[subject] = Followed(subject, pace, channel, TODAY)
            case acts.EndFollows(subjects):
                self.follows = {each: kept for each, kept in self.follows.items() if each not in subjects}
            case acts.ChooseChannel(kind, channel):
                others = {each: chosen for each, chosen in self.channels.chosen.items() if each != kind}
                self.channels = Channels(self.channels.mine, others | ({kind: channel} if channel else {}))
            case acts.ConfirmMember(code, agreed):
                self._confirm(code, agreed)
            case acts.FollowHere(subjects):
                self.follows |= {each: replace(self.follows[each], channel=self.channel) for each in subjects}
            case acts.StopMessages() | acts.ResumeMessages():
                self.stopped = isinstance(effect, acts.StopMessages)
            case acts.RecordReply(token, verdict):
                self.standing = tuple(replace(s, settled=verdict) if s.token == token else s for s in self.standing)
            case acts.Forget():
                self.about, self.consents, self.current, self.aside, self.sent = {}, {}, {}, {}, {}
                self.follows = {}
                self.stopped = False
            case _:
                assert isinstance(effect, acts.AddReplyWords | acts.OfEvents | OfBroadcasts)
