"""Resting: the answers are with the commission. The receipt, and what can be done from here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from conversations import after_send, following, reviewing, welcome
from conversations.domain.lookups import Lookup, MyAnswers, MyNews, MyResponses, News, ReturnCode, TallyOf
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import Choice, Chose, Content, Day, Heard, Prompt, Returned, Step, Text, lines, say
from conversations.tallying import tally_in_words

HEARS = {"with_words", "news_only"}


@dataclass(frozen=True)
class Resting(Page):
    """Between topics. `receipt` right after a topic was finished: then the whole receipt is given."""

    topic: str = ""
    receipt: bool = False

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyResponses(), MyNews(), MyAnswers(), ReturnCode(), TallyOf(self.topic))

    def prompt(self, scene: Scene) -> Prompt:
        is_open = scene.consultation.standing(scene.now) == "open"
        acts = (
            Choice("topics", say("Answer on another topic")) if _left(scene) else None,
            Choice("change", say("Change an answer")) if is_open else None,
            Choice("tally", say("See what others said")),
            Choice("outcome", say("Tell me what is done")) if not _will_hear(scene) else None,
            Choice("follow", say("Follow something")),
        )
        text = self._receipt(scene) if self.receipt else self._where_things_are(scene)
        return Prompt(text, tuple(filter(None, acts)), title=say("We have your answers"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Returned() if scene.me.consents.get("outcome") == "later":
                return Step(after_send.TellingOutcome(self.topic, again=True))
            case Chose("topics"):
                return Step(welcome.ChoosingTopic())
            case Chose("change"):
                return Step(reviewing.ChoosingChange(self.topic))
            case Chose("tally"):
                topic = scene.consultation.topic(self.topic)
                return Step(Resting(self.topic), tally_in_words(topic, scene.find(TallyOf(self.topic))))
            case Chose("outcome"):
                return Step(after_send.TellingOutcome(self.topic, again=True))
            case Chose("follow"):
                return Step(following.ChoosingFollow())
            case _:
                return None

    def _receipt(self, scene: Scene) -> Text:
        topic = scene.consultation.topic(self.topic)
        response = after_send.response_on(self.topic, scene)
        link = scene.links.get("site", "")
        code = scene.find(ReturnCode())
        return lines(
            say("That is all. Thank you."),
            topic.closing or scene.consultation.closing,
            say("Your reference is {reference}.", reference=response.reference) if response else None,
            _how_you_hear(scene),
            say("To come back here from another device, use this code: {code}", code=code) if code else None,
            say("Know someone who should have a say? Send them this: {link}", link=f"{link}/topics/{topic.id}")
            if link
            else None,
        )

    def _where_things_are(self, scene: Scene) -> Text:
        title = scene.consultation.topic(self.topic).title
        news = () if _will_hear(scene) else scene.find(MyNews())[:3]
        here: Text = say("We have your answers on “{topic}”.", topic=title)
        if scene.consultation.standing(scene.now) == "withdrawn":
            return lines(here, welcome.standing_text(scene.consultation, scene))
        return lines(here, *(told(each) for each in news), _how_you_hear(scene) if not news else None)


def received(topic: str) -> Page:
    """The page that gives the receipt."""
    return Resting(topic, receipt=True)


def told(news: News) -> Text:
    """One published action, for somebody who looks."""
    headline: Content = news.headline
    return say("News from {day}: {headline}", day=Day(news.published), headline=headline)


def _how_you_hear(scene: Scene) -> Text:
    by = scene.consultation.calendar.hear_by
    if not _will_hear(scene):
        return say("You asked us not to write. Come back here any time to see what was done.")
    if by is None:
        return say("We will write to you here as soon as the group has decided something.")
    return say("We will write to you here as soon as the group has decided something. That is by {day}.", day=Day(by))


def _will_hear(scene: Scene) -> bool:
    return scene.me.consents.get("outcome") in HEARS and not scene.me.stopped


def _left(scene: Scene) -> bool:
    """Whether there is an open topic this person has not sent."""
    sent = {(r.consultation, r.topic) for r in scene.find(MyResponses()) if r.sent_at}
    return any((held.id, topic.id) not in sent for held in scene.open for topic in held.topics)
