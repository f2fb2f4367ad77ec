"""Access: who may use what, declared in one place. What is not declared is refused, and fails the tests.

docs/access.md is this as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conversations.domain.languages import LANGUAGES, SOURCE


class Who(Enum):
    """Whom a route, command or button is for."""

    ANYONE = "anyone"
    PERSON = "the person whose chat it is, known by their own cookie"
    STAFF = "anybody signed in at the desk"
    OFFICER = "an officer of the commission concerned"
    SIGNER = "an officer or signer of the commission concerned"
    ORGANISER = "an organiser of the area concerned"
    WRITER = "an organiser of the area, or an officer of the commission, concerned"
    PLATFORM = "a platform that proves itself with a shared secret"
    OPERATOR = "whoever runs the machine"


ROLES = ("officer", "signer", "organiser")
"""Roles that `grant` gives. An officer reads, writes, publishes and may sign; a signer reads and signs; both of a
commission. An organiser holds events in an area, and approves those that others offer there."""

PUBLIC = (
    "/",
    "/topics/{topic}",
    "/topics/{topic}/questions",
    "/topics/{topic}/tallies",
    "/said-did",
    "/privacy",
    "/rules",
    "/correct",
    "/events",
    "/events/{event}",
    "/events/{event}/seat/{code}",
)


def at(path: str, language: str) -> str:
    """The address of a public page in a language: the source's stands bare, the others' begin with their code."""
    return path if language == SOURCE else f"/{language}{path}".rstrip("/")


ROUTES: dict[tuple[str, str], Who] = {
    **{("GET", at(path, each)): Who.ANYONE for path in PUBLIC for each in LANGUAGES},
    **{("POST", at("/correct", each)): Who.ANYONE for each in LANGUAGES},
    ("GET", "/events.ics"): Who.ANYONE,
    ("GET", "/events/{event}/calendar.ics"): Who.ANYONE,
    ("GET", "/static/{file}"): Who.ANYONE,
    ("GET", "/favicon.ico"): Who.ANYONE,
    ("GET", "/robots.txt"): Who.ANYONE,
    ("GET", "/.well-known/security.txt"): Who.ANYONE,
    ("GET", "/healthz"): Who.ANYONE,
    ("GET", "/readyz"): Who.ANYONE,
    ("GET", "/metrics"): Who.OPERATOR,
    ("POST", "/telegram"): Who.PLATFORM,
    ("GET", "/chat"): Who.ANYONE,
    ("POST", "/chat"): Who.ANYONE,
    ("GET", "/chat/stream"): Who.PERSON,
    ("GET", "/chat/return"): Who.ANYONE,
    ("POST", "/chat/return"): Who.ANYONE,
    ("GET", "/chat/telegram"): Who.PERSON,
    ("GET", "/chat/data"): Who.PERSON,
    ("GET", "/desk"): Who.STAFF,
    ("GET", "/desk/in/{token}"): Who.ANYONE,
    ("POST", "/desk/in/{token}"): Who.ANYONE,
    ("POST", "/desk/out"): Who.STAFF,
    ("GET", "/desk/events"): Who.ORGANISER,
    ("GET", "/desk/events/new"): Who.ORGANISER,
    ("POST", "/desk/events/new"): Who.ORGANISER,
    ("GET", "/desk/events/{event}"): Who.ORGANISER,
    ("POST", "/desk/events/{event}"): Who.ORGANISER,
    ("GET", "/desk/events/{event}/edit"): Who.ORGANISER,
    ("POST", "/desk/events/{event}/edit"): Who.ORGANISER,
    ("GET", "/desk/members"): Who.ORGANISER,
    ("POST", "/desk/members"): Who.ORGANISER,
    ("GET", "/desk/broadcasts"): Who.WRITER,
    ("GET", "/desk/broadcasts/new"): Who.WRITER,
    ("POST", "/desk/broadcasts/new"): Who.WRITER,
    ("GET", "/desk/broadcasts/{broadcast}"): Who.WRITER,
    ("POST", "/desk/broadcasts/{broadcast}"): Who.WRITER,
    ("GET", "/desk/broadcasts/{broadcast}/edit"): Who.WRITER,
    ("POST", "/desk/broadcasts/{broadcast}/edit"): Who.WRITER,
    ("GET", "/desk/broadcasts/{broadcast}/live"): Who.WRITER,
    ("GET", "/desk/broadcasts/{broadcast}/stream"): Who.WRITER,
    ("GET", "/desk/topics/{consultation}/{topic}"): Who.SIGNER,
    ("GET", "/desk/topics/{consultation}/{topic}/new"): Who.OFFICER,
    ("POST", "/desk/topics/{consultation}/{topic}/new"): Who.OFFICER,
    ("GET", "/desk/actions/{version}"): Who.SIGNER,
    ("POST", "/desk/actions/{version}"): Who.SIGNER,
    ("GET", "/desk/actions/{version}/edit"): Who.OFFICER,
    ("POST", "/desk/actions/{version}/edit"): Who.OFFICER,
    ("GET", "/desk/actions/{version}/live"): Who.SIGNER,
    ("GET", "/desk/actions/{version}/stream"): Who.SIGNER,
}


@dataclass(frozen=True)
class Rate:
    """How often one place may ask: so many at once, then so many a second. `guesses` is where a secret is tried."""

    burst: int
    per_second: float
    guesses: bool = False


RATES: dict[tuple[str, str], Rate] = {
    ("POST", "/chat"): Rate(1000, 50),
    ("POST", "/chat/return"): Rate(10, 1 / 60, guesses=True),
    **{("POST", at("/correct", each)): Rate(20, 1 / 60) for each in LANGUAGES},
    ("POST", "/desk/in/{token}"): Rate(100, 1 / 6, guesses=True),
}
"""Every form that anyone may post. One place can be a hall, a school or a telephone company: what one person does in
the chat has a rate of its own."""
CHAT_STARTS = Rate(300, 5)
"""New people from one place."""
ONE_PERSON = Rate(60, 2)
"""What one person says in a chat."""

BY_ITSELF = (
    "/desk/actions/{version}/live",
    "/desk/actions/{version}/stream",
    "/desk/broadcasts/{broadcast}/live",
    "/desk/broadcasts/{broadcast}/stream",
)
"""What an open page asks for by itself: it keeps nobody signed in."""

COMMANDS: dict[str, Who] = dict.fromkeys(
    (
        "serve",
        "chat",
        "new",
        "check",
        "load",
        "export answers",
        "audit",
        "quarantine",
        "corrections",
        "grant",
        "link",
        "rehearse",
        "migrate",
        "places",
        "doctor",
        "reseal",
        "backup",
        "restore",
    ),
    Who.OPERATOR,
)
"""The commands of `bigconversation`: for whoever has the settings and the keys."""

WORDS: dict[str, Who] = {
    **dict.fromkeys(("START", "HELP", "STOP"), Who.ANYONE),
    **dict.fromkeys(
        (
            "LANGUAGE",
            "STATUS",
            "WHAT",
            "SKIP",
            "BACK",
            "CHANGE",
            "TOPICS",
            "MYDATA",
            "DELETE",
            "MORE",
            "NEWS",
            "FOLLOW",
            "EVENTS",
            "HOST",
            "WHEN",
            "JOIN",
            "MEMBER",
        ),
        Who.PERSON,
    ),
    "DESK": Who.STAFF,
    "BROADCAST": Who.WRITER,
}
"""Words heard anywhere in a chat."""

BUTTONS: dict[str, Who] = {
    "p:PROMPT:CHOICE": Who.PERSON,
    "s:TOKEN:CHOICE": Who.PERSON,
    "s:f:SUBJECT": Who.PERSON,
    "s:x:EVENT/ANSWER": Who.PERSON,
}
"""What a button under a message carries: a choice of the prompt of this number, or of a standing prompt; or what its
person follows, to end it; or an event they came to, and how it was."""


def who_may(method: str, path: str) -> Who | None:
    """Whom a route is for; None when nobody declared it."""
    return ROUTES.get(("GET" if method == "HEAD" else method, path))
