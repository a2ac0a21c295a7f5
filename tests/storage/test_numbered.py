"""Pages by number, as dialect B has them: the list with its totals, history after an offset, places by id; and what they cost."""

from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from tests.factories import Make
from tests.storage.test_plans import CONVERSATIONS, FEW, SHORT_ONES, Explainer, a_user_with, connection, explainer

from duologue.core.errors import NotFound, NotParticipant
from duologue.core.model import Conversation, Cursor, Inbox, User
from duologue.storage.conversations import ConversationStore
from duologue.storage.messages import MessageStore
from duologue.storage.postgres import Postgres
from duologue.storage.sql import load

if TYPE_CHECKING:
    from duologue.core import ports
    from duologue.storage.postgres import Connection

__all__ = ["connection", "explainer"]  # fixtures

# Conversations of pairs that have nothing to do with anybody else.
OTHERS = """
WITH numbers AS (
    SELECT n, md5('low' || n)::uuid AS one, md5('high' || n)::uuid AS two FROM generate_series($1::integer, $2::integer) n
), people AS (
    INSERT INTO users (id, username, username_key)
    SELECT id, id::text, id::text FROM numbers, LATERAL (VALUES (one), (two)) AS both_of_them (id) RETURNING id
), opened AS (
    INSERT INTO conversations (id, user1_id, user2_id, created_at, updated_at)
    SELECT gen_random_uuid(), least(one, two), greatest(one, two), now(), now() FROM numbers
    WHERE (SELECT count(*) FROM people) > 0 RETURNING id, user1_id, user2_id
)
INSERT INTO conversation_participants (conversation_id, user_id, unread_count)
SELECT id, unnest(ARRAY[user1_id, user2_id]), 1 FROM opened
"""


@pytest.fixture
def conversations(postgres: Postgres) -> "ports.ConversationStore":
    """Give the store of conversations."""
    return ConversationStore(postgres)


@pytest.fixture
def messages(postgres: Postgres) -> "ports.MessageStore":
    """Give the store of messages."""
    return MessageStore(postgres)


async def set_unread_total(postgres: Postgres, user: User, total: int) -> None:
    """Write what the pipeline keeps."""
    await postgres.execute("UPDATE positions SET unread_total = $2 WHERE user_id = $1", user.id, total)


def shown(inbox: Inbox) -> tuple[list[UUID], int, int]:
    """Return what an inbox shows."""
    return [item.id for item in inbox.items], inbox.total, inbox.total_unread


async def test_the_numbered_list_is_the_list(
    conversations: "ports.ConversationStore", make: Make, postgres: Postgres
) -> None:
    """From both sides of the pair, page by page, with the same items as by cursor."""
    early = [await make.user() for _ in range(4)]
    viewer = await make.user()
    late = [await make.user() for _ in range(4)]
    mixed = [user for two in zip(early, late, strict=True) for user in two]
    for other in mixed:
        await make.conversation(viewer, other)
    await set_unread_total(postgres, viewer, 7)
    everything = (await conversations.page(viewer, None, 50)).items
    for limit in (1, 3, 8, 50):
        found: list[Conversation] = []
        for offset in range(0, 8, limit):
            inbox = await conversations.numbered(viewer, offset=offset, limit=limit, unread_only=False)
            assert (inbox.total, inbox.total_unread) == (8, 7)
            found += inbox.items
        assert found == everything
    beyond = await conversations.numbered(viewer, offset=8, limit=50, unread_only=False)
    assert shown(beyond) == ([], 8, 7)
    stranger = await make.user()
    for unread_only in (False, True):
        none = await conversations.numbered(stranger, offset=0, limit=50, unread_only=unread_only)
        assert shown(none) == ([], 0, 0)


async def test_what_is_not_listed_is_not_counted(conversations: "ports.ConversationStore", make: Make) -> None:
    """Deleted ones and those of who blocks the viewer; nor are they among the unread (G-22)."""
    viewer, *others = [await make.user() for _ in range(5)]
    chats = [await make.conversation(viewer, other) for other in others]
    for chat, other in zip(chats, others, strict=True):
        if other is not others[3]:
            await make.message(chat, other)
    await make.block(others[0], viewer)
    await make.delete_for(chats[1], viewer, make.at())
    await make.block(viewer, others[2])
    inbox = await conversations.numbered(viewer, offset=0, limit=50, unread_only=False)
    assert [item.id for item in inbox.items] == [chats[2].id, chats[3].id]
    assert inbox.total == 2
    unread = await conversations.numbered(viewer, offset=0, limit=50, unread_only=True)
    assert ([item.id for item in unread.items], unread.total) == ([chats[2].id], 1)
    assert [(item.unread_count, item.is_blocked) for item in unread.items] == [(1, True)]
    second = await conversations.numbered(viewer, offset=1, limit=50, unread_only=True)
    assert (second.items, second.total) == ([], 1)


