"""An event in words: in short, in full, and how it stands."""

from __future__ import annotations

from conversations.asking_about_you import NATIONS, REGIONS
from conversations.domain.gatherings import Area, Gathering
from conversations.domain.languages import name_of
from conversations.domain.lookups import Programme, WhatsOn
from conversations.domain.speech import Day, Moment, Quoted, Text, lines, say

MANY = 10
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


def where(event: Gathering) -> Text:
    """The place, in the words of whoever holds it, and the area."""
    return say("{place}, {area}", place=Quoted(event.place, event.language), area=area(event.area))


def found_in_words(found: Programme, asked: WhatsOn) -> Text:
    """What a list of events is: where and from when we looked, and whether nothing is nearer."""
    day, near = Day(asked.since.date()) if asked.since else None, area(found.near)
    if not found.known:
        return say("We do not know a place called “{words}”.", words=asked.place)
    if not found.events:
        hold = say("You can hold an event yourself.")
        nothing = say("Nothing is planned in {area} yet.", area=near) if found.near else say("Nothing is planned yet.")
        return lines(nothing, hold)
    if found.widened:
        return say("Nothing is planned nearer. This is on in {area}:", area=near)
    if found.near:
        return (
            say("This is on in {area} from {day} on:", area=near, day=day)
            if day
            else say("This is on in {area}:", area=near)
        )
    return say("This is on from {day} on:", day=day) if day else say("This is on next:")


def in_short(event: Gathering) -> Text:
    """On one line: a choice among others."""
    return say("{event}, {when}", event=named(event), when=when(event))


def in_full(event: Gathering) -> tuple[Text | None, ...]:
    """Everything that somebody who thinks of coming wants to know."""
    return (
        say("{event}: {format}.", event=named(event), format=FORMATS[event.format]),
        say("When: {when}", when=when(event)),
        say("Where: {where}", where=where(event)),
        STEP_FREE.get(event.step_free),
        say("{words}", words=Quoted(event.details, event.language)) if event.details else None,
        None if event.language == "en" else say("It is held in {language}.", language=name_of(event.language)),
    )


def seats_left(event: Gathering) -> Text:
    """Whether somebody may still come. How many come is no business of the public's."""
    if event.left:
        return say("There are seats left.") if event.left >= MANY else say("There are few seats left.")
    return say("Every seat is taken. You can wait for one.")
