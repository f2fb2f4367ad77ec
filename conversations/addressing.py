"""Addressing: whom one text for many is for, and its first words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from conversations import subjects
from conversations.broadcast_view import MOST, faulty, shortened
from conversations.broadcasting import DONE, TITLE, SeeingBroadcast, looking_at, offered
from conversations.domain.broadcast_effects import WriteBroadcast
from conversations.domain.broadcasts import Audience, Kind, Powers
from conversations.domain.gatherings import Area
from conversations.domain.lookups import Lookup, MyPowers, PlacesLike
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Said, Step, say
from conversations.event_answers import number_of
from conversations.event_words import area, area_named, in_short
from conversations.hosting import LONGEST_PLACE

DROP = Choice("drop", say("Do not write"))
NOBODY = Powers()


def _powers(scene: Scene) -> Powers:
    return scene.find(MyPowers()) or NOBODY


@dataclass(frozen=True)
class ChoosingReaders(Page):
    """BROADCAST was said: whom to write to; or what waits for one's name, and what one wrote before."""

    on_top: ClassVar[bool] = True

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyPowers(),)

    def prompt(self, scene: Scene) -> Prompt:
        powers = scene.find(MyPowers())
        if powers is None:
            return Prompt(say("You cannot write to many people here."), (DONE,), title=TITLE)
        waiting = tuple(
            Choice(each.id, say("Waits for your name: “{words}”", words=shortened(each, scene.me.language)))
            for each in powers.waiting
        )
        kinds = (
            Choice("near", say("People near a place")) if powers.areas else None,
            Choice("topic", say("People who follow a topic")),
            Choice("event", say("People who booked an event")) if powers.events else None,
            Choice("organisers", say("Organisers")) if powers.areas else None,
            Choice("members", say("Members who gave a code")) if powers.areas else None,
        )
        mine = (Choice("mine", say("My messages")),) if powers.mine else ()
        ask = say("Whom would you like to write to?")
        return Prompt(ask, (*waiting, *filter(None, kinds)), (*mine, DROP), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        if not isinstance(heard, Chose) or heard.choice not in {each.id for each in offered(self, scene)}:
            return None
        match heard.choice:
            case "drop" | "done":
                return Step(Leave())
            case "mine":
                return Step(ShowingBroadcasts())
            case "near":
                return Step(ChoosingPlace())
            case "topic":
                return Step(ChoosingFollowers())
            case "event":
                return Step(ChoosingGuests())
            case "organisers":
                return Step(_where(scene, organisers=True))
            case "members":
                return Step(_where(scene, members=True))
            case waiting:
                return Step(looking_at(waiting, _powers(scene).waiting))


def _where(scene: Scene, topic: str = "", *, organisers: bool = False, members: bool = False) -> Page:
    """Where it is plain which area bounds it, its words come next; else the area is asked."""
    powers = _powers(scene)
    if topic in powers.topics or len(powers.areas) == 1:
        within = "" if topic in powers.topics else powers.areas[0].code
        return SayingMessage(within=within, topic=topic, organisers=organisers, members=members)
    return ChoosingPlace(topic=topic, organisers=organisers, members=members)


@dataclass(frozen=True)
class ChoosingPlace(Page):
    """Near where: one of one's own areas, or a constituency in one of them."""

    reads_words: ClassVar[bool] = True
    words: str = ""
    topic: str = ""
    organisers: bool = False
    members: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyPowers(), PlacesLike(self.words))

    def _near(self, scene: Scene) -> tuple[Area, ...]:
        powers = _powers(scene)
        if not self.words:
            return powers.areas
        found = (Area(each.nation, each.region, each.code, each.name) for each in scene.find(PlacesLike(self.words)))
        return tuple(each for each in found if powers.within(each) is not None)

    def prompt(self, scene: Scene) -> Prompt:
        near = self._near(scene)
        if not self.words:
            ask = say("Near where? Choose, or type a part of the name of a constituency.")
        elif near:
            ask = say("Is it one of these? If not, type the name again.")
        else:
            ask = say("We know no place called “{words}” in your area. Type it again.", words=self.words)
        return Prompt(ask, tuple(Choice(each.code, area(each)) for each in near), (DROP,), ask="find", title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        near = {each.code: each for each in self._near(scene)}
        match heard:
            case Chose("drop"):
                return Step(Leave())
            case Chose(code) if code in near:
                return self._chosen(near[code], scene)
            case Said(words) if (place := number_of(words)) is not None:
                return self._chosen(list(near.values())[place - 1], scene) if 0 < place <= len(near) else None
            case Said(words) if 1 < len(words.strip()) <= LONGEST_PLACE:
                named = area_named(words.strip(), scene.forms)
                own = next((each for each in _powers(scene).areas if each.code == named), None)
                return self._chosen(own, scene) if own else Step(replace(self, words=words.strip()))
            case _:
                return None

    def _chosen(self, place: Area, scene: Scene) -> Step[Any]:
        within = _powers(scene).within(place) or ""
        audience = SayingMessage(place.code, within, self.topic, organisers=self.organisers, members=self.members)
        return Step(audience)


@dataclass(frozen=True)
class ChoosingFollowers(Page):
    """Those who follow which topic: an organiser may write of any in their area, an officer of their own."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyPowers(),)

    def prompt(self, scene: Scene) -> Prompt:
        powers, shelf = _powers(scene), subjects.shelf_of(scene)
        mine = (
            (each.id, topic) for each, topic in subjects.topics_on(shelf) if powers.areas or each.id in powers.topics
        )
        choices = tuple(Choice(id_, topic.title) for id_, topic in mine)
        return Prompt(say("Which topic do they follow?"), choices, (DROP,), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("drop"):
                return Step(Leave())
            case Chose(topic) if topic in {each.id for each in offered(self, scene)}:
                return Step(_where(scene, topic))
            case _:
                return None


@dataclass(frozen=True)
class ChoosingGuests(Page):
    """Those who booked which event."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyPowers(),)

    def prompt(self, scene: Scene) -> Prompt:
        choices = tuple(Choice(each.id, in_short(each)) for each in _powers(scene).events)
        return Prompt(say("Which event did they book?"), choices, (DROP,), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("drop"):
                return Step(Leave())
            case Chose(event) if event in {each.id for each in _powers(scene).events}:
                return Step(SayingMessage(event=event))
            case _:
                return None


@dataclass(frozen=True)
class SayingMessage(Page):
    """The words of a new text, for whom these fields name; `within` is which of one's own areas bounds it."""

    reads_words: ClassVar[bool] = True
    place: str = ""
    within: str = ""
    topic: str = ""
    event: str = ""
    organisers: bool = False
    members: bool = False

    def prompt(self, scene: Scene) -> Prompt:
        ask = (
            say("What would you like to tell those who booked?")
            if self.event
            else say("What would you like to tell them?")
        )
        return Prompt(ask, also=(DROP,), ask="words", limit=MOST, title=TITLE, own_words=True)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("drop"):
                return Step(Leave())
            case Said(words) if words.strip():
                audience = Audience(self.place, self.topic, self.event, self.organisers, members=self.members)
                if wrong := faulty(words, audience, scene):
                    return Step(self, wrong)
                kind: Kind = "event" if self.event else "ordinary"
                written = WriteBroadcast(kind, audience, self.within, scene.me.language, words.strip())
                return Step(SeeingBroadcast(), effects=(written,))
            case _:
                return None


@dataclass(frozen=True)
class ShowingBroadcasts(Page):
    """What one wrote, the newest first."""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyPowers(),)

    def prompt(self, scene: Scene) -> Prompt:
        mine = tuple(Choice(each.id, shortened(each, scene.me.language)) for each in _powers(scene).mine)
        text = say("Choose one to see how far it has come.") if mine else say("You have written nothing yet.")
        return Prompt(text, mine, (DONE,), title=TITLE)

    def hear(self, heard: Heard, scene: Scene) -> Step[Any] | None:
        match heard:
            case Chose("done"):
                return Step(Leave())
            case Chose(id_) if id_ in {each.id for each in _powers(scene).mine}:
                return Step(SeeingBroadcast(id_))
            case _:
                return None
