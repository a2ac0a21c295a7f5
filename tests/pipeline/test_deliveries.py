"""Delivered marks and readings in the pipeline: how far they move, and what the sender may learn of them."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import pytest
from tests.pipeline.node import Node, People, pair
from tests.pipeline.oracle import faults

from duologue.core.errors import NotParticipant
from duologue.core.events import MessagesDelivered, MessagesRead

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]


async def hide_receipts(admin: "Admin", user: UUID) -> None:
    """Switch a user's read receipts off."""
    await admin.execute("UPDATE users SET send_read_receipts = false WHERE id = $1", user)


async def delivered_to(admin: "Admin", user: UUID) -> datetime:
    """Return how far delivery to a user of one conversation was marked."""
    found: datetime = await admin.fetchval(
        "SELECT delivered_to FROM conversation_participants WHERE user_id = $1", user
    )
    return found


async def test_a_delivery_is_a_fact_for_the_sender_once(node: Node, people: People, admin: "Admin") -> None:
    """One mark for all up to it; the same again, or an older one, moves nothing and is no fact."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(3)]

    moved = [(await node.deliver(message)).moved for message in (sent[1], sent[1], sent[0], sent[2])]

    assert moved == [True, False, False, True]
    facts = node.facts(MessagesDelivered)
    assert [(fact.conversation_id, fact.receiver_id, fact.up_to) for fact in facts] == [
        (chat, other, sent[1].id),
        (chat, other, sent[2].id),
    ]
    assert [[notice.user_id for notice in fact.notices] for fact in facts] == [[one], [one]]
    assert await delivered_to(admin, other) == sent[2].created_at
    stranger = (await people(1))[0]
    sent[0].receiver_id = stranger
    with pytest.raises(NotParticipant):
        await node.deliver(sent[0])
    assert await faults(admin) == {}


async def test_no_delivery_crosses_a_block(node: Node, people: People, admin: "Admin") -> None:
    """Design part 5, Blocks: in neither direction, not by a reading either; the next one after it tells of all."""
    one, other, chat = await pair(node, people)
    first, second = (await node.send(one, chat)).message, (await node.send(one, chat)).message
    await node.block(other, one)
    assert not (await node.deliver(first)).moved
    assert (await node.read(other, chat, first.id)).count == 1
    await node.unblock(other, one)

    assert (await node.deliver(second)).moved

    assert [fact.up_to for fact in node.facts(MessagesDelivered)] == [second.id]
    assert await faults(admin) == {}


async def test_the_mark_stands_at_a_message_that_is_still_there(node: Node, people: People, admin: "Admin") -> None:
    """What was deleted before the mark is judged, earlier or in the same flush, cannot tell a sender how far delivery came."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(4)]
    await node.send(other, chat, "an answer")
    await node.unsend(sent[3])

    _, delivered = await asyncio.gather(node.unsend(sent[2]), node.deliver(sent[3]))
    await node.unsend(sent[1])
    older = await node.deliver(sent[2])

    assert (delivered.moved, older.moved) == (True, False)
    assert [fact.up_to for fact in node.facts(MessagesDelivered)] == [sent[1].id]
    assert await delivered_to(admin, other) == sent[1].created_at
    assert await faults(admin) == {}


async def test_a_hidden_reading_tells_the_sender_of_the_delivery(node: Node, people: People, admin: "Admin") -> None:
    """In a second fact right behind the first, of the same flush; a second reading moves nothing that was there."""
    one, other, chat = await pair(node, people)
    await hide_receipts(admin, other)
    sent = [(await node.send(one, chat, str(i))).message for i in range(2)]

    commits = node.flush.commits
    await asyncio.gather(node.read(other, chat), node.send(other, chat, "an answer"))

    assert node.flush.commits == commits + 1
    read, delivered, answer = node.published.facts[-3:]
    assert isinstance(read, MessagesRead)
    assert isinstance(delivered, MessagesDelivered)
    assert ([n.user_id for n in read.notices], [n.user_id for n in delivered.notices]) == ([other], [one])
    assert (delivered.up_to, delivered.delivered_at) == (sent[1].id, read.read_at)
    told = [n.position for fact in (delivered, answer) for n in fact.notices if n.user_id == one]
    assert told == [told[0], (told[0] or 0) + 1]
    assert not (await node.deliver(sent[1])).moved
    assert await faults(admin) == {}


