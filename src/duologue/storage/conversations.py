"""Conversations as one user sees them: the list, one of them, totals, partners. Writing them is the ledger's."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.errors import NotFound, NotParticipant
from duologue.core.model import Conversation, Cursor, Inbox, Page, Unread, User, UserState
from duologue.core.rules import check_active, last_seen_is_shown, pair
from duologue.storage import pages, rows
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

_SQL = load("conversations")

NO_CONVERSATION = "Conversation not found"


class ConversationStore:
    """Reads conversations; one statement per method, a refusal may cost a second one."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def page(self, viewer: User, cursor: Cursor | None, limit: int) -> Page[Conversation]:
        """The viewer's list, newest first, without what the other one's block hides and what was deleted (RA-08, C-09, CNV-09)."""
        below = cursor or pages.TOP
        found = await self._postgres.fetch(_SQL["page"], viewer.id, below.at, below.id, limit + 1)
        return pages.page([rows.conversation(row, viewer) for row in found], limit, _place)

    async def numbered(self, viewer: User, *, offset: int, limit: int, unread_only: bool) -> Inbox:
        """The same list after `offset` of its items, or what is unread of it, with the totals (RB-05 to RB-12, G-23)."""
        statement = _SQL["numbered_unread" if unread_only else "numbered"]
        found = await self._postgres.fetch(statement, viewer.id, offset, limit)
        items = [rows.conversation(row, viewer) for row in found if row["id"]]
        return Inbox(items, found[0]["total"], found[0]["total_unread"])

    async def of_pair(self, viewer: User, other_id: UUID) -> Conversation | None:
        """The conversation with `other_id`, listed or not."""
        row = await self._postgres.fetchrow(_SQL["of_pair"], viewer.id, *pair(viewer.id, other_id))
        return rows.conversation(row, viewer) if row else None

    async def get(self, viewer: User, conversation_id: UUID) -> Conversation:
        """One conversation, listed or not; `NotFound`, `NotParticipant`."""
        row = await self._postgres.fetchrow(_SQL["by_id"], viewer.id, conversation_id)
        if row is None:
            raise await refusal(self._postgres, conversation_id)
        return rows.conversation(row, viewer)

    async def listed(self, viewer: User, conversation_ids: Sequence[UUID]) -> dict[UUID, Conversation]:
        """Those of these conversations that stand in the viewer's list now."""
        found = await self._postgres.fetch(_SQL["in_list"], viewer.id, conversation_ids)
        return {row["id"]: rows.conversation(row, viewer) for row in found}

    async def unread(self, user_id: UUID) -> Unread:
        """The user's totals; what is not in the list does not count (UNR-18, G-22)."""
        row = await self._postgres.fetchrow(_SQL["unread"], user_id)
        return Unread(row["unread_total"], row["conversations"]) if row else Unread(0, 0)

    async def partners(self, user_id: UUID, limit: int) -> tuple[list[UUID], frozenset[UUID]]:
        """The most recent partners without a block in either direction, and those with whom last seen is shared (PRS-11)."""
        found = await self._postgres.fetch(_SQL["partners"], user_id, limit)
        shared = frozenset(
            row["other_id"]
            for row in found
            if last_seen_is_shown(
                User(user_id, "", show_last_seen=row["shows_last_seen"]),
                User(row["other_id"], "", show_last_seen=row["other_shows_last_seen"]),
            )
        )
        return [row["other_id"] for row in found], shared

    async def may_signal(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """The partner to whom typing goes, None across a block (G-15); `NotFound`, `NotParticipant`, `Forbidden` if they were shut out."""
        row = await self._postgres.fetchrow(_SQL["partner"], user_id, conversation_id)
        if row is None:
            raise await refusal(self._postgres, conversation_id)
        if row["is_blocked"]:
            return None
        partner = User(row["other_id"], "", state=UserState(row["other_state"]))
        check_active(partner)
        return partner.id


async def refusal(postgres: Postgres, conversation_id: UUID) -> NotFound | NotParticipant:
    """Why a conversation was not answered: there is none, or it is not this user's (ERR-03)."""
    exists = await postgres.fetchval(_SQL["exists"], conversation_id)
    return NotParticipant() if exists else NotFound(NO_CONVERSATION)


def _place(conversation: Conversation) -> Cursor:
    return Cursor(conversation.updated_at, conversation.id)
