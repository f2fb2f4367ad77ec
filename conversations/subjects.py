"""Subjects: everything there is to follow, and what it is called, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conversations import asking_about_you
from conversations.domain.consultation import Commission, Consultation, Topic
from conversations.domain.following import Followed, Subject, event_subject, topic_subject
from conversations.domain.gatherings import Gathering
from conversations.domain.scene import Scene
from conversations.domain.speech import Text, say

Shelf = Sequence[Consultation]


def shelf_of(scene: Scene) -> Shelf:
    """Every consultation there is, what is open first."""
    held_once: dict[str, Consultation] = {}
    for held in (*scene.open, scene.consultation, *scene.shelf()):
        held_once.setdefault(held.id, held)
    return tuple(held_once.values())


def topics_on(shelf: Shelf) -> tuple[tuple[Subject, Topic], ...]:
    """Every topic, and the subject it is."""
    return tuple((topic_subject(held.id, topic.id), topic) for held in shelf for topic in held.topics)


def groups_on(shelf: Shelf) -> tuple[Commission, ...]:
    """Every commission that owns a topic."""
    return tuple({topic.commission.id: topic.commission for _, topic in topics_on(shelf)}.values())


def of_event(event: Gathering, shelf: Shelf) -> tuple[Subject, ...]:
    """Whoever follows one of these hears that an event opens: where it is, its topic, and the group that reads it."""
    where = event.area
    areas_ = (Subject("area", code) for code in (where.constituency, where.region, where.nation) if code)
    topics = [(held, topic) for held in shelf if (topic := held.find_topic(event.topic))]
    groups = dict.fromkeys(Subject("commission", topic.commission.id) for _, topic in topics)
    return event_subject(event.id), *areas_, *(topic_subject(held.id, topic.id) for held, topic in topics), *groups


def name(followed: Followed, shelf: Shelf) -> Text:
    """What something that is followed is called."""
    if followed.subject.kind == "members":
        return say("News for members in {place}", place=followed.called or followed.subject.id)
    return followed.called or title_of(followed.subject, shelf)


def title_of(subject: Subject, shelf: Shelf) -> Text:
    """What a subject is called, wherever it stands; its id where nothing of it is left."""
    match subject.kind:
        case "topic":
            return next((topic.title for each, topic in topics_on(shelf) if each == subject), subject.id)
        case "commission":
            named = (each for each in groups_on(shelf) if each.id == subject.id)
            return next((group_of(each) for each in named), subject.id)
        case _:
            return areas().get(subject.id, subject.id)


def group_of(commission: Commission) -> Text:
    """A commission as it is called to people."""
    return say("The {commission} group", commission=commission.name)


def areas() -> Mapping[str, Text]:
    """The nations and regions, by the codes people's facts have."""
    return {**asking_about_you.NATIONS, **asking_about_you.REGIONS}
