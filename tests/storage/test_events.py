"""The log of facts: heads, what resume judges by, replay as today's state, pruning."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import pytest
from tests.factories import START, Chat, Make

from duologue.core.events import (
    BlockChanged,
    ConversationOpened,
    Fact,
    Kind,
    MessageSent,
    MessagesRead,
    SettingsChanged,
)
from duologue.core.model import User
from duologue.storage import checks, events
from duologue.storage.conversations import ConversationStore
from duologue.storage.events import EventLog
from duologue.storage.messages import MessageStore
from duologue.storage.postgres import Postgres

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres

    from duologue.core import ports

AT = "2026-01-01T00:00:07.000001+00:00"


@pytest.fixture
def log(postgres: Postgres) -> "ports.EventLog":
    """Give the log, as the core knows it."""
    return EventLog(postgres)


@pytest.fixture
async def ann(make: Make) -> User:
    """Give a user."""
    return await make.user("ann", display_name="Ann")


@pytest.fixture
async def bob(make: Make) -> User:
    """Give another user."""
    return await make.user("bob")


@pytest.fixture
async def chat(make: Make, ann: User, bob: User) -> Chat:
    """Give their empty conversation."""
    return await make.conversation(ann, bob)


async def replay(log: "ports.EventLog", user: User, since: int = 0) -> list[Fact]:
    """Return all facts after a position, read in small pages, and check that each speaks to this user alone."""
    facts: list[Fact] = []
    while True:
        missed = await log.after(user.id, since, 2)
        if missed.upto == since:
            assert list(missed.facts) == []
            break
        for fact in missed.facts:
            [notice] = fact.notices
            assert notice.user_id == user.id
            assert notice.position is not None
            assert since < notice.position <= missed.upto
        facts += missed.facts
        since = missed.upto
    positions = [fact.notices[0].position or 0 for fact in facts]
    assert positions == sorted(positions)
    return facts


def blocking(block_id: UUID, other: User) -> str:
    """Return what the log keeps for the blocker."""
    return json.dumps({"b": str(block_id), "o": str(other.id), "at": AT})


async def test_the_name_of_the_log_is_the_databases(log: "ports.EventLog", postgres: Postgres) -> None:
    """The pool reads it."""
    assert await log.epoch() == postgres.epoch != ""


async def test_heads_of_many_users(log: "ports.EventLog", make: Make, ann: User, bob: User) -> None:
    """Unknown users have none."""
    for _ in range(3):
        await make.event(ann, Kind.SETTINGS_CHANGED)
    assert await log.heads([ann.id, bob.id, make.id()]) == {ann.id: 3, bob.id: 0}
    assert await log.heads([]) == {}


async def test_heads_come_with_the_name_that_the_database_has_now(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User, bob: User
) -> None:
    """Drawn anew by another process: the pool had no reason to connect, and knows the old one."""
    await make.event(ann, Kind.SETTINGS_CHANGED)
    before = await log.epoch()
    drawn = await checks.new_epoch(postgres)
    assert await log.epoch() == before
    name, heads = await log.named_heads([ann.id, bob.id])
    assert heads == {ann.id: 1, bob.id: 0}
    assert name.startswith(f"{drawn}-")
    assert await log.epoch() == name
    assert await log.named_heads([]) == (name, {})


async def test_heads_with_the_name_survive_a_lost_connection(log: "ports.EventLog", database: str, ann: User) -> None:
    """It is after a failover that they are needed."""
    other = await asyncpg.connect(database)
    await other.fetch(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    assert (await log.named_heads([ann.id]))[1] == {ann.id: 0}
    await other.close()


async def test_count_tells_the_head_and_the_facts_above(
    log: "ports.EventLog", make: Make, ann: User, bob: User
) -> None:
    """What resume judges by: ahead, too far, or not exactly head - since."""
    for _ in range(4):
        await make.event(ann, Kind.SETTINGS_CHANGED)
    await make.event(bob, Kind.SETTINGS_CHANGED)
    assert await log.count(ann.id, 0) == (4, 4)
    assert await log.count(ann.id, 3) == (4, 1)
    assert await log.count(ann.id, 4) == (4, 0)
    assert await log.count(ann.id, 10**30) == (4, 0)
    assert await log.count(make.id(), 0) == (0, 0)


async def test_count_stops_behind_the_most_that_is_replayed(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User
) -> None:
    """More than 5,000 is too far, however many more."""
    await postgres.execute(
        "INSERT INTO user_events (user_id, position, kind, created_at) SELECT $1, n, 6, now() FROM generate_series(1, 5100) n",
        ann.id,
    )
    assert (await log.count(ann.id, 0))[1] == 5_001
    assert (await log.count(ann.id, 99))[1] == 5_001
    assert (await log.count(ann.id, 100))[1] == 5_000


async def test_a_message_comes_back_as_it_is_now_with_todays_totals(
    log: "ports.EventLog", make: Make, postgres: Postgres, chat: Chat, ann: User, bob: User
) -> None:
    """For the sender and the receiver alike: absolute numbers of this user, today's read and delivered marks."""
    first, second = await make.message(chat, ann, "one", temp_id="t"), await make.message(chat, ann, "two")
    elsewhere = await make.conversation(bob, await make.user())
    await make.message(elsewhere, elsewhere.other(bob))
    for user in (ann, bob):
        for message in (first, second):
            await make.event(user, Kind.MESSAGE_SENT, chat=chat, message_id=message)
    await postgres.execute("UPDATE messages SET read_at = $2, read_shown = true WHERE id = $1", first, START)
    await make.deliver_to(chat, bob, make.at())
    for user, unread, total in ((ann, 0, 0), (bob, 2, 3)):
        facts = await replay(log, user)
        assert [fact.notices[0].position for fact in facts] == [1, 2]
        assert [(fact.notices[0].unread_count, fact.notices[0].total_unread) for fact in facts] == [(unread, total)] * 2
        messages = [fact.message for fact in facts if isinstance(fact, MessageSent)]
        assert messages == [await MessageStore(postgres).get(user.id, message) for message in (first, second)]
        assert [(message.read_at, message.delivered) for message in messages] == [(START, True), (None, True)]


