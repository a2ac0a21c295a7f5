"""Receipts: marking received messages as read."""

from collections.abc import Sequence
from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.events import Origin
from duologue.core.items import Done, Marked, Read
from duologue.core.limits import charge
from duologue.core.model import Caller, Message
from duologue.core.ports import Limiter, MessageStore, Pipeline
from duologue.core.rules import check_receiver


class Receipts:
    """The use cases of receipts."""

    def __init__(self, *, pipeline: Pipeline, messages: MessageStore, limiter: Limiter) -> None:
        self._pipeline = pipeline
        self._messages = messages
        self._limiter = limiter

    async def read(self, caller: Caller, conversation_id: UUID, message_id: UUID | None = None) -> Marked:
        """Mark all, or all up to `message_id`, and wait (RM-12 to RM-14, C-28)."""
        answering = Answering[Marked]()
        await self.enter(caller, conversation_id, message_id, done=answering.done)
        return await answering.result()

    async def enter(
        self,
        caller: Caller,
        conversation_id: UUID,
        message_id: UUID | None = None,
        *,
        done: Done,
        origin: Origin | None = None,
    ) -> None:
        """Queue a read; `done` gets `Marked` or an error (WSA-04)."""
        await charge(self._limiter, "mark_read", caller)
        item = Read(user_id=caller.id, done=done, origin=origin, conversation_id=conversation_id, message_id=message_id)
        await self._pipeline.enter(item)

    async def read_one(self, caller: Caller, message_id: UUID) -> Marked:
        """Mark exactly one received message, and wait (C-28, T-122); its sender is `Forbidden`."""
        answering = Answering[Marked]()
        await self.enter_one(caller, message_id, done=answering.done)
        return await answering.result()

    async def enter_one(self, caller: Caller, message_id: UUID, *, done: Done, origin: Origin | None = None) -> None:
        """Queue a read of one message (WSB-03)."""
        await charge(self._limiter, "mark_read", caller)
        message = await self._messages.get(caller.id, message_id)
        check_receiver(message, caller.id)
        await self._enter_only(caller, message.conversation_id, (message_id,), done, origin)

    async def read_these(self, caller: Caller, conversation_id: UUID, messages: Sequence[Message]) -> Marked | None:
        """Mark the unread ones of a page that the caller fetched, and wait (C-29); None when none was unread. Not charged."""
        unread = tuple(
            message.id for message in messages if message.receiver_id == caller.id and message.read_at is None
        )
        if not unread:
            return None
        answering = Answering[Marked]()
        await self._enter_only(caller, conversation_id, unread, answering.done, None)
        return await answering.result()

    async def _enter_only(
        self, caller: Caller, conversation_id: UUID, only: tuple[UUID, ...], done: Done, origin: Origin | None
    ) -> None:
        item = Read(user_id=caller.id, done=done, origin=origin, conversation_id=conversation_id, only=only)
        await self._pipeline.enter(item)
