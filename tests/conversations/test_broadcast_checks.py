"""What may not be sent to many: promotion, links that lead elsewhere, fields nobody knows, too much or nothing."""

from __future__ import annotations

import pytest

from bot.rendering import plain
from conversations.domain.broadcast_checks import FRAME, LONGEST, faults
from conversations.domain.broadcasts import Audience, Broadcast
from conversations.domain.links import forbidden_link
from conversations.domain.promotion import promotion_in

OURS = ("talk.example.org",)
EVENT = Audience(event="7K3F2Q9X")

PROMOTED = (
    "Vote for us on Thursday", "Vote Labour!", "please VOTE  for\nthe Green Party", "V\u200bote for us",
    "Ｖｏｔｅ for us", "Vote for our excellent candidate", "Voting for the Conservatives is easy", "Lend us your vote",
    "Re-elect our candidate", "Your vote counts for us", "Give us your vote", "Back us at the ballot",
    "Join Labour today", "Join the party", "Join us today and win", "Become a member", "Sign up as a member",
    "Party membership is £5", "Donate now", "Donate: £5", "Please make a donation", "Chip in", "Give us £5",
    "Only Labour can fix it", "Labour is the best", "Vote Plaid Cymru", "Pleidleisiwch dros Lafur",
    "Pleidleisiwch drosom ni", "eich pleidlais droson ni",
    "Pleidleisiwch Lafur", "Pleidleisiwch i ni", "Etholwch ein hymgeisydd", "Ymunwch â Llafur", "Ymunwch â'r blaid",
    "Ymunwch â ni heddiw", "Dewch yn aelod", "Ymaelodwch", "Rhowch £5", "Cyfrannwch at y blaid",
)  # fmt: skip
PLAIN = (
    "Should people vote at 16?", "The vote on the bus lane is at 7.", "We vote by a show of hands.",
    "Vote for a time below.", "Labour law is our topic.", "Join us at the hall on Friday.", "Join us for tea.",
    "Join in.", "Please give blood.", "Donate blood at the hall.", "We talk about party politics.",
    "The party is at 8.", "New members of the group can come.", "A oes pleidlais yn 16 oed?",
    "Ymunwch â ni yn y neuadd.", "Cyfrannwch at y drafodaeth.", "Mae lle i bawb.",
    "What do you think of the Greens of the park?",
)  # fmt: skip


@pytest.mark.parametrize("words", PROMOTED)
def test_promotion_of_a_party_is_found(words: str) -> None:
    assert promotion_in(words)


@pytest.mark.parametrize("words", PLAIN)
def test_plain_words_pass(words: str) -> None:
    assert promotion_in(words) == ""


def _tricks() -> tuple[str, ...]:
    """Ways to write a link that leads elsewhere, for each of some hosts and in each of some places."""
    hosts = (
        "evil.example", "talk.example.org.evil.example", "tаlk.example.org", "talk-example.org",
        "xn--tlk-6cd.example.org",
    )  # fmt: skip
    forms = (
        "https://{0}", "http://{0}/a", "HTTPS://{0}", "{0}", "{0}/path?x=1", "www.{0}",
        "//{0}/x", "https:\\\\{0}", "https:/{0}", "https://talk.example.org@{0}", "https://talk.example.org:80@{0}/",
        "https://{0}#talk.example.org", "https://{0}?talk.example.org", "https://{0}\\@talk.example.org",
        "https://talk.example.org/go?to=https://{0}", "https://talk.example.org/go?to=https%3A%2F%2F{0}",
        "https://talk.example.org/go?to=%2F%2F{0}", "https://talk.example.org/{0}",
        "https://talk.example.org/redirect/www.{0}", "ftp://{0}", "tg://resolve?domain={0}",
        "javascript:location='{0}'", "data:text/html,{0}", "mailto:a@{0}", "a@{0}", "[here](https://{0})",
        "<a href=https://{0}>", "(https://{0})", "see:https://{0}", "https://talk.example.org\u3002{0}",
        "https://{0}:443/", "https://user:pass@{0}", "https://talk。example。org.{0}", "https://talk.example.org%2e{0}",
        "ｈｔｔｐｓ：／／{0}", "https://talk.example.org／{0}",
    )  # fmt: skip
    others = (
        "http://talk.example.org", "https://talk.example.org:8443/", "https://talk.example.org./",
        "https://sub.talk.example.org", "@evilbot", "t.me/evilbot", "https://t.me/evilbot", "bit.ly/3xyz",
        "http://127.0.0.1/", "http://[::1]/", "10.0.0.1/x", "0x7f000001", "https://0x7f.1", "talk.example.org",
        "https://talk.example.org/../@x", "https://talk.example.org/\u202egro", "https://tаlk.example.org",
        "https://talk.example.org/%40evil", "https://talk.example.org//evil", "evil․example",
        "https://evil.example%00.talk.example.org",
    )  # fmt: skip
    return (*(form.format(host) for host in hosts for form in forms), *others)