async def test_deleted_messages_are_left_out_and_the_position_goes_on(
    log: "ports.EventLog", make: Make, chat: Chat, ann: User
) -> None:
    """Also those of a history this user deleted; a page that holds nothing else is empty, but not the end."""
    at = make.at()
    hidden = await make.message(chat, ann, at=at)
    gone = await make.message(chat, ann, deleted_at=make.at())
    kept = await make.message(chat, ann)
    for message in (hidden, gone, kept, make.id()):
        await make.event(ann, Kind.MESSAGE_SENT, chat=chat, message_id=message)
    await make.delete_for(chat, ann, at)
    missed = await log.after(ann.id, 0, 2)
    assert (list(missed.facts), missed.upto) == ([], 2)
    [fact] = await replay(log, ann)
    assert isinstance(fact, MessageSent)
    assert (fact.message.id, fact.notices[0].position) == (kept, 3)
    assert (await log.after(ann.id, 3, 100)).upto == 4


async def test_a_message_across_a_block_comes_without_presence(
    log: "ports.EventLog", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """In both directions. The message itself is not lost to who is blocked: history has no gap when the block is gone."""
    for sender in (ann, bob):
        message = await make.message(chat, sender)
        for user in (ann, bob):
            await make.event(user, Kind.MESSAGE_SENT, chat=chat, message_id=message)
    await make.block(ann, bob)
    for user, shown in ((ann, [True, False]), (bob, [False, True])):
        senders = [fact.message.sender for fact in await replay(log, user) if isinstance(fact, MessageSent)]
        assert [sender and sender.shows_presence for sender in senders] == shown


async def test_a_reading_comes_back_with_what_the_log_kept(
    log: "ports.EventLog", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """Count, up to, newest ids, reader and time; for the reader and the sender."""
    newest = [await make.message(chat, ann) for _ in range(2)][::-1]
    data = {"n": 2, "u": str(newest[0]), "ids": [str(id_) for id_ in newest], "r": str(bob.id), "at": AT}
    for user in (ann, bob):
        await make.event(user, Kind.MESSAGES_READ, chat=chat, data=json.dumps(data))
    await make.event(bob, Kind.MESSAGES_READ, chat=chat, data=json.dumps({**data, "u": None}))
    for user, unread in ((ann, 0), (bob, 2)):
        fact = (await replay(log, user))[0]
        assert isinstance(fact, MessagesRead)
        assert (fact.conversation_id, fact.reader_id, fact.message_ids) == (chat.id, bob.id, newest)
        assert (fact.count, fact.up_to, fact.read_at) == (2, newest[0], datetime(2026, 1, 1, 0, 0, 7, 1, tzinfo=UTC))
        assert fact.notices[0].unread_count == unread
    fact = (await replay(log, bob))[1]
    assert isinstance(fact, MessagesRead)
    assert fact.up_to is None


async def test_an_opening_comes_back_as_the_list_shows_it_today(
    log: "ports.EventLog", make: Make, postgres: Postgres, chat: Chat, ann: User, bob: User
) -> None:
    """Left out while it is hidden or deleted."""
    for user in (ann, bob):
        await make.event(user, Kind.CONVERSATION_OPENED, chat=chat)
    await make.message(chat, ann, "since then")
    for user in (ann, bob):
        [fact] = await replay(log, user)
        assert isinstance(fact, ConversationOpened)
        assert fact.conversation_id == chat.id
        view = fact.notices[0].conversation
        assert view == await ConversationStore(postgres).get(user, chat.id)
        assert view.last_message is not None
    block = await make.block(ann, bob)
    assert len(await replay(log, ann)) == 1
    assert await replay(log, bob) == []
    await make.unblock(block)
    await make.delete_for(chat, bob, make.at())
    assert await replay(log, bob) == []


async def test_a_block_comes_back_to_the_blocker_as_a_block(
    log: "ports.EventLog", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """With the other's profile, its own id and time, and the reason while it stands."""
    block = await make.block(ann, bob, reason="spam")
    await make.event(ann, Kind.BLOCKED, chat=chat, data=blocking(block, bob))
    [fact] = await replay(log, ann)
    assert isinstance(fact, BlockChanged)
    assert (fact.added, fact.conversation_id, fact.is_blocked, fact.hidden) == (True, chat.id, True, True)
    assert (fact.block.id, fact.block.blocker_id, fact.block.reason) == (block, ann.id, "spam")
    assert (fact.block.blocked.id, fact.block.blocked.username, fact.block.blocked.shows_presence) == (
        bob.id,
        "bob",
        False,
    )
    assert fact.block.created_at == datetime(2026, 1, 1, 0, 0, 7, 1, tzinfo=UTC)
    assert fact.notices[0].conversation is None
    await make.unblock(block)
    await make.event(ann, Kind.UNBLOCKED, chat=chat, data=blocking(block, bob))
    await make.block(ann, bob, reason="again")
    added, removed = await replay(log, ann)
    assert isinstance(added, BlockChanged)
    assert isinstance(removed, BlockChanged)
    assert (added.added, added.block.id, added.block.reason) == (True, block, None)
    assert (removed.added, removed.block.id, removed.is_blocked) == (False, block, True)


async def test_a_block_without_a_conversation_comes_back_to_the_blocker_alone(
    log: "ports.EventLog", make: Make, ann: User, bob: User
) -> None:
    """There is nothing the other could see of it."""
    block = await make.block(ann, bob)
    await make.event(ann, Kind.BLOCKED, data=blocking(block, bob))
    [fact] = await replay(log, ann)
    assert isinstance(fact, BlockChanged)
    assert (fact.conversation_id, fact.notices[0].unread_count, fact.block.id) == (None, 0, block)


async def test_a_block_comes_back_to_the_other_one_as_its_effect(
    log: "ports.EventLog", make: Make, postgres: Postgres, chat: Chat, ann: User, bob: User
) -> None:
    """Today's state, without the block's id, time or reason; the conversation comes with the unblocking that shows it again."""
    block = await make.block(ann, bob, reason="secret")
    await make.event(bob, Kind.BLOCKED, chat=chat, data=json.dumps({"by": str(ann.id)}))
    [fact] = await replay(log, bob)
    assert isinstance(fact, BlockChanged)
    assert (fact.added, fact.conversation_id, fact.is_blocked, fact.hidden) == (True, chat.id, True, True)
    assert (fact.block.blocker_id, fact.block.blocked.id, fact.block.reason) == (ann.id, bob.id, None)
    assert fact.block.id != block
    assert fact.notices[0].conversation is None
    await make.unblock(block)
    await make.event(bob, Kind.UNBLOCKED, chat=chat, data=json.dumps({"by": str(ann.id)}))
    states = [(fact.is_blocked, fact.hidden) for fact in await replay(log, bob) if isinstance(fact, BlockChanged)]
    assert states == [(False, False)] * 2
    blocked, unblocked = await replay(log, bob)
    assert blocked.notices[0].conversation is None
    assert unblocked.notices[0].conversation == await ConversationStore(postgres).get(bob, chat.id)


async def test_an_unblocking_does_not_show_what_is_still_hidden(
    log: "ports.EventLog", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """A block that was put again since, or the other direction alone."""
    await make.event(bob, Kind.UNBLOCKED, chat=chat, data=json.dumps({"by": str(ann.id)}))
    again = await make.block(ann, bob)
    [fact] = await replay(log, bob)
    assert isinstance(fact, BlockChanged)
    assert (fact.is_blocked, fact.hidden, fact.notices[0].conversation) == (True, True, None)
    await make.unblock(again)
    await make.block(bob, ann)
    [fact] = await replay(log, bob)
    assert isinstance(fact, BlockChanged)
    assert (fact.is_blocked, fact.hidden) == (True, False)
    assert fact.notices[0].conversation is not None
    assert fact.notices[0].conversation.is_blocked


async def test_a_change_of_settings_comes_back_as_the_user_of_today(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User
) -> None:
    """However many changes there were since."""
    for _ in range(3):
        await make.event(ann, Kind.SETTINGS_CHANGED)
    await postgres.execute("UPDATE users SET display_name = 'Today' WHERE id = $1", ann.id)
    facts = await replay(log, ann)
    assert [fact.user.display_name for fact in facts if isinstance(fact, SettingsChanged)] == ["Today"] * 3


async def test_facts_of_newer_code_are_left_out(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User
) -> None:
    """While nodes are upgraded one by one, an older one meets kinds it does not know."""
    await postgres.execute(
        "INSERT INTO user_events (user_id, position, kind, created_at) VALUES ($1, 1, 99, now())", ann.id
    )
    missed = await log.after(ann.id, 0, 10)
    assert (list(missed.facts), missed.upto) == ([], 1)


async def test_a_page_costs_a_fixed_number_of_statements(
    counting: "CountingPostgres", make: Make, chat: Chat, ann: User, bob: User
) -> None:
    """One for messages and readings, however many; at most four when every kind is there."""
    log = EventLog(counting)
    for number in range(20):
        message = await make.message(chat, bob, str(number))
        await make.event(ann, Kind.MESSAGE_SENT, chat=chat, message_id=message)
    counting.taken()
    assert (len((await log.after(ann.id, 0, 200)).facts), counting.taken()) == (20, 1)
    assert ((await log.after(ann.id, 20, 200)).upto, counting.taken()) == (20, 1)
    for _ in range(10):
        other = await make.user()
        await make.event(ann, Kind.CONVERSATION_OPENED, chat=await make.conversation(ann, other))
        await make.event(ann, Kind.BLOCKED, data=blocking(await make.block(ann, other), other))
        await make.event(ann, Kind.SETTINGS_CHANGED)
    await log.after(ann.id, 0, 200)  # a connection's first array makes the driver ask what an array is
    counting.taken()
    assert (len((await log.after(ann.id, 0, 200)).facts), counting.taken()) == (50, 4)
    await log.heads([ann.id, bob.id])
    assert counting.taken() == 1
    await log.count(ann.id, 0)
    assert counting.taken() == 1
    await log.prune(START)
    assert counting.taken() == 1


async def left(postgres: Postgres) -> dict[UUID, list[int]]:
    """Return the positions that are still in the log, per user."""
    rows = await postgres.fetch(
        "SELECT user_id, array_agg(position ORDER BY position) FROM user_events GROUP BY user_id"
    )
    return {row[0]: row[1] for row in rows}


async def test_old_facts_are_pruned_from_the_beginning_of_each_log(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User, bob: User
) -> None:
    """What is older than the limit goes; what is left stays dense, also where a clock went back."""
    for user, seconds in ((ann, (1, 2, 3, 4)), (bob, (1, 9, 2, 9))):
        for second in seconds:
            await make.event(user, Kind.SETTINGS_CHANGED, at=make.at(second))
    assert await log.prune(make.at(3)) == 3
    assert await left(postgres) == {ann.id: [3, 4], bob.id: [2, 3, 4]}
    assert await log.prune(make.at(3)) == 0
    assert await log.prune(make.at(100)) == 5
    assert await left(postgres) == {}
    assert await log.count(ann.id, 0) == (4, 0)


async def test_a_page_tells_whether_rows_are_missing(
    log: "ports.EventLog", make: Make, postgres: Postgres, ann: User
) -> None:
    """Pruned at its beginning, or a hole within: whoever reads on must know. What may not be shown any more is no hole."""
    for second in (1, 2, 3, 4, 5):
        await make.event(ann, Kind.SETTINGS_CHANGED, at=make.at(second))
    await postgres.execute("UPDATE user_events SET kind = 9999 WHERE position = 5")
    assert (await log.after(ann.id, 0, 4)).is_dense
    assert await log.prune(make.at(2)) == 1
    pruned, rest = await log.after(ann.id, 0, 4), await log.after(ann.id, 1, 9)
    assert (pruned.upto, pruned.is_dense) == (5, False)
    assert (rest.upto, rest.is_dense, len(rest.facts)) == (5, True, 3)
    await postgres.execute("DELETE FROM user_events WHERE position = 3")
    assert not (await log.after(ann.id, 1, 9)).is_dense
    assert (await log.after(ann.id, 3, 9)).is_dense


async def test_pruning_goes_in_chunks_and_on_where_it_stopped(
    make: Make, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never more than a chunk at a time, over many users, one of which has more than a chunk alone."""
    monkeypatch.setattr(events, "MANY", 7)
    monkeypatch.setattr(events, "HEADS", 2)
    log = EventLog(postgres)
    users = [await make.user() for _ in range(7)]
    for user, number in zip(users, (0, 3, 20, 5, 6, 1, 8), strict=True):
        for second in range(number):
            await make.event(user, Kind.SETTINGS_CHANGED, at=make.at(second))
        await make.event(user, Kind.SETTINGS_CHANGED, at=make.at(1000))
    gone = []
    async with asyncio.timeout(10):
        while number := await log.prune(make.at(500)):
            gone.append(number)
    assert max(gone) <= 7
    assert sum(gone) == 43
    assert {len(positions) for positions in (await left(postgres)).values()} == {1}
    await make.event(users[0], Kind.SETTINGS_CHANGED, at=make.at(1000))
    assert await log.prune(make.at(1001)) > 0


async def test_one_node_prunes_at_a_time(
    log: "ports.EventLog", make: Make, postgres: Postgres, database: str, ann: User
) -> None:
    """While another one is at it nothing is done, and nobody waits."""
    await make.event(ann, Kind.SETTINGS_CHANGED)
    other = await asyncpg.connect(database)
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock(7355608002)")
        assert await log.prune(make.at() + timedelta(days=1)) == 0
        assert await left(postgres) == {ann.id: [1]}
    assert await log.prune(make.at() + timedelta(days=1)) == 1
    await other.close()
