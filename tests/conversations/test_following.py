"""Following, in the pure machine: consent by the press, once; areas; another channel; what STOP leaves."""

from __future__ import annotations

import pytest

from conversations.agreeing_to_follow import FOLLOW_WORDING
from conversations.domain.effects import ANYWHERE, EndFollows, Follow, FollowHere, RecordConsent
from conversations.domain.following import Subject, subject_of, topic_subject
from conversations.domain.lookups import MyFollows
from conversations.domain.speech import Pressed, Said, Started
from conversations.engine import needs
from conversations.turning import Conversation
from tests.conversations.somebody import Somebody

SAFE = topic_subject("fair-future", "SAFE")


def test_the_press_is_the_consent_and_the_last_end_takes_it_back() -> None:
    person = Somebody().choose("en").say("follow")
    assert person.effects == (), "nothing is followed by asking what there is"
    person.choose(SAFE.choice)
    yes = RecordConsent(ANYWHERE, "follow", "yes", FOLLOW_WORDING)
    assert person.effects == (yes, Follow(SAFE, "at_once"))
    person.choose("weekly").say("follow", "more").choose("c/safety")
    assert person.effects == (Follow(Subject("commission", "safety"), "at_once"),), "once agreed is agreed"
    person.say("back", "follow").choose(SAFE.choice)
    assert person.effects == (EndFollows((SAFE,)),)
    person.choose("c/safety")
    no = RecordConsent(ANYWHERE, "follow", "no", FOLLOW_WORDING)
    assert person.effects == (EndFollows((Subject("commission", "safety"),)), no)


def test_where_somebody_lives_can_be_followed_once_they_told_us() -> None:
    person = Somebody().agreed().say("follow")
    assert not [each for each in person.offered if each.startswith("a/")]
    person.about |= {"nation": "england", "region": "north_west", "answering_as": "person"}
    assert [each for each in person.offered if each.startswith("a/")] == ["a/north_west", "a/england"]


def test_what_was_asked_for_elsewhere_is_brought_here_one_by_one_or_all_at_once() -> None:
    person = Somebody(channel="web").agreed().say("follow").choose(SAFE.choice)
    person.say("back", "follow", "more").choose("c/safety")
    assert "here" not in person.offered
    assert "here" not in person.say("back", "follow").offered
    person.channel = "telegram"
    person.choose("often", SAFE.choice, "daily")
    assert person.follows[SAFE].channel == "web", "how often changes nothing about where"
    person.say("follow").choose("often", SAFE.choice, "here")
    assert person.effects == (FollowHere((SAFE,)),)
    assert "here" not in person.offered
    person.say("back", "follow").choose("here")
    assert person.effects == (FollowHere((SAFE, Subject("commission", "safety"))),)
    assert "here" not in person.offered


@pytest.mark.parametrize("choice", ["", "t", "t/", "x/SAFE", "/SAFE"])
def test_what_nobody_wrote_is_no_subject(choice: str) -> None:
    assert subject_of(choice) is None


def test_after_stop_following_waits_for_start() -> None:
    person = Somebody().agreed().say("stop", "follow")
    assert person.told == "You asked us to stop. Say START if you want to go on."
    assert Follow not in {type(each) for each in person.effects}
    assert "What would you like to follow?" in person.say("start", "follow").asked


def test_only_who_asks_about_follows_has_them_looked_up() -> None:
    """A turn that has nothing to do with following asks the database nothing more."""
    conversation = Somebody().agreed("SAFE").conversation
    for heard in (Said("news"), Said("hello"), Pressed(2, "4"), Started("SAFE"), Started()):
        assert MyFollows() not in needs(conversation, heard)
    for heard in (Said("Follows"), Said("DILYN"), Started("follow-SAFE")):
        assert MyFollows() in needs(conversation, heard)
    assert MyFollows() not in needs(Conversation(), Started("follow"))
