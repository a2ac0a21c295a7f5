"""History as dialect B reads it: what a page shows is marked as read (UNR-06, C-29, B-36). Plain reading is messages.py's."""

from dataclasses import dataclass
from uuid import UUID

from duologue.core.errors import ValidationFailed
from duologue.core.messages import Messages
from duologue.core.model import Caller, Cursor, Gallery, Message, Page
from duologue.core.receipts import Receipts

ONE_PLACE = "before_id, after_id and a page above 1 cannot be used together"
ONE_FILTER = "filter cannot be used with after_id or a page above 1"
_LAST = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which page of a history: by number, or next to a message; `only` what a gallery is made of."""

    page: int = 1
    before_id: UUID | None = None
    after_id: UUID | None = None
    only: Gallery | None = None


class History:
    """The use case of reading what one has not seen."""

    def __init__(self, messages: Messages, receipts: Receipts) -> None:
        self._messages = messages
        self._receipts = receipts

    async def page(self, caller: Caller, conversation_id: UUID, where: Where, limit: int) -> Page[Message]:
        """A page, newest first, as it is after the caller has read exactly what it shows (RN-06 to RN-12); a filter reads nothing."""
        if where.only is not None:
            return await self._filtered(caller, conversation_id, where, where.only, limit)
        page = await self._find(caller, conversation_id, where, limit)
        unread = [item for item in page.items if item.receiver_id == caller.id and item.read_at is None]
        marked = await self._receipts.read_these(caller, conversation_id, unread)
        if marked is None:
            return page
        if marked.count == len(unread):
            for message in unread:
                message.read_at = marked.read_at
            return page
        return await self._again(caller, conversation_id, page)

    async def _find(self, caller: Caller, conversation_id: UUID, where: Where, limit: int) -> Page[Message]:
        beside = where.before_id or where.after_id
        if sum((where.page > 1, where.before_id is not None, where.after_id is not None)) > 1:
            raise ValidationFailed(ONE_PLACE)
        if beside is None:
            return await self._messages.numbered(caller, conversation_id, page=where.page, limit=limit)
        place = await self._messages.place(caller, conversation_id, beside)
        before, after = (place, None) if where.before_id else (None, place)
        return await self._messages.page(caller, conversation_id, before=before, after=after, limit=limit)

    async def _filtered(
        self, caller: Caller, conversation_id: UUID, where: Where, only: Gallery, limit: int
    ) -> Page[Message]:
        if where.after_id is not None or where.page > 1:
            raise ValidationFailed(ONE_FILTER, details={"field": "filter"})
        beside = where.before_id
        before = None if beside is None else await self._messages.place(caller, conversation_id, beside)
        return await self._messages.carriers(caller, conversation_id, only, before=before, limit=limit)

    async def _again(self, caller: Caller, conversation_id: UUID, page: Page[Message]) -> Page[Message]:
        """The same messages anew: another device read or deleted some of them meanwhile."""
        top = Cursor(page.items[0].created_at, _LAST)
        found = await self._messages.page(caller, conversation_id, before=top, after=None, limit=len(page.items))
        shown = {item.id for item in page.items}
        return Page([item for item in found.items if item.id in shown], page.has_more, page.next)
