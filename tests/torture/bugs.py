"""Bugs planted in the program on purpose. A judge that does not find each of them proves nothing."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from tests.torture.launcher import replace as put

_later: set[asyncio.Task[Any]] = set()


@dataclass(frozen=True)
class Bug:
    """A slip somebody could make. `part` is the part of the torture that must find it, with the program dying at
    `points` where chance alone would take long."""

    told: str
    part: str
    plant: Callable[[], None]
    points: tuple[str, ...] = ()


def _behind(work: Any) -> None:
    """Goes on with something that nobody waits for."""
    task = asyncio.ensure_future(work)
    _later.add(task)
    task.add_done_callback(_later.discard)


# What people say


def acknowledge_before_commit() -> None:
    def make(take: Any) -> Any:
        async def taken(self: Any, incoming: Any) -> bool:
            _behind(take(self, incoming))
            return True

        return taken

    put("bot.doors.telegram:TelegramDoor._take", make)


def move_the_offset_early() -> None:
    def make(take_page: Any) -> Any:
        async def taken(self: Any, page: Any) -> bool:
            _behind(take_page(self, page))
            return True

        return taken

    put("bot.doors.telegram:TelegramDoor._take_page", make)


def hear_again_what_was_heard() -> None:
    def make(hear_once: Any) -> Any:
        async def heard(tx: Any, events: Any) -> Any:
            await hear_once(tx, events)
            return set(events)

        return heard

    put("storage.dialogues:hear_once", make)


def queue_outside_the_turn() -> None:
    """The reply is queued in a second transaction, after the turn's."""

    def make(_: Any) -> Any:
        async def once(self: Any, batch: Any) -> Any:
            from storage import deliveries

            await self.library.refresh(self.database)
            async with self.database.write(self.clock()) as tx:
                met, busy, taken, replies = await self._turn(tx, batch)
            async with self.database.write(self.clock()) as tx:
                mine = await deliveries.queue_replies(tx, replies, self.holder)
            self.nudge(mine, {person.address: waiting.incoming.value for waiting, person in met})
            for waiting, result in taken:
                waiting.done.set_result(result)
            return busy

        return once

    put("bot.turns:Turns._once", make)


def answer_before_commit() -> None:
    """The next question is sent while the turn is still to be committed."""

    def make(queue: Any) -> Any:
        async def queued(tx: Any, replies: Any, holder: str) -> Any:
            mine = await queue(tx, replies, holder)
            from bot.channels.messages import Message

            house = _house()
            for each in mine:
                value = await _value(tx, each.address)
                await house.channels[each.channel].send(value, Message.from_json(each.body), each.target)
            return mine

        return queued

    _remember_the_house()
    put("storage.deliveries:queue_replies", make)


async def _value(tx: Any, address: str) -> str:
    import sqlalchemy as sa

    from storage.schema import addresses

    row = await tx.first(sa.select(addresses.c.sealed).where(addresses.c.id == address))
    return str(tx.keys.open(row.sealed, "addresses", "sealed", address))


_houses: list[Any] = []


def _remember_the_house() -> None:
    def make(build: Any) -> Any:
        @functools.wraps(build)
        def built(*given: Any, **named: Any) -> Any:
            _houses.append(build(*given, **named))
            return _houses[-1]

        return built

    put("bot.app:build_house", make)


def _house() -> Any:
    return _houses[-1]


def keep_answers_in_memory() -> None:
    """Answers are written down half a second later, all at once."""
    kept: list[Any] = []

    def make(record: Any) -> Any:
        async def flush() -> None:
            await asyncio.sleep(0.5)
            house = _house()
            async with house.database.write(house.clock()) as tx:
                await record(tx, kept)
                kept.clear()

        async def recorded(_tx: Any, given: Any) -> None:
            if not kept:
                _behind(flush())
            kept.extend(given)

        return recorded

    _remember_the_house()
    put("storage.answers:record_all", make)


def save_the_place_late() -> None:
    """Where somebody is, is saved in a transaction of its own after the turn's."""

    def make(save: Any) -> Any:
        async def saved(_tx: Any, conversations: Any) -> None:
            async def later() -> None:
                house = _house()
                async with house.database.write(house.clock()) as tx:
                    await save(tx, conversations)

            _behind(later())

        return saved

    _remember_the_house()
    put("storage.dialogues:save", make)


# What people are told


def settle_before_sending() -> None:
    """News is written down as accepted, and then sent."""

    def make(send_one: Any) -> Any:
        async def sent(self: Any, prepared: Any) -> None:
            from bot import feedback
            from storage import deliveries

            async with self.house.database.write(self.house.clock()) as tx:
                await deliveries.settle(tx, [feedback.settled(prepared, "1")], self.house.holder)
            await send_one(self, prepared)

        return sent

    put("bot.bulk:Bulk._send_one", make)


