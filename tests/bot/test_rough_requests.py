"""Requests no browser sends: each is refused in words of its kind, and none of them breaks a page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from yarl import URL

from tests.service import Service, serving

POSTED = ("/chat", "/chat/return", "/correct", "/cy/correct", "/desk/in/x")
NOT_HERE = ("POST /nowhere", "POST /telegram")
PLAIN = "application/x-www-form-urlencoded"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with serving(tmp_path) as service:
        yield service


async def status_of(service: Service, path: str, body: bytes, kind: str) -> int:
    async with service.client.post(service.base + path, data=body, headers={"Content-Type": kind}) as answer:
        return answer.status


@pytest.mark.parametrize("path", POSTED)
async def test_only_the_plain_kind_of_form_is_read(service: Service, path: str) -> None:
    broken = b'--x\r\nContent-Disposition: form-data; name="code"; filename="\x00"\r\n\r\n\r\n--x--'
    assert await status_of(service, path, broken, "multipart/form-data; boundary=x") == 415
    assert await status_of(service, path, b"words=hello", "text/plain") == 415


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("charset", ["utf-16", "nope", "hex", "idna"])
async def test_a_form_in_no_charset_we_know_is_a_bad_request(service: Service, path: str, charset: str) -> None:
    assert await status_of(service, path, b"words=\xff\xfe\xd8", f"{PLAIN}; charset={charset}") == 400


async def test_a_form_holds_nothing_that_no_database_keeps(service: Service) -> None:
    """Where it does, the event's own note cannot be written, and the turn that is set apart cannot be noted either."""
    fields = b"event=a%00b%ED%A0%80&words=hello%00&order.A=" + b"9" * 5000 + b"&done=1&choices=%00"
    assert await status_of(service, "/chat", fields, PLAIN) == 200
    assert await status_of(service, "/chat", b"standing=%00%ED%A0%80&choice=x", PLAIN) == 200


@pytest.mark.parametrize("cookie", [b"chat=\xff\xfe", b"desk=\xff\xfe; chat=\xc3"])
async def test_a_cookie_that_is_no_text_belongs_to_nobody(service: Service, cookie: bytes) -> None:
    at = urlsplit(service.base)
    for path, wanted in (("/chat", b" 200 "), ("/chat/data", b" 404 "), ("/desk", b" 401 ")):
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ".encode() + cookie + b"\r\n\r\n")
        assert wanted in await reader.readline()
        writer.close()


async def test_what_is_no_http_is_refused_and_not_logged(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    at = urlsplit(service.base)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    writer.write(b"GET /chat HTTP/1.1\r\nHost: x\r\nCookie: chat=a-canary\x0c\r\n\r\n")
    assert b" 400 " in await reader.readline()
    writer.close()
    assert "a-canary" not in caplog.text
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_an_action_by_no_name_is_not_found(tmp_path: Path, database_url: str) -> None:
    async with serving(tmp_path, database_url=database_url) as service:
        await service.desk.sign_in()
        for named in ("%00", "x%00", "%ED%A0%80", "%0A", "x" * 500):
            for path in (f"/desk/actions/{named}", f"/desk/actions/{named}/edit", f"/desk/actions/{named}/live"):
                async with service.client.get(URL(service.base + path, encoded=True)) as answer:
                    assert answer.status == 404, path


async def test_whoever_hangs_up_in_the_middle_of_a_form_is_no_failure_of_ours(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    at = urlsplit(service.base)
    for _ in range(20):
        _, writer = await asyncio.open_connection(at.hostname, at.port)
        head = "POST /correct HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 500\r\n"
        writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\n\r\nbetter=".encode())
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.transport.abort()
    await asyncio.sleep(0.2)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("target", ["GET /chat", "POST /correct", "POST /nowhere", "POST /telegram", "POST /desk/in/x"])
@pytest.mark.parametrize("packing", ["deflate", "gzip", "br", "zstd", "Identity, gzip"])
async def test_nothing_packed_is_unpacked(
    service: Service, caplog: pytest.LogCaptureFixture, target: str, packing: str
) -> None:
    """A megabyte of nothing fits in a thousand bytes, and what is packed badly breaks whoever unpacks it."""
    at = urlsplit(service.base)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    head = f"{target} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: {PLAIN}\r\n"
    writer.write(f"{head}Content-Encoding: {packing}\r\nContent-Length: 400\r\n\r\n".encode())
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.write(b"not packed at all" * 10)  # the rest comes when the answer has left
    answer = await reader.readline()
    writer.write(b"\xff" * 230)
    await asyncio.sleep(0.05)
    writer.close()
    status = int(answer.split()[1])
    assert status == (404 if target in NOT_HERE else 415)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
