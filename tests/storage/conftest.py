"""An empty, migrated database on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from storage.database import Database, migrate, open_database
from storage.sealing import Keys, new_key


@pytest.fixture
def keys() -> Keys:
    return Keys.read(new_key(), new_key())


@pytest.fixture
async def database(database_url: str, keys: Keys) -> AsyncIterator[Database]:
    opened = open_database(database_url, keys)
    await migrate(opened)
    yield opened
    await opened.close()
