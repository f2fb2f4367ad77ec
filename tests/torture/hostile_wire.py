"""The wire: requests as bytes, well-formed or not, on connections of our own; no client library tidies them up."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

PATIENCE = 30.0
LINE = 256 * 1024


@dataclass(frozen=True)
class Wired:
    """One request as it goes over the wire. `whole` says that it is well-formed HTTP, so that an answer is owed."""

    head: bytes
    body: bytes = b""
    whole: bool = True

    @property
    def told(self) -> str:
        """The request for a report: its first line, and how it goes on."""
        return f"{self.head[:120]!r} … {self.body[:80]!r} ({len(self.body)} bytes)"


@dataclass
class Wire:
    """One keep-alive connection to a server, opened again whenever it was closed."""

    base: str
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def ask(self, wired: Wired) -> tuple[int, bytes]:
        """Sends a request; the status and body it got. Status 0 when the server closed without a word."""
        for _ in range(2):
            kept = self._writer is not None
            try:
                async with asyncio.timeout(PATIENCE):
                    status, body = await self._once(wired)
            except (OSError, asyncio.IncompleteReadError):
                status, body = 0, b""
                await self.close()
            if status or not kept:  # a kept connection may have been closed just as we wrote
                return status, body
        return status, body

    async def _once(self, wired: Wired) -> tuple[int, bytes]:
        reader, writer = await self._open()
        writer.write(wired.head + wired.body)
        if not wired.whole:
            writer.write_eof()
        head, status = b"", 100
        while status < 200:  # "go on" comes before the answer, to whoever said Expect
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            status = int(head.split(b" ", 2)[1])
        body = b""
        if b"text/event-stream" in head:
            await self.close()
        elif not wired.head.startswith(b"HEAD ") and status not in (204, 304):
            body = await self._body(reader, head)
        if not wired.whole or b"\r\nconnection: close" in head:
            await self.close()
        return status, body

    @staticmethod
    async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
        if b"\r\ntransfer-encoding: chunked" in head:
            body = b""
            while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readexactly(2)
            return body
        length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
        return await reader.readexactly(int(length)) if length else b""

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader is None or self._writer is None:
            at = urlsplit(self.base)
            self._reader, self._writer = await asyncio.open_connection(at.hostname, at.port, limit=LINE)
        return self._reader, self._writer

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def posted(path: str, body: bytes, headers: dict[str, str], method: str = "POST") -> Wired:
    """A well-formed request with a body."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return Wired("\r\n".join([*lines, "", ""]).encode("latin-1"), body)
