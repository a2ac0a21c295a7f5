"""Rows locked by hand: they delay their own conversation, and nobody else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import pytest
from tests.pipeline.node import Node, People
from tests.pipeline.oracle import faults

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]

HOLD = 3.0  # seconds: three turns of a lane that waits 0.9 s
TURN = 0.5  # seconds: who is held up for a turn waits longer; a machine out of breath does so once, a lane at each of its turns


@pytest.mark.parametrize("held", ["position", "conversation"])
@pytest.mark.parametrize("item", ["send", "block"])
async def test_the_partners_other_conversations_go_on_while_one_waits_for_a_row(
    held: str, item: str, node: Node, people: People, admin: "Admin"
) -> None:
    """Whoever waits holds nothing meanwhile: not the conversation, and not the partner's own row."""
    partner, one, third = sorted(await people(3))  # locked in this order: the partner's row before the one that is held
    chat = (await node.open(one, partner)).conversation_id
    elsewhere = (await node.open(third, partner)).conversation_id
    locks: dict[str, tuple[str, UUID]] = {
        "position": ("SELECT FROM positions WHERE user_id = $1 FOR NO KEY UPDATE", one),
        "conversation": ("SELECT FROM conversations WHERE id = $1 FOR NO KEY UPDATE", chat),
    }
    works: dict[str, Callable[[], Awaitable[object]]] = {
        "send": lambda: node.send(one, chat, "waits"),
        "block": lambda: node.block(one, partner),
    }
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute(*locks[held])

    waiting = asyncio.ensure_future(works[item]())
    times: list[float] = []
    end = time.monotonic() + HOLD
    while time.monotonic() < end:
        began = time.monotonic()
        await node.send(third, elsewhere, "goes on")
        times.append(time.monotonic() - began)
    assert waiting.done() is (held == "conversation" and item == "block")
    await transaction.rollback()
    await waiting

    held_up = [seconds for seconds in times if seconds > TURN]
    assert len(held_up) <= 1, f"of {len(times)} sends of another conversation some took {held_up} s"
    assert await faults(admin) == {}
