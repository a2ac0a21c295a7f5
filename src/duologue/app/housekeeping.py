"""Keeping house of files: rounds beside a server, logged without a name of anybody's; and the look into the store of `duologue check`."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import structlog

from duologue.app.files import FOLDER, store_of
from duologue.config import Config
from duologue.core.errors import Unavailable
from duologue.core.files import BlobEntry
from duologue.core.housekeeping import BLOBS, Housekeeping, Round
from duologue.core.inventory import take_stock
from duologue.storage.checks import Finding
from duologue.storage.housekeeping import HousekeepingStore
from duologue.storage.postgres import Postgres

EVERY = 60.0  # seconds between two rounds
_log = structlog.get_logger(__name__)


async def keep_house(house: Housekeeping, *, every: float = EVERY) -> None:
    """Round after round, until cancelled; what goes wrong in one is logged, and the next one is made all the same."""
    while True:
        try:
            tell(await house.round())
        except Unavailable:
            _log.warning("housekeeping_unavailable")
        except Exception as error:  # noqa: BLE001 -- a defect must not end what nobody would miss for weeks
            _log.error("housekeeping_failed", error=type(error).__qualname__)
        await asyncio.sleep(every)


def tell(done: Round) -> None:
    """Log what a round did; nothing if there was nothing to do."""
    for file_id in done.infected:
        _log.warning("file_infected", id=str(file_id))
    for file_id in done.missing:
        _log.error("file_without_blob", id=str(file_id))
    if done.failed:
        _log.warning("housekeeping_cut_short", steps=done.failed)
    if done.foreign:
        _log.warning("blobs_left", count=done.foreign, reason="older than this database's records of files")
    if done.parts or done.unsent or done.clean or done.strays:
        _log.info("housekeeping", parts=done.parts, unsent=done.unsent, clean=done.clean, strays=done.strays)


async def compare(config: Config, postgres: Postgres, *, now: datetime | None = None) -> list[Finding]:
    """The store against the records, both ways; nothing is changed. Raises `StartError`, `Unavailable`."""
    if not config.storage_url and not (config.data_dir / FOLDER).is_dir():  # nothing was ever stored: nothing is made
        return await _compared(postgres, _nothing(), now)
    store = store_of(config)
    try:
        return await _compared(postgres, store.entries(BLOBS), now)
    finally:
        await store.close()


async def _compared(postgres: Postgres, entries: AsyncIterator[BlobEntry], now: datetime | None) -> list[Finding]:
    stock = await take_stock(HousekeepingStore(postgres), entries, now=now or datetime.now(UTC))
    sentences = {
        "lost_files": ("files that are not whole in the store", stock.files),
        "stray_blobs": ("blobs in the store that belong to no file", stock.blobs),
    }
    return [
        Finding(name, sentence, found.looked_at, found.faults, tuple(found.examples), is_note=found is stock.blobs)
        for name, (sentence, found) in sentences.items()
    ]


async def _nothing() -> AsyncIterator[BlobEntry]:
    return
    yield
