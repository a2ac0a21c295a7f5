"""What a flush meets: connections lost during COMMIT, a database that goes read-only, faults of our own."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, People, pair
from tests.pipeline.oracle import faults
from tests.pipeline.proxy import Cut, Proxy, before

from duologue.core.errors import Unavailable
from duologue.core.events import ConversationDeleted, MessageDeleted, MessagesDelivered, MessageSent, MessagesRead

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]
StartNode = Callable[..., Awaitable[Node]]


@pytest.fixture
async def proxied(database: str, start_node: StartNode) -> AsyncIterator[tuple[Proxy, Node]]:
    """Give a node whose database lies behind a proxy that can cut."""
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:
        async with before(database, Path(folder)) as (proxy, dsn):
            yield proxy, await start_node(dsn)


@pytest.mark.parametrize("cut", Cut)
async def test_a_connection_cut_during_commit_loses_nothing_and_doubles_nothing(
    cut: Cut, proxied: tuple[Proxy, Node], people: People, admin: "Admin"
) -> None:
    """Whether or not PostgreSQL saw the COMMIT: every send is answered, stored once, published once; keyed or not."""
    proxy, node = proxied
    one, other = await people(2)
    conversation = (await node.open(one, other)).conversation_id
    await node.send(one, conversation, "before")

    proxy.cut = cut
    keys = [uuid4() if i % 2 else None for i in range(10)]
    answers = await asyncio.gather(*(node.send(one, conversation, f"{i}", keys[i]) for i in range(10)))
    marked = await node.read(other, conversation)

    assert proxy.cuts == 1
    assert not any(answer.replayed for answer in answers)
    stored = await admin.fetch(
        "SELECT id, content FROM messages WHERE conversation_id = $1 ORDER BY created_at", conversation
    )
    assert [row["id"] for row in stored[1:]] == [answer.message.id for answer in answers]
    assert sum(isinstance(fact, MessageSent) for fact in node.published.facts) == 11
    assert marked.count == 11
    assert await faults(admin) == {}


@pytest.mark.parametrize("cut", Cut)
async def test_a_read_and_a_block_survive_a_cut_commit(
    cut: Cut, proxied: tuple[Proxy, Node], people: People, admin: "Admin"
) -> None:
    """Items without a message id are recognised too: the answer says what was marked, not what a second try would find."""
    proxy, node = proxied
    one, other = await people(2)
    conversation = (await node.open(one, other)).conversation_id
    for text in "abc":
        await node.send(one, conversation, text)

    proxy.cut = cut
    marked = await node.read(other, conversation)
    proxy.cut = cut
    blocked = await node.block(one, other)

    assert (marked.count, blocked.changed, proxy.cuts) == (3, True, 2)
    assert await faults(admin) == {}


@pytest.mark.parametrize("cut", Cut)
async def test_deletions_and_deliveries_survive_a_cut_commit(
    cut: Cut, proxied: tuple[Proxy, Node], people: People, admin: "Admin"
) -> None:
    """Every kind: a second try finds its own work done and says so, both facts of a hidden reading included, each once."""
    proxy, node = proxied
    one, other, chat = await pair(node, people)
    await admin.execute("UPDATE users SET send_read_receipts = false WHERE id = $1", other)
    sent = [(await node.send(one, chat, str(i))).message for i in range(4)]

    outcomes: list[Any] = []
    work: tuple[Awaitable[Any], ...] = (
        node.deliver(sent[0]),
        node.read_only(other, chat, sent[1].id),
        node.unsend(sent[2]),
        node.forget(other, chat),
    )
    for each in work:
        proxy.cut = cut
        outcomes.append(await each)
    proxy.cut = cut
    together = await asyncio.gather(
        node.send(one, chat, "back"), node.read(other, chat), node.unsend(sent[3]), node.forget(one, chat)
    )

    assert proxy.cuts == 5
    delivered, marked, gone, forgotten = outcomes
    assert (delivered.moved, marked.count, gone.message_id, forgotten.changed) == (True, 1, sent[2].id, True)
    assert (together[1].count, together[2].message_id, together[3].changed) == (1, sent[3].id, True)
    told = Counter(type(fact) for fact in node.published.facts)
    assert (told[MessagesRead], told[MessageDeleted]) == (2, 2)
    assert (told[MessagesDelivered], told[ConversationDeleted], told[MessageSent]) == (3, 2, 5)
    assert node.facts(MessageSent)[-1].notices[1].conversation is not None
    positions = [notice.position for fact in node.published.facts for notice in fact.notices if notice.user_id == one]
    assert positions == list(range(1, len(positions) + 1))
    assert await faults(admin) == {}


async def test_a_read_only_database_answers_unavailable_and_recovers(
    proxied: tuple[Proxy, Node], people: People, admin: "Admin"
) -> None:
    """25006: `Unavailable` at once, the connection is dropped; once writable again the next send goes through."""
    _, node = proxied
    one, other = await people(2)
    conversation = (await node.open(one, other)).conversation_id
    name = await admin.fetchval("SELECT current_database()")
    everybody_else = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    )
    await admin.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    await admin.execute(everybody_else, name)

    with pytest.raises(Unavailable):
        await node.send(one, conversation, "not now")
    await admin.execute("SET default_transaction_read_only = off")
    await admin.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
    sent = await node.send(one, conversation, "now")

    assert [row["id"] for row in await admin.fetch("SELECT id FROM messages")] == [sent.message.id]


async def test_a_database_that_is_away_is_answered_in_time_and_recovers(
    database: str, start_node: StartNode, people: People, admin: "Admin"
) -> None:
    """No connection to be had: `Unavailable` with retryAfter, and the lanes go on when it is back."""
    one, other = await people(2)
    with tempfile.TemporaryDirectory(prefix="cut-") as folder:
        async with before(database, Path(folder)) as (_, dsn):
            node = await start_node(dsn)
            conversation = (await node.open(one, other)).conversation_id
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with pytest.raises(Unavailable) as refused:
            await node.send(one, conversation, "nobody there")
        async with before(database, Path(folder)):
            assert (await node.send(one, conversation, "back")).message.content == "back"

    assert refused.value.retry_after
    assert await admin.fetchval("SELECT count(*) FROM messages") == 1


async def test_a_database_that_hangs_is_answered_after_five_seconds_and_recovers(
    proxied: tuple[Proxy, Node], people: People, admin: "Admin"
) -> None:
    """Connections stay, nothing comes back: those in the flush and those behind it are refused, and never written later."""
    proxy, node = proxied
    one, other = await people(2)
    conversation = (await node.open(one, other)).conversation_id
    proxy.thaw.clear()
    loop = asyncio.get_running_loop()
    began = loop.time()
    sending = [asyncio.ensure_future(node.send(one, conversation, "hangs"))]
    await asyncio.wait(sending, timeout=0.1)
    sending += [asyncio.ensure_future(node.send(one, conversation, "behind it")) for _ in range(5)]

    outcomes = await asyncio.gather(*sending, return_exceptions=True)
    took = loop.time() - began
    proxy.thaw.set()
    async with asyncio.timeout(5):
        after = await node.send(one, conversation, "later")

    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert 4.5 < took < 8
    assert [row["id"] for row in await admin.fetch("SELECT id FROM messages")] == [after.message.id]


async def test_stopping_answers_what_is_in_flight(proxied: tuple[Proxy, Node], people: People) -> None:
    """Nobody is left waiting for an answer that cannot come any more."""
    proxy, node = proxied
    one, other = await people(2)
    conversation = (await node.open(one, other)).conversation_id
    proxy.thaw.clear()
    sending = [asyncio.ensure_future(node.send(one, conversation, "in flight"))]
    await asyncio.wait(sending, timeout=0.1)
    sending.append(asyncio.ensure_future(node.send(one, conversation, "queued")))
    await asyncio.wait(sending, timeout=0.1)

    await node.lanes.stop(patience=0.1)

    async with asyncio.timeout(1):
        outcomes = await asyncio.gather(*sending, return_exceptions=True)
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    with pytest.raises(Unavailable):
        await node.send(one, conversation, "after the stop")
