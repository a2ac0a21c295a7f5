"""The oldest PostgreSQL we promise, one between, and the embedded one: the same schema, statements and locks on each."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, start_node
from tests.pipeline.oracle import faults

from duologue.core.model import Gallery
from duologue.storage import checks
from duologue.storage.blocks import BlockStore
from duologue.storage.connects import ConnectStore
from duologue.storage.conversations import ConversationStore
from duologue.storage.embedded import EmbeddedPostgres
from duologue.storage.events import EventLog
from duologue.storage.messages import MessageStore
from duologue.storage.migrate import Migrator
from duologue.storage.users import UserStore

PG15 = Path(os.environ.get("DUOLOGUE_TEST_PG15") or "/usr/lib/postgresql/15/bin")
VERSIONS = [
    pytest.param(
        15,
        marks=pytest.mark.skipif(
            not (PG15 / "postgres").exists() and not os.environ.get("CI"),
            reason="PostgreSQL 15 is not installed; scripts/system.py installs it",
        ),
    ),
    16,
    18,
]


@pytest.fixture
async def dsn(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Give a migrated database on a server of the asked version."""
    major = int(request.param)
    folder = Path(tempfile.mkdtemp(prefix="version-"))
    postgres = EmbeddedPostgres(folder, major=major, binaries=PG15 if major == 15 else None)
    try:
        dsn = await postgres.start()
        await Migrator(dsn).up()
        yield dsn
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def talk(node: Node, one: UUID, other: UUID) -> UUID:
    """Let two people do everything there is."""
    conversation = (await node.open(one, other)).conversation_id
    key = uuid4()
    first = await node.send(one, conversation, "see https://example.com", key)
    assert (await node.send(one, conversation, "see https://example.com", key)).message.id == first.message.id
    await node.send(other, conversation, "seen")
    assert (await node.read(other, conversation)).count == 1
    await node.block(one, other)
    await node.unblock(one, other)
    return conversation


@pytest.mark.parametrize("dsn", VERSIONS, indirect=True, ids=lambda major: f"postgresql-{major}")
async def test_everything_works_on_every_version_we_promise(dsn: str) -> None:
    """Write through the pipeline, read through every store, recount, undo the migrations."""
    async with AsyncExitStack() as stack:
        node = await start_node(dsn, stack)
        one, other = uuid4(), uuid4()
        admin = await asyncpg.connect(dsn)
        stack.push_async_callback(admin.close)
        for user in (one, other):
            await admin.execute("INSERT INTO users (id, username, username_key) VALUES ($1, $2, $2)", user, str(user))
            await admin.execute("INSERT INTO positions (user_id) VALUES ($1)", user)

        conversation = await talk(node, one, other)

        viewer = await UserStore(node.store).get(other)
        assert viewer is not None
        listed = await ConversationStore(node.store).page(viewer, None, 20)
        history = await MessageStore(node.store).page(other, conversation, before=None, after=None, limit=20)
        media = await MessageStore(node.store).media(other, conversation, None, 20)
        files = await MessageStore(node.store).carriers(other, conversation, Gallery.FILES, before=None, limit=20)
        links = await MessageStore(node.store).links(other, conversation, None, 20)
        assert [found.id for found in listed.items] == [conversation]
        assert [message.content for message in history.items] == ["seen", "see https://example.com"]
        assert (list(media.items), list(files.items)) == ([], [])
        assert len(links.items) == 0  # they are found at the door, which this node has not
        assert list((await BlockStore(node.store).page(one, None, 20)).items) == []
        assert len((await EventLog(node.store).after(other, 0, 200)).facts) == 6
        assert (await ConnectStore(node.store).load([one]))[one].partners == [other]
        assert await faults(admin) == {}
        assert not any(finding.faults for finding in await checks.check(node.store))
        assert await EventLog(node.store).prune(datetime(2100, 1, 1, tzinfo=UTC)) > 0
    assert await Migrator(dsn).down()