def retry_what_may_have_arrived() -> None:
    """News whose outcome nobody knows is sent again, as if it had failed."""

    def make(_: Any) -> Any:
        async def parked(tx: Any, channel: str) -> None:
            from storage.deliveries import Lane
            from storage.schema import deliveries as ledger

            lapsed = sa.and_(ledger.c.state == "claimed", ledger.c.lease_until < tx.now)
            news = sa.and_(lapsed, ledger.c.lane != Lane.REPLY, ledger.c.channel == channel)
            await tx.execute(sa.update(ledger).where(news).values(state="waiting", holder=None, lease_until=None))

        return parked

    put("storage.deliveries:park_lapsed", make)


def ignore_the_lease() -> None:
    """What is claimed is claimed again, whoever holds it."""
    from storage import deliveries

    deliveries.LEASE = timedelta(seconds=-1)
    retry_what_may_have_arrived()


def forget_to_ask_again() -> None:
    """STOP and consent are looked at when the news is published, and never again."""

    def make(one: Any) -> Any:
        def prepared(each: Any, wording: Any, _choice: str, held: Any, letters: Any) -> Any:
            return one(replace(each, stopped=False), wording, "with_words", held, letters)

        return prepared

    put("bot.feedback:_one", make)


def mix_people_up() -> None:
    """Within a batch, each is told the words of the next."""

    def make(held: Any) -> Any:
        async def mixed(tx: Any, claimed: Any, versions: Any) -> Any:
            found = await held(tx, claimed, versions)
            people = list(found)
            return {person: found[other] for person, other in zip(people, [*people[1:], *people[:1]], strict=True)}

        return mixed

    put("bot.feedback:_held", make)


def render_when_published() -> None:
    """News is in the language that somebody had before."""
    spoke: dict[str, str] = {}

    def make(one: Any) -> Any:
        def prepared(each: Any, *rest: Any) -> Any:
            return one(replace(each, language=spoke.setdefault("all", "en")), *rest)

        return prepared

    put("bot.feedback:_one", make)


# What is on the disk


def _without_the_disk() -> None:
    """SQLite with `synchronous=NORMAL`, PostgreSQL with `synchronous_commit=off`."""

    def careless(prepare: Any) -> Any:
        def prepared(connection: Any, record: Any) -> None:
            prepare(connection, record)
            connection.execute("PRAGMA synchronous=NORMAL")

        return prepared

    def hasty(create: Any) -> Any:
        def created(address: Any, **given: Any) -> Any:
            if address.drivername.startswith("postgresql"):
                given["connect_args"] = given["connect_args"] | {"server_settings": {"synchronous_commit": "off"}}
            return create(address, **given)

        return created

    put("storage.database:_prepare_sqlite", careless)
    put("storage.database:create_async_engine", hasty)


BEFORE = ("a turn has begun, nothing is written", "the reply is queued, nothing is committed")
BUGS: dict[str, Bug] = {
    "acknowledge": Bug("an update is acknowledged before its turn is committed", "kills",
                       acknowledge_before_commit, BEFORE),
    "offset": Bug("the polling offset moves before the page is taken", "kills", move_the_offset_early, BEFORE),
    "key": Bug("there is no unique key on what was heard", "kills", hear_again_what_was_heard,
               ("committed, nothing is sent", "an update is heard, the webhook has no 200")),
    "outside": Bug("the reply is queued outside the turn's transaction", "kills", queue_outside_the_turn,
                   ("the effects are done, nothing is queued", "the reply is queued, nothing is committed")),
    "early": Bug("the next question is sent before the commit", "kills", answer_before_commit,
                 ("the reply is queued, nothing is committed",)),
    "memory": Bug("answers are kept in memory until later", "kills", keep_answers_in_memory,
                  ("committed, nothing is sent",)),
    "place": Bug("where somebody is, is saved after the turn's transaction", "kills", save_the_place_late,
                 ("committed, nothing is sent",)),
    "settle": Bug("news is settled before it is sent", "fanout", settle_before_sending,
                  ("outcomes are committed", "claimed, not sent")),
    "unknown": Bug("news whose outcome is unknown is sent again", "fanout", retry_what_may_have_arrived,
                   ("sent, not settled", "outcomes are known, none is written")),
    "lease": Bug("leases are ignored", "fanout", ignore_the_lease),
    "consent": Bug("STOP and consent are not looked at again when news is sent", "fanout", forget_to_ask_again),
    "mixed": Bug("one person is told another's words", "fanout", mix_people_up),
    "language": Bug("news comes in a language left behind", "fanout", render_when_published),
    "no-unique-key": Bug("an event heard again counts again", "redelivery", hear_again_what_was_heard),
    "disk": Bug("a commit does not wait for the disk", "power", _without_the_disk),
}  # fmt: skip
"""Name to bug."""
