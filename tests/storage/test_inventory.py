"""The store of files compared with the records, both ways."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.factories import Make
from tests.shelf import Shelf, a_file

from duologue.core.inventory import take_stock
from duologue.storage.housekeeping import HousekeepingStore
from duologue.storage.postgres import Postgres

NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def shelf(postgres: Postgres, tmp_path: Path) -> Shelf:
    """Give a store and its records."""
    return Shelf(postgres, tmp_path / "files")


async def test_files_lack_a_blob_and_blobs_lack_a_file(shelf: Shelf, make: Make) -> None:
    """Picture or thumbnail: what is missing is told by the file's id, what is left over by the id in its name."""
    ann = await make.user()
    whole, bare, thumbless = [await shelf.take_in(ann.id, at=NOW) for _ in range(3)]
    await shelf.blobs.delete([bare.key])
    await shelf.blobs.delete([thumbless.thumbnail_key or ""])
    await shelf.store(stray := a_file())
    stock = await take_stock(HousekeepingStore(shelf.postgres), shelf.blobs.entries("messages/"), now=LATER)
    assert (stock.files.looked_at, stock.files.faults) == (3, 2)
    assert set(stock.files.examples) == {bare.id, thumbless.id}
    assert (stock.blobs.looked_at, stock.blobs.faults, stock.blobs.examples) == (6, 2, [stray.id])
    assert whole.id in await shelf.ids()
    assert len(await shelf.keys()) == 6


async def test_what_is_just_coming_in_is_not_judged(shelf: Shelf, make: Make) -> None:
    """A blob whose record is yet to come, a record that is younger than the listing."""
    ann = await make.user()
    file = await shelf.take_in(ann.id, at=NOW - timedelta(minutes=4))
    await shelf.blobs.delete(file.keys)
    await shelf.store(a_file())
    records = HousekeepingStore(shelf.postgres)
    stock = await take_stock(records, shelf.blobs.entries(), now=NOW)
    assert (stock.files.faults, stock.blobs.faults) == (0, 0)
    stock = await take_stock(records, shelf.blobs.entries(), now=NOW + timedelta(minutes=2))
    assert (stock.files.faults, stock.blobs.faults) == (1, 0)


async def test_all_are_met_once_in_chunks(shelf: Shelf, make: Make) -> None:
    """Of more than fit into a statement; at most five are named."""
    ann = await make.user()
    await shelf.records.add(ann.id, [a_file(at=NOW) for _ in range(7)])
    for _ in range(7):
        await shelf.store(a_file(thumbnail_key=None))
    stock = await take_stock(HousekeepingStore(shelf.postgres), shelf.blobs.entries(), now=LATER, chunk=2)
    assert (stock.files.looked_at, stock.files.faults, len(stock.files.examples)) == (7, 7, 5)
    assert (stock.blobs.looked_at, stock.blobs.faults, len(stock.blobs.examples)) == (7, 7, 5)
