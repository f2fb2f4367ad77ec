"""Seeded: each planted bug must be found by the part that judges it. A judge that misses one proves nothing."""

from __future__ import annotations

from dataclasses import replace

from tests.torture import fanout, kills, power, redelivery
from tests.torture.bugs import BUGS
from tests.torture.verdict import Asked, Verdict

FULL = len(BUGS)
PROMISE = "every bug that is planted in the program on purpose is found"
SIZES = {"kills": 8, "fanout": 200, "power": 9, "redelivery": 60}
TRIES = 6
"""A kill finds some bugs only by chance, in the moment between two lines."""

_RUN = {"kills": kills.run, "fanout": fanout.run, "power": power.run, "redelivery": redelivery.run}


async def run(asked: Asked) -> Verdict:
    """The first `size` bugs, one after the other; with `bug`, that one."""
    names = [asked.bug] if asked.bug else list(BUGS)[: asked.size]
    return await asked.rounds([1] * len(names), lambda place, _: _find(asked, names[place]))


async def _find(asked: Asked, name: str) -> Verdict:
    bug, verdict = BUGS[name], Verdict({"planted": 1, "found": 0})
    for attempt in range(TRIES):
        asked.tell(f"{bug.told}, try {attempt + 1}")
        said = await found(name, asked, asked.seed + attempt)
        if said:
            verdict.count("found")
            verdict.details[f"{bug.told} → {said}"] = attempt + 1
            return verdict
    verdict.broken.append(f"not found: {bug.told}")
    return verdict


async def found(name: str, asked: Asked, seed: int) -> str:
    """What the judge says of a program with this bug; nothing when it finds no fault."""
    part = BUGS[name].part
    told = await _RUN[part](replace(asked, part=part, bug=name, seed=seed, size=SIZES[part], kept=None, resume=False))
    return told.broken[0] if told.broken else ""
