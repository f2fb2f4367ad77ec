"""Sealing: what may be read only with a key, and the keyed hash that finds an address without reading it.

AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce each time; the associated data names table, column and row,
so that a sealed value moved elsewhere does not open. The ring's first key seals; every key opens.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = 4
"""Bytes at the front of a sealed value that tell which key sealed it."""
_NONCE = 12
RING = ("marks", "value", "ring")
"""The place of the value that tries, at every start, whether the ring is this database's."""


class Unopenable(Exception):
    """A sealed value that no key of the ring opens: the keys are not the ones it was sealed with."""


def new_key() -> str:
    """A new 256-bit key, as it is written in settings."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def read_key(written: str) -> bytes:
    """The key a setting holds. Raises ValueError when it is not 32 bytes in base64."""
    try:
        key = base64.urlsafe_b64decode(written.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise ValueError("a key is 32 bytes in base64, 44 characters. Make one with: bigconversation doctor --new-key")
    return key


@dataclass(frozen=True)
class Keys:
    """The key ring that seals, and the key that looks addresses up."""

    ring: tuple[bytes, ...]
    lookup: bytes

    @classmethod
    def read(cls, secret_keys: str, lookup_key: str) -> Keys:
        """Keys from settings: a comma-separated ring, newest first, and the look-up key."""
        ring = tuple(read_key(written) for written in secret_keys.split(",") if written.strip())
        if not ring:
            raise ValueError("the ring has no key")
        return cls(ring, read_key(lookup_key))

    def seal(self, plain: str, table: str, column: str, row: str) -> bytes:
        """The sealed form of a text that belongs in one place."""
        nonce, key = os.urandom(_NONCE), self.ring[0]
        sealed = self._ciphers[key].encrypt(nonce, plain.encode(), _place(table, column, row))
        return self._marks[key] + nonce + sealed

    @cached_property
    def _marks(self) -> dict[bytes, bytes]:
        return {key: _mark(key) for key in self.ring}

    @cached_property
    def older_marks(self) -> tuple[bytes, ...]:
        """How values begin that an older key of the ring sealed."""
        return tuple(self._marks[key] for key in self.ring[1:] if key != self.ring[0])

    @cached_property
    def _ciphers(self) -> dict[bytes, AESGCM]:
        return {key: AESGCM(key) for key in self.ring}

    def open(self, sealed: bytes, table: str, column: str, row: str) -> str:
        """The text that was sealed for this place. Raises Unopenable."""
        mark, nonce, rest = sealed[:MARK], sealed[MARK : MARK + _NONCE], sealed[MARK + _NONCE :]
        for key in self.ring:
            if hmac.compare_digest(self._marks[key], mark):
                try:
                    return self._ciphers[key].decrypt(nonce, rest, _place(table, column, row)).decode()
                except (InvalidTag, ValueError):  # another place, changed, or broken off
                    continue
        raise Unopenable(f"{table}.{column} cannot be opened with these keys")

    def find(self, kind: str, value: str) -> str:
        """The keyed hash under which a value is looked up (HMAC-SHA-256, 64 hex digits). Any value has one: a cookie
        that is no text at all is found nowhere, as it should be."""
        return hmac.digest(self.lookup, f"{kind}\0{value}".encode("utf-8", "surrogatepass"), "sha256").hex()

    def check(self) -> str:
        """A short digest that tells whether a database belongs to this look-up key."""
        return self.find("check", "keys")[:16]


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"mark" + key).digest()[:MARK]


def _place(table: str, column: str, row: str) -> bytes:
    return f"{table}\0{column}\0{row}".encode()
