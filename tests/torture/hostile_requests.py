"""Hostile requests to every route: methods, addresses, headers, cookies and bodies that no browser sends."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import quote, quote_plus, urlencode

from bot.access import ROUTES
from tests.torture.hostile_strings import hostile
from tests.torture.hostile_wire import Wired

METHODS = (
    "GET",
    "GET",
    "GET",
    "POST",
    "POST",
    "HEAD",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "A" * 40,
)
FIELDS: dict[str, tuple[str, ...]] = {
    "/chat": ("event", "prompt", "choice", "standing", "done", "choices", "words", "order.A", "order.B", "lang"),
    "/chat/return": ("code", "lang"),
    "/correct": ("key", "now", "better", "why"),
    "/desk": (
        "csrf",
        "do",
        "seen",
        "kind",
        "questions",
        "reason",
        "headline.en",
        "said.en",
        "did.cy",
        "why.en",
        "decided.en",
        "q",
        "of",
        "page",
    ),
}
QUERIES = ("topic", "lang", "fragment", "key", "done", "v", "q", "of", "page", "x")
HEADERS = (
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Referer",
    "Origin",
    "Sec-Fetch-Site",
    "X-Requested-With",
    "X-Forwarded-For",
    "Forwarded",
    "Expect",
    "Upgrade",
    "Connection",
    "Cookie",
    "Authorization",
    "User-Agent",
    "TE",
    "Content-Encoding",
    "X-Telegram-Bot-Api-Secret-Token",
    "Last-Event-ID",
    "X-HTTP-Method-Override",
)
TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nope",
    'application/x-www-form-urlencoded; charset="',
    "application/x-www-form-urlencoded; charset=hex",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "multipart/mixed; boundary=x",
    "application/json",
    "text/plain",
    "",
    "multipart/form-data; boundary=" + "x" * 200,
    "/",
    "a/b/c;;;",
    "image/png",
    "multipart/form-data; charset=utf-7; boundary=x",
)
KNOWN = {"topic": "SAFE", "consultation": "fair-future", "file": "site.css", "token": "x", "version": "x"}
LARGEST = 256 * 1024


@dataclass(frozen=True)
class Places:
    """What a hostile person may know: their own chat, an officer's session with its token, a page of the desk."""

    chat: str = "none"
    desk: str = "none"
    csrf: str = "none"
    version: str = "x"


