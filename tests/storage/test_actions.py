"""Actions: signed by a second person, told once to each, corrected to everybody told, steered while they go out."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from conversations.domain.answers import Answer, Slot
from storage import actions, deliveries, people
from storage.actions import NotAllowed
from storage.database import Database
from storage.deliveries import Lane, Settlement
from storage.schema import deliveries as ledger
from storage.schema import standing_prompts
from tests.storage.acts import LATER, NOW, TALK, TEXTS, TOPIC, count, met, publish, published, rows, says, took_part


async def test_a_second_person_signs_and_only_what_they_read(database: Database) -> None:
    async with database.write(NOW) as tx:
        version = await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A")
        with pytest.raises(NotAllowed):
            await actions.publish(tx, version)
        with pytest.raises(NotAllowed):
            await actions.sign(tx, version, "Officer A", alone=False)
        await actions.sign(tx, version, "Bea", alone=False, written=NOW)
    async with database.write(LATER) as tx:
        await actions.rewrite(tx, version, "done", ["F1"], TEXTS, "Officer A")
        with pytest.raises(NotAllowed):
            await actions.publish(tx, version)  # the signature fell away
        with pytest.raises(NotAllowed):
            await actions.sign(tx, version, "Bea", alone=False, written=NOW)
        await publish(tx, version)
        for act in (actions.publish(tx, version), actions.rewrite(tx, version, "done", [], TEXTS, "Officer A")):
            with pytest.raises(NotAllowed):
                await act


async def test_whoever_answered_and_asked_is_told_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        told = [await took_part(tx, "1"), await took_part(tx, "2", "news_only")]
        told.append(await took_part(tx, "3", channel="web"))
        await took_part(tx, "4", "no")
        skipped, other = await met(tx, "5"), await met(tx, "6")
        for person, slot, answer in ((skipped, "F1", Answer(skipped=True)), (other, "F2", Answer(picks=("1",)))):
            await says(tx, person, answer, Slot(slot))
            await people.record_consent(tx, person.id, TALK, "outcome", "with_words", "w1")
        version = await published(tx)
    found = await rows(database, sa.select(ledger.c.person, ledger.c.channel, ledger.c.waits_for))
    assert sorted(row.person for row in found) == sorted(person.id for person in told)
    assert {row.channel: row.waits_for for row in found} == {"telegram": None, "web": "looking"}
    assert version.fan_out == "running"
    assert await count(database, standing_prompts) == 3


async def test_published_twice_at_once_is_published_once(database: Database) -> None:
    async with database.write(NOW) as tx:
        for value in range(5):
            await took_part(tx, str(value))
        version = await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A")
        await actions.sign(tx, version, "Bea", alone=False)

    async def press() -> int | None:
        try:
            async with database.write(NOW) as tx:
                return await actions.publish(tx, version)
        except NotAllowed:
            return None

    pressed = await asyncio.gather(*(press() for _ in range(8)))
    assert sorted(each for each in pressed if each is not None) == [5]
    assert await count(database, ledger) == 5


async def test_the_database_itself_refuses_a_second_delivery_of_a_version(database: Database) -> None:
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        await published(tx)
        [row] = await tx.rows(sa.select(ledger))
    again = {name: value for name, value in row._asdict().items() if name != "seq"} | {"id": "another"}
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write(NOW) as tx:
            await tx.execute(sa.insert(ledger).values(again))


async def test_a_correction_reaches_everybody_told_and_nobody_who_was_not(database: Database) -> None:
    async with database.write(NOW) as tx:
        told, refused = await took_part(tx, "1"), await took_part(tx, "2")
        first = await published(tx)
        claimed = await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "me", 10)
        outcomes = {told.id: "accepted", refused.id: "refused"}
        await deliveries.settle(tx, [Settlement(each.id, outcomes[each.person]) for each in claimed], "me")  # type: ignore[arg-type]
        with pytest.raises(NotAllowed):
            await actions.correct(tx, first.action, "done", ["F9"], TEXTS, " ", "Officer A")
        corrected = await actions.correct(tx, first.action, "done", ["F9"], TEXTS, "A wrong date", "Officer A")
        second = await publish(tx, corrected)
        kept = await actions.versions_of(tx, first.action)
    found = await rows(database, sa.select(ledger.c.person).where(ledger.c.source == second.id))
    assert [row.person for row in found] == [told.id]  # nobody answered F9: only the told hear of it
    assert [(each.version, each.published is not None) for each in kept] == [(1, True), (2, True)]


async def test_pause_resume_and_stop(database: Database) -> None:
    async with database.write(NOW) as tx:
        for value in range(3):
            await took_part(tx, str(value))
        version = await published(tx)

        async def steered(how: str) -> dict[str, int]:
            await actions.steer(tx, version.id, how)
            claimable = await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "other", 0 if how == "running" else 9)
            assert claimable == []
            return await actions.progress(tx, version.id)

        assert await steered("paused") == {"paused": 3}
        assert await steered("running") == {"waiting": 3}
        assert await steered("stopped") == {"withdrawn": 3}
        with pytest.raises(NotAllowed):
            await actions.steer(tx, version.id, "running")


@pytest.mark.parametrize(("how", "state"), [("paused", "paused"), ("stopped", "withdrawn"), ("running", "waiting")])
async def test_what_comes_back_from_the_wire_obeys_the_desk(database: Database, how: str, state: str) -> None:
    """Claimed, then steered, then told to try again: it does not slip back into the queue."""
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        version = await published(tx)
        [claimed] = await deliveries.claim(tx, [Lane.FEEDBACK], ["telegram"], "me", 10)
        await actions.steer(tx, version.id, how)
        await deliveries.settle(tx, [Settlement(claimed.id, "again")], "me")
        assert await actions.progress(tx, version.id) == {state: 1}


async def test_letters_of_standing_prompts_follow_each_other(database: Database) -> None:
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        for _ in range(3):
            await published(tx)
    found = await rows(database, sa.select(standing_prompts.c.letter))
    assert sorted(row.letter for row in found) == ["A", "D", "G"]


async def test_reach_says_who_would_hear_and_who_would_not(database: Database) -> None:
    async with database.write(NOW) as tx:
        await took_part(tx, "1")
        await took_part(tx, "2", "no")
        blocked = await took_part(tx, "3")
        await people.silence(tx, blocked.address, "blocked")
        await says(tx, await met(tx, "4"), Answer(picks=("1",)))
        version = await actions.version_of(tx, await actions.draft(tx, TALK, TOPIC, "done", ["F1"], TEXTS, "Officer A"))
        assert version is not None
        assert await actions.reach(tx, version) == actions.Reach(told=1, asked_not=1, unreachable=1, not_said=1)
