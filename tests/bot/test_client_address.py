"""Who asks, as limits count them: the peer, or what a proxy named by the operator says of it; nobody else."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.doors.pages import HOUSE, client_address
from bot.house import House
from bot.settings import Settings
from tests.service import Service, serving


def asked(peer: str, *forwarded: str, trusted: str = "") -> str:
    app = web.Application()
    app[HOUSE] = cast(House, SimpleNamespace(settings=Settings(trusted_proxies=trusted)))
    headers = CIMultiDict([("X-Forwarded-For", each) for each in forwarded])
    return client_address(make_mocked_request("GET", "/", headers=headers, app=app).clone(remote=peer))


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "127.0.0.1", "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", ["8.8.8.8, 198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", ["8.8.8.8", "198.51.100.1"], "127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", ["8.8.8.8, 198.51.100.1, 10.0.0.7"], "127.0.0.1, 10.0.0.0/8", "198.51.100.1"),
        ("127.0.0.1", ["8.8.8.8, made up"], "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1", "127.0.0.1"),
        ("::1", ["2001:db8::5"], "::1", "2001:db8::5"),
        ("", ["198.51.100.1"], "127.0.0.1", ""),
    ],
)
def test_only_a_named_proxy_is_believed_and_only_its_own_word(
    peer: str, forwarded: list[str], trusted: str, found: str
) -> None:
    assert asked(peer, *forwarded, trusted=trusted) == found


async def tried(service: Service, who: str) -> int:
    asking: Any = {"code": "nobody's code"}
    headers = {"X-Forwarded-For": who}
    async with service.client.post(f"{service.base}/chat/return", data=asking, headers=headers) as answer:
        return answer.status


async def test_behind_a_named_proxy_one_person_who_tries_too_often_stops_nobody_else(tmp_path: Path) -> None:
    async with serving(tmp_path, trusted_proxies="127.0.0.1") as service:
        assert [await tried(service, "192.0.2.1") for _ in range(11)] == [422] * 10 + [429]
        assert await tried(service, "192.0.2.2") == 422
        assert await tried(service, "192.0.2.9, 192.0.2.1") == 429
