"""Messages as one participant sees them: history, context, galleries, send keys. Writing them is the ledger's.

Deleted messages are not shown, nor is what lies at or before the time up to which the user deleted the conversation.
"""

from typing import TYPE_CHECKING
from uuid import UUID

from duologue.core.errors import NotFound, NotParticipant
from duologue.core.model import Context, Cursor, Gallery, Link, Message, Page, Shared
from duologue.core.ports import KeyRow
from duologue.core.rules import NO_MESSAGE, check_gallery
from duologue.storage import pages, rows
from duologue.storage.conversations import refusal
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:
    from asyncpg import Record

_SQL = load("messages")
_CARRIERS = {Gallery.MEDIA: "with_media", Gallery.LINKS: "with_links", Gallery.FILES: "with_files"}


class MessageStore:
    """Reads messages; one statement per method, a refusal may cost a second one. All raise `NotFound`, `NotParticipant`."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def page(
        self, viewer_id: UUID, conversation_id: UUID, *, before: Cursor | None, after: Cursor | None, limit: int
    ) -> Page[Message]:
        """History, newest first; with `after` the messages next above it (PAG-15; design part 5, Newer pages)."""
        bound = after or before or pages.TOP
        found = await self._list("after" if after else "before", viewer_id, conversation_id, bound, limit)
        messages = [rows.signed_message(row) for row in found if row["id"]]
        return (pages.page_above if after else pages.page)(messages, limit, _place)

    async def numbered(self, viewer_id: UUID, conversation_id: UUID, *, offset: int, limit: int) -> Page[Message]:
        """History, newest first, after `offset` messages (RN-07)."""
        found = await self._postgres.fetch(_SQL["numbered"], viewer_id, conversation_id, offset, limit + 1)
        if not found:
            raise await refusal(self._postgres, conversation_id)
        return pages.page([rows.signed_message(row) for row in found if row["id"]], limit, _place)

    async def place(self, viewer_id: UUID, conversation_id: UUID, message_id: UUID) -> Cursor | None:
        """Where a message stands, deleted or not; None if it is none of this conversation (G-24)."""
        row = await self._postgres.fetchrow(_SQL["place"], viewer_id, conversation_id, message_id)
        if row is None:
            raise await refusal(self._postgres, conversation_id)
        return Cursor(row["created_at"], row["id"]) if row["id"] else None

    async def get(self, viewer_id: UUID, message_id: UUID) -> Message:
        """One message (RM-16)."""
        row = await self._postgres.fetchrow(_SQL["by_id"], viewer_id, message_id)
        if row is None:
            raise await self._refusal(viewer_id, message_id)
        return rows.signed_message(row)

    async def context(self, viewer_id: UUID, message_id: UUID, before: int, after: int) -> Context:
        """A message with `before` older and `after` newer neighbours, newest first (RM-17, G-10)."""
        found = await self._postgres.fetch(_SQL["context"], viewer_id, message_id, before + 1, after + 1)
        if not found:
            raise await self._refusal(viewer_id, message_id)
        newer = sum(row["side"] > 0 for row in found)
        older = sum(row["side"] < 0 for row in found)
        kept = found[max(0, newer - after) : len(found) - max(0, older - before)]
        return Context(
            messages=[rows.signed_message(row) for row in kept],
            target_id=message_id,
            has_more_before=older > before,
            has_more_after=newer > after,
        )

    async def links(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Link]:
        """The links of a conversation, newest first; `Forbidden` for who is blocked by the other (RM-19, C-10)."""
        found = await self._gallery("links", viewer_id, conversation_id, cursor, limit)
        return pages.page([rows.link(row) for row in found if row["id"]], limit, _place)

    async def media(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """Images and videos, newest first, those of one message in their order; `Forbidden` as for links (RM-18)."""
        found = await self._gallery("media", viewer_id, conversation_id, cursor, limit)
        return pages.page([rows.shared(row) for row in found if row["id"]], limit, _place_of_file)

    async def files(self, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """All other files, likewise (RM-20)."""
        found = await self._gallery("files", viewer_id, conversation_id, cursor, limit)
        return pages.page([rows.shared(row) for row in found if row["id"]], limit, _place_of_file)

    async def carriers(
        self, viewer_id: UUID, conversation_id: UUID, gallery: Gallery, *, before: Cursor | None, limit: int
    ) -> Page[Message]:
        """The messages of which a gallery is made, newest first; `Forbidden` as for links."""
        found = await self._gallery(_CARRIERS[gallery], viewer_id, conversation_id, before, limit)
        return pages.page([rows.signed_message(row) for row in found if row["id"]], limit, _place)

    async def by_key(self, sender_id: UUID, key: UUID) -> KeyRow | None:
        """The message a send key names, of a deleted one without its text (design part 1, Idempotent send)."""
        row = await self._postgres.fetchrow(_SQL["by_key"], sender_id, key)
        return KeyRow(row["fingerprint"], rows.signed_message(row)) if row else None

    async def _gallery(
        self, name: str, viewer_id: UUID, conversation_id: UUID, cursor: Cursor | None, limit: int
    ) -> "list[Record]":
        found = await self._list(name, viewer_id, conversation_id, cursor or pages.TOP, limit)
        check_gallery(blocked_by=found[0]["blocked_by"])
        return found

    async def _list(
        self, name: str, viewer_id: UUID, conversation_id: UUID, bound: Cursor, limit: int
    ) -> "list[Record]":
        """At least one row, with a null id when there is nothing; none means that the viewer takes no part."""
        found = await self._postgres.fetch(_SQL[name], viewer_id, conversation_id, bound.at, bound.id, limit + 1)
        if not found:
            raise await refusal(self._postgres, conversation_id)
        return found

    async def _refusal(self, viewer_id: UUID, message_id: UUID) -> NotFound | NotParticipant:
        takes_part = await self._postgres.fetchval(_SQL["standing"], viewer_id, message_id)
        return NotParticipant() if takes_part is False else NotFound(NO_MESSAGE)


def _place(item: Message | Link) -> Cursor:
    return Cursor(item.created_at, item.id)


def _place_of_file(item: Shared) -> Cursor:
    return Cursor(item.created_at, item.place)
