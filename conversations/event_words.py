"""An event in words: in short, in full, and how it stands."""

from __future__ import annotations

from conversations.asking_about_you import NATIONS, REGIONS
from conversations.domain.gatherings import Area, Gathering
from conversations.domain.languages import name_of
from conversations.domain.speech import Moment, Quoted, Text, say, say_many

FORMATS: dict[str, Text] = {
    "public_meeting": say("Public meeting"),
    "small_groups": say("Talk in small groups"),
    "stall": say("Stall"),
    "workplace": say("Visit to a workplace"),
    "union": say("Union meeting"),
    "youth": say("For young people"),
    "online": say("Online"),
    "at_home": say("At somebody's home"),
}
STEP_FREE: dict[str, Text] = {
    "yes": say("There are no steps on the way in."),
    "no": say("There are steps on the way in."),
    "unsure": say("We do not know yet if there are steps."),
}


def named(event: Gathering) -> Text:
    """Its name, in the words of whoever holds it."""
    return Quoted(event.title, event.language)


def when(event: Gathering) -> Text:
    """When it begins, by the clock on the wall there."""
    return Moment(event.start) if event.start else ""


def area(held: Area) -> Text:
    """The narrowest area that is known."""
    return held.name or REGIONS.get(held.region, NATIONS.get(held.nation, held.nation))


def in_short(event: Gathering) -> Text:
    """On one line: a choice among others."""
    return say("{event}, {when}", event=named(event), when=when(event))


def in_full(event: Gathering) -> tuple[Text | None, ...]:
    """Everything that somebody who thinks of coming wants to know."""
    place: Text = Quoted(event.place, event.language)
    return (
        say("{event}: {format}.", event=named(event), format=FORMATS[event.format]),
        say("When: {when}", when=when(event)),
        say("Where: {place}, {area}", place=place, area=area(event.area)),
        STEP_FREE.get(event.step_free),
        say("{words}", words=Quoted(event.details, event.language)) if event.details else None,
        None if event.language == "en" else say("It is held in {language}.", language=name_of(event.language)),
    )


def seats_left(event: Gathering) -> Text:
    """How many may still come."""
    if event.left:
        return say_many("One seat is left.", "{count} seats are left.", event.left)
    return say("Every seat is taken. You can wait for one.")
