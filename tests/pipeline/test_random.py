"""Everything at once, at random, on two nodes: what the pipeline must leave exact whatever meets in a flush."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import pytest
from tests.pipeline.node import Node, People
from tests.pipeline.oracle import faults

from duologue.core.errors import Blocked, Forbidden, NotFound, Unavailable
from duologue.core.model import Message

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]
StartNode = Callable[..., Awaitable[Node]]

# How often each kind comes, in parts of their sum.
KINDS = {
    "send": 10,
    "read": 3,
    "read up to": 2,
    "read only": 2,
    "deliver": 3,
    "unsend": 3,
    "forget": 2,
    "switch": 1,
    "block": 1,
    "unblock": 2,
}


class Crowd:
    """Users who do things to each other on several nodes, and the messages that they know of."""

    def __init__(self, nodes: list[Node], admin: "Admin", chats: Mapping[tuple[UUID, UUID], UUID], seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - repeatable chance
        self.counted: Counter[str] = Counter()
        self._nodes, self._chats = nodes, chats
        self._sent: list[Message] = []
        self._admin = admin
        self._switching = asyncio.Lock()  # one connection

    async def act(self) -> None:
        """Do something; a refusal by the product's rules is as good as anything."""
        kind = self.dice.choices(list(KINDS), list(KINDS.values()))[0]
        node = self.dice.choice(self._nodes)
        (one, other), chat = self.dice.choice(list(self._chats.items()))
        who, whom = self.dice.choice([(one, other), (other, one)])
        known = self.dice.choice(self._sent[-40:]) if self._sent else None
        try:
            if kind in {"read up to", "read only", "deliver", "unsend"}:
                if known is None:
                    return
                await self._about(kind, node, known)
            else:
                await self._do(kind, node, who, whom, chat)
        except (Blocked, NotFound, Forbidden):
            kind += " refused"
        except Unavailable:  # a machine so busy that 5 s were over; nothing was written
            kind += " too late"
        self.counted[kind] += 1

    async def _do(self, kind: str, node: Node, who: UUID, whom: UUID, chat: UUID) -> None:
        if kind == "send":
            self._sent.append((await node.send(who, chat, f"{self.dice.random()}")).message)
        elif kind == "read":
            await node.read(who, chat)
        elif kind == "forget":
            await node.forget(who, chat)
        elif kind == "block":
            await node.block(who, whom)
        elif kind == "unblock":
            await node.unblock(who, whom)
        else:
            async with self._switching:
                await self._admin.execute(
                    "UPDATE users SET send_read_receipts = NOT send_read_receipts WHERE id = $1", who
                )

    async def _about(self, kind: str, node: Node, message: Message) -> None:
        if kind == "read up to":
            await node.read(message.receiver_id, message.conversation_id, message.id)
        elif kind == "read only":
            more = [other.id for other in self._sent[-20:] if other.conversation_id == message.conversation_id]
            await node.read_only(message.receiver_id, message.conversation_id, message.id, *more)
        elif kind == "deliver":
            await node.deliver(message)
        else:
            await node.unsend(message)


@pytest.mark.parametrize("seed", [7, 8])
async def test_random_concurrent_operations_never_deadlock_and_leave_everything_exact(
    seed: int, start_node: StartNode, people: People, admin: "Admin"
) -> None:
    """Two nodes, six users, every kind of item at random: only product refusals, and all recounts agree."""
    nodes = [await start_node(), await start_node()]
    users = await people(6)
    chats = {}
    for i, one in enumerate(users):
        for other in users[i + 1 :]:
            chats[(one, other)] = (await nodes[0].open(one, other)).conversation_id
    crowd = Crowd(nodes, admin, chats, seed)
    before = await admin.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")

    async def person() -> None:
        for _ in range(20):
            await crowd.act()

    await asyncio.gather(*(person() for _ in range(100)))

    assert set(KINDS) - set(crowd.counted) == set(), "a kind never went through"
    assert await faults(admin) == {}
    assert await admin.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == before
    if any(name.endswith("too late") for name in crowd.counted):
        return  # what came too late may have been written, as nobody waited for its COMMIT
    facts = [fact for node in nodes for fact in node.published.facts]
    told = Counter((notice.user_id, notice.position) for fact in facts for notice in fact.notices)
    heads = {row["user_id"]: row["head"] for row in await admin.fetch("SELECT user_id, head FROM positions")}
    assert told == Counter({(user, at + 1): 1 for user, head in heads.items() for at in range(head)})
