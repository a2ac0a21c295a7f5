"""Twins of one key under way on a node, and blocks at their door: the use cases over a real pipeline."""

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, People, SystemClock, pair
from tests.pipeline.oracle import faults

from duologue.brokers.memory.limits import MemoryLimiter
from duologue.core.blocks import NO_NAME, Blocks
from duologue.core.errors import Blocked, Conflict, Internal, RateLimited, ValidationFailed
from duologue.core.events import MessageSent
from duologue.core.items import Sent
from duologue.core.model import Caller, User
from duologue.core.ports import Charge, Limit
from duologue.core.sends import Draft, Sends
from duologue.storage.blocks import BlockStore
from duologue.storage.messages import MessageStore
from duologue.storage.users import UserStore

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]


class Breaking(MemoryLimiter):
    """A limiter that breaks at its second charge."""

    charges = 0

    async def charge(self, name: str, key: str) -> Charge:
        """Charge, once."""
        self.charges += 1
        if self.charges > 1:
            raise ArithmeticError
        return await super().charge(name, key)


def sending(node: Node, *, a_minute: int = 100, kind: type[MemoryLimiter] = MemoryLimiter) -> Sends:
    """Return the use case of sending over a node."""
    limiter = kind(SystemClock(), {"send_message": Limit("send_message", a_minute, 60.0)})
    store = MessageStore(node.store)
    return Sends(pipeline=node.lanes, store=store, limiter=limiter, presence=node.presence, ids=uuid4)


def caller(user_id: UUID) -> Caller:
    """Return a user as one who asks."""
    return Caller(User(user_id, str(user_id)), 0)


async def test_twins_of_a_refused_send_are_judged_anew(node: Node, people: People, admin: "Admin") -> None:
    """Each for itself: the first of them that may be sent is sent, and the others are its replays."""
    one, other, chat = await pair(node, people)
    sends, draft = sending(node), Draft("hello", key=uuid4())
    await node.block(other, one)

    work = [asyncio.ensure_future(sends.send(caller(one), chat, draft)) for _ in range(3)]
    refused = await asyncio.gather(*work, node.unblock(other, one), return_exceptions=True)
    answers = await asyncio.gather(*(sends.send(caller(one), chat, draft) for _ in range(3)))

    assert isinstance(refused[0], Blocked)
    assert [type(outcome) for outcome in refused[1:3]] == [Sent, Sent]
    assert all(answer.replayed for answer in answers)
    assert len(node.facts(MessageSent)) == 1
    with pytest.raises(Conflict):
        await sends.send(caller(one), chat, Draft("another", key=draft.key))
    assert await faults(admin) == {}


async def test_a_twin_that_is_judged_anew_meets_the_limit(node: Node, people: People) -> None:
    """Like any send: what its twin was charged does not pay for it."""
    one, other, chat = await pair(node, people)
    sends, draft = sending(node, a_minute=1), Draft("hello", key=uuid4())
    await node.block(other, one)

    first, twin = await asyncio.gather(
        *(sends.send(caller(one), chat, draft) for _ in range(2)), return_exceptions=True
    )

    assert isinstance(first, Blocked)
    assert isinstance(twin, RateLimited)


async def test_a_fault_of_ours_leaves_no_twin_waiting(node: Node, people: People) -> None:
    """It is answered, and what happened is not swallowed."""
    one, other, chat = await pair(node, people)
    sends, draft = sending(node, kind=Breaking), Draft("hello", key=uuid4())
    await node.block(other, one)
    told: list[object] = []
    heard = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        told.append(context["exception"])
        heard.set()

    loop.set_exception_handler(hear)
    try:
        async with asyncio.timeout(5):
            first, twin = await asyncio.gather(
                *(sends.send(caller(one), chat, draft) for _ in range(2)), return_exceptions=True
            )
            await heard.wait()
    finally:
        loop.set_exception_handler(None)

    assert isinstance(first, Blocked)
    assert isinstance(twin, Internal)
    assert [type(fault) for fault in told] == [ArithmeticError]


async def test_a_block_names_somebody(node: Node, people: People) -> None:
    """RK-02: an empty name is no user's."""
    one, _, _ = await pair(node, people)
    store, users = BlockStore(node.store), UserStore(node.store)
    blocks = Blocks(pipeline=node.lanes, store=store, users=users, presence=node.presence, ids=uuid4)

    with pytest.raises(ValidationFailed, match=NO_NAME):
        await blocks.put(caller(one), "")