async def test_history_after_an_offset_is_history(messages: "ports.MessageStore", make: Make) -> None:
    """Deleted messages and what its owner deleted are not counted."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    old = await make.message(chat, ann)
    await make.delete_for(chat, bob, make.at())
    sent = [await make.message(chat, ann) for _ in range(5)]
    await make.message(chat, ann, deleted_at=make.at())
    for viewer, expected in ((ann, [old, *sent]), (bob, sent)):
        found: list[UUID] = []
        offset, has_more = 0, True
        while has_more:
            page = await messages.numbered(viewer.id, chat.id, offset=offset, limit=2)
            found += [message.id for message in page.items]
            offset, has_more = offset + 2, page.has_more
            assert (page.next is not None) is has_more
        assert found == expected[::-1]
    beyond = await messages.numbered(bob.id, chat.id, offset=6, limit=2)
    assert (list(beyond.items), beyond.has_more) == ([], False)
    with pytest.raises(NotParticipant):
        await messages.numbered(eve.id, chat.id, offset=0, limit=2)
    with pytest.raises(NotFound):
        await messages.numbered(eve.id, make.id(), offset=0, limit=2)


async def test_a_place_is_one_of_the_conversation(messages: "ports.MessageStore", make: Make) -> None:
    """Deleted messages have one; foreign and unknown ones have none."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    chat, other = await make.conversation(ann, bob), await make.conversation(ann, eve)
    at = make.at()
    here, gone = await make.message(chat, ann, at=at), await make.message(chat, ann, deleted_at=make.at())
    foreign = await make.message(other, ann)
    assert await messages.place(bob.id, chat.id, here) == Cursor(at, here)
    assert await messages.place(bob.id, chat.id, gone) is not None
    for none in (foreign, make.id()):
        assert await messages.place(ann.id, chat.id, none) is None
    with pytest.raises(NotParticipant):
        await messages.place(eve.id, chat.id, here)
    with pytest.raises(NotFound):
        await messages.place(eve.id, make.id(), here)


async def test_a_numbered_page_of_history_costs_what_lies_above_it(
    make: Make, explainer: Explainer, connection: "Connection"
) -> None:
    """The first pages cost the same out of 50,000 as out of 1,000, and so does a place."""
    messages = load("messages")
    ann, chat = await a_user_with(make, FEW)
    await connection.execute(SHORT_ONES)

    async def costs() -> list[int]:
        await explainer.settle()
        return [
            await explainer.buffers(messages["numbered"], ann.id, chat.id, 0, 51),
            await explainer.buffers(messages["numbered"], ann.id, chat.id, 200, 51),
            await explainer.buffers(messages["place"], ann.id, chat.id, make.id_of_message(chat, 7)),
        ]

    few = await costs()
    await make.messages(chat, ann, 49_000, first=FEW + 1)
    assert all(more <= 1.5 * less for more, less in zip(await costs(), few, strict=True)), (few, await costs())


async def test_a_numbered_page_of_the_list_touches_nothing_of_others(
    make: Make, explainer: Explainer, connection: "Connection"
) -> None:
    """However many conversations others have: totals and pages cost what the user's own list costs."""
    statements = load("conversations")
    viewer = await make.user()

    async def costs() -> list[int]:
        await explainer.settle()
        return [
            await explainer.buffers(statements["numbered"], viewer.id, 0, 20),
            await explainer.buffers(statements["numbered"], viewer.id, 40, 20),
            await explainer.buffers(statements["numbered_unread"], viewer.id, 0, 20),
        ]

    base = UUID("10000000-0000-7000-8000-000000000000")
    await connection.execute(CONVERSATIONS, base, 1, 90, viewer.id)
    await connection.execute(OTHERS, 1, 5_000)
    few = await costs()
    await connection.execute(OTHERS, 5_001, 50_000)
    assert all(more <= 1.5 * less for more, less in zip(await costs(), few, strict=True)), (few, await costs())
