"""What connecting sockets need, in one statement for all that wait: `core.ports.Connects` on PostgreSQL."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.ports import Connect
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("connects")
PARTNERS = 500  # presence goes to, and status.bulk covers, so many (design part 4)


class ConnectStore:
    """Reads for connections."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def load(self, user_ids: Sequence[UUID]) -> dict[UUID, Connect]:
        """Head, partners and with whom last seen is shared, by user; who is not there is left out."""
        found = await self._postgres.fetch(_SQL["load"], user_ids, PARTNERS)
        return {row["user_id"]: Connect(row["head"], row["ids"] or (), frozenset(row["shown"] or ())) for row in found}
