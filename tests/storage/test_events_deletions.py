"""Replay of deletions, deliveries and partners' changes: what the pipeline wrote, read back as today's state."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.factories import Make
from tests.pipeline.node import Node, start_node

from duologue.core.events import (
    ConversationDeleted,
    ConversationOpened,
    Fact,
    Kind,
    MessageDeleted,
    MessagesDelivered,
    MessageSent,
    MessagesRead,
    UserChanged,
)
from duologue.core.model import User
from duologue.storage.conversations import ConversationStore
from duologue.storage.events import EventLog

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres


@pytest.fixture
async def node(database: str) -> AsyncIterator[Node]:
    """Give a pipeline that writes the log."""
    async with AsyncExitStack() as stack:
        yield await start_node(database, stack)


@pytest.fixture
async def ann(make: Make) -> User:
    """Give a user."""
    return await make.user("ann")


@pytest.fixture
async def bob(make: Make) -> User:
    """Give another user."""
    return await make.user("bob")


@pytest.fixture
async def chat(node: Node, ann: User, bob: User) -> UUID:
    """Give their conversation."""
    return (await node.open(ann.id, bob.id)).conversation_id


async def replay(node: Node, user: User, since: int = 1) -> list[Fact]:
    """Return the facts after a position; the opening is the first."""
    missed = await EventLog(node.store).after(user.id, since, 100)
    assert missed.is_dense
    return list(missed.facts)


def live(node: Node, user: User) -> list[Fact]:
    """Return what was published for a user, the opening left out."""
    return [fact for fact in node.published.facts if any(n.user_id == user.id for n in fact.notices)][1:]


async def test_a_deleted_message_comes_back_as_its_deletion_alone(node: Node, ann: User, bob: User, chat: UUID) -> None:
    """For both; the fact of its sending is left out, and with it the text; counts are of today."""
    gone = (await node.send(ann.id, chat, "secret")).message
    kept = (await node.send(ann.id, chat, "kept")).message
    deleted = await node.unsend(gone)
    for user, unread in ((ann, 0), (bob, 1)):
        sent, fact = await replay(node, user)
        assert isinstance(sent, MessageSent)
        assert sent.message.id == kept.id
        assert isinstance(fact, MessageDeleted)
        assert (fact.conversation_id, fact.message_id, fact.deleted_at) == (chat, gone.id, deleted.deleted_at)
        [notice] = fact.notices
        assert (notice.user_id, notice.position, notice.unread_count, notice.total_unread) == (
            user.id,
            4,
            unread,
            unread,
        )
        assert "secret" not in repr((sent, fact))


async def test_a_delivery_comes_back_to_the_sender(node: Node, ann: User, bob: User, chat: UUID) -> None:
    """Up to which message, to whom and when; the message itself says so too by now."""
    message = (await node.send(ann.id, chat)).message
    await node.deliver(message)
    sent, fact = await replay(node, ann)
    assert isinstance(sent, MessageSent)
    assert sent.message.delivered
    assert isinstance(fact, MessagesDelivered)
    [told] = node.facts(MessagesDelivered)
    assert fact == MessagesDelivered(chat, bob.id, message.id, told.delivered_at, fact.notices)
    assert [notice.position for notice in fact.notices] == [notice.position for notice in told.notices]
    assert [type(fact) for fact in await replay(node, bob)] == [MessageSent]


async def test_a_hidden_reading_and_its_delivery_come_back_each_to_its_own(
    node: Node, make: Make, ann: User, bob: User, chat: UUID
) -> None:
    """The reader's devices learn of the reading, the sender of the delivery."""
    message = (await node.send(ann.id, chat)).message
    await node.store.execute("UPDATE users SET send_read_receipts = false WHERE id = $1", bob.id)
    await node.read(bob.id, chat)
    _, delivered = await replay(node, ann)
    _, read = await replay(node, bob)
    assert isinstance(delivered, MessagesDelivered)
    assert isinstance(read, MessagesRead)
    assert (delivered.up_to, delivered.delivered_at, read.up_to) == (message.id, read.read_at, message.id)


async def test_a_conversation_deleted_and_back_comes_back_in_this_order(
    node: Node, ann: User, bob: User, chat: UUID
) -> None:
    """Its old messages are left out for who deleted it; the message that brought it back carries it as the list shows it today."""
    await node.send(ann.id, chat, "before")
    await node.forget(bob.id, chat)
    await node.send(ann.id, chat, "back")
    await node.send(ann.id, chat, "and more")
    deleted, back, more = await replay(node, bob)
    assert isinstance(deleted, ConversationDeleted)
    assert isinstance(back, MessageSent)
    assert isinstance(more, MessageSent)
    today = await ConversationStore(node.store).get(bob, chat)
    assert today.last_message is not None
    assert today.last_message.content == "and more"
    assert [fact.notices[0].conversation for fact in (deleted, back, more)] == [None, today, None]
    assert [fact.notices[0].position for fact in (deleted, back, more)] == [3, 4, 5]
    assert [type(fact) for fact in await replay(node, ann)] == [MessageSent] * 3
    assert [fact.notices[0].conversation for fact in await replay(node, ann)] == [None] * 3


