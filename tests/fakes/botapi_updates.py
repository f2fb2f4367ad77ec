"""What has happened and what the bot has not confirmed yet: the queue behind `getUpdates` and the webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.fakes.botapi_rules import Json, Refused, bad_request

ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}
KINDS = ON_REQUEST | {
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "purchased_paid_media",
}


@dataclass(frozen=True)
class Update:
    """One thing that happened. `lane` says which updates must reach a webhook one after another."""

    update_id: int
    kind: str
    body: Json
    lane: tuple[str, int]

    def as_json(self) -> Json:
        """The update as the Bot API gives it."""
        return {"update_id": self.update_id, self.kind: self.body}


class Updates:
    """The queue. Confirming is all that takes an update out of it: a higher offset, or a webhook's 200."""

    def __init__(self) -> None:
        self.next_id = 700_000_001
        self.pending: dict[int, Update] = {}
        self.all: dict[int, Update] = {}
        self.allowed: list[str] = []
        self.webhook: Callable[[Update], None] | None = None
        self._again: list[Update] = []
        self._waiting: asyncio.Future[None] | None = None

    def push(self, kind: str, body: Json) -> int | None:
        """Queue what happened and return its id; None if the bot has not asked for such updates."""
        if kind not in (self.allowed or KINDS - ON_REQUEST):
            return None
        update = Update(self.next_id, kind, body, _lane(kind, body))
        self.next_id += 1
        self.pending[update.update_id] = self.all[update.update_id] = update
        self._offer(update)
        return update.update_id

    def redeliver(self, update_id: int) -> None:
        """Send an update again, confirmed or not, as Telegram does after trouble of its own."""
        update = self.all[update_id]
        if not self.webhook:
            self._again.append(update)
        self._offer(update)

    def allow(self, kinds: list[str] | None) -> None:
        """Remember which kinds the bot asks for; not naming any keeps what was said before."""
        if kinds is None:
            return
        if unknown := set(kinds) - KINDS:
            raise bad_request(f"unknown update types {sorted(unknown)} (this fake is strict)")
        self.allowed = kinds

    def clear(self) -> None:
        """Forget what is waiting."""
        self.pending.clear()
        self._again.clear()

    async def fetch(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """Long polling: confirm what is below the offset, and return what is left as soon as there is something."""
        self._confirm(offset)
        ready = self._ready(limit)
        if ready or not seconds:
            return ready
        self.interrupt("terminated by other getUpdates request; make sure that only one bot instance is running")
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await waiting
        except TimeoutError:
            pass
        finally:
            if self._waiting is waiting:
                self._waiting = None
        return self._ready(limit)

    def interrupt(self, reason: str) -> None:
        """Break off the long poll under way, if there is one, with a 409."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(Refused(409, f"Conflict: {reason}"))

    def _offer(self, update: Update) -> None:
        if self.webhook:
            self.webhook(update)
        elif self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            offset = min([*self.pending][offset:], default=0)
        if offset > self.next_id:  # from before the ids began anew: it confirms nothing
            return
        for update_id in [update_id for update_id in self.pending if update_id < offset]:
            del self.pending[update_id]

    def _ready(self, limit: int) -> list[Json]:
        again, self._again = self._again[:limit], self._again[limit:]
        fresh = [update for update in self.pending.values() if update not in again]
        return [update.as_json() for update in [*again, *fresh][:limit]]


def _lane(kind: str, body: Json) -> tuple[str, int]:
    """Messages keep their order within a chat, presses within a person; between the two there is no order."""
    if "chat" in body:
        return ("message" if "message" in kind else kind, body["chat"]["id"])
    return (kind, body.get("from", {}).get("id", 0))
