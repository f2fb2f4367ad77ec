"""Starts the program with a plan: where it is to stop dead, and which bug is planted in it. The program itself knows
nothing of this; what is named is wrapped from outside.

    python -m tests.torture.launcher serve      runs it, by the plan in TORTURE_PLAN
    python -m tests.torture.launcher            waits for plans on its input and runs each in a fork: everything is
                                                imported already, so a restart takes a third of a second, not two
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import json
import os
import resource
import selectors
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

VARIABLE = "TORTURE_PLAN"


@dataclass(frozen=True)
class Plan:
    """What is done to one life of the program. `passage`: at which passage of the point it dies. `lease` shortens the
    leases of the dead, in seconds, so that five hundred kills fit into an evening; `turn_lease` that of being the one
    who sends the news. `core` is the only processor it may use, `memory` the most it may ask for, in bytes."""

    point: str = ""
    passage: int = 1
    bug: str = ""
    lease: float = 0.0
    turn_lease: float = 0.0
    core: int | None = None
    memory: int = 0

    def as_json(self) -> str:
        return json.dumps(self.__dict__)


@dataclass(frozen=True)
class Point:
    """A place in the program: just before or just after a function of it runs."""

    function: str
    after: bool = False


POINTS = {
    "a turn has begun, nothing is written": Point("bot.turns:Turns._turn"),
    "people are met, nothing is heard": Point("storage.people:meet", after=True),
    "the event is noted, nothing is done": Point("storage.dialogues:hear_once", after=True),
    "the effects are done, nothing is queued": Point("bot.turns:play", after=True),
    "the reply is queued, nothing is committed": Point("storage.deliveries:queue_replies", after=True),
    "committed, nothing is sent": Point("bot.sender:Sender.nudge"),
    "committed, nothing is acknowledged": Point("bot.turns:Turns.take", after=True),
    "an update is heard, the webhook has no 200": Point("bot.doors.telegram:TelegramDoor.hear", after=True),
    "a page is taken, the offset stands": Point("bot.doors.telegram:TelegramDoor._take_page", after=True),
    "claimed, not sent": Point("bot.channels.telegram:TelegramChannel.send"),
    "sent, not settled": Point("bot.channels.telegram:TelegramChannel.send", after=True),
    "outcomes are known, none is written": Point("bot.outcomes:Batch.write"),
    "settled, not committed": Point("storage.deliveries:settle", after=True),
    "outcomes are committed": Point("bot.sender:Sender._settle_now", after=True),
    "taken over, not committed": Point("storage.deliveries:claim", after=True),
    "the web turn is committed, no page is drawn": Point("bot.doors.chat:_draw"),
    "news is rendered, not committed": Point("bot.feedback:prepare", after=True),
    "a batch of news is in hand": Point("bot.bulk:Bulk._take_in_hand"),
    "a round of news begins, what was accepted is not written": Point("bot.bulk:Bulk._round"),
    "a round of news is committed": Point("bot.bulk:Bulk._round", after=True),
    "the lease of the news is taken": Point("storage.pulse:hold_lease", after=True),
    "totals are rolled up, not committed": Point("storage.tallies:replace", after=True),
}


NEWS_POINTS = (
    "news is rendered, not committed",
    "a batch of news is in hand",
    "a round of news begins, what was accepted is not written",
    "a round of news is committed",
)
"""Points that matter only while there is news to tell."""


@dataclass
class _Death:
    """Dies at the passage it is told."""

    passage: int
    passed: int = field(default=0)

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.passage:
            os.kill(os.getpid(), signal.SIGKILL)


def place_of(function: str) -> tuple[Any, str]:
    """Where `module:name` or `module:Class.name` is: its owner, and its name there. Raises when it is not there."""
    module, _, name = function.partition(":")
    owner: Any = importlib.import_module(module)
    *above, last = name.split(".")
    for each in above:
        owner = getattr(owner, each)
    if not callable(getattr(owner, last)):
        raise TypeError(f"{function} cannot be called")
    return owner, last


def replace(function: str, make: Callable[[Any], Any]) -> None:
    """Puts what `make` makes of a function in its place."""
    owner, name = place_of(function)
    setattr(owner, name, make(getattr(owner, name)))


def at_point(point: Point, what: Callable[[], None]) -> None:
    """Does something each time the program comes by a point."""

    def make(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def awaited(*given: Any, **named: Any) -> Any:
            if not point.after:
                what()
            result = await function(*given, **named)
            if point.after:
                what()
            return result

        @functools.wraps(function)
        def called(*given: Any, **named: Any) -> Any:
            if not point.after:
                what()
            result = function(*given, **named)
            if point.after:
                what()
            return result

        return awaited if inspect.iscoroutinefunction(function) else called

    replace(point.function, make)


def follow(plan: Plan) -> None:
    """Prepares this process for its plan."""
    _confine(plan)
    from bot import bulk, sender
    from storage import deliveries

    if plan.lease:
        deliveries.LEASE = timedelta(seconds=plan.lease)
        sender.MEMORY, bulk.LEASE = 0.75 * plan.lease, plan.turn_lease or 0.75 * plan.lease
        sender.IDLE_SECONDS = min(sender.IDLE_SECONDS, plan.lease / 5)
    if plan.bug:
        from tests.torture.bugs import BUGS

        BUGS[plan.bug].plant()
    if plan.point:
        at_point(POINTS[plan.point], _Death(plan.passage))


def _confine(plan: Plan) -> None:
    """RLIMIT_AS would count what SQLite only maps and threads only reserve; RLIMIT_DATA counts what may be written."""
    if plan.core is not None:
        os.sched_setaffinity(0, {plan.core})
    if plan.memory:
        resource.setrlimit(resource.RLIMIT_DATA, (plan.memory, plan.memory))


def run(arguments: list[str]) -> None:
    """The program, as its command line runs it."""
    from bot.commands import run as command

    sys.argv = ["bigconversation", *arguments]
    command()


# The stable: lives are forked from a process that has everything imported


_living: set[int] = set()


def _stable() -> None:
    import bot.app
    import bot.commands
    import bot.serving  # noqa: F401

    readable, written = os.pipe()
    os.set_blocking(written, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    waiting = selectors.DefaultSelector()
    waiting.register(0, selectors.EVENT_READ)
    waiting.register(readable, selectors.EVENT_READ)
    asked = b""
    while True:
        for key, _ in waiting.select():
            got = os.read(key.fd, 65536)
            if key.fd == readable:
                _tell_of_the_dead()
                continue
            if not got:  # whoever asked is gone, and nothing is left behind
                for pid in _living:
                    os.killpg(pid, signal.SIGKILL)
                return
            *lines, asked = (asked + got).split(b"\n")
            for line in lines:
                _tell(pid=_fork(json.loads(line), readable, written))


def _tell(**what: int) -> None:
    print(json.dumps(what), flush=True)


def _tell_of_the_dead() -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            _living.discard(ended[0])
            _tell(dead=ended[0], code=os.waitstatus_to_exitcode(ended[1]))


def _fork(asked: dict[str, Any], *pipe: int) -> int:
    pid = os.fork()
    if pid:
        _living.add(pid)
        return pid
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _only_its_log(asked["log"], pipe)
        os.environ.update(asked["environment"])
        follow(Plan(**json.loads(asked["plan"])))
        run(asked["arguments"])
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _only_its_log(log: str, pipe: Iterable[int]) -> None:
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for own, given in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(own, given)
    for each in (*pipe, out, nothing):
        os.close(each)


def main() -> None:
    if len(sys.argv) == 1:
        _stable()
        return
    follow(Plan(**json.loads(os.environ.pop(VARIABLE, "{}"))))
    run(sys.argv[1:])


if __name__ == "__main__":
    main()
