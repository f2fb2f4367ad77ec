"""Members, in the pure machine: nothing by a press, consent with a good code and once, no pace, one press to end it."""

from __future__ import annotations

from conversations.agreeing_to_follow import FOLLOW_WORDING
from conversations.domain.effects import ANYWHERE, ConfirmMember, EndFollows, Follow, RecordConsent
from conversations.domain.following import Followed, topic_subject
from conversations.domain.lookups import MyTries
from conversations.domain.members import members_of
from conversations.domain.speech import Chose, Said
from conversations.engine import needs
from conversations.following import ChoosingFollow, HowOften, ShowingFollows
from conversations.welcome import ChoosingTopic
from tests.conversations.somebody import TODAY, Somebody

CODE = "7K3F2Q9XMT"
YES, NO = (RecordConsent(ANYWHERE, "follow", choice, FOLLOW_WORDING) for choice in ("yes", "no"))
SWANSEA = members_of("W01")


def member() -> Somebody:
    return Somebody().choose("en").say("member", CODE)


def test_consent_goes_with_the_code_once_and_ends_with_the_last_follow() -> None:
    person = Somebody().choose("en").say("member")
    assert person.effects == (), "nothing is agreed to by asking"
    assert "You need to be 16 or over." in person.asked
    assert person.say("no code").effects == (ConfirmMember("no code", YES),)
    assert person.consents == {}, "a code that is none agrees to nothing"
    assert person.say(CODE).effects == (ConfirmMember(CODE, YES),)
    assert person.consents[ANYWHERE, "follow"] == "yes"
    assert person.offered == ["done"]
    assert person.choose("done").say("member", CODE).effects == (ConfirmMember(CODE, None),)
    assert person.say("back", "follow").choose(SWANSEA.choice).effects == (EndFollows((SWANSEA,)), NO)


def test_what_a_code_confirmed_is_said_once_and_typed_words_are_no_second_code() -> None:
    person = member()
    assert "News for members in Swansea West" in person.asked
    assert person.say(CODE).effects == ()
    assert "Done." in person.asked
    assert "News for members" not in person.choose("done").say("member").asked


def test_members_have_no_pace_and_nobody_becomes_one_by_a_press() -> None:
    person = member().choose("done").say("follow")
    assert "often" not in person.offered
    safe = topic_subject("fair-future", "SAFE")
    person.follows[safe] = Followed(safe, "daily", "terminal", TODAY)
    assert "often" in person.offered
    assert person.choose("often").page == HowOften(safe.choice), "the only one that has a pace"
    for page in (HowOften(SWANSEA.choice), ChoosingFollow(), ShowingFollows(paces=True)):
        person.at(ChoosingTopic(), page).hear(Chose("weekly")).hear(Chose(SWANSEA.choice))
        assert Follow not in {type(each) for each in person.effects}


def test_only_who_says_a_code_has_their_tries_looked_up() -> None:
    conversation = Somebody().agreed("SAFE").conversation
    for words in ("member", "follow", "hello"):
        assert MyTries() not in needs(conversation, Said(words))
