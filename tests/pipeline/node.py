"""A node's write side for tests: pool, queue, lanes and ledger, without sockets or dialects."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from duologue.brokers.memory.presence import MemoryPresence
from duologue.core.answers import Answering
from duologue.core.events import Event, Fact
from duologue.core.items import (
    BlockGone,
    BlockPut,
    ConversationGone,
    DeleteConversation,
    DeleteMessage,
    Deliver,
    Delivered,
    Item,
    Marked,
    MessageGone,
    Open,
    Opened,
    PutBlock,
    Read,
    RemoveBlock,
    Send,
    Sent,
)
from duologue.core.model import Message, MessageType
from duologue.core.text import fingerprint
from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.storage.ledger import Ledger
from duologue.storage.postgres import Postgres

T = TypeVar("T")
People = Callable[[int], Awaitable[list[UUID]]]


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Unix seconds."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


@dataclass
class Published:
    """A broker that keeps what was published."""

    facts: list[Fact] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        """Keep them."""
        self.facts.extend(cast("Sequence[Fact]", events))

    def subscribe(self, deliver: Callable[[Sequence[Event]], None]) -> None:
        """Nobody listens here."""


@dataclass
class Node:
    """One server's write side."""

    store: Postgres
    lanes: Lanes
    flush: Flush
    published: Published
    presence: MemoryPresence

    def facts(self, kind: type[T]) -> list[T]:
        """The published facts of a kind, in order."""
        return [fact for fact in self.published.facts if isinstance(fact, kind)]

    async def ask(self, make: Callable[..., Item], **values: Any) -> Any:
        """Enter an item and wait for its outcome; raises what refused it."""
        answering = Answering[Any]()
        await self.lanes.enter(make(done=answering.done, **values))
        return await answering.result()

    async def open(self, user_id: UUID, other_id: UUID) -> Opened:
        """Open a conversation."""
        return cast("Opened", await self.ask(Open, user_id=user_id, other_id=other_id, conversation_id=uuid4()))

    async def send(self, user_id: UUID, conversation_id: UUID, text: str = "Hello!", key: UUID | None = None) -> Sent:
        """Send a text."""
        mark = fingerprint(conversation_id, MessageType.TEXT, text) if key else b""
        values = {"message_id": uuid4(), "type": MessageType.TEXT, "content": text, "key": key, "fingerprint": mark}
        return cast("Sent", await self.ask(Send, user_id=user_id, conversation_id=conversation_id, **values))

    async def read(self, user_id: UUID, conversation_id: UUID, message_id: UUID | None = None) -> Marked:
        """Mark as read."""
        answer = await self.ask(Read, user_id=user_id, conversation_id=conversation_id, message_id=message_id)
        return cast("Marked", answer)

    async def read_only(self, user_id: UUID, conversation_id: UUID, *message_ids: UUID) -> Marked:
        """Mark these and no others as read."""
        answer = await self.ask(Read, user_id=user_id, conversation_id=conversation_id, only=message_ids)
        return cast("Marked", answer)

    async def deliver(self, message: Message) -> Delivered:
        """Mark as delivered, up to a message."""
        where = {"user_id": message.receiver_id, "conversation_id": message.conversation_id}
        answer = await self.ask(Deliver, **where, message_id=message.id, up_to=message.created_at)
        return cast("Delivered", answer)

    async def unsend(self, message: Message, *, by: UUID | None = None, as_operator: bool = False) -> MessageGone:
        """Delete a message for both, by its sender unless somebody else is named."""
        who = None if as_operator else by or message.sender_id
        where = {"user_id": who or message.sender_id, "conversation_id": message.conversation_id}
        answer = await self.ask(DeleteMessage, **where, message_id=message.id, deleted_by=who)
        return cast("MessageGone", answer)

    async def forget(self, user_id: UUID, conversation_id: UUID) -> ConversationGone:
        """Delete a conversation for one side."""
        answer = await self.ask(DeleteConversation, user_id=user_id, conversation_id=conversation_id)
        return cast("ConversationGone", answer)

    async def block(self, user_id: UUID, other_id: UUID) -> BlockPut:
        """Block."""
        return cast("BlockPut", await self.ask(PutBlock, user_id=user_id, other_id=other_id, block_id=uuid4()))

    async def unblock(self, user_id: UUID, other_id: UUID) -> BlockGone:
        """Unblock."""
        return cast("BlockGone", await self.ask(RemoveBlock, user_id=user_id, other_id=other_id))


async def pair(node: Node, people: People) -> tuple[UUID, UUID, UUID]:
    """Two users and their conversation."""
    one, other = await people(2)
    return one, other, (await node.open(one, other)).conversation_id


async def start_node(dsn: str, stack: AsyncExitStack) -> Node:
    """Start a node; the stack ends it."""
    store = Postgres(dsn)
    await store.open()
    stack.push_async_callback(store.close)
    published, clock = Published(), SystemClock()
    ledgers = (Ledger(store.connect), Ledger(store.connect))
    presence = MemoryPresence(clock, 60.0)
    flush, second = (Flush(ledger, clock=clock, presence=presence) for ledger in ledgers)
    lanes = Lanes(queue=Queue(clock=clock), first=flush, second=second, broker=published, clock=clock)
    lanes.start()
    for ledger in ledgers:
        stack.push_async_callback(ledger.close)
    stack.push_async_callback(lanes.stop)
    return Node(store, lanes, flush, published, presence)
