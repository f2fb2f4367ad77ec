"""Carrying updates to the bot's own address, again and again until it says 200."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from tests.fakes.botapi_rules import Json, bad_request, too_many
from tests.fakes.botapi_updates import Update, Updates


@dataclass(frozen=True)
class Address:
    """Where the bot wants its updates, and the secret that shows they are ours."""

    url: str
    secret: str = ""
    max_connections: int = 40


class Webhook:
    """One update at a time in each lane, many lanes at once. The first retry is immediate, then the pauses double."""

    def __init__(self, updates: Updates) -> None:
        self.address: Address | None = None
        self.first_pause, self.longest_pause = 0.05, 1.0  # Telegram: 1 s, and up to 60-120 s
        self.patience = 10.0
        self.between_settings = 1.0
        self.attempts: list[tuple[int, int]] = []  # (update id, the status it got; 0 for no answer)
        self._updates = updates
        self._lanes: dict[tuple[str, int], deque[Update]] = defaultdict(deque)
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(40)
        self._session: aiohttp.ClientSession | None = None
        self._set_at = float("-inf")
        self._last_error: Json = {}

    async def set(self, address: Address) -> None:
        """Start carrying, what is waiting included. Not oftener than once a second."""
        _check(address)
        if time.monotonic() < self._set_at + self.between_settings:
            raise too_many(1)
        self._set_at = time.monotonic()
        if address == self.address:
            return
        await self.remove()
        self._updates.interrupt("terminated by setWebhook request")
        self.address = address
        self._places = asyncio.Semaphore(address.max_connections)
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.patience))
        self._updates.webhook = self._offer
        for update in self._updates.pending.values():
            self._offer(update)

    async def remove(self) -> None:
        """Stop carrying; what is not confirmed stays in the queue."""
        self._updates.webhook = self.address = None
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        self._last_error = {}
        if self._session:
            await self._session.close()
            self._session = None

    def forget(self, person_id: int) -> None:
        """Drop a person's empty lanes."""
        for lane in [lane for lane in (("message", person_id), ("callback_query", person_id)) if not self._lanes[lane]]:
            del self._lanes[lane]

    def info(self) -> Json:
        """What getWebhookInfo tells."""
        known: Json = {"url": "", "has_custom_certificate": False, "pending_update_count": len(self._updates.pending)}
        if self._updates.allowed:
            known["allowed_updates"] = self._updates.allowed
        if self.address:
            known |= {"url": self.address.url, "max_connections": self.address.max_connections, **self._last_error}
        return known

    def _offer(self, update: Update) -> None:
        lane = self._lanes[update.lane]
        lane.append(update)
        if len(lane) == 1:
            task = asyncio.create_task(self._carry(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, lane: deque[Update]) -> None:
        while lane:
            pause: float = 0
            while (wait := await self._post(lane[0])) is not None:
                await asyncio.sleep(wait or pause)
                pause = min(2 * pause or self.first_pause, self.longest_pause)
            self._updates.pending.pop(lane[0].update_id, None)
            lane.popleft()

    async def _post(self, update: Update) -> float | None:
        """Try once. None for success, otherwise the seconds the bot asks us to wait (0 if it does not say)."""
        assert self._session is not None
        assert self.address is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.address.secret} if self.address.secret else {}
        try:
            async with (
                self._places,
                self._session.post(
                    self.address.url, json=update.as_json(), headers=headers, allow_redirects=False
                ) as answer,
            ):
                await answer.read()
        except (aiohttp.ClientError, OSError) as error:
            return self._failed(update, 0, f"Connection failed: {type(error).__name__}", 0)
        if answer.ok and answer.status < 300:
            self.attempts.append((update.update_id, answer.status))
            return None
        reason = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        return self._failed(update, answer.status, reason, _seconds(answer.headers.get("Retry-After", "")))

    def _failed(self, update: Update, status: int, reason: str, wait: float) -> float:
        self.attempts.append((update.update_id, status))
        self._last_error = {"last_error_date": int(time.time()), "last_error_message": reason}
        return wait


def _seconds(header: str) -> float:
    return min(float(header), 3600.0) if header.isdigit() else 0.0


def _check(address: Address) -> None:
    """Telegram wants https and a tame secret; plain http is let through to this machine only."""
    parts = urlsplit(address.url)
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise bad_request("invalid webhook URL specified")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if len(address.secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", address.secret):
        raise bad_request("secret token contains unallowed characters")
    if not 1 <= address.max_connections <= 100:
        raise bad_request("max_connections must be between 1 and 100 (this fake is strict)")
