"""The table of who may use what, from `bot/access.py`: `python -m tests.bot.access_table` prints docs/access.md.

`verdict` says what a route answers somebody; the page tells it in words, and the tests hold the doors to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.access import BUTTONS, COMMANDS, ROUTES, WORDS, Who

Thing = Literal["own", "foreign", "unknown", "null"]
"""What an address names: something of the actor's own commission, of another one, nothing, and a NUL."""
THINGS: tuple[Thing, ...] = ("own", "foreign", "unknown", "null")


@dataclass(frozen=True)
class Actor:
    """Somebody at the door. `role` is of the commission of what is "own"; `knows` is a cookie or secret they have."""

    name: str
    role: str = ""
    knows: str = ""
    proxied: bool = False


ACTORS = (
    Actor("nobody"),
    Actor("person", knows="chat"),
    Actor("other_person", knows="chat"),
    Actor("officer", role="officer"),
    Actor("officer_elsewhere", role="officer elsewhere"),
    Actor("signer", role="signer"),
    Actor("signer_elsewhere", role="signer elsewhere"),
    Actor("organiser", role="organiser"),
    Actor("organiser_elsewhere", role="organiser elsewhere"),
    Actor("revoked", role="revoked"),
    Actor("platform", knows="secret"),
    Actor("through_proxy", proxied=True),
)
STAFF = (Who.STAFF, Who.OFFICER, Who.SIGNER, Who.ORGANISER, Who.WRITER)
SERVED = 0
ROLES_FOR = {Who.ORGANISER: ("organiser",), Who.WRITER: ("organiser", "officer")}
"""Whose route it is, where it is not a commission's officers and signers."""


def verdict(method: str, path: str, actor: Actor, thing: Thing) -> int:
    """The status that refuses; SERVED when it is not refused."""
    who = ROUTES[method, path]
    signed_in = actor.role not in ("", "revoked")
    if who in STAFF and not signed_in:
        return 401
    if who is Who.PERSON and actor.knows != "chat":
        return 404
    if who is Who.PLATFORM and actor.knows != "secret":
        return 403
    if who is Who.OPERATOR and actor.proxied:
        return 403
    if "{token}" in path:
        return SERVED if thing == "own" else 410 if method == "GET" else 403
    if "{" in path and thing in ("unknown", "null"):
        return 404
    if who in ROLES_FOR and "{" not in path:  # everybody who has that role sees their own there
        return SERVED if actor.role.partition(" ")[0] in ROLES_FOR[who] else 404
    if who in (Who.OFFICER, Who.SIGNER, Who.ORGANISER, Who.WRITER):
        return _of_their_own(who, actor, thing)
    return SERVED


def _of_their_own(who: Who, actor: Actor, thing: Thing) -> int:
    """Of a commission, or of an area."""
    role = actor.role.partition(" ")[0]
    if role not in ROLES_FOR.get(who, ("officer", "signer")):
        return 404
    if actor.role.endswith("elsewhere") == (thing == "own"):
        return 404
    return 403 if who is Who.OFFICER and actor.role.startswith("signer") else SERVED


def document() -> str:
    """docs/access.md."""
    asked = [actor for actor in ACTORS if actor.name != "other_person"]
    heads = ["Route", "For", *(actor.name.replace("_", " ") for actor in asked)]
    rows = [
        [f"`{method} {path}`", who.name.lower(), *(_told(method, path, actor) for actor in asked)]
        for (method, path), who in ROUTES.items()
    ]
    words = [[f"`{word}`", who.value] for word, who in WORDS.items()]
    buttons = [[f"`{name}`", who.value] for name, who in BUTTONS.items()]
    commands = [[f"`{name}`", who.value] for name, who in COMMANDS.items()]
    return "\n".join(
        [
            _INTRODUCTION,
            *_table(heads, rows),
            "\n## Words and buttons in a chat\n",
            *_table(["Word", "For"], words),
            "",
            *_table(["Button's data", "For"], buttons),
            "\n## Commands\n",
            *_table(["Command", "For"], commands),
            "",
        ]
    )


def _told(method: str, path: str, actor: Actor) -> str:
    """Own, then foreign, then unknown; once where they are the same."""
    things: tuple[Thing, ...] = ("own", "foreign", "unknown") if "{" in path else ("own",)
    told = [str(verdict(method, path, actor, thing) or "yes") for thing in things]
    return told[0] if len(set(told)) == 1 else " / ".join(told)


def _table(heads: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}", *(f"| {' | '.join(row)} |" for row in rows)]


_INTRODUCTION = """# Who may use what

Made from `bot/access.py` by `python -m tests.bot.access_table`. A test holds the two together, another tries every
cell.

A cell is what the address answers: `yes`, or the status that refuses. Where there are three, they are for something of
one's own commission or area, for something of another's, and for what is not there. The last two are alike, so nobody
learns what exists. "Through proxy" means that the request says so in a header. Every other method is refused with 405,
and a route that is not in this table with 403.
"""

if __name__ == "__main__":
    print(document(), end="")
