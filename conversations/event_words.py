"""An event in words: in short, in full, and how it stands."""

from __future__ import annotations

from collections.abc import Callable

from conversations.asking_about_you import NATIONS, REGIONS
from conversations.domain.figures import published
from conversations.domain.gatherings import Area, Gathering, spaced
from conversations.domain.languages import name_of
from conversations.domain.lookups import Programme, SeenEvent, WhatsOn
from conversations.domain.scene import Scene
from conversations.domain.speech import Day, Moment, Quoted, Text, lines, say, say_many
from conversations.domain.words import plain

STANDS: dict[str, Text] = {
    "offered": say("It waits for an organiser to say yes."),
    "declined": say("An organiser said no to it."),
    "cancelled": say("It was called off."),
    "over": say("It is over."),
}
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


def area_named(words: str, forms: Callable[[Text], tuple[str, ...]]) -> str:
    """The code of the nation or region that words name in any language; else the words."""
    named = {form: code for code, label in {**NATIONS, **REGIONS}.items() for form in map(plain, forms(label))}
    return named.get(plain(words), words)


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


def report_in_words(event: Gathering) -> tuple[Text | None, ...]:
    """What was said at an event; how many came only from ten on, in steps of ten."""
    report, many = event.report, published(event.report.came or 0)
    return (
        in_short(event),
        say("People who came: {count}.", count=many) if many else say("Fewer than ten people came."),
        say("What most people said: {words}", words=Quoted(report.majority, event.language)),
        say("What some saw differently: {words}", words=Quoted(report.minority, event.language))
        if report.minority
        else None,
    )


def seats_left(event: Gathering) -> Text:
    """Whether somebody may still come. How many come is no business of the public's."""
    if event.left:
        return say("There are seats left.") if event.left >= MANY else say("There are few seats left.")
    return say("Every seat is taken. You can wait for one.")


def about(event: Gathering, scene: Scene) -> Text | None:
    """The topic it is about."""
    topic = scene.consultation.find_topic(event.topic)
    return say("It is about “{topic}”.", topic=topic.title) if topic else None


def link(event: Gathering, scene: Scene) -> Text | None:
    """Where its page is, while it is open."""
    site = scene.links.get("site", "")
    if event.state != "open" or not site:
        return None
    return say("See it, or put it in your calendar: {link}", link=f"{site}/events/{event.id}")


def code_in_words(seen: SeenEvent, scene: Scene) -> tuple[Text | None, ...]:
    """The code of somebody's seat, and where it is as a picture, until the event is over."""
    if not seen.code or seen.event.standing(scene.now) not in ("open", "changed"):
        return ()
    site, code = scene.links.get("site", ""), seen.code
    picture = say("Your code as a picture: {link}", link=f"{site}/events/{seen.event.id}/seat/{code}") if site else None
    return say("Your code is {code}. Show it when you come.", code=spaced(code)), picture


def came_of(just: str, seen: SeenEvent) -> Text | None:
    """What became of what they did last, as it is now."""
    event = seen.event
    told: dict[tuple[str, bool], Text] = {
        ("book", not seen.mine): say("The last seat has just gone. You can wait for one."),
        ("wait", not seen.mine): say("You cannot book that any more."),
        ("give_up", not seen.mine): say("Done. Somebody else can have your seat."),
        ("approve", event.state == "open"): say("Done. It is open. Whoever offered it is told."),
        ("decline", event.state == "declined"): say("Done. Whoever offered it is told."),
        ("moved", event.moved): told_to(event),
        ("called_off", event.state == "cancelled"): told_to(event),
        ("opened", event.state == "open"): say("Your event is open. People can book now."),
        ("noted", True): say("Done. We have noted it."),
    }
    return told.get((just, True))


def booked(seen: SeenEvent) -> Text | None:
    """How many come, for whoever runs it."""
    event = seen.event
    if not seen.runs or event.state != "open":
        return None
    return say("Seats booked: {taken} of {seats}. People who wait: {waiting}.", taken=event.taken,
               seats=event.seats or 0, waiting=event.waiting)  # fmt: skip


def told_to(event: Gathering) -> Text:
    """How many are told of a change."""
    people = event.taken + event.waiting
    if not people:
        return say("Done. Nobody has booked yet.")
    return say_many("Done. The one person who booked is told.", "Done. {count} people who booked are told.", people)


def are_told(event: Gathering) -> Text | None:
    """How many will be told that it is called off, before it is; None where nobody has booked."""
    people = event.taken + event.waiting
    return say_many("One person who booked is told.", "{count} people who booked are told.", people) if people else None


def stands(seen: SeenEvent, scene: Scene) -> Text:
    """How the event stands, and how this person stands to it."""
    standing = seen.event.standing(scene.now)
    if standing in STANDS:
        return STANDS[standing]
    if seen.mine == "booked":
        return say("You have a seat. We remind you a day and an hour before.")
    if seen.mine == "waiting":
        return say("You wait for a seat. You are number {place}. We tell you if one comes free.", place=seen.queue)
    return seats_left(seen.event)
