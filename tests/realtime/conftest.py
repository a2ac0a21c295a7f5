"""Fixtures of the realtime tests."""

from collections.abc import AsyncIterator

import pytest
from tests.realtime.desk import Desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A node's sockets; nothing may be left running."""
    desk = Desk()
    yield desk
    await desk.settle()
