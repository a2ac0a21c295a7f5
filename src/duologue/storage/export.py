"""The copy of somebody's data, read from PostgreSQL in chunks; one statement per method. What belongs to it is core/export.py's."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.export import Followed, Signed, Talk
from duologue.core.model import Attachment, Cursor, Message, Profile
from duologue.storage import rows
from duologue.storage.pages import BOTTOM
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("export")


class ExportStore:
    """Reads what is kept of somebody."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def sessions(self, user_id: UUID, after: UUID | None, limit: int) -> Sequence[Signed]:
        """Sign-in sessions."""
        found = await self._postgres.fetch(_SQL["sessions"], user_id, after or BOTTOM.id, limit)
        return [Signed(row["id"], row["created_at"], row["expires_at"], row["ended_at"]) for row in found]

    async def follows(self, user_id: UUID, after: UUID | None, limit: int, *, followers: bool) -> Sequence[Followed]:
        """Follows of one direction."""
        name = "followers" if followers else "following"
        found = await self._postgres.fetch(_SQL[name], user_id, after or BOTTOM.id, limit)
        return [Followed(row["user_id"], row["username"], followers, row["created_at"]) for row in found]

    async def unsent(self, user_id: UUID, after: UUID | None, limit: int) -> Sequence[Attachment]:
        """Files that the user never sent."""
        found = await self._postgres.fetch(_SQL["unsent"], user_id, after or BOTTOM.id, limit)
        return [rows.attachment(row) for row in found]

    async def talks(self, user_id: UUID) -> Sequence[UUID]:
        """All conversations."""
        return [row["id"] for row in await self._postgres.fetch(_SQL["talks"], user_id)]

    async def talk(self, user_id: UUID, conversation_ids: Sequence[UUID]) -> Sequence[Talk]:
        """What is known of conversations."""
        found = await self._postgres.fetch(_SQL["talk"], user_id, conversation_ids)
        return [
            Talk(
                row["id"],
                Profile(row["other_id"], row["other_username"], row["other_display_name"], row["other_avatar_url"]),
                row["created_at"],
                row["unread_count"],
                row["deleted_to"],
            )
            for row in found
        ]

    async def messages(
        self, user_id: UUID, conversation_id: UUID, after: Cursor | None, limit: int
    ) -> tuple[Sequence[Message], Cursor | None]:
        """What the user wrote and was sent, oldest first; and where to go on, None at the end."""
        above = after or BOTTOM
        found = await self._postgres.fetch(_SQL["messages"], user_id, conversation_id, above.at, above.id, limit)
        last = Cursor(found[-1]["created_at"], found[-1]["id"]) if len(found) == limit else None
        return [rows.message(row) for row in found if row["belongs"]], last
