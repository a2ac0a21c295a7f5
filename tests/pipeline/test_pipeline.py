"""The send pipeline on a real database: order, locks, keys, blocks, and what must survive races."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, People, pair
from tests.pipeline.oracle import faults

from duologue.core.errors import Blocked, ChatError, Conflict, NotFound, NotParticipant, Unavailable
from duologue.core.events import MessageSent, MessagesRead

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]
StartNode = Callable[..., Awaitable[Node]]


async def test_t012_twenty_concurrent_first_contacts_make_one_conversation(
    start_node: StartNode, people: People, admin: "Admin"
) -> None:
    """Both sides open at once, on two nodes: one row, one id, one fact each."""
    nodes = [await start_node(), await start_node()]
    one, other = await people(2)

    asked = [nodes[i % 2].open(*((one, other) if i % 3 else (other, one))) for i in range(20)]
    opened = await asyncio.gather(*asked)

    assert len({answer.conversation_id for answer in opened}) == 1
    assert [answer.created for answer in opened].count(True) == 1
    assert (
        await admin.fetchval("SELECT count(*) FROM conversations WHERE user1_id = ANY($1::uuid[])", [one, other]) == 1
    )
    assert await faults(admin) == {}


async def test_a_hundred_parallel_sends_with_one_key_make_one_message(
    start_node: StartNode, people: People, admin: "Admin"
) -> None:
    """G-08: two nodes, one key: 100 equal answers, one row, one fact per user."""
    nodes = [await start_node(), await start_node()]
    one, _, conversation = await pair(nodes[0], people)
    key = uuid4()

    answers = await asyncio.gather(*(nodes[i % 2].send(one, conversation, "once", key) for i in range(100)))

    assert len({(a.message.id, a.message.created_at, a.message.content) for a in answers}) == 1
    assert [a.replayed for a in answers].count(False) == 1
    assert await admin.fetchval("SELECT count(*) FROM messages WHERE conversation_id = $1", conversation) == 1
    assert sum(isinstance(fact, MessageSent) for node in nodes for fact in node.published.facts) == 1


async def test_a_key_with_another_text_is_a_conflict(node: Node, people: People, admin: "Admin") -> None:
    """G-08: the same key for something else stores nothing."""
    one, _, conversation = await pair(node, people)
    key = uuid4()
    await node.send(one, conversation, "first", key)

    with pytest.raises(Conflict):
        await node.send(one, conversation, "second", key)

    assert await admin.fetchval("SELECT count(*) FROM messages WHERE conversation_id = $1", conversation) == 1


async def test_a_replay_is_answered_even_when_sending_is_refused_by_now(node: Node, people: People) -> None:
    """Design part 1: the key is looked up before every rule."""
    one, other, conversation = await pair(node, people)
    key = uuid4()
    first = await node.send(one, conversation, "hi", key)
    await node.block(other, one)

    again = await node.send(one, conversation, "hi", key)

    assert (again.replayed, again.message.id) == (True, first.message.id)


async def test_a_block_that_commits_while_a_send_waits_refuses_that_send(
    node: Node, people: People, admin: "Admin"
) -> None:
    """The facts are read after the locks, so the send sees the block it waited for."""
    one, other, conversation = await pair(node, people)
    blocking = await asyncpg.connect(dsn=node.store._dsn)
    transaction = blocking.transaction()
    await transaction.start()
    await blocking.execute(
        "SELECT FROM positions WHERE user_id = ANY($1::uuid[]) ORDER BY user_id FOR NO KEY UPDATE", [one, other]
    )
    sending = asyncio.ensure_future(node.send(one, conversation))
    await asyncio.wait({sending}, timeout=0.3)
    assert not sending.done()
    await blocking.execute(
        "INSERT INTO blocks (id, blocker_id, blocked_id, created_at) VALUES ($1, $2, $3, now())", uuid4(), other, one
    )
    await transaction.commit()
    await blocking.close()

    with pytest.raises(Blocked):
        await sending

    assert await admin.fetchval("SELECT count(*) FROM messages WHERE conversation_id = $1", conversation) == 0


async def test_t056_fifty_concurrent_senders_leave_exact_unread_counts(
    start_node: StartNode, people: People, admin: "Admin"
) -> None:
    """Fifty partners write to one user at once, over two nodes."""
    nodes = [await start_node(), await start_node()]
    receiver, *senders = await people(51)
    conversations = [(await nodes[0].open(sender, receiver)).conversation_id for sender in senders]

    await asyncio.gather(*(nodes[i % 2].send(senders[i], conversations[i]) for i in range(50)))

    assert await admin.fetchval("SELECT unread_total FROM positions WHERE user_id = $1", receiver) == 50
    assert await faults(admin) == {}


async def test_a_row_locked_by_hand_delays_only_its_own_conversation(
    node: Node, people: People, admin: "Admin"
) -> None:
    """Psql holds one conversation's row: its send waits, others go on, and it goes through when the row is free."""
    one, _, held = await pair(node, people)
    pairs = [await pair(node, people) for _ in range(5)]
    third = (await people(1))[0]
    same_user = (await node.open(one, third)).conversation_id
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", held)

    waiting = asyncio.ensure_future(node.send(one, held, "waits"))
    async with asyncio.timeout(2):
        for sender, _, conversation in pairs:
            await node.send(sender, conversation, "goes on")
        await node.send(third, same_user, "goes on too")
    assert not waiting.done()
    await transaction.rollback()

    assert (await waiting).message.content == "waits"
    assert await faults(admin) == {}


