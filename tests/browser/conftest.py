"""Chromium for the tests of this folder, where there is one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.players import CHROMIUM, chromium
from tests.service import Service, serving


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs Chromium, and says so."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not os.access(CHROMIUM, os.X_OK):
                item.add_marker(pytest.mark.skip(reason=f"needs Chromium: there is none at {CHROMIUM} (set CHROMIUM)"))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with chromium() as launched:
        yield launched


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """The whole service on loopback, with the sample open."""
    async with serving(tmp_path) as running:
        yield running
