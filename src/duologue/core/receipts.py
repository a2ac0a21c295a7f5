"""Receipts: marking received messages as read."""

from uuid import UUID

from duologue.core.answers import Answering
from duologue.core.events import Origin
from duologue.core.items import Done, Marked, Read
from duologue.core.limits import charge
from duologue.core.model import Caller
from duologue.core.ports import Limiter, Pipeline


class Receipts:
    """The use cases of receipts."""

    def __init__(self, *, pipeline: Pipeline, limiter: Limiter) -> None:
        self._pipeline = pipeline
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
