"""Deletions in the pipeline: of messages for both, of conversations for one side, and what meets them in one flush."""

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import asyncpg
import pytest
from tests.pipeline.node import Node, People, pair
from tests.pipeline.oracle import faults

from duologue.core.errors import ChatError, Forbidden, NotFound, NotParticipant
from duologue.core.events import BlockChanged, ConversationDeleted, MessageDeleted, MessageSent, MessagesRead
from duologue.core.items import BlockGone, ConversationGone, Marked, Sent

if TYPE_CHECKING:
    Admin = asyncpg.Connection[asyncpg.Record]


async def counts(admin: "Admin", user: UUID, conversation: UUID) -> tuple[int, int]:
    """Return the unread count of a conversation and the user's total."""
    row = await admin.fetchrow(
        "SELECT p.unread_count, o.unread_total FROM conversation_participants p JOIN positions o USING (user_id) "
        "WHERE p.user_id = $1 AND p.conversation_id = $2",
        *(user, conversation),
    )
    assert row is not None
    return row[0], row[1]


# -- messages -------------------------------------------------------------------------------------------------------------


async def test_an_unread_message_deleted_is_unread_no_more(node: Node, people: People, admin: "Admin") -> None:
    """G-21: the count drops in the same commit, and both are told, with their own numbers; the text stays for the operator."""
    one, other, chat = await pair(node, people)
    first, second = (await node.send(one, chat, "first")).message, (await node.send(one, chat, "second")).message

    gone = await node.unsend(first)

    [fact] = node.facts(MessageDeleted)
    assert (fact.conversation_id, fact.message_id, fact.deleted_at) == (chat, first.id, gone.deleted_at)
    assert [(n.user_id, n.unread_count, n.total_unread) for n in fact.notices] == [(one, 0, 0), (other, 1, 1)]
    assert await counts(admin, other, chat) == (1, 1)
    row = await admin.fetchrow("SELECT content, deleted_at, deleted_by FROM messages WHERE id = $1", first.id)
    assert row is not None
    assert tuple(row) == ("first", gone.deleted_at, one)
    assert (await node.read(other, chat)).count == 1
    assert [fact.message_ids for fact in node.facts(MessagesRead)] == [[second.id]]
    assert await faults(admin) == {}


async def test_a_read_message_deleted_leaves_the_counts(node: Node, people: People, admin: "Admin") -> None:
    """It was counted out when it was read, whether with all others or alone."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(3)]
    await node.read(other, chat, sent[0].id)
    await node.read_only(other, chat, sent[1].id)

    for message in sent[:2]:
        await node.unsend(message)

    assert await counts(admin, other, chat) == (1, 1)
    assert await faults(admin) == {}


async def test_only_its_sender_deletes_a_message(node: Node, people: People, admin: "Admin") -> None:
    """DEL-01: the partner is told so; for strangers, in other conversations and after a deletion there is none."""
    one, other, chat = await pair(node, people)
    third, _, elsewhere = await pair(node, people)
    mine = (await node.send(one, chat)).message
    with pytest.raises(Forbidden):
        await node.unsend(mine, by=other)
    with pytest.raises(NotParticipant):
        await node.unsend(mine, by=third)
    theirs = (await node.send(third, elsewhere)).message
    theirs.conversation_id, theirs.sender_id = chat, one
    with pytest.raises(NotFound):
        await node.unsend(theirs)
    await node.unsend(mine)
    with pytest.raises(NotFound):
        await node.unsend(mine)

    assert len(node.facts(MessageDeleted)) == 1
    assert await faults(admin) == {}


async def test_who_deleted_the_conversation_cannot_delete_its_messages_but_the_operator_can(
    node: Node, people: People, admin: "Admin"
) -> None:
    """What its sender cannot see is not there; an operator is nobody, and sees all."""
    one, other, chat = await pair(node, people)
    message = (await node.send(one, chat)).message
    await node.forget(one, chat)

    with pytest.raises(NotFound):
        await node.unsend(message)
    await node.unsend(message, as_operator=True)

    assert await admin.fetchval("SELECT deleted_by FROM messages WHERE deleted_at IS NOT NULL") is None
    assert await counts(admin, other, chat) == (0, 0)
    assert await faults(admin) == {}


async def test_two_deletions_of_one_message_in_one_flush_are_one(node: Node, people: People, admin: "Admin") -> None:
    """The second finds nothing, and counts nothing out twice."""
    one, other, chat = await pair(node, people)
    message = (await node.send(one, chat)).message
    commits = node.flush.commits

    outcomes = await asyncio.gather(node.unsend(message), node.unsend(message), return_exceptions=True)

    assert [isinstance(outcome, NotFound) for outcome in outcomes] == [False, True]
    assert (node.flush.commits - commits, len(node.facts(MessageDeleted))) == (1, 1)
    assert await counts(admin, other, chat) == (0, 0)
    assert await faults(admin) == {}


@pytest.mark.parametrize("order", ["delete, read", "read, delete", "read one, delete", "delete, read one"])
async def test_a_reading_and_a_deletion_in_one_flush_count_the_message_once(
    order: str, node: Node, people: People, admin: "Admin"
) -> None:
    """Whichever comes first; the others of the conversation are read and counted as ever."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(3)]
    reading = (
        node.read_only(other, chat, sent[1].id, sent[2].id) if "one" in order else node.read(other, chat, sent[2].id)
    )
    work = [node.unsend(sent[1]), reading]

    outcomes = await asyncio.gather(*(work if order.startswith("delete") else reversed(work)))

    [marked] = [outcome for outcome in outcomes if isinstance(outcome, Marked)]
    expected = {"delete, read": 2, "read, delete": 3, "read one, delete": 2, "delete, read one": 1}[order]
    left = 1 if "one" in order else 0
    assert (marked.count, await counts(admin, other, chat)) == (expected, (left, left))
    assert node.flush.commits == 5  # the opening, three sends, and this
    assert await faults(admin) == {}


