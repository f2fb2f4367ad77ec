"""A broadcast as its writers see it: what its readers get, how many they are, how far it has come, what hinders it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import datetime

from conversations.document.parts import parts
from conversations.domain.broadcast_checks import faults
from conversations.domain.broadcasts import Audience, Broadcast
from conversations.domain.lookups import SeenBroadcast
from conversations.domain.scene import Scene
from conversations.domain.speech import Content, Moment, Phrase, Quoted, Text, lines, say, say_many
from conversations.domain.whens import DEFAULT_ZONE, zone_of

IN_SHORT = 40
MOST = 3000
"""Characters that a page lets somebody type; the checks know what each channel carries."""
LINKED = "linked"
"""Under which name a scene has the hosts that links may go to."""
HINDRANCES: dict[str, Phrase] = {
    "not there": say("There is no such message."),
    "not yours": say("That is not yours to do. Nothing was sent."),
    "not now": say("That cannot be done any more. This is how it stands."),
    "faulty": say("Something in the words cannot be sent. Please change them."),
    "counted otherwise": say("They are more or fewer by now. Look at the count, and send it again."),
    "nobody": say("There is nobody to send it to."),
    "same text": say("The same words went to the same people less than a day ago. Nothing was sent."),
    "own words": say("Somebody else has to sign what you wrote."),
    "no address": say("We cannot write to you here."),
}
STATES: dict[str, Text] = {
    "draft": say("Not sent yet."),
    "asked": say("Somebody else has to look at it first. They are told."),
    "running": say("It is going out."),
    "paused": say("It is paused. Nothing more goes out."),
    "done": say("It has gone out."),
    "stopped": say("It was stopped. The rest did not get it."),
    "withdrawn": say("It was taken back. Nobody got it."),
}
ON_ITS_WAY = ("waiting", "claimed", "paused")


def fingerprint(held: Broadcast) -> str:
    """What is the same as long as the words of a broadcast, whom it is for and its hour are: one who signs it has read
    just that."""
    read = [dict(held.texts), asdict(held.audience), held.area, str(held.scheduled)]
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()[:16]


def faulty(words: str, audience: Audience, scene: Scene) -> Text | None:
    """All that has to change in these words before they may go to this audience; None when nothing has to."""
    written = Broadcast("", "ordinary", "draft", audience, "", {scene.me.language: words}, "")
    found = faults(written, scene.links.get(LINKED, "").split())
    return lines(*found) if found else None


def preview(seen: SeenBroadcast, scene: Scene) -> tuple[Text, ...]:
    """What its readers get, on every channel; where a few of them get different words, those too."""
    if not seen.samples:
        return (say("It says: {words}", words=Content(seen.broadcast.texts)),)
    first = seen.samples[0]
    others = [each for place, each in enumerate(seen.samples) if each not in seen.samples[:place]][1:]
    parts_ = max(parts(form) for form in scene.forms(first))
    as_texts = say_many("As a text message it is one part.", "As a text message it is {count} parts.", parts_)
    more = (lines(say("Another one gets:"), each) for each in others)
    return (say("This is what they get:"), first, *more, as_texts)


def get_it(people: int) -> Text:
    """How many it reaches."""
    if not people:
        return say("Nobody gets it as it is.")
    return say_many("{count} person gets it.", "{count} people get it.", people)


def shortened(held: Broadcast, language: str) -> Quoted:
    """The beginning of its words, in this language where it was written in that."""
    words, really = Content(held.texts).in_language(language)
    bare = " ".join(words.split())
    whole_words = bare[: IN_SHORT + 1].rpartition(" ")[0] or bare[:IN_SHORT]
    return Quoted(bare if len(bare) <= IN_SHORT else f"{whole_words}…", really)


def at(moment: datetime) -> Moment:
    """An instant, by the clock on the wall in London."""
    return Moment(moment.astimezone(zone_of(DEFAULT_ZONE)))


def starts_at(held: Broadcast) -> Text | None:
    """When it is to go out, where somebody chose that."""
    return say("It goes out on {when} at the earliest.", when=at(held.scheduled)) if held.scheduled else None


def stands(held: Broadcast) -> Text:
    """How far a broadcast has come."""
    if held.state == "cooling" and held.starts:
        return say("It goes out on {when}. You can take it back until then.", when=at(held.starts))
    return STATES[held.state]


def progress(seen: SeenBroadcast) -> tuple[Text | None, ...]:
    """How many have it, wait for it, or do not get it: what is nobody is not told."""
    counts = seen.counts
    left = sum(counts.get(state, 0) for state in ON_ITS_WAY)
    told = (
        (counts.get("accepted", 0), say("Sent: {count}.")),
        (left, say("Still to come: {count}.")),
        (counts.get("quiet", 0), say("Waiting until nine in the morning: {count}.")),
        (counts.get("budget", 0), say("Waiting, as they heard enough this week: {count}.")),
        (counts.get("gathered", 0), say("Waiting for their digest: {count}.")),
        (counts.get("looking", 0), say("Waiting for them to look: {count}.")),
        (counts.get("refused", 0), say("Did not arrive: {count}.")),
        (counts.get("unknown", 0) + counts.get("parked", 0), say("May have arrived: {count}.")),
        (counts.get("withdrawn", 0), say("Not sent: {count}.")),
    )
    return tuple(replace(label, values={"count": str(people)}) for people, label in told if people)
