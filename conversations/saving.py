"""Saving a conversation: each page as its name, its version and its fields, readable for ever."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from conversations import (
    addressing,
    after_event,
    after_send,
    answering,
    anywhere,
    asking_about_you,
    broadcasting,
    checking_in,
    choosing_where,
    coming,
    following,
    going_on,
    hosting,
    members,
    replying,
    reporting,
    resting,
    reviewing,
    seeing,
    visiting,
    welcome,
)
from conversations.domain.page import Page
from conversations.turning import Conversation

PAGES: dict[str, type[Page]] = {
    page.__name__: page
    for page in (
        welcome.Welcoming,
        welcome.Agreeing,
        welcome.ChoosingTopic,
        welcome.Moving,
        welcome.NotOpen,
        answering.Asking,
        reviewing.Reviewing,
        reviewing.ChoosingChange,
        after_send.TellingOutcome,
        after_send.AskingAgain,
        after_send.AllowingQuote,
        asking_about_you.Living,
        asking_about_you.LivingRegion,
        asking_about_you.FindingPlace,
        asking_about_you.AnsweringAs,
        resting.Resting,
        replying.AddingWords,
        going_on.GoingOn,
        following.ChoosingFollow,
        following.OfferingFollow,
        following.HowOften,
        following.ShowingFollows,
        members.SayingMemberCode,
        choosing_where.ChoosingWhere,
        anywhere.ChoosingLanguage,
        anywhere.ConfirmingDelete,
        anywhere.Meaning,
        coming.FindingEvents,
        seeing.SeeingEvent,
        coming.MyOwnEvents,
        seeing.AgreeingToEvents,
        hosting.SayingWhat,
        hosting.SayingWhere,
        hosting.SayingArea,
        hosting.SayingWhen,
        hosting.SayingHowMany,
        hosting.SayingStepFree,
        hosting.Offered,
        seeing.MovingEvent,
        seeing.MovingPlace,
        seeing.CallingOff,
        seeing.TellingMore,
        seeing.SayingMore,
        seeing.ChoosingMore,
        seeing.ChangingSeats,
        seeing.SayingIfThereAreSteps,
        checking_in.CheckingIn,
        after_event.SayingHowItWas,
        after_event.AddingToHowItWas,
        visiting.NotingVisit,
        visiting.SeeingVisit,
        reporting.SayingWhoCame,
        reporting.SayingViews,
        reporting.PublishingReport,
        addressing.ChoosingReaders,
        addressing.ChoosingPlace,
        addressing.ChoosingFollowers,
        addressing.ChoosingGuests,
        addressing.SayingMessage,
        addressing.ShowingBroadcasts,
        broadcasting.SeeingBroadcast,
        broadcasting.SigningBroadcast,
        broadcasting.Rewording,
        broadcasting.SayingTime,
        broadcasting.TypingCount,
        broadcasting.Correcting,
    )
}
RETIRED = frozenset({"AtDesk"})
"""Pages of earlier releases that stood on another and are no more: the one below is where somebody is."""


class UnknownPage(ValueError):
    """A stored state names a page, version or field that this release does not know."""


def save(conversation: Conversation) -> dict[str, Any]:
    """The conversation as JSON values."""
    return {"stack": [_save(page) for page in conversation.stack], "prompt": conversation.prompt_number}


def load(stored: dict[str, Any]) -> Conversation:
    """The conversation that `save` wrote, in this release or an earlier one. Raises UnknownPage."""
    known = (page for page in stored["stack"] if page["page"] not in RETIRED)
    return Conversation(tuple(_load(page) for page in known), int(stored["prompt"]))


def _save(page: Page) -> dict[str, Any]:
    named = type(page)
    values = {each.name: getattr(page, each.name) for each in fields(page)}  # type: ignore[arg-type]
    return {"page": named.__name__, "version": named.VERSION, "fields": values}


def _load(stored: dict[str, Any]) -> Page:
    named = PAGES.get(stored["page"])
    if named is None or stored["version"] != named.VERSION:
        raise UnknownPage(f"no page {stored['page']} version {stored['version']}")
    known = {each.name for each in fields(named)}  # type: ignore[arg-type]
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in stored["fields"].items()}
    if not set(values) <= known:
        raise UnknownPage(f"page {stored['page']} has no field {sorted(set(values) - known)}")
    return named(**values)
