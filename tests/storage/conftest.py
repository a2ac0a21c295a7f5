"""A pool that writes down every statement it sends."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from asyncpg.connection import LoggedQuery

    from duologue.storage.postgres import Connection, Pooled


class CountingPostgres(Postgres):
    """A pool whose connections report each statement, transaction control included."""

    def __init__(self, dsn: str) -> None:
        super().__init__(dsn, size=2)
        self.statements: list[str] = []

    async def _greet(self, connection: "Connection | Pooled") -> None:
        await super()._greet(connection)
        connection.add_query_logger(self._note)

    def _note(self, query: "LoggedQuery") -> None:
        self.statements.append(query.query)

    def taken(self) -> int:
        """Return how many statements were sent since the last call."""
        number = len(self.statements)
        self.statements.clear()
        return number


@pytest.fixture
async def counting(database: str) -> AsyncIterator[CountingPostgres]:
    """Give a counting pool on the test's database."""
    pool = CountingPostgres(database)
    await pool.open()
    yield pool
    await pool.close()
