"""Where each kind of message comes, in the pure machine: for whoever has several channels, and for nobody else."""

from __future__ import annotations

from conversations.choosing_where import ChoosingWhere
from conversations.domain.channels import MESSAGE_KINDS, Channels
from conversations.domain.effects import ChooseChannel
from conversations.domain.following import topic_subject
from conversations.domain.lookups import MyChannels
from conversations.domain.speech import Said
from conversations.engine import needs
from tests.conversations.somebody import Somebody

SAFE = topic_subject("fair-future", "SAFE")


def on_two() -> Somebody:
    return Somebody(channel="web", channels=Channels(("telegram", "web"))).agreed()


def test_who_has_one_channel_is_not_asked() -> None:
    person = Somebody(channels=Channels(("terminal",))).agreed().say("follow")
    assert "where" not in person.offered
    assert "where" not in person.choose(SAFE.choice).say("back", "follow").offered


def test_each_kind_of_message_is_chosen_by_itself_and_given_back() -> None:
    person = on_two().say("follow").choose("where")
    assert person.offered == [*MESSAGE_KINDS, "back"]
    assert "Messages from organisers: where you asked for it" in person.asked
    assert person.choose("many").offered == ["telegram", "web", "back"]
    assert person.choose("web").effects == (ChooseChannel("many", "web"),)
    assert person.told == "Fine. It comes there now."
    assert "Messages from organisers: Web chat" in person.asked
    assert "News of what you follow: where you asked for it" in person.asked
    assert person.choose("many").offered == ["telegram", "web", "asked", "back"]
    assert person.choose("asked").effects == (ChooseChannel("many"),)
    assert person.channels.chosen == {}
    assert person.choose("many", "back").page == ChoosingWhere()


def test_nobody_chooses_what_is_not_offered() -> None:
    person = on_two().at(*on_two().conversation.stack, ChoosingWhere("many")).choose("terminal")
    assert (person.effects, person.page) == ((), ChoosingWhere("many"))
    assert person.at(*on_two().conversation.stack, ChoosingWhere("nothing we send")).offered == [*MESSAGE_KINDS, "back"]


def test_what_was_chosen_for_all_follows_is_not_brought_here_one_by_one() -> None:
    person = on_two().say("follow").choose(SAFE.choice).say("back", "follow")
    person.channel = "telegram"
    assert "here" in person.offered
    person.choose("where", "follows", "web").say("back", "follow")
    assert "here" not in person.offered
    assert "here" not in person.choose("often").offered


def test_only_who_asks_about_follows_has_their_channels_looked_up() -> None:
    conversation = Somebody().agreed("SAFE").conversation
    for words in ("hello", "news", "mydata", "follow", "stop"):
        assert MyChannels() not in needs(conversation, Said(words))
