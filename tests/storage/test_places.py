"""Places: read from the official look-up files, found by any part of a name."""

from __future__ import annotations

import pytest

from storage import findings, places
from storage.database import Database
from tests.storage.acts import NOW

CSV = """PCON30CD,PCON30NM,RGN30NM
W07000001,Ynys Môn,Wales
E14000002,St Helens North,North West
E14000003,North Helens,North East
N05000004,Belfast East,
X99000005,Nowhere,
"""


async def test_any_years_lookup_is_read_and_replaces_the_last(database: Database) -> None:
    async with database.write(NOW) as tx:
        await places.load_sample(tx)
        assert await places.load(tx, CSV) == 4
        await places.load_sample(tx)  # something is loaded: the sample stays away
        [mon] = await findings.places_like(tx, "ynys môn")
        assert (mon.code, mon.name, mon.region, mon.nation) == ("W07000001", "Ynys Môn", "", "wales")
        found = await findings.places_like(tx, "  HELENS ")
        assert [place.region for place in found] == ["north_east", "north_west"]
        assert [place.name for place in await findings.places_like(tx, "st. hel")] == ["St Helens North"]
        for nothing in ("", "  ", "%", "_", "nowhere"):
            assert await findings.places_like(tx, nothing) == ()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "PCON24CD,PCON24NM\n", "PCON24CD,PCON24NM\nE14000001\n"])
async def test_a_file_that_is_no_lookup_changes_nothing(database: Database, text: str) -> None:
    async with database.write(NOW) as tx:
        await places.load_sample(tx)
        with pytest.raises(places.NotALookup):
            await places.load(tx, text)
        assert await findings.places_like(tx, "swansea")


async def test_the_sample_that_comes_with_the_product_loads(database: Database) -> None:
    async with database.write(NOW) as tx:
        await places.load_sample(tx)
        assert {place.nation for words in ("a", "e") for place in await findings.places_like(tx, words)}
