"""What HELP, STATUS, WHAT, NEWS and MYDATA answer: remarks, after which the same page asks again."""

from __future__ import annotations

from datetime import date
from itertools import islice

from conversations import choosing_where, following, subjects
from conversations.asking_about_you import ANSWERING_AS, NATIONS, REGIONS
from conversations.domain.consultation import Consultation
from conversations.domain.following import Followed
from conversations.domain.gatherings import spaced
from conversations.domain.languages import name_of
from conversations.domain.lookups import (
    Booked,
    MyEvents,
    MyNews,
    MyRecord,
    MyResponses,
    News,
    Record,
    Response,
    ToldNews,
    WhatsOn,
)
from conversations.domain.scene import Scene
from conversations.domain.speech import Content, Day, Quoted, Text, lines, say
from conversations.event_words import in_short, named
from conversations.quoting import about as entry
from conversations.replying import VERDICTS
from conversations.resting import told
from conversations.visiting import noted_in_words


def help_text(scene: Scene) -> Text:
    """HELP: the words that work anywhere, and a person to ring."""
    legal = scene.consultation.legal
    unchecked = scene.me.language in scene.consultation.unchecked_languages
    return lines(
        say("You can say these words at any time."),
        say("SKIP or BACK moves on or back. CHANGE changes an answer. TOPICS shows the topics."),
        say("FOLLOW tells you what happens on a topic."),
        say("STATUS says where things are. NEWS says what was done. LANGUAGE changes the language."),
        say("EVENTS shows what is on. HOST lets you hold an event. WHEN says the dates."),
        say("STOP ends our messages. MYDATA shows what we keep. DELETE deletes it all."),
        say(
            "To speak to a person, ring {phone}. Or write to {address}.",
            phone=legal.phone,
            address=legal.postal_address,
        ),
        say("This is draft {language}. Nobody has checked it yet.", language=name_of(scene.me.language))
        if unchecked
        else None,
    )


_FOLLOW = say("Say FOLLOW to hear what is done on any topic.")


def status_text(scene: Scene) -> Text:
    """STATUS: every topic this person answered on, and what became of it."""
    responses = scene.find(MyResponses())
    if not responses:
        return say("You have not answered on any topic yet.")
    news = {each.topic for each in scene.find(MyNews())}
    return lines(*(_status(response, scene, heard=response.topic in news) for response in responses), _FOLLOW)


def news_text(scene: Scene) -> Text:
    """NEWS: what was done on the topics this person answered on, and what they were told of because they follow it."""
    news = _together(scene.find(MyNews()), scene.find(ToldNews()))
    if not news:
        return lines(say("There is no news yet on what you told us. Nothing has been decided."), _FOLLOW)
    return lines(*(told(each) for each in news[:5]), _FOLLOW)


def _together(*found: tuple[News, ...]) -> list[News]:
    """All of it once, newest first."""
    once: list[News] = []
    for each in (news for one in found for news in one):
        if each not in once:
            once.append(each)
    return sorted(once, key=lambda news: news.published, reverse=True)


def record_text(scene: Scene) -> Text:
    """MYDATA: everything kept about this person, in the same private place (UK GDPR article 15)."""
    record = scene.find(MyRecord())
    spoken = name_of(scene.me.language)
    return lines(
        say("This is everything we keep about you."),
        say("You first wrote to us on {day}.", day=Day(record.since)),
        say("Staff see you only as {name}.", name=record.pseudonym),
        say("Your chat address, under lock. Your language: {language}.", language=spoken),
        *(_fact(fact, value) for fact, value in record.about.items() if value),
        *(_consent(purpose, choice, day) for purpose, choice, day in record.consents),
        *(_follow(each, scene) for each in record.follows),
        *(choosing_where.in_words(kind, channel) for kind, channel in record.channels.chosen.items()),
        *_answers(record, scene),
        *(_replied(verdict, words) for verdict, words, _ in record.replies),
        *(line for each in record.booked for line in _booked(each, scene.me.language)),
        *(line for each in record.visits for line in noted_in_words(each)),
        *(say("You hold: {event}", event=in_short(each) if each.start else named(each)) for each in record.hosted),
        *(
            say("You wrote to those who booked: {words}", words=Quoted(words, language))
            for each in record.written
            for language, words in each.texts.items()
        ),
    )


