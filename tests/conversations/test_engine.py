"""The engine: what is heard before any page, what a press is worth, and where a person is afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from conversations import engine
from conversations.after_send import AskingAgain, TellingOutcome
from conversations.answering import Asking
from conversations.anywhere import ChoosingLanguage, ConfirmingDelete, Meaning
from conversations.asking_about_you import AnsweringAs, FindingPlace, Living
from conversations.domain.answers import Answer, Slot
from conversations.domain.effects import (
    AddReplyWords,
    Forget,
    RecordAnswer,
    RecordConsent,
    RecordReply,
    ResumeMessages,
    SetLanguage,
    StopMessages,
    TakeUp,
)
from conversations.domain.following import Followed, topic_subject
from conversations.domain.page import Page
from conversations.domain.scene import Standing
from conversations.domain.speech import (
    Amended,
    Chose,
    ChoseSeveral,
    Content,
    Pressed,
    PressedStanding,
    Returned,
    Said,
    Started,
    Unreadable,
)
from conversations.replying import AddingWords
from conversations.resting import Resting
from conversations.reviewing import ChoosingChange, Reviewing
from conversations.seeing import AgreeingToEvents
from conversations.turning import STACK_LIMIT
from conversations.welcome import Agreeing, ChoosingTopic, Moving, NotOpen, Welcoming
from tests.conversations.somebody import TODAY, Somebody, sample

FAIR, PROCESS, WORKERS, MP = (sample(name) for name in ("fair_future", "process", "workers", "mp"))
FEEDBACK = Standing("tok1", ("that_is_it", "not_what_i_meant", "not_done"), "A")
OWN_WORDS = Asking("SAFE", "F6")
PAGES: list[Page] = [
    Welcoming(),
    Agreeing(),
    ChoosingTopic(),
    Moving(),
    NotOpen(),
    Asking("VOTE", "V1"),
    Asking("SAFE", "F2"),
    OWN_WORDS,
    Reviewing("VOTE"),
    ChoosingChange("VOTE"),
    TellingOutcome("VOTE"),
    AskingAgain("VOTE"),
    Living("VOTE"),
    FindingPlace("VOTE"),
    FindingPlace("VOTE", "swansea"),
    AnsweringAs("VOTE"),
    Resting("VOTE"),
    Resting("VOTE", receipt=True),
]
ON_TOP: list[Page] = [AddingWords("tok1", "not_done"), ChoosingLanguage(), ConfirmingDelete(), Meaning("status")]
STACKS: list[tuple[Page, ...]] = [*((page,) for page in PAGES), *((OWN_WORDS, page) for page in ON_TOP)]


def named(stack: object) -> str:
    return "-".join(type(page).__name__ for page in stack) if isinstance(stack, tuple) else str(stack)


def somebody(*stack: Page, **more: object) -> Somebody:
    """Somebody who has agreed and stands on these pages."""
    person = Somebody(**more).agreed()  # type: ignore[arg-type]
    return person.at(*stack) if stack else person


# Before any page


@pytest.mark.parametrize("word", ["stop", "STOP.", "/stop", "Stopio", "unsubscribe", "cancel", "please stop"])
@pytest.mark.parametrize("stack", STACKS, ids=named)
def test_stop_is_heard_on_every_page(stack: tuple[Page, ...], word: str) -> None:
    person = somebody(*stack).say(word)
    assert person.effects == (StopMessages(),)
    assert person.turned is not None
    assert person.turned.quiet
    assert person.told.startswith("Done. You will get no more messages")


@pytest.mark.parametrize("word", ["help", "/help", "cymorth", "HELP!"])
@pytest.mark.parametrize("stack", STACKS, ids=named)
def test_help_is_heard_on_every_page_and_keeps_the_place(stack: tuple[Page, ...], word: str) -> None:
    person = somebody(*stack)
    before = person.page
    person.say(word)
    assert "+44 20 7946 0012" in person.told
    assert person.page == (replace(before, receipt=False) if isinstance(before, Resting) else before)


def test_who_does_not_want_a_second_consultation_keeps_what_they_said_in_the_first() -> None:
    first, second = sample("fair_future"), sample("workers")
    person = Somebody(open=(first, second)).agreed("SAFE").choose("4")
    person.hear(Started(second.topics[0].id)).choose("on", "no")
    assert person.effects == (), "nobody is forgotten"
    assert person.told == "That is fine. We keep what you told us before."
    assert person.current[first.id]
    person.choose(f"{first.id}/SAFE", "on")
    assert person.slot == "F3"


def test_after_stop_only_start_is_listened_to() -> None:
    person = somebody(Asking("VOTE", "V1")).say("stop", "yes")
    assert not person.answers
    assert person.told == "You asked us to stop. Say START if you want to go on."
    person.say("start")
    assert person.effects == (ResumeMessages(),)
    assert "You were at 1 of" in person.told


def test_start_is_heard_after_stop_even_where_own_words_are_asked() -> None:
    person = somebody(OWN_WORDS).say("stop", "START")
    assert (person.stopped, person.page) == (False, OWN_WORDS)


# Own words


@pytest.mark.parametrize(
    "word",
    [
        "status",
        "News",
        "language",
        "iaith",
        "cymraeg",
        "delete",
        "my data",
        "topics",
        "change",
        "start",
        "what",
        "/status",
    ],
)
def test_a_command_word_alone_among_own_words_is_asked_about(word: str) -> None:
    person = somebody(OWN_WORDS).say(word)
    assert person.page == Meaning(word)
    assert f"“{word}”" in person.asked
    assert not person.answers


@pytest.mark.parametrize("word", ["status", "start", "delete", "what"])
def test_it_may_be_the_answer(word: str) -> None:
    person = somebody(OWN_WORDS).say(word, "yeah")
    assert person.answers[Slot("F6")].words == word
    assert len(person.conversation.stack) == 1


@pytest.mark.parametrize(
    ("word", "then"),
    [
        ("status", OWN_WORDS),
        ("news", OWN_WORDS),
        ("mydata", OWN_WORDS),
        ("start", OWN_WORDS),
        ("what", OWN_WORDS),
        ("cymraeg", OWN_WORDS),
        ("language", ChoosingLanguage()),
        ("delete", ConfirmingDelete()),
        ("topics", ChoosingTopic()),
    ],
)
def test_or_the_act(word: str, then: Page) -> None:
    person = somebody(OWN_WORDS).say(word, "2")
    assert person.page == then
    assert not person.answers
    assert person.conversation.stack[0] == (then if then == ChoosingTopic() else OWN_WORDS)


def test_skip_acts_where_the_question_offers_it_even_among_own_words() -> None:
    assert somebody(OWN_WORDS).say("SKIP").answers[Slot("F6")].skipped


def test_a_command_word_inside_own_words_is_words() -> None:
    assert somebody(OWN_WORDS).say("please stop the buses").answers[Slot("F6")].words == "please stop the buses"


def test_words_under_a_reply_are_own_words_too() -> None:
    person = somebody(Asking("VOTE", "V1"), AddingWords("tok1", "not_done")).say("status", "yes")
    assert person.effects == (AddReplyWords("tok1", "status"),)
    assert person.conversation.stack == (Asking("VOTE", "V1"),)


@pytest.mark.parametrize("said", ["no", "nope", "No, that is all", "enough"])
def test_nothing_more_is_said_under_a_reply(said: str) -> None:
    person = somebody(Asking("VOTE", "V1"), AddingWords("tok1", "that_is_it")).say(said)
    assert (person.effects, person.conversation.stack) == ((), (Asking("VOTE", "V1"),))


def test_after_an_outcome_there_is_one_next_step_and_one_only() -> None:
    person = somebody(Asking("VOTE", "V1"), AddingWords("outcome", "that_is_it")).say("no")
    assert person.offered == ["follow", "no"]
    person.choose("follow", "follow", "weekly")
    assert person.conversation.stack == (Asking("VOTE", "V1"),)
    person = somebody(Asking("VOTE", "V1"), AddingWords("outcome", "that_is_it"))
    person.follows[topic_subject("fair-future", "SAFE")] = Followed(
        topic_subject("fair-future", "SAFE"), "weekly", "terminal", TODAY
    )
    person.say("no")
    assert person.offered == ["host", "no"]
    person.choose("host")
    assert person.conversation.stack == (Asking("VOTE", "V1"), AgreeingToEvents(then="host"))
    assert somebody(Asking("VOTE", "V1"), AddingWords("outcome", "not_done")).say("no", "no").page == Asking(
        "VOTE", "V1"
    )


@pytest.mark.parametrize("choice", ["", "EV3NT001", "EV3NT001/?", "ev3nt001/yes", "\0/yes", "NOTHING0\0/yes"])
def test_a_button_about_an_event_that_nobody_made_changes_nothing(choice: str) -> None:
    person = somebody(Asking("VOTE", "V1")).hear(PressedStanding("x", choice))
    assert (person.effects, person.page) == ((), Asking("VOTE", "V1"))
    assert all("\0" not in repr(each) for each in engine.needs(person.conversation, PressedStanding("x", choice)))


def test_how_to_join_is_told_to_whoever_asks_and_only_where_the_document_says_it() -> None:
    held = replace(sample("fair_future"), joining=Content({"en": "You can join at https://join.example"}))
    person = somebody(Asking("VOTE", "V1"), consultation=held).say("join")
    assert (person.told, person.page) == ("You can join at https://join.example", Asking("VOTE", "V1"))
    assert "Sorry" in somebody(Asking("VOTE", "V1")).say("How to join").told


# Beside the question


def test_back_on_the_first_question_says_so() -> None:
    person = somebody(Asking("VOTE", "V1")).say("back")
    assert (person.told, person.page) == ("This is the first question.", Asking("VOTE", "V1"))


def test_what_answers_even_where_no_word_is_hard() -> None:
    person = somebody(Asking("VOTE", "V2")).say("what")
    assert person.told.startswith("There are no hard words noted here.")
    assert somebody(Asking("VOTE", "V1")).say("beth").told.startswith("Now the age is 16")


def test_a_question_that_needs_an_answer_is_not_skipped() -> None:
    person = somebody(consultation=PROCESS).at(Asking("DRAFTS", "D1"))
    assert "skip" not in person.offered
    assert person.say("skip").told.startswith("We do need an answer to this one.")
    assert person.page == Asking("DRAFTS", "D1")


def test_change_with_nothing_answered_says_so() -> None:
    person = somebody(Asking("VOTE", "V1")).say("change")
    assert person.told == "You have not answered on any topic yet."
    assert person.page == Asking("VOTE", "V1")


def test_change_in_the_middle_goes_back_to_the_middle() -> None:
    person = somebody().hear(Started("VOTE")).say("yes", "1", "change")
    assert person.page == ChoosingChange("VOTE")
    assert person.say("back").page == Asking("VOTE", "V4")
    assert person.say("change", "1").page == Asking("VOTE", "V1", changing=True)
    assert person.say("back").page == Asking("VOTE", "V4")


# Presses


def test_a_stale_press_changes_nothing_and_says_so() -> None:
    person = somebody().hear(Started("VOTE"))
    old = person.conversation.prompt_number
    person.hear(Pressed(old, "yes"))
    assert person.slot == "V2"
    for again in (Pressed(old, "no"), ChoseSeveral(("no",), old), Pressed(old + 9, "yes")):
        before = person.conversation
        person.hear(again)
        assert (person.conversation, person.effects) == (before, ())
        assert person.told == "That question is done. Say BACK to change your last answer. Now:"
    assert person.answers == {Slot("V1"): Answer(picks=("yes",), language="en")}


@pytest.mark.parametrize(
    "page", [Asking("VOTE", "V1"), Asking("SAFE", "F2"), OWN_WORDS, *PAGES[:4]], ids=lambda page: type(page).__name__
)
@pytest.mark.parametrize("choice", ["nonsense", "", "keep", "?1", "fair-future/", "/", "VOTE", "1"])
def test_a_press_of_what_is_not_offered_records_nothing(page: Page, choice: str) -> None:
    person = somebody(page)
    person.hear(Pressed(person.conversation.prompt_number, choice))
    assert not person.answers
    assert not [each for each in person.effects if isinstance(each, RecordAnswer | RecordConsent | Forget)]


def test_a_toggle_changes_marks_and_keeps_the_prompts_number() -> None:
    person = somebody(Asking("SAFE", "F2"))
    number = person.conversation.prompt_number
    for choice, picked in (
        ("lighting", ("lighting",)),
        ("traffic", ("lighting", "traffic")),
        ("lighting", ("traffic",)),
    ):
        person.hear(Pressed(number, choice))
        assert person.prompt().picked == picked
        assert (person.conversation.prompt_number, person.turned and person.turned.amends) == (number, True)
    person.hear(Pressed(number, "done"))
    assert person.answers[Slot("F2")].picks == ("traffic",)


def test_toggles_keep_to_the_limit_and_none_stands_alone() -> None:
    person = somebody(Asking("VOTE", "V6")).choose("come", "answers", "school")
    assert person.prompt().picked == ("come", "answers")
    assert person.told.startswith("That is more than 2.")
    assert person.choose("nothing").prompt().picked == ("nothing",)
    assert person.choose("ways").prompt().picked == ("ways",)
    assert person.choose("ways", "done").told.startswith("Please pick at least one")


def test_a_ranking_is_done_with_its_last_place() -> None:
    person = (
        somebody(consultation=PROCESS).at(Asking("DRAFTS", "D3")).choose("votes", "words", "words", "fate", "words")
    )
    assert person.answers[Slot("D3")].picks == ("votes", "fate", "words")


def test_an_old_message_edited_changes_nothing() -> None:
    person = somebody(Asking("VOTE", "V1")).hear(Amended())
    assert (person.effects, person.page) == ((), Asking("VOTE", "V1"))
    assert person.told.startswith("We cannot see changes to old messages.")


def test_what_cannot_be_read_is_told_kindly() -> None:
    assert somebody(OWN_WORDS).hear(Unreadable()).told == "Sorry, I can only read words. Please type your answer."


# Standing prompts


@pytest.mark.parametrize(("letter", "verdict"), [("A", "that_is_it"), ("b", "not_what_i_meant"), ("C.", "not_done")])
def test_letters_answer_what_stands_on_numbered_channels(letter: str, verdict: str) -> None:
    person = somebody(OWN_WORDS, standing=(FEEDBACK,)).say(letter)
    assert person.effects == (RecordReply("tok1", verdict),)  # type: ignore[arg-type]
    assert person.conversation.stack == (OWN_WORDS, AddingWords("tok1", verdict))  # type: ignore[arg-type]
    assert person.say("the steps").conversation.stack == (OWN_WORDS,)


@pytest.mark.parametrize(("channel", "said"), [("telegram", "A"), ("web", "A"), ("terminal", "D"), ("terminal", "1")])
def test_what_is_no_letter_of_a_standing_prompt_belongs_to_the_floor(channel: str, said: str) -> None:
    person = somebody(OWN_WORDS, standing=(FEEDBACK,), channel=channel).say(said)
    assert person.answers[Slot("F6")].words == said


def test_an_answered_standing_prompt_says_what_was_said() -> None:
    settled = replace(FEEDBACK, settled="not_done")
    person = somebody(Asking("VOTE", "V1"), standing=(settled,)).hear(PressedStanding("tok1", "that_is_it"))
    assert (person.effects, person.told) == ((), "You have answered that. You said: “Not done”.")
    assert person.hear(PressedStanding("gone", "not_done")).told == "That is over now."
    assert person.page == Asking("VOTE", "V1")


def test_the_stack_never_grows_past_three_and_keeps_its_floor() -> None:
    person = somebody(OWN_WORDS, standing=(FEEDBACK, replace(FEEDBACK, token="tok2", letter="D")))
    for heard in (
        PressedStanding("tok1", "not_done"), Said("language"), Chose("act"), Said("delete"), Said("language"),
        Said("delete"), PressedStanding("tok2", "not_done"), Said("status"), Said("delete"),
    ):  # fmt: skip
        person.hear(heard)
        assert len(person.conversation.stack) <= STACK_LIMIT
        assert person.conversation.stack[0] == OWN_WORDS
        assert person.prompt().text


def test_language_asked_twice_opens_one_page() -> None:
    person = somebody(Asking("VOTE", "V1")).say("language", "language")
    assert person.conversation.stack == (Asking("VOTE", "V1"), ChoosingLanguage())
    assert person.say("welsh").conversation.stack == (Asking("VOTE", "V1"),)
    assert person.language == "cy"


# Not open

AFTER, BEFORE = timedelta(days=100), timedelta(days=-100)
WITHDRAWN = replace(FAIR, calendar=replace(FAIR.calendar, withdrawn=True))
SHUT = [(FAIR, AFTER, "closed on"), (FAIR, BEFORE, "opens on"), (WITHDRAWN, timedelta(), "has been withdrawn")]


@pytest.mark.parametrize(("held", "later", "says"), SHUT, ids=["closed", "not yet", "withdrawn"])
@pytest.mark.parametrize("heard", [Said("yes"), Started(), Started("SAFE"), Chose("yes"), Said("skip")], ids=str)
@pytest.mark.parametrize(
    "page",
    [Welcoming(), Agreeing(), ChoosingTopic(), Asking("VOTE", "V1"), OWN_WORDS, Reviewing("VOTE")],
    ids=lambda page: type(page).__name__,
)
def test_nobody_answers_what_is_not_open(page: Page, heard: object, held: object, later: timedelta, says: str) -> None:
    person = somebody(page, consultation=held)
    person.now += later
    person.hear(heard)  # type: ignore[arg-type]
    assert isinstance(person.page, NotOpen)
    assert says in person.asked
    assert not person.answers


def test_an_answer_confirmed_after_closing_is_not_kept() -> None:
    person = somebody(OWN_WORDS).say("status")
    person.now += AFTER
    person.say("yes")
    assert isinstance(person.page, NotOpen)
    assert not person.answers


def test_closing_leaves_those_who_rest_where_they_are() -> None:
    person = somebody(Resting("VOTE"))
    person.answers[Slot("V1")] = Answer(picks=("yes",))
    person.now += AFTER
    assert "closed on" in person.say("change").told
    assert person.page == Resting("VOTE")
    assert {"topics", "change"}.isdisjoint(person.offered)


def test_a_withdrawn_consultation_says_so_to_those_who_answered() -> None:
    person = somebody(Resting("VOTE"), consultation=WITHDRAWN)
    assert "has been withdrawn. Nobody will use answers given to it." in person.asked


def test_what_is_not_yet_open_opens() -> None:
    person = Somebody(consultation=FAIR)
    person.now += BEFORE
    assert isinstance(person.hear(Started("VOTE")).page, NotOpen)
    person.now -= BEFORE
    assert person.hear(Started()).page == Welcoming("VOTE")


def test_language_is_kept_when_a_question_closes_below() -> None:
    person = somebody(Asking("VOTE", "V1"), ChoosingLanguage())
    person.now += AFTER
    person.say("Cymraeg")
    assert person.effects == (SetLanguage("cy"),)
    assert isinstance(person.page, NotOpen)


def test_another_open_consultation_is_offered() -> None:
    person = somebody(Asking("NEAR", "M1"), consultation=MP, open=(MP, FAIR))
    person.now += timedelta(days=60)
    person.say("1")
    assert person.offered == ["others"]
    assert person.choose("others").page == Moving()
    assert person.consultation.id == "fair-future"
    assert person.choose("on").page == Agreeing()


# Coming and going


def test_language_keeps_the_place() -> None:
    person = somebody().hear(Started("SAFE")).say("2", "cymraeg")
    assert (person.slot, person.language) == ("F2", "cy")
    assert "2 o 6" in person.asked or "2 of 6" in person.asked
    assert person.say("language", "English").slot == "F2"
    assert person.language == "en"


def test_a_link_to_another_topic_keeps_the_answers() -> None:
    person = somebody().hear(Started("SAFE")).say("2").hear(Started("vote"))
    assert (person.told, person.slot) == ("We kept your other answers.", "V1")
    assert person.hear(Started("SAFE")).slot == "F2"


def test_a_link_to_another_consultation_asks_for_its_own_agreement() -> None:
    person = somebody(Asking("VOTE", "V1"), open=(FAIR, MP)).hear(Started("NEAR"))
    assert (person.effects, person.page) == ((TakeUp("local-mp"),), Moving("NEAR"))
    assert person.choose("on").page == Agreeing("NEAR")
    assert person.choose("agree").slot == "M1"


def test_a_link_never_leads_past_consent() -> None:
    for page in (Welcoming(), Agreeing(), Moving(), NotOpen()):
        person = Somebody().at(page).hear(Started("SAFE"))
        assert isinstance(person.page, Welcoming | Agreeing), page
        assert person.page.topic == "SAFE"


def test_a_receipt_is_given_once() -> None:
    person = somebody(AnsweringAs("VOTE")).choose("person")
    assert "That is all. Thank you." in person.asked
    for heard in (Returned(), Started(), Said("help"), Said("hello")):
        person.at(Resting("VOTE", receipt=True)).hear(heard)
        assert "That is all." not in person.asked


def test_the_first_question_after_sending_is_asked_once_more_on_return() -> None:
    person = somebody(TellingOutcome("VOTE")).choose("skip", "skip", "skip", "skip", "skip")
    assert isinstance(person.page, Resting)
    assert person.hear(Started()).page == TellingOutcome("VOTE", again=True)
    assert person.choose("skip").page == Resting("VOTE")
    assert person.hear(Started()).page == Resting("VOTE")


def test_consents_are_not_asked_twice() -> None:
    person = (
        somebody(TellingOutcome("VOTE"))
        .choose("with_words", "yes", "no", "wales")
        .say("swansea", "yes")
        .choose("person")
    )
    assert person.about == {"nation": "wales", "constituency": "W01", "answering_as": "person"}
    person.at(Reviewing("SMOKE"))
    person.answers.update(
        {slot: Answer(skipped=True) for slot in (Slot(q.id) for q in FAIR.topic("SMOKE").questions())}
    )
    assert person.choose("send").page == Resting("SMOKE", receipt=True)


@pytest.mark.parametrize("said", ["1", "yes", "Swansea West", "swansea west."])
def test_a_place_found_is_taken_in_any_plain_way(said: str) -> None:
    assert somebody(FindingPlace("VOTE", "swansea")).say(said).about == {"constituency": "W01"}


@pytest.mark.parametrize("said", ["²", "9" * 50, "٣", "0", "x" * 500, "''; --"])
def test_a_strange_place_is_only_not_found(said: str) -> None:
    assert somebody(FindingPlace("VOTE", "swansea")).say(said).about == {}


# Changing an answer


def test_what_a_changed_route_sets_aside_is_offered_when_the_route_returns() -> None:
    person = somebody().hear(Started("VOTE")).say("yes", "other", "Their lives, too", "back", "back", "back")
    assert person.slot == "V1"
    person.say("no")
    assert set(person.set_aside) == {Slot("V2"), Slot("V2", part="other")}
    assert person.slot == "V3"
    person.say("back", "yes")
    assert person.slot == "V2"
    assert "keep" in person.offered
    assert "You said before: something else" in person.asked
    person.say("Keep what I said")
    assert person.slot == "V2+other"
    assert "You said before: “Their lives, too”" in person.asked
    person.choose("keep")
    assert person.answers[Slot("V2", part="other")].words == "Their lives, too"


def test_kept_words_stay_in_the_language_they_were_given_in() -> None:
    person = somebody(Asking("SAFE", "F6"))
    person.language = "cy"
    person.set_aside[Slot("F6")] = Answer(words="Y llwybr", language="cy")
    person.say("english", "no")  # the word itself is asked about first
    person.choose("keep")
    assert person.answers[Slot("F6")] == Answer(words="Y llwybr", language="cy")


def test_the_machine_needs_nothing_it_did_not_ask_for() -> None:
    """Every page, whatever it hears, finds all it looks up: Somebody gives only what `needs()` names."""
    words = ["status", "news", "mydata", "what", "topics", "change", "1", "yes", "hello", "A"]
    for stack in STACKS:
        for heard in (
            *map(Said, words),
            Returned(),
            Started("SAFE"),
            Chose("act"),
            Chose("answer"),
            PressedStanding("tok1", "not_done"),
        ):
            person = somebody(*stack, standing=(FEEDBACK,)).hear(heard)
            assert engine.prompt(person.conversation, person.scene(person.page.needs())) is not None