@dataclass
class Requests:
    """Makes hostile requests; the same for the same seed and places."""

    seed: int
    places: Places
    secret: str = ""
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def __iter__(self) -> Iterator[Wired]:
        while True:
            yield self._broken() if self.dice.random() < 0.08 else self._one()

    def _maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def _one(self) -> Wired:
        declared, path = self.dice.choice([*ROUTES])
        method = declared if self._maybe(0.7) else self.dice.choice(METHODS)
        asked = [(self.dice.choice(QUERIES), self._words(300)) for _ in range(self.dice.randint(0, 2))]
        query = urlencode(asked)
        target = self._filled(path) + (f"?{query}" if query else "")
        if self._maybe(0.05):
            target += self.dice.choice(
                ("?%", "?&&==", "#x", "?a=%00", "?a=%ED%A0%80", "?" + "a=1&" * 300, ";x", "?topic=%FF%FE")
            )
        body, kind = self._body(path) if method not in ("GET", "HEAD") or self._maybe(0.05) else (b"", "")
        lines = [f"{method} {target} HTTP/1.1".encode(), b"Host: 127.0.0.1", b"Cookie: " + self._cookies(path)]
        lines += [self._header() for _ in range(self.dice.randint(0, 3))]
        lines += [b"Content-Type: " + kind.encode()] if kind else []
        lines += [b"Sec-Fetch-Site: same-origin"] if self._maybe(0.85) else []  # else it is refused at the door
        if body and self._maybe(0.2):
            return Wired(_head([*lines, b"Transfer-Encoding: chunked"]), self._chunked(body))
        return Wired(_head([*lines, b"Content-Length: %d" % len(body)]), body)

    def _words(self, most: int) -> str:
        return hostile(self.dice)[:most].encode("utf-8", "surrogatepass").decode("utf-8", "replace")

    def _filled(self, path: str) -> str:
        known = KNOWN | {"version": self.places.version}
        for name, value in known.items():
            filled = value if self._maybe(0.7) else quote(self._words(80), safe="") or "%00"
            path = path.replace(f"{{{name}}}", filled)
        return path

    def _cookies(self, path: str) -> bytes:
        kept = f"chat={self.places.chat}; desk={self.places.desk}".encode()
        if path == "/desk/out":
            kept = b"desk=none"
        if self._maybe(0.75):
            return kept
        name = self.dice.choice((b"chat", b"desk", b"x", b""))
        return self.dice.choice((b"", kept + b"; ", b"; ")) + name + b"=" + _line(hostile(self.dice)[:200])

    def _header(self) -> bytes:
        name = self.dice.choice(HEADERS)
        if name in ("Expect", "Upgrade", "Connection", "Content-Encoding") and self._maybe(0.8):
            name = "X-Other"
        if name == "Expect":  # one that is no UTF-8 gets a 500 from aiohttp itself (3.13), before any code of ours
            return b"Expect: " + self.dice.choice((b"100-continue", b"200-ok", b"", b"%s", b"x" * 3000))
        return name.encode() + b": " + _line(hostile(self.dice)[: self.dice.choice((20, 200, 4000))])

    def _body(self, path: str) -> tuple[bytes, str]:
        if path == "/telegram":
            return hostile(self.dice).encode("utf-8", "surrogatepass"), "application/json"
        lot = self.dice.random()
        if lot < 0.6:
            return self._form(path), TYPES[0]
        if lot < 0.8:
            return self._multipart(path), "multipart/form-data; boundary=x"
        if lot < 0.83:
            return b"words=" + b"a" * (LARGEST + self.dice.randint(-10, 5000)), TYPES[0]
        return self.dice.choice((self._form(path), self.dice.randbytes(100), self._multipart(path))), self.dice.choice(
            TYPES
        )

    def _pairs(self, path: str) -> list[tuple[str, str]]:
        family = next((each for each in FIELDS if path.removeprefix("/cy").startswith(each)), "/chat")
        family = path if path in FIELDS else family
        names = self.dice.choices(FIELDS[family], k=self.dice.randint(0, 5))
        pairs = [(name if self._maybe(0.95) else hostile(self.dice)[:50], hostile(self.dice)) for name in names]
        csrf = [("csrf", self.places.csrf)] if family == "/desk" and self._maybe(0.9) else []
        return csrf + [(name, value[: self.dice.choice((30, 3000, 60_000))]) for name, value in pairs]

    def _form(self, path: str) -> bytes:
        quoted = [(_quoted(name), _quoted(value)) for name, value in self._pairs(path)]
        return "&".join(f"{name}={value}" for name, value in quoted).encode()[:LARGEST]

    def _multipart(self, path: str) -> bytes:
        parts = []
        for name, value in self._pairs(path):
            file = self.dice.choice(("", "", '; filename="../../x"', '; filename="\x00"', "; filename*=nope''%ff"))
            more = self.dice.choice(
                (
                    "",
                    "",
                    "\r\nContent-Type: text/html",
                    "\r\nContent-Transfer-Encoding: base64",
                    "\r\nContent-Length: 99",
                )
            )
            head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}{more}\r\n\r\n'
            parts.append((head + value + "\r\n").encode("utf-8", "surrogatepass"))
        return b"".join(parts) + self.dice.choice((b"--x--\r\n", b"--x--", b"", b"--x"))

    def _chunked(self, body: bytes) -> bytes:
        size = self.dice.choice((1, 7, 1000)) if len(body) < 2000 else 4000
        pieces = [body[start : start + size] for start in range(0, len(body), size)]
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    def _broken(self) -> Wired:
        """What is no HTTP, or less than it says."""
        long = b"a" * 20_000
        made: tuple[Callable[[], bytes], ...] = (
            lambda: self.dice.randbytes(200) + b"\r\n\r\n",
            lambda: b"GET /chat HTTP/9.9\r\nHost: x\r\n\r\n",
            lambda: b"GET " + long + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            lambda: b"GET / HTTP/1.1\r\nHost: x\r\nX: " + long + b"\r\n\r\n",
            lambda: b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nwords=short",
            lambda: b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            lambda: (
                b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nZ\r\nx\r\n"
            ),
            lambda: b"POST /chat HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nx",
            lambda: (
                b"POST /correct HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"
            ),
            lambda: _zipped(b"words=" + b"a" * 5_000_000),
            lambda: b"GET /chat\r\n\r\n",
            lambda: b"GET http://[::1:/ HTTP/1.1\r\nHost: x\r\n\r\n",
            lambda: b"GET //a/../../b HTTP/1.1\r\nHost: " + _line(hostile(self.dice)[:60]) + b"\r\n\r\n",
            lambda: b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\nbad name : z\r\n\r\n",
        )
        return Wired(self.dice.choice(made)(), whole=False)


@cache
def _zipped(body: bytes) -> bytes:
    packed = gzip.compress(body, 1)
    head = [
        b"POST /chat HTTP/1.1",
        b"Host: x",
        b"Content-Encoding: gzip",
        b"Content-Type: application/x-www-form-urlencoded",
    ]
    return _head([*head, b"Content-Length: %d" % len(packed)]) + packed


def _quoted(words: str) -> str:
    return quote_plus(words.encode("utf-8", "surrogatepass"))


def _head(lines: list[bytes]) -> bytes:
    return b"\r\n".join([*lines, b"", b""])


def _line(words: str) -> bytes:
    """Words as one header line: bytes of any value, but no end of line and no NUL, which no server takes."""
    return words.encode("utf-8", "surrogatepass").translate(None, b"\r\n\0")
