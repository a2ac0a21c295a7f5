"""One server without rate limits for all examples, the operator's connection to its database, and REST clients to hand on."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg
import pytest
from tests.conftest import named, run
from tests.live.clock import marking_within
from tests.live.conftest import running
from tests.live.people import SECRET, Place

from duologue.client import Rest

if TYPE_CHECKING:  # generic in the stubs alone
    from tests.live.people import Hand

MOST_PEOPLE = 4
MARKED_WITHIN = 0.02  # seconds: deliveries are marked while an example runs


@pytest.fixture(scope="session")
async def place(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give a server on a database that the examples share; each brings people of its own."""
    name = f"property_{os.getpid()}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = {"JWT_SECRET": SECRET, "RATE_LIMITS": "off", "LOG_LEVEL": "error"}
    parts = {"later": marking_within(MARKED_WITHIN)}
    async with running(named(server, name), tmp_path_factory.mktemp("property"), parts, settings) as place:
        yield place
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def hand(place: Place) -> AsyncIterator["Hand"]:
    """Give the operator's connection."""
    connection = await asyncpg.connect(place.dsn)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def rests(place: Place) -> AsyncIterator[Sequence[Rest]]:
    """Give a REST client per person: to make one costs more than a whole example."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Rest(place.url)) for _ in range(MOST_PEOPLE)]
