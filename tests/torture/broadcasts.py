"""Broadcasts: one is stopped at a random moment, again and again; and in another people say STOP all the while it runs.

The judge is a strict Bot API server that takes 40 ms for each call and notes when it came.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bot.bulk import most_in_hand
from bot.channels.messages import Incoming
from conversations.domain.speech import Said
from storage import actions, broadcasting
from tests.benchmarks import broadcasting as many
from tests.benchmarks.lean_telegram import FIRST_CHAT
from tests.bot.test_broadcasts import Running, stewarded
from tests.bot.test_sender import Post
from tests.fakes.botapi import BotApi
from tests.fakes.botapi_faults import Call
from tests.torture.program import databases
from tests.torture.verdict import Asked, Verdict

FULL = 100
PROMISE = "a broadcast is stopped at so many random moments, and ten times as many people say STOP in another"
PEOPLE, PER_SECOND = 300, 400.0
STOPS_PER_SECOND = 200.0
STILL_LEAVES = 2.0
"""Seconds after which nothing of what was stopped may begin any more."""
LATENCY = 0.04
PATIENCE = 120.0


async def run(asked: Asked) -> Verdict:
    """First those who say STOP, then `size` rounds that are stopped."""
    with databases(asked.database) as new:

        async def play(place: int, size: int) -> Verdict:
            with tempfile.TemporaryDirectory(prefix="bc-") as name:
                folder = Path(name)
                if place:
                    return await _stopped(asked, folder, new, place, size)
                return await _said_stop(asked, folder, new, size)

        return await asked.rounds([asked.size * 10, *[PEOPLE] * asked.size], play)


async def _stopped(asked: Asked, folder: Path, new: Callable[[Path], str], place: int, size: int) -> Verdict:
    verdict, moment = Verdict(), asked.dice(place).uniform(0.0, 1.2 * size / PER_SECOND)
    async with (
        _api() as api,
        stewarded(folder, api, new(folder), clock=Running(), per_second=PER_SECOND) as (post, steward),
    ):
        await many.fill(post.house.database, size)
        _known(api, size)
        made = await many.send(post.house.database, post.clock())
        async with post.house.database.write(post.clock()) as tx:
            await broadcasting.begin(tx, made)
        await asyncio.sleep(moment)
        stopped = time.monotonic()
        async with post.house.database.write(post.clock()) as tx:
            await broadcasting.steer(tx, many.AUTHOR, made, "stopped")
        held = time.monotonic()
        await steward.round()
        counts = await _over(post, made)
    after = [call.at for call in api.calls if call.at > held]
    verdict.count("stops")
    verdict.count("sent", counts.get("accepted", 0))
    verdict.count("withdrawn", counts.get("withdrawn", 0))
    verdict.figures |= {
        "most sent after a stop": float(len(after)),
        "seconds to the last": max([*after, held]) - stopped,
    }
    verdict.must(len(after) <= most_in_hand(PER_SECOND), f"{len(after)} went out after a stop")
    verdict.must(not after or max(after) - held <= STILL_LEAVES, "something began more than two seconds after a stop")
    verdict.must(sum(counts.values()) == size, f"the ledger holds {counts}, not {size}")
    verdict.must(set(counts) <= {"accepted", "withdrawn"}, f"something is in doubt: {counts}")
    return verdict


async def _said_stop(asked: Asked, folder: Path, new: Callable[[Path], str], size: int) -> Verdict:
    verdict, dice = Verdict(), asked.dice("stop")
    async with (
        _api() as api,
        stewarded(folder, api, new(folder), clock=Running(), per_second=STOPS_PER_SECOND) as (post, _),
    ):
        post.house.turns.nudge = post.sender.nudge
        await many.fill(post.house.database, size)
        _known(api, size)
        moments = [dice.uniform(0.0, 1.1 * size / STOPS_PER_SECOND) for _ in range(size)]
        await asyncio.gather(*(_says(post, number, "hello", 0.0) for number in range(size)))
        await api.until(lambda: api.count("sendMessage", accepted=True) >= size, PATIENCE)
        api.forget_what_is_over()
        made = await many.send(post.house.database, post.clock())
        async with post.house.database.write(post.clock()) as tx:
            await broadcasting.begin(tx, made)
        await asyncio.gather(*(_says(post, number, "STOP", moment) for number, moment in enumerate(moments)))
        counts = await _over(post, made)
        await api.until(lambda: len(_confirmed(api)) == size, PATIENCE)
    confirmed = _confirmed(api)
    late = [call for call in _news(api) if call.at > confirmed[int(call.parameters["chat_id"])]]
    verdict.figures |= {
        "said STOP": size,
        "begun after it was confirmed": len(late),
        "had it before": counts["accepted"],
    }
    verdict.must(not late, f"{len(late)} calls began after STOP was confirmed")
    verdict.must(sum(counts.values()) == size, f"the ledger holds {counts}, not {size}")
    verdict.must(counts.get("refused", 0) > size / 20, "hardly anybody said STOP in time: nothing was tried")
    return verdict


def _api() -> BotApi:
    api = BotApi()
    api.latency = LATENCY
    return api


def _known(api: BotApi, size: int) -> None:
    for number in range(size):
        api.person(FIRST_CHAT + number, known=True)


async def _says(post: Post, number: int, words: str, after: float) -> None:
    await asyncio.sleep(after)
    chat = str(FIRST_CHAT + number)
    await post.house.turns.take(Incoming("telegram", chat, f"{words}-{number}", Said(words)))


async def _over(post: Post, made: str) -> dict[str, int]:
    """How many rows of a broadcast there are in each state, once nothing of it is on its way."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with post.house.database.read() as tx:
                counts = await actions.progress(tx, made)
            if not {"waiting", "claimed", "paused"} & set(counts):
                return counts
            await asyncio.sleep(0.05)


def _news(api: BotApi) -> list[Call]:
    return [call for call in api.calls if many.AUTHOR.name in str(call.parameters.get("text", ""))]


def _confirmed(api: BotApi) -> dict[int, float]:
    """When each person's STOP was confirmed."""
    news = {id(call) for call in _news(api)}
    said = [call for call in api.calls if call.method == "sendMessage" and id(call) not in news]
    return {int(call.parameters["chat_id"]): call.at for call in said if call.parameters}