async def test_an_item_without_outcome_after_five_seconds_is_refused_and_never_written(
    node: Node, people: People, admin: "Admin"
) -> None:
    """Design part 3: UNAVAILABLE with retryAfter, and not written later."""
    one, _, held = await pair(node, people)
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", held)

    with pytest.raises(Unavailable) as refused:
        await node.send(one, held, "too late")
    await transaction.rollback()
    after = await node.send(one, held, "later")

    assert refused.value.retry_after
    assert after.message.content == "later"
    assert [
        row["content"] for row in await admin.fetch("SELECT content FROM messages WHERE conversation_id = $1", held)
    ] == ["later"]


async def test_order_is_kept_while_a_conversation_waits_in_the_second_lane(
    node: Node, people: People, admin: "Admin"
) -> None:
    """Later items of a held conversation follow it: commit order is arrival order."""
    one, other, held = await pair(node, people)
    transaction = admin.transaction()
    await transaction.start()
    await admin.execute("SELECT FROM conversations WHERE id = $1 FOR UPDATE", held)
    sending = [asyncio.ensure_future(node.send(one if i % 2 else other, held, f"{i:02}")) for i in range(20)]
    await asyncio.wait(sending, timeout=1.2)
    more = [asyncio.ensure_future(node.send(one, held, f"{i:02}")) for i in range(20, 30)]
    await asyncio.wait(more, timeout=0.1)
    await transaction.rollback()
    await asyncio.gather(*sending, *more)

    stored = await admin.fetch("SELECT content FROM messages WHERE conversation_id = $1 ORDER BY created_at, id", held)

    assert [row["content"] for row in stored] == [f"{i:02}" for i in range(30)]


async def test_a_bad_item_is_refused_alone(node: Node, people: People, admin: "Admin") -> None:
    """SQLSTATE 22 and 23 are one item's fault: the batch is halved until it stands alone."""
    one, _, conversation = await pair(node, people)
    texts = [f"fine {i}" for i in range(9)]
    texts.insert(4, "a NUL \0 that PostgreSQL refuses")

    outcomes = await asyncio.gather(*(node.send(one, conversation, text) for text in texts), return_exceptions=True)

    assert [isinstance(outcome, ChatError) for outcome in outcomes] == [i == 4 for i in range(10)]
    stored = await admin.fetch(
        "SELECT content FROM messages WHERE conversation_id = $1 ORDER BY created_at", conversation
    )
    assert [row["content"] for row in stored] == texts[:4] + texts[5:]


async def test_reads_and_sends_of_one_flush_see_each_other(node: Node, people: People, admin: "Admin") -> None:
    """A read marks what came before it in the batch, not what came after."""
    one, other, conversation = await pair(node, people)
    first = await node.send(one, conversation, "0")

    _, marked, _, again = await asyncio.gather(
        node.send(one, conversation, "1"),
        node.read(other, conversation),
        node.send(one, conversation, "2"),
        node.read(other, conversation),
    )

    assert (marked.count, marked.unread_count) == (2, 0)
    assert (again.count, again.total_unread) == (1, 0)
    read = [fact for fact in node.published.facts if isinstance(fact, MessagesRead)]
    assert [fact.count for fact in read] == [2, 1]
    assert read[0].message_ids[-1] == first.message.id
    assert await faults(admin) == {}


async def test_c28_read_up_to_a_message_leaves_the_later_ones(node: Node, people: People) -> None:
    """T-052: three unread, marked up to the second: one remains; an unknown message is 404."""
    one, other, conversation = await pair(node, people)
    sent = [await node.send(one, conversation, str(i)) for i in range(3)]

    marked = await node.read(other, conversation, sent[1].message.id)

    assert (marked.count, marked.unread_count, marked.total_unread) == (2, 1, 1)
    assert (await node.read(other, conversation, sent[1].message.id)).read_at is None
    with pytest.raises(NotFound):
        await node.read(other, conversation, uuid4())


async def test_only_participants_write(node: Node, people: People) -> None:
    """T-032, T-033, T-054: unknown conversation, stranger."""
    _, _, conversation = await pair(node, people)
    stranger = (await people(1))[0]

    for asked in (node.send(stranger, conversation), node.read(stranger, conversation)):
        with pytest.raises(NotParticipant):
            await asked
    with pytest.raises(NotFound):
        await node.send(stranger, uuid4())


async def test_a_block_takes_the_conversation_out_of_the_others_totals_and_back(
    node: Node, people: People, admin: "Admin"
) -> None:
    """G-22 as design part 5 narrows it: hidden for the blocked one, untouched for the blocker."""
    one, other, conversation = await pair(node, people)
    for _ in range(3):
        await node.send(one, conversation)
    await node.send(other, conversation)

    async def totals() -> list[int]:
        return [
            await admin.fetchval("SELECT unread_total FROM positions WHERE user_id = $1", user) for user in (one, other)
        ]

    assert await totals() == [1, 3]
    await node.block(one, other)
    assert await totals() == [1, 0]
    await node.block(other, one)
    assert await totals() == [0, 0]
    await node.unblock(one, other)
    assert await totals() == [0, 3]
    await node.unblock(other, one)
    assert await totals() == [1, 3]
    assert await faults(admin) == {}
