"""Hostile input against the real program: mutated updates and requests, words of every bad kind in every field, forged
webhooks. Meanwhile somebody else answers in peace."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bot.opening import opened
from bot.settings import Settings
from tests.fakes.botapi import BotApi
from tests.torture.hostile_assault import Besieged
from tests.torture.hostile_fields import Fields, documents
from tests.torture.hostile_forged import forge, rows
from tests.torture.hostile_strings import hostile_strings
from tests.torture.program import WEBHOOK_SECRET, Program, databases, settings_for
from tests.torture.verdict import Asked, Verdict, in_rounds

FULL = 1_000_000
PROMISE = "mutated updates and requests, hostile words in every field and forged webhooks break, keep and delay nothing"
ROUND, SIDES = 50_000, 2
AT_THE_WEB = 5
"""Of so many one is a request to the web; the others are updates."""

FORGED_OF, WORDS_OF, MOST_WORDS = 100, 50, 1000
PATIENCE = 1.0


async def run(asked: Asked) -> Verdict:
    """Each round has two programs, each with a database and a Telegram of its own: one leaves half the cores idle."""
    words = list(hostile_strings(asked.dice("words").randrange(1_000_000), min(MOST_WORDS, asked.size // WORDS_OF)))
    sizes = in_rounds(asked.size, ROUND)
    sides = SIDES * len(sizes)
    spawned = multiprocessing.get_context("spawn")
    with databases(asked.database) as new, ProcessPoolExecutor(1, mp_context=spawned) as readers:

        async def play(place: int, size: int) -> Verdict:
            async with asyncio.TaskGroup() as group:
                played = [
                    group.create_task(_side(asked, new, side, size // SIDES, words[side::sides], readers))
                    for side in range(SIDES * place, SIDES * (place + 1))
                ]
            verdict = Verdict()
            for each in played:
                verdict.add(each.result())
            return verdict

        return await asked.rounds(sizes, play)


async def _side(
    asked: Asked, new: Callable[[Path], str], side: int, size: int, words: list[str], readers: ProcessPoolExecutor
) -> Verdict:
    with tempfile.TemporaryDirectory(prefix="bc-") as name:
        folder = Path(name)
        async with BotApi() as api:
            settings = settings_for(folder, new(folder), api)
            program = Program(settings, folder / "log", webhook=True)
            async with program.running():
                reading = asyncio.get_running_loop().run_in_executor(readers, documents, words)
                verdict = await _besieged(asked, side, size, program, api, words)
                verdict.broken += await reading
            verdict.broken += [f"logged: {each}" for each in _complaints(program)[:20]]
            return verdict


def _complaints(program: Program) -> list[str]:
    """Each error in the program's log, with what follows it."""
    log = program.log.read_text(errors="replace")
    return [log[found.start() :][:3000] for found in re.finditer(r"^\S+ \S+ ERROR ", log, re.MULTILINE)]


async def _besieged(asked: Asked, side: int, size: int, program: Program, api: BotApi, words: list[str]) -> Verdict:
    seed = asked.dice(side).randrange(1_000_000)
    settings = Settings(**{**program.settings, "port": program.port, "public_url": program.base})  # type: ignore[arg-type]
    async with opened(settings) as house:
        await api.until(lambda: api.count("setMyShortDescription") >= 2, timeout=30)
        before, calls = await rows(house.database), len(api.calls)
        statuses, faults = await forge(program.base, WEBHOOK_SECRET, seed, max(20, size // FORGED_OF))
        after = await rows(house.database)
        faults += [] if before == after else [f"forged webhooks left rows: {before} became {after}"]
        faults += [] if len(api.calls) == calls else ["forged webhooks had something sent"]
        fields = Fields(program.base, WEBHOOK_SECRET, api, house)
        await fields.all(words)
        faults += fields.faults
        requests = size // AT_THE_WEB
        result = await Besieged(program.base, WEBHOOK_SECRET, api, house).assault(seed, size - requests, requests)
    faults += result.faults
    if result.wait > PATIENCE:
        late = sum(each > PATIENCE for each in result.waits)
        faults.append(f"the bystander waited {result.wait:.2f} s, and {late} of {len(result.waits)} times too long")
    figures = {
        "updates": size - requests, "requests": requests, "forged": sum(statuses.values()), "words a field": len(words),
        "conversations": result.conversations, "bystander answers": result.stored, "bystander waited": result.wait,
    }  # fmt: skip
    return Verdict(dict(figures), faults[:50])
