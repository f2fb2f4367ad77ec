"""Following: what a person wants to hear of without being asked anything, how often, and the end of it.

These pages open on top of any other, also for somebody who answered nothing. Following is an act of consent for this
one purpose: a press, under words that say what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import after_send, choosing_where, members, subjects
from conversations.agreeing_to_follow import agreed, agreement, consent, takes_part
from conversations.domain.effects import (
    Effect,
    EndFollows,
    Follow,
    FollowHere,
    RecordConsent,
    SetLanguage,
)
from conversations.domain.following import (
    BY_CODE,
    NO_REMINDER,
    Followed,
    Pace,
    Subject,
    event_subject,
    subject_of,
    topic_subject,
)
from conversations.domain.gatherings import Gathering, is_event_id
from conversations.domain.lookups import EventOf, Follows, Lookup, MyChannels, MyFollows, SeenEvent
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Heard, Leave, Prompt, Step, Text, lines, say
from conversations.putting import BACK

LINK = "follow-"
"""What a link begins with that offers to follow a topic."""
EVENT_LINK = LINK + "ev-"
"""What a link begins with that offers to follow an event."""
PACES: Mapping[Pace, Text] = {
    "at_once": say("As soon as it happens"),
    "daily": say("Once a day at most"),
    "weekly": say("Once a week at most"),
}
MEMBER = Choice("member", say("I have a code from my local party"))


@dataclass(frozen=True)
class ChoosingFollow(Page):
    """What would you like to follow? One press, and it is followed."""

    on_top: ClassVar[bool] = True

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyFollows(), MyChannels())

    def prompt(self, scene: Scene) -> Prompt:
        text = lines(say("What would you like to follow?"), *agreement(scene))
        mine = (Choice("mine", say("Your follows")),) if scene.find(MyFollows()).mine else ()
        also = (*mine, MEMBER, *choosing_where.offered(scene), BACK)
        return Prompt(text, _to_follow(scene), also, title=say("Follow"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page | Leave] | None:
        match heard:
            case Chose("back"):
                return Step(Leave())
            case Chose("mine"):
                return Step(ShowingFollows())
            case Chose("where"):
                return Step(choosing_where.ChoosingWhere())
            case Chose(MEMBER.id):
                return Step(members.SayingMemberCode())
            case Chose(choice) if choice in {each.id for each in _to_follow(scene)}:
                return _follow(choice, scene)
            case _:
                return None


@dataclass(frozen=True)
class OfferingFollow(Page):
    """A link led here, or the page of an event: shall we tell you of this one? Somebody new is told first who asks."""

    on_top: ClassVar[bool] = True
    subject: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        subject = subject_of(self.subject)
        return (MyFollows(), *((EventOf(subject.id),) if subject and subject.kind == "event" else ()))

    def prompt(self, scene: Scene) -> Prompt:
        who = say(
            "Hello. This is the Big Conversation. It is run by {party}, not by the government.",
            party=scene.consultation.run_by,
        )
        ask = say("Shall we write to you here when something happens on “{subject}”?", subject=self._titled(scene))
        text = lines(None if takes_part(scene) else who, ask, *agreement(scene)[1:])
        choices = (Choice("follow", say("Yes, follow it"), "yes"), Choice("no", say("No"), "no"))
        return Prompt(text, choices, title=say("Follow"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page | Leave] | None:
        match heard:
            case Chose("follow"):
                return _follow(self.subject, scene)
            case Chose("no"):
                return Step(Leave())
            case Chose(language) if language in scene.consultation.languages:
                return Step(self, effects=(SetLanguage(language),))  # the welcome, drawn before the link was followed
            case _:
                return None

    def _titled(self, scene: Scene) -> Text:
        subject = subject_of(self.subject)
        if subject and subject.kind == "event" and (seen := scene.find(EventOf(subject.id))):
            return seen.event.title
        return _titled(self.subject, scene)


@dataclass(frozen=True)
class HowOften(Page):
    """How often shall we write of it? `fresh` right after it was followed."""

    on_top: ClassVar[bool] = True
    subject: str = ""
    fresh: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyFollows(), MyChannels())

    def prompt(self, scene: Scene) -> Prompt:
        done = say("Done. You follow “{subject}”.", subject=_titled(self.subject, scene)) if self.fresh else None
        here = (Choice("here", say("Send it here")),) if self._elsewhere(scene) else ()
        choices = (*(Choice(pace, label) for pace, label in PACES.items()), *here)
        ask = lines(done, say("How often shall we write?"), say("If a lot happens at once, some of it waits."))
        return Prompt(ask, choices, (BACK,), title=say("How often?"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page | Leave] | None:
        subject = subject_of(self.subject)
        match heard:
            case Chose("at_once" | "daily" | "weekly" as pace) if subject and subject.kind not in BY_CODE:
                return Step(Leave(), say("Fine. Say FOLLOWS to change or end it."), _agreed(subject, pace, scene))
            case Chose("here") if subject and self._elsewhere(scene):
                return Step(self, say("Fine. It comes here now."), (FollowHere((subject,)),))
            case Chose("back"):
                return Step(Leave())
            case _:
                return None

    def _elsewhere(self, scene: Scene) -> bool:
        found = _one(self.subject, scene.find(MyFollows()))
        return found is not None and _elsewhere((found,), scene)


@dataclass(frozen=True)
class ShowingFollows(Page):
    """All that is followed, each ended by one press. `paces` is set while one is chosen whose pace is to change."""

    on_top: ClassVar[bool] = True
    paces: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyFollows(), MyChannels())

    def prompt(self, scene: Scene) -> Prompt:
        mine = scene.find(MyFollows()).mine
        if not mine:
            more = Choice("more", say("Follow something"))
            return Prompt(say("You do not follow anything."), (more,), (BACK,), title=say("Your follows"))
        if self.paces:
            each_one = tuple(Choice(each.subject.choice, _called(each, scene)) for each in _paced(mine))
            return Prompt(say("Which one?"), each_one, (BACK,), title=say("How often?"))
        often = (Choice("often", say("How often")),) if _paced(mine) else ()
        also = (*often, Choice("more", say("Follow more")), *choosing_where.offered(scene), BACK)
        return Prompt(_listed(mine, scene), _ends(mine, scene), also, title=say("Your follows"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page | Leave] | None:
        follows = scene.find(MyFollows())
        match heard:
            case Chose("back"):
                return Step(ShowingFollows() if self.paces else Leave())
            case Chose("more"):
                return Step(ChoosingFollow())
            case Chose("where"):
                return Step(choosing_where.ChoosingWhere())
            case Chose("often") if paced := _paced(follows.mine):
                return Step(HowOften(paced[0].subject.choice) if len(paced) == 1 else ShowingFollows(paces=True))
            case Chose("here") if _elsewhere(follows.mine, scene):
                everything = tuple(each.subject for each in follows.mine)
                return Step(self, say("Fine. It all comes here now."), (FollowHere(everything),))
            case Chose("all") if follows.mine:
                ended = tuple(each.subject for each in follows.mine)
                return Step(Leave(), say("Fine. You follow nothing now."), _ended(ended, follows))
            case Chose(choice) if (found := _one(choice, follows)) and self.paces:
                return Step(HowOften(found.subject.choice)) if _paced((found,)) else None
            case Chose(choice) if found := _one(choice, follows):
                return self._end(found, follows, scene)
            case _:
                return None

    def _end(self, found: Followed, follows: Follows, scene: Scene) -> Step[Page | Leave]:
        page = self if len(follows.mine) > 1 else Leave()
        return Step(page, ended_text(found, scene), _ended((found.subject,), follows))


def opening(scene: Scene) -> Page:
    """What FOLLOW opens: what is followed, where there is something; else what there is to follow."""
    return ShowingFollows() if scene.find(MyFollows()).mine else ChoosingFollow()


def offered(link: str, scene: Scene) -> Page | None:
    """What a link opens that offers to follow a topic or an event; None for any other link."""
    subject = linked(link, scene)
    if subject is None or (subject.kind == "event" and not can_be_followed(_found(subject.id, scene))):
        return None
    return ShowingFollows() if scene.find(MyFollows()).of(subject) else OfferingFollow(subject.choice)


def linked(link: str, scene: Scene) -> Subject | None:
    """The event, or the topic, that such a link names; the topic also of a consultation that is over."""
    if link.startswith(EVENT_LINK):
        id_ = link.removeprefix(EVENT_LINK)
        return event_subject(id_) if is_event_id(id_) else None
    if not link.startswith(LINK):
        return None
    named = ((held.id, held.find_topic(link.removeprefix(LINK))) for held in subjects.shelf_of(scene))
    return next((topic_subject(held, topic.id) for held, topic in named if topic), None)


def ends(choice: str, scene: Scene) -> tuple[Text, tuple[Effect, ...]]:
    """What is said and done when a follow is ended by the button under a notice: of one subject, or of a
    pace; or when there shall be no more reminders."""
    follows = scene.find(MyFollows())
    if choice == NO_REMINDER:
        never = RecordConsent(scene.consultation.id, "ask_again", "no", after_send.AGAIN_WORDING)
        return say("Fine. We will not remind you again."), (never,)
    if choice in PACES:
        slower = tuple(each for each in follows.mine if each.pace == choice)
        if slower:
            done = say("Fine. We will not write about these again.")
            return done, _ended(tuple(each.subject for each in slower), follows)
    elif found := _one(choice, follows):
        return ended_text(found, scene), _ended((found.subject,), follows)
    return say("You do not follow that any more."), ()


def ended_text(found: Followed, scene: Scene) -> Text:
    """Said when a follow was ended."""
    return say("Fine. You do not follow “{subject}” any more.", subject=_called(found, scene))


def link_needs(link: str) -> tuple[Lookup[Any], ...]:
    """What must be looked up before a link can be followed that may offer to follow something."""
    if not link.startswith(LINK):
        return ()
    id_ = link.removeprefix(EVENT_LINK)
    return MyFollows(), *((EventOf(id_),) if link.startswith(EVENT_LINK) and is_event_id(id_) else ())


def can_be_followed(event: Gathering | None) -> bool:
    """Whether something may still happen to an event that whoever has no seat would want to hear of."""
    return event is not None and event.state == "open" and not event.report.published


def _found(event: str, scene: Scene) -> Gathering | None:
    """The event, where it was looked up: a page is drawn for a newcomer before anything is."""
    seen = scene.findings.get(EventOf(event))
    return seen.event if isinstance(seen, SeenEvent) else None


def _titled(choice: str, scene: Scene) -> Text:
    if mine := _one(choice, scene.find(MyFollows())):
        return _called(mine, scene)
    subject = subject_of(choice)
    return subjects.title_of(subject, subjects.shelf_of(scene)) if subject else choice


def _to_follow(scene: Scene) -> tuple[Choice, ...]:
    """Everything there is to follow and is not followed yet: topics, groups, and where the person lives."""
    follows = scene.find(MyFollows())
    topics = [(subject, topic.title) for subject, topic in subjects.topics_on(subjects.shelf_of(scene))]
    groups = [
        (Subject("commission", each.id), subjects.group_of(each))
        for each in subjects.groups_on(subjects.shelf_of(scene))
    ]
    near = [(Subject("area", follows.near.code), follows.near.name)] if follows.near else []
    told = (scene.me.about.get(fact, "") for fact in ("region", "nation"))
    living = [(Subject("area", each), subjects.areas()[each]) for each in told if each in subjects.areas()]
    everything: list[tuple[Subject, Text]] = [*topics, *groups, *near, *living]
    return tuple(Choice(subject.choice, label) for subject, label in everything if not follows.of(subject))


def _called(followed: Followed, scene: Scene) -> Text:
    return subjects.name(followed, subjects.shelf_of(scene))


def _follow(choice: str, scene: Scene) -> Step[Page | Leave] | None:
    subject = subject_of(choice)
    return Step(HowOften(choice, fresh=True), effects=_agreed(subject, "at_once", scene)) if subject else None


def _agreed(subject: Subject, pace: Pace, scene: Scene) -> tuple[Effect, ...]:
    fresh = agreed(scene)
    return *((fresh,) if fresh else ()), Follow(subject, pace)


def _ended(ended: tuple[Subject, ...], follows: Follows) -> tuple[Effect, ...]:
    """With the last follow the consent ends too."""
    last = (consent("no"),) if len(ended) == len(follows.mine) else ()
    return EndFollows(ended), *last


def _one(choice: str, follows: Follows) -> Followed | None:
    subject = subject_of(choice)
    return follows.of(subject) if subject else None


def _elsewhere(mine: tuple[Followed, ...], scene: Scene) -> bool:
    """Whether some of these come on another channel. Where one was chosen for all of them, that is changed as such."""
    chosen = "follows" in scene.find(MyChannels()).chosen
    return not chosen and any(each.channel != scene.me.channel for each in mine)


def _paced(mine: tuple[Followed, ...]) -> tuple[Followed, ...]:
    """Those of which somebody says how often they want to hear."""
    return tuple(each for each in mine if each.subject.kind not in BY_CODE)


def _listed(mine: tuple[Followed, ...], scene: Scene) -> Text:
    return lines(say("This is what you follow."), *(listed(each, scene) for each in mine))


def listed(each: Followed, scene: Scene) -> Text:
    """One thing that is followed, and how often."""
    called = _called(each, scene)
    return say("{subject}: {often}", subject=called, often=PACES[each.pace]) if _paced((each,)) else called


def _ends(mine: tuple[Followed, ...], scene: Scene) -> tuple[Choice, ...]:
    each_one = (Choice(each.subject.choice, say("Unfollow {subject}", subject=_called(each, scene))) for each in mine)
    every = (Choice("all", say("Unfollow all")),) if len(mine) > 1 else ()
    here = (Choice("here", say("Send it all here")),) if _elsewhere(mine, scene) else ()
    return *each_one, *every, *here
