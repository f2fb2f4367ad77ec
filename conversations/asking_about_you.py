"""Where a person lives and what they answer as: after Send, or before where the route needs to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import answering, resting
from conversations.domain.effects import Fact, TellAbout
from conversations.domain.lookups import Lookup, MyAnswers, Place, PlacesLike
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Prompt, Said, Step, Text, say
from conversations.domain.words import agreement, number, plain
from conversations.postcodes import NOT_USED, is_postcode

SKIP = Choice("skip", say("Skip"))
NATIONS: dict[str, Text] = {
    "england": say("England"),
    "scotland": say("Scotland"),
    "wales": say("Wales"),
    "northern_ireland": say("Northern Ireland"),
}
REGIONS: dict[str, Text] = {
    "north_east": say("North East"),
    "north_west": say("North West"),
    "yorkshire": say("Yorkshire and The Humber"),
    "east_midlands": say("East Midlands"),
    "west_midlands": say("West Midlands"),
    "east": say("East of England"),
    "london": say("London"),
    "south_east": say("South East"),
    "south_west": say("South West"),
}
ANSWERING_AS: dict[str, Text] = {
    "person": say("Just me"),
    "organisation": say("A group or organisation"),
    "role": say("Someone elected or appointed"),
}


@dataclass(frozen=True)
class Living(Page):
    """Which nation. `for_route` when the questions differ by nation: then the topic goes on after it."""

    topic: str = ""
    for_route: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(),)

    def prompt(self, scene: Scene) -> Prompt:
        why = (
            say("Different people decide this in each nation. Where do you live?")
            if self.for_route
            else say("Where do you live? It helps to see if places differ.")
        )
        return Prompt(why, _choices(NATIONS), (SKIP,), title=say("Where do you live?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose(nation) if nation in NATIONS or nation == "skip":
                told = TellAbout("nation", "" if nation == "skip" else nation)
                return Step(self._next(told.value, scene), effects=(told,))
            case _:
                return None

    def _next(self, nation: str, scene: Scene) -> Page:
        if self.for_route:
            return _on_with(self.topic, "nation", nation, scene)
        if not nation:
            return _as_or_rest(self.topic, scene)
        return LivingRegion(self.topic) if nation == "england" else FindingPlace(self.topic)


@dataclass(frozen=True)
class LivingRegion(Page):
    """Which of the nine regions of England."""

    topic: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        return Prompt(say("Which part of England?"), _choices(REGIONS), (SKIP,), title=say("Where do you live?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose(region) if region in REGIONS or region == "skip":
                told = TellAbout("region", "" if region == "skip" else region)
                return Step(FindingPlace(self.topic), effects=(told,))
            case _:
                return None


@dataclass(frozen=True)
class FindingPlace(Page):
    """The constituency, found by typing a part of its name."""

    reads_words: ClassVar[bool] = True
    topic: str = ""
    words: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (PlacesLike(self.words),)

    def prompt(self, scene: Scene) -> Prompt:
        places = scene.find(PlacesLike(self.words))
        title = say("Which constituency?")
        choices = tuple(Choice(place.code, place.name) for place in places)
        if not self.words:
            ask = say("Which constituency do you live in? Type a part of its name.")
        elif places:
            ask = say("Is it one of these? If not, type the name again.")
        else:
            ask = say(
                "We do not know a place called “{words}”. Try another part of the name, or skip.", words=self.words
            )
        return Prompt(ask, choices, (SKIP,), ask="find", title=title)

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        places = scene.find(PlacesLike(self.words))
        match heard:
            case Chose("skip"):
                return Step(_as_or_rest(self.topic, scene), effects=(TellAbout("constituency", ""),))
            case Chose(code) if code in {place.code for place in places}:
                return Step(_as_or_rest(self.topic, scene), effects=(TellAbout("constituency", code),))
            case Said(words) if chosen := _place_named(words, places):
                return Step(_as_or_rest(self.topic, scene), effects=(TellAbout("constituency", chosen.code),))
            case Said(words) if is_postcode(words):
                return Step(self, NOT_USED)
            case Said(words) if len(words.strip()) <= 60:
                return Step(FindingPlace(self.topic, words.strip()))
            case _:
                return None


@dataclass(frozen=True)
class AnsweringAs(Page):
    """Whether the person speaks for themselves, for an organisation, or in a role."""

    topic: str = ""
    for_route: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(),)

    def prompt(self, scene: Scene) -> Prompt:
        return Prompt(say("Who are you answering for?"), _choices(ANSWERING_AS), (SKIP,), title=say("Who for?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose(kind) if kind in ANSWERING_AS or kind == "skip":
                told = TellAbout("answering_as", "" if kind == "skip" else kind)
                here = self.for_route
                page = _on_with(self.topic, "answering_as", told.value, scene) if here else resting.received(self.topic)
                return Step(page, effects=(told,))
            case _:
                return None


def for_route(fact: str, topic: str) -> Page:
    """The page that asks for a fact the route cannot do without."""
    return Living(topic, for_route=True) if fact == "nation" else AnsweringAs(topic, for_route=True)


def after_consents(topic: str, scene: Scene) -> Page:
    """What we still do not know about the person, then the receipt."""
    return _as_or_rest(topic, scene) if "constituency" in scene.me.about else _where(topic, scene)


def _where(topic: str, scene: Scene) -> Page:
    nation = scene.me.about.get("nation")
    if nation is None:
        return Living(topic)
    if not nation:
        return _as_or_rest(topic, scene)
    return LivingRegion(topic) if nation == "england" and "region" not in scene.me.about else FindingPlace(topic)


def _as_or_rest(topic: str, scene: Scene) -> Page:
    return resting.received(topic) if "answering_as" in scene.me.about else AnsweringAs(topic)


def _on_with(topic: str, fact: Fact, value: str, scene: Scene) -> Page:
    """The topic's next page, now that the fact is known."""
    about = {**scene.me.about, fact: value}
    held = scene.consultation.topic(topic)
    answers = answering.on_topic(held, scene.find(MyAnswers()).current)
    further = held.questionnaire.fact_needed(answers, about)
    if further:
        return for_route(further, topic)
    slot = held.questionnaire.next(answers, about)
    return answering.Asking(topic, str(slot)) if slot else answering.begin(held, scene)


def _place_named(words: str, places: tuple[Place, ...]) -> Place | None:
    """The shown place that these words name: by its number, its name, or a yes where there is only one."""
    given = number(words)
    if given is not None:
        return places[given - 1] if 1 <= given <= len(places) else None
    if len(places) == 1 and agreement(words) == "yes":
        return places[0]
    return next((place for place in places if plain(place.name) == plain(words)), None)


def _choices(named: dict[str, Text]) -> tuple[Choice, ...]:
    return tuple(Choice(key, label) for key, label in named.items())
