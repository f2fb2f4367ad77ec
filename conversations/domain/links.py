"""Links in what somebody writes to many: to addresses that an operator allows, and to nothing else.

Whatever a channel might make into a link counts as one: an address, a bare name with a dot, a mention. A link that
passes is https, its host is one of those allowed to the letter, and nothing in it leads elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

_DOTS = dict.fromkeys(map(ord, "。．｡․﹒"), ".")
_SLASHES = dict.fromkeys(map(ord, "⁄∕／⧸⟋"), "/")
_SCHEMES = "mailto|javascript|data|tg|tel|sms|file|vbscript|intent"
_SCHEME = re.compile(rf"[a-z][a-z0-9+.\-]*:(?://|\\\\|/)|\b(?:{_SCHEMES}):\S")
_BARE = re.compile(r"(?:[^\W_](?:[\w\-]*[^\W_])?\.)+(?:xn--[\w\-]+|[^\W\d_]{2,})(?=$|[^\w])")
_NUMBERED = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b0x[0-9a-f]+\b|\[[0-9a-f:]+\]")
_MENTION = re.compile(r"(?:^|[^\w])@\w")
_TRAILING = ".,;:!?)\"'”’»]"
_ABBREVIATED = re.compile(r"(?:[a-z]\.)+[a-z]?|[ap]\.m\.?")


def forbidden_link(words: str, allowed: Collection[str]) -> str:
    """The first thing in these words that a channel might make into a link and that may not be sent; empty where there
    is none. `allowed` are names of hosts, such as talk.example.org."""
    for written in words.split():
        bare = written.strip("(“\"'‘«[" + _TRAILING)
        if _leads_somewhere(_unmasked(written)) and not _may_be_sent(bare, allowed):
            return bare
    return ""


def _unmasked(written: str) -> str:
    """As a browser would read it: one kind of dot and slash, compatible letters as one, escapes opened."""
    return unicodedata.normalize("NFKC", unquote(written).translate(_DOTS | _SLASHES)).casefold()


def _leads_somewhere(read: str) -> bool:
    if _SCHEME.search(read) or _MENTION.search(read) or _NUMBERED.search(read) or "www." in read or "\\\\" in read:
        return True
    return any(not _ABBREVIATED.fullmatch(found[0]) for found in _BARE.finditer(read))


def _may_be_sent(link: str, allowed: Collection[str]) -> bool:
    if not link.isascii() or not link.isprintable() or any(each in link for each in "@\\<>\"`{}|^'"):
        return False
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return False
    host, _, rest = re.sub(r"^https://", "", link).partition("/")
    inside = unquote(unquote(f"/{rest}")).casefold()
    elsewhere = any(each in inside for each in ("//", "\\", "@", "www.")) or re.search(r"[a-z]+:", inside)
    named = _BARE.search(re.sub(r"\.(?:html|ics|pdf)\b", "", inside))
    known = host.removesuffix(":443").lower() in allowed and parts.scheme == "https" and port in (None, 443)
    return known and not elsewhere and not named
