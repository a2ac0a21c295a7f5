"""Who was shut out: items of theirs and to them that come later than the change are refused, but what ends a block still passes."""

from typing import TYPE_CHECKING

import asyncpg
import pytest
from tests.pipeline.node import Node

from duologue.core.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    People = Callable[[int], Awaitable[list[UUID]]]
    Admin = asyncpg.Connection[asyncpg.Record]


@pytest.mark.parametrize("state", ["deactivated", "erased"])
async def test_who_was_shut_out_neither_writes_nor_opens_nor_blocks(
    node: Node, people: "People", admin: "Admin", state: str
) -> None:
    """An erasure takes their blocks away, and none comes behind it."""
    gone, partner, stranger, blocked = await people(4)
    conversation = (await node.open(gone, partner)).conversation_id
    await node.block(gone, blocked)
    await admin.execute("UPDATE users SET state = $2 WHERE id = $1", gone, state)
    for refused in (
        node.send(gone, conversation),
        node.send(partner, conversation),
        node.open(gone, stranger),
        node.open(stranger, gone),
        node.block(gone, partner),
    ):
        with pytest.raises(Forbidden):
            await refused
    await node.unblock(gone, blocked)
    assert await admin.fetchval("SELECT count(*) FROM blocks") == 0
    assert await admin.fetchval("SELECT count(*) FROM messages") == 0
