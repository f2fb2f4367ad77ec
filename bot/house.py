"""The house: what every door shares. Built once by `bot/app.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.channels.sending import Channel
from bot.library import Library
from bot.settings import Settings
from bot.turns import Turns, utc_now
from bot.watching import Watch
from storage.database import Database


@dataclass
class House:
    """Everything a door needs: settings, the database, consultations, turns, channels that are pushed to.

    `holder` names this process in leases. `wake` tells the sender that something was queued. `alive` says whether
    what this process claimed is still its own.
    """

    settings: Settings
    database: Database
    library: Library
    turns: Turns
    watch: Watch
    holder: str
    channels: Mapping[str, Channel] = field(default_factory=dict)
    wake: Callable[[], None] = lambda: None
    alive: Callable[[], bool] = lambda: True
    clock: Callable[[], datetime] = utc_now

    @property
    def telegram_name(self) -> str:
        """The name of our bot, once Telegram told us; it is part of links that people are given."""
        return self.turns.performer.links.get("telegram_name", "")

    @telegram_name.setter
    def telegram_name(self, name: str) -> None:
        self.turns.performer.links["telegram_name"] = name

    @property
    def site(self) -> str:
        """The address of the public site, as people are given it."""
        return self.turns.performer.links.get("site", "")
