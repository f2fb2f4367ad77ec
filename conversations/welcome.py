"""Welcome: who we are, which language, sixteen or over and agreeing, which topic. Four messages at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from conversations import answering, asking_about_you
from conversations.domain.consultation import Consultation, Topic
from conversations.domain.effects import Forget, RecordConsent, SetLanguage, TakeUp
from conversations.domain.languages import name_of
from conversations.domain.lookups import Lookup, MyAnswers, MyResponses
from conversations.domain.page import Page
from conversations.domain.scene import Scene
from conversations.domain.speech import (
    Choice,
    Chose,
    Day,
    Heard,
    InEach,
    Paragraphs,
    Prompt,
    Step,
    Text,
    lines,
    say,
)

CONSENT_WORDING = "take-part-1"


@dataclass(frozen=True)
class Welcoming(Page):
    """Hello: who runs it, who decides, in every language; choose one."""

    needs_open: ClassVar[bool] = True
    topic: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        held = scene.consultation
        hello = say(
            "Hello. This is the Big Conversation. It is run by {party}, not by the government. "
            "We ask what you think. Then we come back to tell you what was done.",
            party=held.run_by,
        )
        text = lines(
            hello,
            say("A policy group in {party} decides what to do with it.", party=held.run_by),
            say("Which language shall we use?") if len(held.languages) > 1 else None,
        )
        names = tuple(Choice(code, name_of(code)) for code in held.languages)
        choices = names if len(names) > 1 else (Choice(names[0].id, say("Start")),)
        return Prompt(InEach(text, held.languages), choices, title=say("Welcome"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Agreeing | Page] | None:
        match heard:
            case Chose(language) if language in scene.consultation.languages:
                agreed = scene.me.consents.get("take_part") == "yes"
                page = choose_topic(self.topic, scene) if agreed else Agreeing(self.topic)
                return Step(page, effects=(SetLanguage(language),))
            case _:
                return None


@dataclass(frozen=True)
class Agreeing(Page):
    """Sixteen or over, and agreeing: one act, in plain words. Nothing is kept before it."""

    needs_open: ClassVar[bool] = True
    topic: str = ""
    told_more: bool = False

    def prompt(self, scene: Scene) -> Prompt:
        age = scene.consultation.ask_age
        more = () if self.told_more else (Choice("more", say("Tell me more")),)
        under = (Choice("under", say("I am under 16")),) if age else ()
        yes = say("Yes, I am 16 or over and I agree") if age else say("Yes, I agree")
        ask = say("Are you 16 or over, and happy to go on?") if age else say("Are you happy to go on?")
        text = _whole_notice(scene) if self.told_more else _short_notice(scene)
        choices = (Choice("agree", yes, "yes"), *under, Choice("no", say("No, thanks"), "no"), *more)
        return Prompt(lines(text, ask), choices, title=say("Before we start"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose("agree"):
                consent = RecordConsent(scene.consultation.id, "take_part", "yes", CONSENT_WORDING)
                return Step(choose_topic(self.topic, scene), effects=(consent,))
            case Chose("under") if scene.consultation.ask_age:
                return Step(Gone(), _too_young(), (Forget(),))
            case Chose("no") if scene.find(MyResponses()):
                return Step(ChoosingTopic(), say("That is fine. We keep what you told us before."))
            case Chose("no"):
                kept_nothing = say("That is fine. We have kept nothing about you. Say START if you change your mind.")
                return Step(Gone(), kept_nothing, (Forget(),))
            case Chose("more"):
                return Step(Agreeing(self.topic, told_more=True))
            case _:
                return None


@dataclass(frozen=True)
class ChoosingTopic(Page):
    """Which topic to talk about, of everything that is open."""

    needs_open: ClassVar[bool] = True

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyAnswers(), MyResponses())

    def prompt(self, scene: Scene) -> Prompt:
        sent = {(r.consultation, r.topic) for r in scene.find(MyResponses()) if r.sent_at}
        choices = tuple(
            Choice(f"{held.id}/{topic.id}", _topic_label(topic, sent=(held.id, topic.id) in sent))
            for held, topic in _topics(scene)
        )
        return Prompt(say("What would you like to talk about?"), choices, title=say("Choose a topic"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose(written):
                return self._take(written, scene)
            case _:
                return None

    def _take(self, written: str, scene: Scene) -> Step[Page] | None:
        consultation, _, topic = written.partition("/")
        held = next((each for each in scene.open if each.id == consultation), None)
        if held is None or held.find_topic(topic) is None:
            return None
        if held.id != scene.consultation.id:
            return Step(Moving(topic), effects=(TakeUp(held.id),))
        if scene.me.consents.get("take_part") != "yes":
            return Step(Agreeing(topic))
        return Step(answering.begin(held.topic(topic), scene))


@dataclass(frozen=True)
class Moving(Page):
    """The person takes up another consultation: its own terms are agreed to first."""

    topic: str = ""

    def prompt(self, scene: Scene) -> Prompt:
        about = say("This topic is part of “{title}”.", title=scene.consultation.title)
        return Prompt(about, (Choice("on", say("Go on"), "yes"),), title=scene.consultation.title)

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        match heard:
            case Chose("on"):
                agreed = scene.me.consents.get("take_part") == "yes"
                return Step(choose_topic(self.topic, scene) if agreed else Agreeing(self.topic))
            case _:
                return None


@dataclass(frozen=True)
class Gone(Page):
    """Nothing is known of this person. Never stored; the next word from them starts afresh."""

    def prompt(self, scene: Scene) -> Prompt:
        return Prompt("", title=say("Goodbye"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        return Step(Welcoming())


@dataclass(frozen=True)
class NotOpen(Page):
    """Closed, not yet open, or withdrawn: says which, and what can be done now."""

    topic: str = ""

    def needs(self) -> tuple[Lookup[Any], ...]:
        return (MyResponses(),)

    def prompt(self, scene: Scene) -> Prompt:
        others = tuple(each for each in scene.open if each.id != scene.consultation.id)
        choices = (Choice("others", say("See what is open")),) if others else ()
        return Prompt(standing_text(scene.consultation, scene), choices, title=say("Not open"))

    def hear(self, heard: Heard, scene: Scene) -> Step[Page] | None:
        if scene.consultation.standing(scene.now) == "open":
            agreed = scene.me.consents.get("take_part") == "yes"
            return Step(choose_topic(self.topic, scene) if agreed else Welcoming(self.topic))
        others = tuple(each for each in scene.open if each.id != scene.consultation.id)
        if heard == Chose("others") and len(others) > 1:
            return Step(ChoosingTopic())
        if heard == Chose("others") and others:
            return Step(Moving(), effects=(TakeUp(others[0].id),))
        return Step(self)


def choose_topic(written: str, scene: Scene) -> Page:
    """The topic's first question when the link named one or there is only one; else the choice of topics."""
    named = scene.consultation.find_topic(written)
    only = scene.consultation.topics[0] if len(scene.consultation.topics) == len(_topics(scene)) == 1 else None
    topic = named or only
    return answering.begin(topic, scene) if topic else ChoosingTopic()


