"""Messages as their participants read them: history, single ones, context, galleries; and deletion. Sending is sends.py's."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.errors import ValidationFailed
from duologue.core.events import Origin
from duologue.core.items import DeleteMessage, MessageGone
from duologue.core.model import Caller, Context, Cursor, Gallery, Link, Message, Page, Shared
from duologue.core.ports import Deliveries, MessageStore, Pipeline, Presence
from duologue.core.presence import fill
from duologue.core.rules import check_sender

MAX_OFFSET = 100_000  # messages

NOT_OF_IT = "This is no message of the conversation"
TOO_FAR = "page is too far: go on with before_id"


class Messages:
    """The use cases of messages that are there.

    What a receiver fetches as history, context or single message is delivered thereby (G-05); galleries and the inbox prove nothing.
    """

    def __init__(self, *, pipeline: Pipeline, store: MessageStore, presence: Presence, deliveries: Deliveries) -> None:
        self._pipeline = pipeline
        self._store = store
        self._presence = presence
        self._deliveries = deliveries

    async def page(
        self, caller: Caller, conversation_id: UUID, *, before: Cursor | None, after: Cursor | None, limit: int
    ) -> Page[Message]:
        """History, newest first (PAG-15); reading marks nothing (C-29)."""
        page = await self._store.page(caller.id, conversation_id, before=before, after=after, limit=limit)
        await self._fill(page.items)
        self._reached(caller, page.items)
        return page

    async def numbered(self, caller: Caller, conversation_id: UUID, *, page: int, limit: int) -> Page[Message]:
        """History by numbers, newest first (RN-07); what a page costs grows with its number, so there is a last one."""
        offset = (page - 1) * limit
        if offset > MAX_OFFSET:
            raise ValidationFailed(TOO_FAR, details={"field": "page"})
        found = await self._store.numbered(caller.id, conversation_id, offset=offset, limit=limit)
        await self._fill(found.items)
        self._reached(caller, found.items)
        return found

    async def place(self, caller: Caller, conversation_id: UUID, message_id: UUID) -> Cursor:
        """Where a message of a conversation stands in its history; one that is no message of it is `ValidationFailed` (G-24)."""
        place = await self._store.place(caller.id, conversation_id, message_id)
        if place is None:
            raise ValidationFailed(NOT_OF_IT)
        return place

    async def get(self, caller: Caller, message_id: UUID) -> Message:
        """One message (RM-16)."""
        message = await self._store.get(caller.id, message_id)
        await self._fill([message])
        self._reached(caller, (message,))
        return message

    async def context(self, caller: Caller, message_id: UUID, before: int, after: int) -> Context:
        """A message with `before` older and `after` newer neighbours (RM-17)."""
        context = await self._store.context(caller.id, message_id, before, after)
        await self._fill(context.messages)
        self._reached(caller, context.messages)
        return context

    async def delete(self, caller: Caller, message_id: UUID, *, origin: Origin | None = None) -> MessageGone:
        """Delete one's own message for both (RN-14, DEL-01). `NotFound` for one that is gone, `Forbidden` for the partner's."""
        message = await self._store.get(caller.id, message_id)
        check_sender(message, caller.id)
        answering = Answering[MessageGone]()
        item = DeleteMessage(
            user_id=caller.id,
            done=answering.done,
            origin=origin,
            conversation_id=message.conversation_id,
            message_id=message_id,
            deleted_by=caller.id,
        )
        await self._pipeline.enter(item)
        return await answering.result()

    async def links(self, caller: Caller, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Link]:
        """The links gallery (RM-19)."""
        return await self._store.links(caller.id, conversation_id, cursor, limit)

    async def media(self, caller: Caller, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """The media gallery: images and videos, newest first, those of one message in the order of sending (RM-18)."""
        return await self._store.media(caller.id, conversation_id, cursor, limit)

    async def files(self, caller: Caller, conversation_id: UUID, cursor: Cursor | None, limit: int) -> Page[Shared]:
        """The files gallery: everything else, likewise (RM-20)."""
        return await self._store.files(caller.id, conversation_id, cursor, limit)

    async def carriers(
        self, caller: Caller, conversation_id: UUID, gallery: Gallery, *, before: Cursor | None, limit: int
    ) -> Page[Message]:
        """The messages of which a gallery is made, newest first; like a gallery this proves no delivery."""
        page = await self._store.carriers(caller.id, conversation_id, gallery, before=before, limit=limit)
        await self._fill(page.items)
        return page

    def _reached(self, caller: Caller, messages: Sequence[Message]) -> None:
        """The newest received one stands for all before it."""
        newest = next((message for message in messages if message.receiver_id == caller.id), None)
        if newest is not None:
            self._deliveries.reached(caller.id, newest)

    async def _fill(self, messages: Sequence[Message]) -> None:
        """Set who of the senders is online, where it may be shown."""
        await fill(self._presence, [message.sender for message in messages if message.sender is not None])
