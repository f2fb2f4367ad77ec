"""Settings: read from the environment, checked all at once, and whether this is a trial."""

from __future__ import annotations

import ipaddress
import os
import re
import time
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.broadcasting import Rules
from storage.database import sqlite_file, with_driver
from storage.sealing import Keys, new_key

PREFIX = "BIGCONVERSATION_"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSettings(Exception):
    """Settings that cannot be used; the message names every one and says what to do."""


class Settings(BaseSettings):
    """What an operator can set. Every name has the prefix BIGCONVERSATION_ in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    database_url: str = "sqlite:///var/bigconversation.db"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = ""
    secret_keys: str = ""
    lookup_key: str = ""
    telegram_token: str = ""
    telegram_api_url: str = "https://api.telegram.org"
    telegram_webhook_secret: str = ""
    telegram_per_second: Annotated[float, Field(gt=0, le=1000)] = 25
    tombstones: str = ""
    trusted_proxies: str = ""
    security_contact: str = ""
    log: Literal["text", "json"] = "text"
    unasked_per_week: Annotated[int, Field(ge=1, le=50)] = 2
    link_domains: str = ""
    broadcast_second_person_from: Annotated[int, Field(ge=1)] = 50
    broadcast_cooling_seconds: Annotated[int, Field(ge=0, le=86400)] = 120
    rollup_seconds: Annotated[float, Field(gt=0, le=3600)] = 30

    @property
    def trial(self) -> bool:
        """Whether this is a trial: nobody outside this machine can reach it (design part 9)."""
        outside = bool(self.public_url) and not is_loopback(urlsplit(self.public_url).hostname or "")
        return is_loopback(self.host) and not outside

    @property
    def base_url(self) -> str:
        """Where people reach us, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def uses_webhook(self) -> bool:
        return bool(self.public_url and self.telegram_webhook_secret)

    @property
    def broadcast_rules(self) -> Rules:
        """What holds for broadcasts. Links may go to our own site, where no other hosts are named."""
        named = tuple(each.strip().lower() for each in self.link_domains.split(",") if each.strip())
        own = (urlsplit(self.public_url).hostname or "",) if self.public_url else ()
        cooling = timedelta(seconds=self.broadcast_cooling_seconds)
        return Rules(self.broadcast_second_person_from, cooling, self.trial, named or own)

    @property
    def tombstone_files(self) -> tuple[Path, ...]:
        """The log of erasures and its copies, outside the database, on whatever disks the operator named."""
        file = sqlite_file(self.database_url)
        default = file.with_name("erased.log") if file else Path("var/erased.log")
        return tuple(Path(each.strip()) for each in self.tombstones.split(",") if each.strip()) or (default,)


@lru_cache(maxsize=16)
def networks(written: str) -> tuple[Network, ...]:
    """Addresses and networks from a setting, with commas between them. Raises ValueError for what is neither."""
    return tuple(ipaddress.ip_network(each.strip()) for each in written.split(",") if each.strip())


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """The settings in force. Raises BadSettings naming everything that is wrong or missing, at once."""
    settings, faults = _read_what_can_be()
    faults += _faults(settings)
    if faults:
        raise BadSettings("Some settings are missing or wrong:\n" + "\n".join(f"- {fault}" for fault in faults))
    return settings


def _read_what_can_be() -> tuple[Settings, list[str]]:
    """The settings; what cannot be read is named, and stands at its default so that the rest is checked too."""
    try:
        return Settings(), []
    except ValidationError as error:
        bad = {str(each["loc"][0]).removeprefix(PREFIX.lower()): each["msg"] for each in error.errors()}
    rest = {name: Settings.model_fields[name].default for name in bad}
    return Settings(**rest), [f"{PREFIX}{name.upper()}: {told}" for name, told in bad.items()]


