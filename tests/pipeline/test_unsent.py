"""A send claims a file at the moment in which it is removed as never sent: one of them wins, and nothing is left half (FST-46, G-31)."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, People, pair
from tests.pipeline.oracle import faults
from tests.shelf import Shelf
from tests.storage.waiting import lock_is_waited_for

from duologue.core.attachments import UNKNOWN
from duologue.core.errors import ValidationFailed
from duologue.core.files import StoredFile
from duologue.core.items import Send, Sent
from duologue.core.model import MessageType
from duologue.storage.housekeeping import HousekeepingStore

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]

NOW = datetime.now(UTC)


@pytest.fixture
def shelf(node: Node, tmp_path: Path) -> Shelf:
    """Give the node's files."""
    return Shelf(node.store, tmp_path / "files")


async def send(node: Node, user_id: UUID, conversation_id: UUID, file: StoredFile) -> Sent:
    """Send a file."""
    where = {"user_id": user_id, "conversation_id": conversation_id, "attachments": [(file.id, uuid4())]}
    answer = await node.ask(Send, message_id=uuid4(), type=MessageType.IMAGE, content=None, **where)
    return cast("Sent", answer)


async def test_a_send_that_holds_the_file_wins(node: Node, people: People, shelf: Shelf, admin: "Admin") -> None:
    """It has judged and is about to write: the removal passes the file by, and the message has it."""
    one, _, chat = await pair(node, people)
    file = await shelf.take_in(one, at=NOW - timedelta(days=2))
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("LOCK TABLE messages IN SHARE MODE")  # reads go on, a message is not written
    sending = asyncio.create_task(send(node, one, chat, file))
    await lock_is_waited_for(node.store)
    assert await HousekeepingStore(node.store).remove_unsent(NOW, 500) == (0, [])
    await transaction.rollback()
    assert [shown.id for shown in (await sending).message.attachments] == [file.id]
    assert await HousekeepingStore(node.store).remove_unsent(NOW, 500) == (0, [])
    assert await shelf.ids() == {file.id}
    assert await shelf.use(one) == (1, file.size)
    assert await faults(admin) == {}


async def test_a_send_that_comes_late_is_refused(node: Node, people: People, shelf: Shelf, admin: "Admin") -> None:
    """The removal is about to commit: the send waits for it, then the file is unknown and nothing was sent; text goes on."""
    one, _, chat = await pair(node, people)
    file = await shelf.take_in(one, at=NOW - timedelta(days=2))
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SELECT FROM storage_use WHERE owner_id = $1 FOR NO KEY UPDATE", one)
    removing = asyncio.create_task(HousekeepingStore(node.store).remove_unsent(NOW, 500))
    await lock_is_waited_for(node.store)
    sending = asyncio.create_task(send(node, one, chat, file))
    await two_wait(admin)
    await transaction.rollback()
    assert await removing == (1, file.keys)
    with pytest.raises(ValidationFailed, match=UNKNOWN):
        await sending
    await node.send(one, chat, "goes on")
    assert await node.store.fetchval("SELECT count(*) FROM messages") == 1
    assert await shelf.use(one) == (0, 0)
    assert await faults(admin) == {}


async def two_wait(admin: "Admin") -> None:
    """Return when two statements wait for locks."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(5):
        while await admin.fetchval(waiting) < 2:
            await asyncio.sleep(0.01)
            await admin.execute("SELECT pg_stat_clear_snapshot()")