def test_no_trick_with_a_link_passes() -> None:
    tricks = _tricks()
    assert len(set(tricks)) >= 200
    for trick in tricks:
        for words in (trick, f"Come and see {trick}, it is free", f"({trick})"):
            assert forbidden_link(words, OURS), repr(words)
            assert forbidden_link(words, ()), repr(words)


@pytest.mark.parametrize(
    "words",
    ["https://talk.example.org", "See https://talk.example.org/events/7K3F2Q9X, please.", "(https://talk.example.org/a.html)",
     "At 7.30 p.m. in room 4.2, e.g. by bus no. 9. Bring £2.50.", "Ring 0300 123 4567.", "Yes...no", "https://talk.example.org:443/x"],
)  # fmt: skip
def test_what_leads_to_us_or_nowhere_passes(words: str) -> None:
    assert forbidden_link(words, OURS) == ""


def _told(words: str, audience: Audience = EVENT, language: str = "en") -> list[str]:
    made = Broadcast("bc-1", "event", "draft", audience, "", {"en": words}, "Sample organiser")
    return [plain(each, language) for each in faults(made, OURS)]


def test_a_good_text_has_no_fault() -> None:
    assert (
        _told("Hello {place}. {event} is on {when}. See https://talk.example.org/events.\n\nPlease bring a chair.")
        == []
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("  \n", "Please write what you want to tell people."),
        ("x" * 3200, "This is too long for Telegram. Please take out 4 characters or more."),
        ("Dear {name}", "{name} cannot be used here. You can use {place}, {event} and {when}."),
        ("About {topic}", "{topic} cannot be used here. You can use {place}, {event} and {when}."),
        ("At {when", "A curly bracket stands alone. Please write a field like {place}, or take it out."),
        ("{{when}}", "A curly bracket stands alone. Please write a field like {place}, or take it out."),
        ("a\u202eb", "There is a hidden character in this text. Please type it again."),
        ("See evil.example", "Please take out “evil.example”. A link can only begin with https://talk.example.org."),
        ("Vote for us", "Please take out “vote for us”. We never ask people to vote for, join or pay a party."),
        ("Reply with your code.", "Please do not ask people for a code or a password."),
        ("Atebwch gyda'ch cod.", "Please do not ask people for a code or a password."),
    ],
)
def test_each_fault_is_one_sentence_that_says_what_to_do(words: str, said: str) -> None:
    assert _told(words) == [said]


def test_the_longest_text_that_passes_leaves_room_for_what_we_say_around_it() -> None:
    most = min(LONGEST.values()) - FRAME
    assert _told("x" * most) == []
    assert _told("x" * (most + 1)) != []
    assert _told("🙂" * (most // 2 + 1)) != [], "an emoji is two of Telegram's characters"


def test_every_language_is_looked_at() -> None:
    made = Broadcast("bc-1", "event", "draft", EVENT, "", {"en": "Hello", "cy": "Pleidleisiwch dros Lafur"}, "A")
    assert len(faults(made, OURS)) == 1
    assert faults(Broadcast("bc-1", "event", "draft", EVENT, "", {"en": "Hello", "cy": " "}, "A"), OURS)
    assert faults(Broadcast("bc-1", "event", "draft", EVENT, "", {}, "A"), OURS)