def _faults(settings: Settings) -> list[str]:
    faults = _database_faults(settings.database_url)
    if settings.public_url and urlsplit(settings.public_url).scheme not in {"http", "https"}:
        faults.append(f"{PREFIX}PUBLIC_URL: write the whole address, such as https://talk.example.org")
    try:
        networks(settings.trusted_proxies)
    except ValueError:
        faults.append(f"{PREFIX}TRUSTED_PROXIES: write addresses or networks, such as 127.0.0.1 or 10.0.0.0/8")
    if any(not _HOST.fullmatch(each) for each in settings.broadcast_rules.link_domains):
        faults.append(f"{PREFIX}LINK_DOMAINS: write names of hosts with commas, such as talk.example.org")
    contact = settings.security_contact
    if contact and urlsplit(contact).scheme not in {"mailto", "tel", "https"}:
        faults.append(f"{PREFIX}SECURITY_CONTACT: begin it with mailto:, tel: or https://")
    if contact and not (contact.isascii() and contact.isprintable()):
        faults.append(f"{PREFIX}SECURITY_CONTACT: one line of plain letters")
    if not settings.trial:
        faults += _production_faults(settings)
    elif bool(settings.secret_keys) != bool(settings.lookup_key):
        faults.append(f"{PREFIX}SECRET_KEYS and {PREFIX}LOOKUP_KEY belong together: set both, or neither in a trial")
    if settings.secret_keys and settings.lookup_key:
        try:
            Keys.read(settings.secret_keys, settings.lookup_key)
        except ValueError as error:
            faults.append(f"{PREFIX}SECRET_KEYS or {PREFIX}LOOKUP_KEY: {error}")
    return faults


def _database_faults(url: str) -> list[str]:
    try:
        address = with_driver(url)
    except Exception:
        return [f"{PREFIX}DATABASE_URL: use sqlite:///folder/file.db or postgresql://user:password@host/name"]
    if address.drivername.startswith("sqlite") and address.database in (None, "", ":memory:"):
        return [f"{PREFIX}DATABASE_URL: name a file, such as sqlite:///var/bigconversation.db"]
    return []


def _production_faults(settings: Settings) -> list[str]:
    faults = []
    if not settings.secret_keys:
        faults.append(f"{PREFIX}SECRET_KEYS: not set. Make one with: bigconversation doctor --new-key")
    if not settings.lookup_key:
        faults.append(f"{PREFIX}LOOKUP_KEY: not set. Make one with: bigconversation doctor --new-key")
    if not settings.public_url:
        faults.append(f"{PREFIX}PUBLIC_URL: not set. It is the address people use, such as https://talk.example.org")
    elif urlsplit(settings.public_url).scheme != "https":
        faults.append(f"{PREFIX}PUBLIC_URL: people outside this machine need https://")
    return faults


def keys_for(settings: Settings) -> tuple[Keys, bool]:
    """The keys in force, and whether they were made just now (a trial's first start)."""
    if settings.secret_keys:
        return Keys.read(settings.secret_keys, settings.lookup_key), False
    beside = _trial_keys(settings)
    made = _make_trial_keys(beside)
    return _read_trial_keys(beside), made


def has_keys(settings: Settings) -> bool:
    """Whether there are keys already, so that asking for them makes none."""
    return bool(settings.secret_keys) or _trial_keys(settings).exists()


def _trial_keys(settings: Settings) -> Path:
    file = sqlite_file(settings.database_url)
    return (file or Path("var/bigconversation.db")).with_name("trial-keys")


def _read_trial_keys(file: Path) -> Keys:
    """The keys in the file; another process may be writing them this very moment."""
    for _ in range(40):
        written = file.read_text().split()
        if len(written) >= 2:
            break
        time.sleep(0.05)
    try:
        return Keys.read(*written[:2])
    except (TypeError, ValueError):
        raise BadSettings(f"{file} does not hold two keys. Put back the one that was made with the database.") from None


def _make_trial_keys(file: Path) -> bool:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(made, "w") as out:
        out.write(f"{new_key()}\n{new_key()}\n")
        out.flush()
        os.fsync(out.fileno())
    return True
