"""The block list and the state between two users. Putting and taking away blocks is the ledger's."""

from uuid import UUID

from duologue.core.model import Block, BlockStatus, Cursor, Page
from duologue.storage import pages, rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("blocks")


class BlockStore:
    """Reads blocks; one statement per method."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def page(self, blocker_id: UUID, cursor: Cursor | None, limit: int) -> Page[Block]:
        """Whom the user blocks, newest first (RK-05)."""
        below = cursor or pages.TOP
        found = await self._postgres.fetch(_SQL["page"], blocker_id, below.at, below.id, limit + 1)
        return pages.page([rows.block(row) for row in found], limit, _place)

    async def status(self, user_id: UUID, other_id: UUID) -> BlockStatus:
        """Both directions between a user and another (DTOA-09)."""
        [row] = await self._postgres.fetch(_SQL["status"], user_id, other_id)
        return BlockStatus(row["is_blocked"], row["is_blocked_by"])


def _place(block: Block) -> Cursor:
    return Cursor(block.created_at, block.id)
