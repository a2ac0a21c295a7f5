"""A node's write side for tests: pool, queue, lanes and ledger, without sockets or dialects."""

import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

from duologue.brokers.memory.presence import MemoryPresence
from duologue.core.answers import Answering
from duologue.core.events import Event, Fact
from duologue.core.items import BlockGone, BlockPut, Item, Marked, Open, Opened, PutBlock, Read, RemoveBlock, Send, Sent
from duologue.core.model import MessageType
from duologue.core.text import fingerprint
from duologue.pipeline.flush import Flush
from duologue.pipeline.lanes import Lanes
from duologue.pipeline.queue import Queue
from duologue.storage.ledger import Ledger
from duologue.storage.postgres import Postgres


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

    async def block(self, user_id: UUID, other_id: UUID) -> BlockPut:
        """Block."""
        return cast("BlockPut", await self.ask(PutBlock, user_id=user_id, other_id=other_id, block_id=uuid4()))

    async def unblock(self, user_id: UUID, other_id: UUID) -> BlockGone:
        """Unblock."""
        return cast("BlockGone", await self.ask(RemoveBlock, user_id=user_id, other_id=other_id))


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
    return Node(store, lanes, flush, published)
