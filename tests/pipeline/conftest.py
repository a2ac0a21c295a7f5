"""Nodes that write to one real database, its operator's own connection, and users."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node
from tests.pipeline.node import start_node as make_node


@pytest.fixture
async def start_node(database: str) -> AsyncIterator[Callable[..., Awaitable[Node]]]:
    """Start a node; `dsn` leads it elsewhere, such as through a proxy."""
    async with AsyncExitStack() as stack:

        async def start(dsn: str = database) -> Node:
            return await make_node(dsn, stack)

        yield start


@pytest.fixture
async def node(start_node: Callable[..., Awaitable[Node]]) -> Node:
    """One node."""
    return await start_node()


@pytest.fixture
async def admin(database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the operator's own, as psql would have."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


@pytest.fixture
async def people(admin: "asyncpg.Connection[asyncpg.Record]") -> Callable[[int], Awaitable[list[UUID]]]:
    """Make users."""

    async def make(count: int) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        await admin.execute(
            "INSERT INTO users (id, username, username_key) SELECT u, u::text, u::text FROM unnest($1::uuid[]) u", ids
        )
        await admin.execute("INSERT INTO positions (user_id) SELECT * FROM unnest($1::uuid[])", ids)
        return ids

    return make
