"""Worker processes and places to write, for the tests of the media pipeline."""

from collections.abc import AsyncIterator

import pytest

from duologue.blobs.jobs import Limits
from duologue.blobs.workers import Workers


@pytest.fixture(scope="session")
async def workers() -> AsyncIterator[Workers]:
    """Two processes with the limits of the product."""
    pool = Workers(2, Limits())
    yield pool
    await pool.close()