async def test_a_shown_reading_says_the_delivery_itself(node: Node, people: People, admin: "Admin") -> None:
    """Up to its target: no second fact, and no later one for what it covers."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(3)]

    await node.read(other, chat, sent[1].id)

    [fact] = node.facts(MessagesRead)
    assert (fact.up_to, fact.reader_up_to) == (sent[1].id, sent[1].id)
    assert node.facts(MessagesDelivered) == []
    assert await delivered_to(admin, other) == sent[1].created_at
    assert not (await node.deliver(sent[1])).moved
    assert await faults(admin) == {}


async def test_a_reading_moves_the_mark_no_further_than_what_it_tells(
    node: Node, people: People, admin: "Admin"
) -> None:
    """One read alone across a block was not delivered for its sender; reading the older ones does not make it so."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(3)]
    await node.block(one, other)
    await node.read_only(other, chat, sent[2].id)
    await node.unblock(one, other)

    await node.read(other, chat)

    [hidden, shown] = node.facts(MessagesRead)
    assert ([n.user_id for n in hidden.notices], shown.up_to) == ([other], sent[1].id)
    assert await delivered_to(admin, other) == sent[1].created_at
    assert await faults(admin) == {}


async def test_a_reading_of_named_messages_marks_these_alone(node: Node, people: People, admin: "Admin") -> None:
    """C-29: unread, received, of this conversation, once; the sender is told by name, and of the delivery up to the newest."""
    one, other, chat = await pair(node, people)
    third, _, elsewhere = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(4)]
    mine = (await node.send(other, chat)).message
    foreign = (await node.send(third, elsewhere)).message
    gone = (await node.send(one, chat)).message
    await node.unsend(gone)

    named = [sent[0].id, sent[2].id, sent[2].id, mine.id, foreign.id, gone.id]
    marked = await node.read_only(other, chat, *named)
    again = await node.read_only(other, chat, *named)

    assert (marked.count, marked.unread_count, marked.total_unread, again.count) == (2, 2, 2, 0)
    [read] = node.facts(MessagesRead)
    assert (read.message_ids, read.up_to, read.reader_up_to) == ([sent[2].id, sent[0].id], None, None)
    [delivered] = node.facts(MessagesDelivered)
    assert delivered.up_to == sent[2].id
    assert (await node.read(other, chat)).count == 2
    assert await faults(admin) == {}


@pytest.mark.parametrize("order", ["named, all, all", "all, named", "up to, named, all", "all, up to"])
async def test_readings_of_one_flush_count_every_message_once(
    order: str, node: Node, people: People, admin: "Admin"
) -> None:
    """Whatever they name, and in whatever order they come: five messages are read, and the marks say of which reading."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message.id for i in range(5)]
    kinds = {
        "named": lambda: node.read_only(other, chat, sent[1], sent[4]),
        "up to": lambda: node.read(other, chat, sent[2]),
        "all": lambda: node.read(other, chat),
    }

    marked = await asyncio.gather(*(kinds[name]() for name in order.split(", ")))

    expected = {
        "named, all, all": [2, 3, 0],
        "all, named": [5, 0],
        "up to, named, all": [3, 1, 1],
        "all, up to": [5, 0],
    }
    assert [one.count for one in marked] == expected[order]
    told = [id_ for fact in node.facts(MessagesRead) for id_ in fact.message_ids]
    assert sorted(told) == sorted(sent)
    for fact in node.facts(MessagesRead):
        found = await admin.fetch("SELECT read_at FROM messages WHERE id = ANY($1)", list(fact.message_ids))
        assert {row["read_at"] for row in found} == {fact.read_at}
    assert await faults(admin) == {}


async def test_reading_behind_a_page_of_named_ones_names_the_older_ones(
    node: Node, people: People, admin: "Admin"
) -> None:
    """The newest hundred of the conversation are read by name in the same flush: the rest still has names."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message.id for i in range(105)]

    named, rest = await asyncio.gather(node.read_only(other, chat, *sent[5:]), node.read(other, chat))

    assert (named.count, rest.count) == (100, 5)
    assert node.facts(MessagesRead)[1].message_ids == sent[4::-1]
    assert node.flush.failures == 0
    assert await faults(admin) == {}