async def test_where_the_message_that_brought_it_back_is_gone_the_opening_stands(
    node: Node, ann: User, bob: User, chat: UUID
) -> None:
    """Otherwise nothing would tell a device that the conversation is in the list again."""
    await node.forget(bob.id, chat)
    back = (await node.send(ann.id, chat, "secret")).message
    await node.send(ann.id, chat, "more")
    await node.unsend(back)
    deleted, opened, more, gone = await replay(node, bob)
    assert isinstance(deleted, ConversationDeleted)
    assert isinstance(opened, ConversationOpened)
    assert isinstance(more, MessageSent)
    assert isinstance(gone, MessageDeleted)
    assert opened.conversation_id == chat
    assert opened.notices[0].conversation == await ConversationStore(node.store).get(bob, chat)
    assert opened.notices[0].position == 3
    assert "secret" not in repr((deleted, opened, more, gone))


async def test_a_conversation_that_is_away_again_does_not_come_back(
    node: Node, ann: User, bob: User, chat: UUID
) -> None:
    """Deleted once more since, or hidden by a block: no frame shows it."""
    await node.forget(bob.id, chat)
    await node.send(ann.id, chat)
    await node.forget(bob.id, chat)
    assert [type(fact) for fact in await replay(node, bob)] == [ConversationDeleted] * 2
    await node.send(ann.id, chat)
    await node.block(ann.id, bob.id)
    *_, back, _ = await replay(node, bob)
    assert isinstance(back, MessageSent)
    assert back.notices[0].conversation is None


async def test_live_and_replayed_facts_agree(node: Node, ann: User, bob: User, chat: UUID) -> None:
    """The last fact of a user, read back at once, is the one that was published, but for presence."""
    first = (await node.send(ann.id, chat, "one")).message
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: node.deliver(first),
        lambda: node.forget(bob.id, chat),
        lambda: node.send(ann.id, chat, "back for bob"),
        lambda: node.read(bob.id, chat),
        lambda: node.forget(ann.id, chat),
        lambda: node.send(ann.id, chat, "back for ann"),
        lambda: node.read_only(bob.id, chat, first.id),
        lambda: node.block(ann.id, bob.id),
        lambda: node.read(bob.id, chat),
        lambda: node.unblock(ann.id, bob.id),
        lambda: node.send(ann.id, chat, "delivered before a block"),
        lambda: node.read(bob.id, chat),
        lambda: node.block(ann.id, bob.id),
        lambda: node.unblock(ann.id, bob.id),
        lambda: node.forget(bob.id, chat),
        lambda: node.send(bob.id, chat, "back by himself"),
    ]
    for number, step in enumerate(steps):
        await step()
        for user in (ann, bob):
            told = live(node, user)[-1]
            [mine] = [notice for notice in told.notices if notice.user_id == user.id]
            again = (await replay(node, user))[-1]
            assert type(again) is type(told), number
            assert again.notices[0] == mine, number
            if isinstance(told, MessagesRead) and isinstance(again, MessagesRead):
                shown = told.reader_up_to if user is bob else told.up_to
                assert (again.up_to, again.count, again.message_ids) == (shown, told.count, told.message_ids)


async def test_a_partners_change_comes_back_as_they_are_now(make: Make, node: Node, ann: User, bob: User) -> None:
    """However often they changed since; without presence across a block; of somebody unknown nothing."""
    chat = await make.conversation(ann, bob)
    seen = make.at()
    await node.store.execute("UPDATE users SET last_seen_at = $2 WHERE id = $1", bob.id, seen)
    for other in (bob.id, bob.id, make.id()):
        await make.event(ann, Kind.USER_CHANGED, chat=chat, data=json.dumps({"o": str(other)}))
    await node.store.execute("UPDATE users SET display_name = 'Deleted account' WHERE id = $1", bob.id)
    facts = await replay(node, ann, 0)
    assert [fact.notices[0].position for fact in facts] == [1, 2]
    for fact in facts:
        assert isinstance(fact, UserChanged)
        assert (fact.conversation_id, fact.profile.id, fact.profile.display_name) == (
            chat.id,
            bob.id,
            "Deleted account",
        )
        assert (fact.profile.shows_presence, fact.profile.last_seen_at) == (True, seen)
    await make.block(bob, ann)
    fact = (await replay(node, ann, 0))[0]
    assert isinstance(fact, UserChanged)
    assert (fact.profile.shows_presence, fact.profile.last_seen_at) == (False, None)


async def test_deletions_and_deliveries_cost_no_statement_of_their_own(
    counting: "CountingPostgres", node: Node, ann: User, bob: User, chat: UUID
) -> None:
    """One for a page of them; one more for the user and one for all conversations that came back."""
    for _ in range(5):
        message = (await node.send(ann.id, chat)).message
        await node.deliver(message)
        await node.unsend(message)
    log = EventLog(counting)
    await log.after(ann.id, 0, 200)
    counting.taken()
    assert (len((await log.after(ann.id, 1, 200)).facts), counting.taken()) == (10, 1)
    for _ in range(5):
        await node.forget(ann.id, chat)
        await node.send(bob.id, chat)
    assert (len((await log.after(ann.id, 16, 200)).facts), counting.taken()) == (10, 3)
