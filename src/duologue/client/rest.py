"""REST of dialect A (RA, RM, RK): one method per endpoint. Accounts are in `accounts`, files in `files`, HTTP in `transport`."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec

from duologue.client.codec import Frame, decode
from duologue.client.files import FileCalls
from duologue.client.pages import every, page
from duologue.client.paths import CHAT, CONVERSATIONS, segment
from duologue.client.transport import Call, data_of
from duologue.client.wire import (
    Block,
    BlockStatus,
    Context,
    Conversation,
    GalleryItem,
    Link,
    Message,
    Page,
    ReadResult,
    Sent,
    UnreadTotals,
    Wire,
)


class _Events(Wire, frozen=True, kw_only=True):
    events: tuple[msgspec.Raw, ...] = ()
    position: int
    epoch: str
    has_more: bool = False
    reset: bool = False
    reason: str = ""


class EventPage(Wire, frozen=True, kw_only=True):
    """Facts after a position (design part 4). `reset`: the log cannot say, load a snapshot; `reason` says why."""

    frames: tuple[Frame, ...]
    position: int
    epoch: str
    has_more: bool
    reset: bool
    reason: str


class Rest(FileCalls):
    """The whole REST side of dialect A; see `Transport` for tokens, errors and retries."""

    async def conversations(self, *, cursor: str | None = None, limit: int | None = None) -> Page[Conversation]:
        """The caller's conversations, last message first (RA-01)."""
        return await self._list(CONVERSATIONS, "conversations", Conversation, cursor=cursor, limit=limit)

    async def open(self, username: str) -> Conversation:
        """The conversation with a user, made if there was none (RA-12)."""
        return await self.get(f"{CONVERSATIONS}/with/{segment(username)}", Conversation)

    async def unread_count(self) -> int:
        """The caller's unread messages in all conversations (RA-15)."""
        return (await self.get(f"{CONVERSATIONS}/unread-count", UnreadTotals)).total_unread

    async def messages(
        self, conversation_id: str, *, cursor: str | None = None, after: str | None = None, limit: int | None = None
    ) -> Page[Message]:
        """Messages, newest first: those before `cursor`, or the `limit` next ones after `after` (RM-01)."""
        path = f"{CONVERSATIONS}/{segment(conversation_id)}/messages"
        return await self._list(path, "messages", Message, cursor=cursor, after=after, limit=limit)

    async def send(
        self, conversation_id: str, content: str, *, temp_id: str | None = None, idempotency_key: str | None = None
    ) -> Sent:
        """Send a text (RM-04). A UUID as `idempotency_key` or `temp_id` names it for ever: sent again, it is the same message.

        With `tries` above 1 a key is drawn where none is given, so that trying again never makes a second message.
        """
        body = {"content": content} | ({} if temp_id is None else {"tempId": temp_id})
        return await self._post(conversation_id, temp_id, idempotency_key, body=body)

    async def read(self, conversation_id: str, message_id: str | None = None) -> ReadResult:
        """Mark as read: all, or all up to `message_id` (RM-12)."""
        body = {} if message_id is None else {"messageId": message_id}
        path = f"{CONVERSATIONS}/{segment(conversation_id)}/read"
        return data_of(await self.call(Call("POST", path, body=body, repeatable=True)), ReadResult)

    async def message(self, message_id: str) -> Message:
        """One message (RM-16)."""
        return await self.get(f"{CHAT}/messages/{segment(message_id)}", Message)

    async def context(self, message_id: str, *, before: int | None = None, after: int | None = None) -> Context:
        """A message with up to `before` older and `after` newer neighbours (RM-17)."""
        return await self.get(f"{CHAT}/messages/{segment(message_id)}/context", Context, before=before, after=after)

    async def media(
        self, conversation_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[GalleryItem]:
        """Images and videos of a conversation, newest first (RM-18)."""
        return await self._gallery(conversation_id, "media", GalleryItem, cursor, limit)

    async def links(self, conversation_id: str, *, cursor: str | None = None, limit: int | None = None) -> Page[Link]:
        """URLs of a conversation (RM-19)."""
        return await self._gallery(conversation_id, "links", Link, cursor, limit)

    async def files(
        self, conversation_id: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[GalleryItem]:
        """Other files of a conversation, newest first (RM-20)."""
        return await self._gallery(conversation_id, "files", GalleryItem, cursor, limit)

    async def block(self, username: str) -> Block:
        """Block a user; twice is the same as once (RK-01)."""
        return data_of(
            await self.call(Call("POST", f"{CHAT}/blocks", body={"username": username}, repeatable=True)), Block
        )

    async def unblock(self, username: str) -> None:
        """Take a block away; 404 if there was none (RK-04)."""
        await self.call(Call("DELETE", f"{CHAT}/blocks/{segment(username)}"))

    async def blocks(self, *, cursor: str | None = None, limit: int | None = None) -> Page[Block]:
        """Whom the caller blocks (RK-05)."""
        return await self._list(f"{CHAT}/blocks", "blocks", Block, cursor=cursor, limit=limit)

    async def block_status(self, username: str) -> BlockStatus:
        """Blocks between the caller and a user (RK-06)."""
        return await self.get(f"{CHAT}/blocks/status/{segment(username)}", BlockStatus)

    async def events(
        self, *, since: int | None = None, epoch: str | None = None, limit: int | None = None, wait: int | None = None
    ) -> EventPage:
        """Facts after `since`, waiting up to `wait` seconds for the first; without `since` none, only the position to start from."""
        params = {"since": since, "epoch": epoch, "limit": limit, "wait": wait}
        found = data_of(
            await self.call(Call("GET", f"{CHAT}/events", params, repeatable=True, wait=float(wait or 0))), _Events
        )
        frames = tuple(decode(raw) for raw in found.events)
        return EventPage(
            frames=frames,
            position=found.position,
            epoch=found.epoch,
            has_more=found.has_more,
            reset=found.reset,
            reason=found.reason,
        )

    def every_conversation(self, *, limit: int | None = None) -> AsyncIterator[Conversation]:
        """All conversations, page by page."""
        return every(lambda cursor: self.conversations(cursor=cursor, limit=limit))

    def every_message(self, conversation_id: str, *, limit: int | None = None) -> AsyncIterator[Message]:
        """All messages of a conversation, newest first, page by page."""
        return every(lambda cursor: self.messages(conversation_id, cursor=cursor, limit=limit))

    def every_block(self, *, limit: int | None = None) -> AsyncIterator[Block]:
        """All blocks of the caller, page by page."""
        return every(lambda cursor: self.blocks(cursor=cursor, limit=limit))

    async def _gallery(
        self, conversation_id: str, name: str, kind: type[Any], cursor: str | None, limit: int | None
    ) -> Page[Any]:
        path = f"{CONVERSATIONS}/{segment(conversation_id)}/{name}"
        return await self._list(path, name, kind, cursor=cursor, limit=limit)

    async def _list(self, path: str, name: str, kind: type[Any], **params: str | int | None) -> Page[Any]:
        return page(await self.call(Call("GET", path, params, repeatable=True)), name, kind)
