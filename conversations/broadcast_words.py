"""A broadcast in words: what its author wrote, and around it what nobody types: who writes, why one gets it, how it
ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conversations import subjects
from conversations.domain.broadcasts import Broadcast
from conversations.domain.following import Subject
from conversations.domain.gatherings import Area, Gathering
from conversations.domain.speech import Content, Text, lines, say
from conversations.event_words import area, named, when
from conversations.subjects import Shelf

TEST = say("This is a test. Nobody else gets it.")


@dataclass(frozen=True)
class About:
    """What a broadcast is about, as far as it is there: the area it is bounded by, the topic's title, the event."""

    area: Area
    topic: Text
    event: Gathering | None


def about(found: Broadcast, place: Area, event: Gathering | None, shelf: Shelf) -> About:
    """What is known of what a broadcast names."""
    subject = Subject("topic", found.audience.topic)
    title = subjects.title_of(subject, shelf) if subject.id else ""
    return About(place, "" if title == subject.id else title, event)


def around(found: Broadcast, known: About, *, test: bool = False) -> tuple[Text, Text]:
    """What is said before the author's words, and after them."""
    corrected = say("We have to correct what we told you.") if found.corrects else None
    before = lines(TEST if test else None, corrected, _sender(found, known))
    return before, lines(_why(found, known), _end(found))


def _sender(found: Broadcast, known: About) -> Text:
    if found.kind == "event" and known.event:
        return say("This comes from whoever runs “{event}”.", event=named(known.event))
    if known.area:
        return say("{name} wrote this, for the organisers in {area}.", name=found.author, area=area(known.area))
    return say("{name} wrote this, for the people who run this conversation.", name=found.author)


def _why(found: Broadcast, known: About) -> Text:
    audience = found.audience
    if audience.received:
        return say("You get this because you got the message before.")
    if audience.event:
        return say("You get this because you booked an event.")
    if audience.topic:
        return say("You get this because you follow “{topic}”.", topic=known.topic or audience.topic)
    if audience.members:
        return say("You get this because a code says that you are a member here.")
    if audience.organisers:
        return say("You get this because you are an organiser.")
    return say("You get this because of where you live, and what you follow.")


def _end(found: Broadcast) -> Text:
    follows = found.audience.topic or found.audience.place or found.audience.members
    return lines(say("Say FOLLOWS to change or end this.") if follows else None, say("Say STOP to end our messages."))


def values(known: About, place: Text) -> Mapping[str, Text]:
    """What stands for each personal field; where nothing is known, something that reads well all the same."""
    event = known.event
    return {
        "place": place or say("your area"),
        "topic": known.topic or say("what you follow"),
        "event": named(event) if event else say("the event"),
        "when": (when(event) if event else "") or say("the day we told you"),
    }


def written(found: Broadcast) -> Content:
    """What its author wrote, in every language they wrote it in."""
    return Content(found.texts)