async def test_a_message_deleted_earlier_in_the_flush_is_no_target(node: Node, people: People, admin: "Admin") -> None:
    """Reading up to it is 404, and marks nothing; reading it alone finds nothing unread."""
    one, other, chat = await pair(node, people)
    first, second = (await node.send(one, chat)).message, (await node.send(one, chat)).message

    _, refused, marked = await asyncio.gather(
        node.unsend(second),
        node.read(other, chat, second.id),
        node.read_only(other, chat, second.id),
        return_exceptions=True,
    )

    assert isinstance(refused, NotFound)
    assert isinstance(marked, Marked)
    assert (marked.count, marked.read_at) == (0, None)
    assert (await node.read(other, chat, first.id)).count == 1
    assert await faults(admin) == {}


async def test_the_text_of_a_deleted_message_shows_nowhere_in_the_same_flush(node: Node, people: People) -> None:
    """Neither in the conversation that an unblocking brings back, nor in the answer to a retry of its key."""
    one, other, chat = await pair(node, people)
    key = uuid4()
    message = (await node.send(one, chat, "secret", key)).message
    await node.block(one, other)

    await asyncio.gather(node.unsend(message), node.unblock(one, other))
    again = await node.send(one, chat, "secret", key)
    second = uuid4()
    newer = (await node.send(one, chat, "secret too", second)).message
    _, twin = await asyncio.gather(node.unsend(newer), node.send(one, chat, "secret too", second))

    view = node.facts(BlockChanged)[-1].notices[1].conversation
    assert view is not None
    assert view.last_message is not None
    assert (view.last_message.id, view.last_message.content) == (message.id, "")
    for replay in (again, twin):
        assert (replay.replayed, replay.message.content, replay.message.deleted_at is None) == (True, "", False)


async def test_an_unblocking_shows_what_was_read_in_the_same_flush(node: Node, people: People) -> None:
    """The conversation that comes back is as the list shows it after the commit."""
    one, other, chat = await pair(node, people)
    await node.send(one, chat)
    await node.block(one, other)

    await asyncio.gather(node.read(other, chat), node.unblock(one, other))

    view = node.facts(BlockChanged)[-1].notices[1].conversation
    assert view is not None
    assert view.last_message is not None
    assert (view.unread_count, view.last_message.read_at is None, view.last_message.read_shown) == (0, False, False)


# -- conversations --------------------------------------------------------------------------------------------------------


async def test_a_conversation_deleted_for_one_side_is_a_fact_for_its_owner(
    node: Node, people: People, admin: "Admin"
) -> None:
    """RB-15, G-22: out of the totals; nothing is told to the partner; again changes nothing; a stranger cannot."""
    one, other, chat = await pair(node, people)
    third, _, elsewhere = await pair(node, people)
    for _ in range(3):
        await node.send(one, chat)
    with pytest.raises(NotParticipant):
        await node.forget(other, elsewhere)

    first, again = await asyncio.gather(node.forget(other, chat), node.forget(other, chat))

    assert (first, again) == (ConversationGone(chat, changed=True), ConversationGone(chat, changed=False))
    [fact] = node.facts(ConversationDeleted)
    assert [(n.user_id, n.unread_count, n.total_unread) for n in fact.notices] == [(other, 0, 0)]
    assert await counts(admin, other, chat) == (0, 0)
    assert await admin.fetchval("SELECT count(*) FROM messages WHERE read_at IS NOT NULL") == 0
    assert third
    assert await faults(admin) == {}