def standing_text(held: Consultation, scene: Scene) -> Text:
    """Why nobody can answer just now, and what comes next."""
    match held.standing(scene.now):
        case "not_yet":
            return say(
                "“{title}” opens on {day}. Come back then.", title=held.title, day=Day(held.calendar.opens.date())
            )
        case "withdrawn":
            return say("“{title}” has been withdrawn. Nobody will use answers given to it.", title=held.title)
        case "closed":
            closed = say("“{title}” closed on {day}.", title=held.title, day=Day(held.calendar.closes.date()))
            answered = any(response.consultation == held.id for response in scene.find(MyResponses()))
            kept = say("We have your answers. We will tell you what is done.") if answered else None
            return lines(closed, kept)
        case _:
            return say("“{title}” is open. Say START.", title=held.title)


def _topics(scene: Scene) -> tuple[tuple[Consultation, Topic], ...]:
    everything = scene.open or (scene.consultation,)
    return tuple((held, topic) for held in everything for topic in held.topics)


def _topic_label(topic: Topic, *, sent: bool) -> Text:
    return say("{title} (done)", title=topic.title) if sent else topic.title


def _short_notice(scene: Scene) -> Text:
    legal = scene.consultation.legal
    until = (
        say(
            "A year after the last decision on them, and by {day} at the latest, we delete how to reach you. "
            "Then nobody can tell which answers are yours.",
            day=Day(legal.keep_until),
        )
        if legal.keep_until
        else None
    )
    keep = say("We keep your answers and use them to help decide what to do.")
    return lines(
        say("A few things before we start."),
        Paragraphs((keep, until)) if until else keep,
        say("Each answer counts as soon as we say we have it."),
        say("You can stop, change or delete them at any time. Just say STOP, CHANGE or DELETE."),
        say("Telegram can read this chat too. If you mind, use our web chat: {link}", link=scene.links["chat"])
        if scene.me.channel == "telegram" and scene.links.get("chat")
        else None,
    )


def _whole_notice(scene: Scene) -> Text:
    legal = scene.consultation.legal
    contact = say("Call {phone} or write to {address}.", phone=legal.phone, address=legal.postal_address)
    return lines(
        say("{controller} looks after your answers.", controller=legal.controller),
        legal.purpose,
        legal.basis,
        say("Your answers and your chat address are kept apart, under lock. Staff see a made-up name, never yours."),
        say("A figure is shown to others only from ten people on."),
        *_who_decides(scene),
        contact,
        say("The whole notice is here: {link}", link=scene.links["privacy"]) if scene.links.get("privacy") else None,
    )


def _who_decides(scene: Scene) -> tuple[Text, ...]:
    """Who can change things in each nation; once where it is the same everywhere."""
    deciding = scene.consultation.deciding
    if len({tuple(text.variants()) for text in deciding.values()}) == 1:
        return tuple(deciding.values())[:1]
    return tuple(
        say("{nation}: {who}", nation=asking_about_you.NATIONS.get(nation, nation), who=who)
        for nation, who in deciding.items()
    )


def _too_young() -> Text:
    return lines(
        say("Thank you for coming. You need to be 16 or over to take part here, so we have kept nothing about you."),
        say("You still have a say. You can write to your MP at any age. You can ask your school about its council."),
        say("Come back when you are 16. You will be welcome."),
    )
