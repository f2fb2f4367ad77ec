"""Restraint: whatever is published, one person is told so much in a minute, and all of it in the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.restraint import LATER, UNASKED, Restraint
from storage.deliveries import Lane
from tests.bot.test_sender import Clock, Post, posted, until
from tests.fakes.botapi import BotApi

PUBLISHED = UNASKED.burst + 2


def test_never_more_than_ten_in_any_minute() -> None:
    now = [datetime(2026, 11, 22, 12, tzinfo=UTC)]
    restraint, sent = Restraint(lambda: now[0]), []
    for _ in range(3000):
        if restraint.until("somebody") is None:
            sent.append(now[0])
        now[0] += timedelta(seconds=0.1)
    assert max(sum(each <= other < each + timedelta(minutes=1) for other in sent) for each in sent) <= 10
    assert len(sent) == UNASKED.burst + 300 * UNASKED.per_second - 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_is_told_too_much_is_told_the_rest_later_and_answered_at_once(
    tmp_path: Path, bot_api: BotApi, database_url: str
) -> None:
    clock = Clock()
    async with posted(tmp_path, bot_api, clock, database_url) as post:
        loaded = await post.somebody(1)
        versions = [await post.publish() for _ in range(PUBLISHED)]
        await until(lambda: _accepted(post), UNASKED.burst)
        other = await post.somebody(2)
        await post.publish()
        await other.hears(1)
        await post.reply(1, "You asked, and here it is.")
        await bot_api.until(lambda: loaded.messages[-1].text.startswith("You asked"))
        assert len(loaded.messages) == UNASKED.burst + 1
        await until(lambda: _waiting(post, versions), versions[UNASKED.burst :])
        for left in (2, 1, 0):
            clock.go(seconds=LATER.total_seconds())
            post.sender.wake()
            await until(lambda: _accepted(post), PUBLISHED + 2 - left)
    assert len(loaded.messages) == PUBLISHED + 2


async def _accepted(post: Post) -> int:
    return len([row for row in await post.rows() if row.state == "accepted" and row.lane > Lane.REPLY])


async def _waiting(post: Post, versions: list[str]) -> list[str]:
    return [row.source for row in await post.rows() if row.state == "waiting" and row.source in versions]