async def test_g20_the_next_message_brings_a_deleted_conversation_back(
    node: Node, people: People, admin: "Admin"
) -> None:
    """For whoever deleted it, sender or receiver, the message's frame carries it: once, with the new message alone."""
    one, other, chat = await pair(node, people)
    await node.send(one, chat, "before")
    await node.forget(one, chat)
    await node.forget(other, chat)

    message = (await node.send(one, chat, "after")).message
    await node.send(other, chat, "one more")

    _, back, more = node.facts(MessageSent)
    for notice, unread in zip(back.notices, (0, 1), strict=True):
        view = notice.conversation
        assert view is not None
        assert view.last_message is not None
        assert (view.id, view.unread_count, view.updated_at) == (chat, unread, message.created_at)
        assert (view.last_message.id, view.other.id) == (message.id, other if notice.user_id == one else one)
        assert notice.total_unread == unread
    assert [notice.conversation for notice in more.notices] == [None, None]
    assert await counts(admin, other, chat) == (1, 1)
    assert await faults(admin) == {}


async def test_a_deleted_empty_conversation_comes_back_with_its_first_message(node: Node, people: People) -> None:
    """Its creation is the time up to which it was deleted."""
    one, other, chat = await pair(node, people)
    assert (await node.forget(other, chat)).changed

    await node.send(one, chat)

    assert [notice.conversation is None for notice in node.facts(MessageSent)[0].notices] == [True, False]


async def test_deleting_and_writing_anew_in_one_flush_shows_who_is_online(
    node: Node, people: People, admin: "Admin"
) -> None:
    """Send, delete, read, send: the first is gone unread, the second brings the conversation back as the list shows it."""
    one, other, chat = await pair(node, people)
    await node.send(one, chat, "stored")
    await node.presence.connect(one, uuid4())
    commits = node.flush.commits

    _, gone, marked, back = await asyncio.gather(
        node.send(one, chat, "gone"), node.forget(other, chat), node.read(other, chat), node.send(one, chat, "back")
    )

    assert (gone.changed, marked.count, marked.total_unread, node.flush.commits - commits) == (True, 0, 0, 1)
    view = node.facts(MessageSent)[-1].notices[1].conversation
    assert view is not None
    assert view.last_message is not None
    assert (view.last_message.id, view.unread_count, view.other.is_online) == (back.message.id, 1, True)
    assert await counts(admin, other, chat) == (1, 1)
    assert (await node.read(other, chat)).count == 1
    assert await faults(admin) == {}


async def test_a_hidden_conversation_deleted_and_unblocked_stays_away(
    node: Node, people: People, admin: "Admin"
) -> None:
    """It was in no total any more, so it lowers none; the unblocking does not show it; the next message does."""
    one, other, chat = await pair(node, people)
    third = (await people(1))[0]
    await node.send(third, (await node.open(third, other)).conversation_id)
    await node.send(one, chat)
    await node.block(one, other)

    _, unblocked = await asyncio.gather(node.forget(other, chat), node.unblock(one, other))
    await node.send(one, chat)

    assert isinstance(unblocked, BlockGone)
    notice = node.facts(BlockChanged)[-1].notices[1]
    assert (notice.conversation, notice.unread_count, notice.total_unread) == (None, 0, 1)
    back = node.facts(MessageSent)[-1].notices[1]
    assert (back.conversation is None, back.unread_count, back.total_unread) == (False, 1, 2)
    assert await faults(admin) == {}


async def test_a_reading_after_a_deletion_promises_the_sender_no_up_to(
    node: Node, people: People, admin: "Admin"
) -> None:
    """What was deleted unread stays unread for ever: the sender is told of the read ones by name, the reader's devices of all."""
    one, other, chat = await pair(node, people)
    old = (await node.send(one, chat, "deleted unread")).message
    await node.forget(other, chat)
    new = (await node.send(one, chat, "read")).message
    with pytest.raises(NotFound):
        await node.read(other, chat, old.id)

    await node.read(other, chat)

    [fact] = node.facts(MessagesRead)
    assert (fact.message_ids, fact.count, fact.up_to, fact.reader_up_to) == ([new.id], 1, None, new.id)
    kept = await admin.fetch(
        "SELECT user_id, data::json ->> 'u' AS u FROM user_events WHERE kind = 2 AND conversation_id = $1", chat
    )
    assert {row["user_id"]: row["u"] for row in kept} == {one: None, other: str(new.id)}
    assert await faults(admin) == {}


async def test_a_bad_item_among_deletions_is_refused_alone(node: Node, people: People, admin: "Admin") -> None:
    """Halving judges the others again, in order, as if nothing had been tried before."""
    one, other, chat = await pair(node, people)
    sent = [(await node.send(one, chat, str(i))).message for i in range(4)]

    outcomes = await asyncio.gather(
        node.unsend(sent[0]),
        node.deliver(sent[2]),
        node.read_only(other, chat, sent[1].id),
        node.send(one, chat, "a NUL \0 that PostgreSQL refuses"),
        node.forget(other, chat),
        node.send(one, chat, "back"),
        return_exceptions=True,
    )

    assert [isinstance(outcome, ChatError) for outcome in outcomes] == [False, False, False, True, False, False]
    assert isinstance(outcomes[-1], Sent)
    assert await counts(admin, other, chat) == (1, 1)
    assert await faults(admin) == {}