def _fact(fact: str, value: str) -> Text:
    named: Text = {**NATIONS, **REGIONS, **ANSWERING_AS}.get(value, value)
    return say("You told us: {value}.", value=named)


def _booked(each: Booked, language: str) -> tuple[Text | None, ...]:
    return (
        say("You have booked: {event}", event=in_short(each.event)),
        say("Your code is {code}.", code=spaced(each.code)) if each.code else None,
        say("You were checked in there.") if each.came else None,
        say("You said of it: {words}", words=Quoted(each.words, language)) if each.words else None,
    )


def _follow(each: Followed, scene: Scene) -> Text:
    if each.subject.kind == "members":
        return say("A code says that you are a member in {place}.", place=each.called or each.subject.id)
    often = following.PACES[each.pace]
    return say("You follow {subject}: {often}.", subject=subjects.name(each, subjects.shelf_of(scene)), often=often)


def dates_text(scene: Scene) -> Text:
    """WHEN: the dates of everything that is open, of what this person booked, and of what is on next."""
    mine = scene.find(MyEvents()).booked
    others = (each for each in scene.find(WhatsOn()).events if each.id not in {held.id for held in mine})
    return lines(
        *(_dates(held) for held in scene.open),
        *(say("You have booked: {event}", event=in_short(each)) for each in mine),
        *(say("On next: {event}", event=in_short(each)) for each in islice(others, 3)),
        None if scene.open else say("Nothing is open for answers just now."),
    )


def _dates(held: Consultation) -> Text:
    until = say("“{title}” is open until {day}.", title=held.title, day=Day(held.calendar.closes))
    by = held.calendar.hear_by
    return lines(until, say("You hear what was done by {day}.", day=Day(by)) if by else None)


PURPOSES: dict[str, Text] = {
    "take_part": say("Taking part"),
    "outcome": say("Telling you what is done"),
    "ask_again": say("Asking you again"),
    "quote": say("Quoting your words"),
    "follow": say("Telling you what you follow"),
    "events": say("Coming to events, or holding one"),
}
CHOICES: dict[str, Text] = {
    "yes": say("Yes"),
    "no": say("No"),
    "with_words": say("Yes, with my words"),
    "news_only": say("Yes, but just say there is news"),
}


def _consent(purpose: str, choice: str, day: date) -> Text:
    chosen = CHOICES.get(choice, say("not said"))
    return say("{purpose}: {choice}, on {day}.", purpose=PURPOSES[purpose], choice=chosen, day=Day(day))


def _replied(verdict: str, words: str) -> Text:
    said = VERDICTS.get(verdict, verdict)  # type: ignore[call-overload]
    return lines(say("You replied to news: “{verdict}”.", verdict=said), Quoted(words) if words else None)


def _answers(record: Record, scene: Scene) -> tuple[Text, ...]:
    entries: list[Text] = []
    for topic_id, slot, answer, _day in record.answers:
        topic = next((t for held in (scene.consultation, *scene.open) for t in held.topics if t.id == topic_id), None)
        if topic is not None and topic.questionnaire.has(slot):
            entries.append(entry(topic.questionnaire.question(slot), slot, answer))
        else:
            entries.append(lines(str(slot), ", ".join(answer.picks) or answer.words))
    return tuple(entries)


def _status(response: Response, scene: Scene, *, heard: bool) -> Text:
    title = _title(response, scene)
    if response.sent_at is None:
        return say("“{topic}”: you have started. What you gave so far counts.", topic=title)
    sent = say(
        "“{topic}”: sent on {day}. Your reference is {reference}.",
        topic=title,
        day=Day(response.sent_at.date()),
        reference=response.reference,
    )
    return lines(sent, say("There is news. Say NEWS to read it.") if heard else say("Nothing has been decided yet."))


def _title(response: Response, scene: Scene) -> Content | str:
    for held in (scene.consultation, *scene.open):
        if held.id == response.consultation and held.find_topic(response.topic):
            return held.topic(response.topic).title
    return response.topic
