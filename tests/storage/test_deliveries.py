"""How far a user's log is known to have reached them, and what is to be marked next (G-05)."""

from uuid import UUID

import pytest
from tests.factories import Chat, Make

from duologue.core.events import Kind
from duologue.core.model import User
from duologue.core.ports import DeliveryLog
from duologue.storage import events
from duologue.storage.events import EventLog
from duologue.storage.postgres import Postgres


@pytest.fixture
def log(postgres: Postgres) -> DeliveryLog:
    """Give the log, as the core knows it."""
    return EventLog(postgres)


@pytest.fixture
async def ann(make: Make) -> User:
    """Give somebody who receives."""
    return await make.user("ann")


@pytest.fixture
async def bob(make: Make) -> User:
    """Give somebody who sends."""
    return await make.user("bob")


@pytest.fixture
async def chat(make: Make, ann: User, bob: User) -> Chat:
    """Give their empty conversation."""
    return await make.conversation(ann, bob)


async def told(make: Make, user: User, chat: Chat, sender: User, *, deleted: bool = False) -> UUID:
    """A message and its place in a user's log."""
    message = await make.message(chat, sender, deleted_at=make.at() if deleted else None)
    await make.event(user, Kind.MESSAGE_SENT, chat=chat, message_id=message)
    return message


async def unmarked(log: DeliveryLog, user: User, upto: int) -> tuple[set[UUID], int]:
    """The messages to mark, and the position that was read to."""
    messages, reached = await log.unmarked(user.id, upto)
    assert all(message.receiver_id == user.id for message in messages)
    return {message.id for message in messages}, reached


async def test_the_newest_received_message_of_each_conversation_is_to_be_marked(
    log: DeliveryLog, make: Make, ann: User, bob: User, chat: Chat
) -> None:
    """Up to the position; the user's own messages, readings and openings are passed over."""
    cat = await make.user("cat")
    other = await make.conversation(ann, cat)
    await make.event(ann, Kind.CONVERSATION_OPENED, chat=chat)
    first = await told(make, ann, chat, bob)
    second = await told(make, ann, chat, bob)
    third = await told(make, ann, other, cat)
    await told(make, ann, chat, ann)
    await make.event(ann, Kind.MESSAGES_READ, chat=chat, data="{}")
    assert await unmarked(log, ann, 6) == ({second, third}, 6)
    assert await unmarked(log, ann, 2) == ({first}, 2)
    assert await unmarked(log, ann, 2**64) == ({second, third}, 6)
    assert await unmarked(log, bob, 6) == (set(), 0)


async def test_a_deleted_message_is_not_to_be_marked(
    log: DeliveryLog, make: Make, ann: User, bob: User, chat: Chat
) -> None:
    """The newest one that stands is."""
    standing = await told(make, ann, chat, bob)
    await told(make, ann, chat, bob, deleted=True)
    assert await unmarked(log, ann, 2) == ({standing}, 2)


async def test_what_is_marked_is_not_asked_for_again(
    log: DeliveryLog, make: Make, ann: User, bob: User, chat: Chat
) -> None:
    """The position is kept and never goes back; another user's stays."""
    messages = [await told(make, ann, chat, bob) for _ in range(3)]
    await log.marked(ann.id, 2)
    assert await unmarked(log, ann, 3) == ({messages[2]}, 3)
    await log.marked(ann.id, 1)
    await log.marked(bob.id, 3)
    assert await unmarked(log, ann, 2) == (set(), 0)
    assert await unmarked(log, ann, 3) == ({messages[2]}, 3)
    await log.marked(ann.id, 2**64)
    assert await unmarked(log, ann, 3) == (set(), 0)


async def test_a_long_log_is_read_in_chunks(
    log: DeliveryLog, make: Make, ann: User, bob: User, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many facts at a time; the position says where the next chunk begins."""
    monkeypatch.setattr(events, "MANY", 2)
    messages = [await told(make, ann, chat, bob) for _ in range(3)]
    assert await unmarked(log, ann, 3) == ({messages[1]}, 2)
    await log.marked(ann.id, 2)
    assert await unmarked(log, ann, 3) == ({messages[2]}, 3)
    await log.marked(ann.id, 3)
    assert await unmarked(log, ann, 3) == (set(), 0)


async def test_a_log_that_was_pruned_is_read_from_where_it_begins(
    log: DeliveryLog, make: Make, postgres: Postgres, ann: User, bob: User, chat: Chat
) -> None:
    """What is gone cannot be marked, what is there is."""
    messages = [await told(make, ann, chat, bob) for _ in range(3)]
    await postgres.execute("DELETE FROM user_events WHERE user_id = $1 AND position < 3", ann.id)
    assert await unmarked(log, ann, 3) == ({messages[2]}, 3)
    assert await unmarked(log, ann, 2) == (set(), 0)
