"""The rounds of housekeeping beside a server: when they are made, and what is logged of them, without a name of anybody's."""

import asyncio

import structlog

from duologue.core.errors import Unavailable
from duologue.core.housekeeping import Housekeeping, Round

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
    if done.unsent or done.clean or done.strays:
        _log.info("housekeeping", unsent=done.unsent, clean=done.clean, strays=done.strays)
