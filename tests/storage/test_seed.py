"""The seed: enough of everything, as the pipeline would have left it, the same each time, and only once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from tests.factories import Make
from tests.pipeline.oracle import faults

from duologue.core.errors import Conflict
from duologue.core.events import BlockChanged, ConversationOpened, Fact, MessageSent, MessagesRead, SettingsChanged
from duologue.storage import checks
from duologue.storage.accounts import AccountStore
from duologue.storage.conversations import ConversationStore
from duologue.storage.events import EventLog
from duologue.storage.postgres import Postgres
from duologue.storage.seed import PASSWORD, PEOPLE, seed
from duologue.storage.seed.people import BLOCK
from duologue.storage.seed.story import WEEKS, tell
from duologue.storage.users import UserStore

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
PEOPLES = ("users", "accounts", "positions", "follows", "blocks")
TABLES = (*PEOPLES, "conversations", "conversation_participants", "messages", "links", "user_events")
Contents = dict[str, list[str]]


@pytest.fixture
def contents(postgres: Postgres) -> Callable[[], Awaitable[Contents]]:
    """Return every row of every table, as text."""

    async def read() -> Contents:
        return {
            table: [row["line"] for row in await postgres.fetch(f"SELECT t::text AS line FROM {table} t ORDER BY 1")]  # noqa: S608
            for table in TABLES
        }

    return read


async def test_there_is_enough_of_everything(postgres: Postgres) -> None:
    """At least 11 users, 50 conversations, 1,000 messages, and some of all that a client can show."""
    seeded = await seed(postgres, now=NOW, password_hash="a hash")
    assert seeded.changed
    counts = {table: await postgres.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608
    assert counts["users"] == counts["accounts"] == len(seeded.usernames) == 12
    assert counts["conversations"] == seeded.conversations == 50
    assert counts["messages"] == seeded.messages >= 1000
    assert counts["links"] >= 20
    assert counts["blocks"] == 1
    assert counts["follows"] >= 5
    assert await postgres.fetchval("SELECT count(*) FROM conversation_participants WHERE unread_count > 0") >= 10
    assert await postgres.fetchval("SELECT count(*) FROM users WHERE who_can_message = 'followers'") == 1
    assert len(PASSWORD) >= 8


@pytest.mark.parametrize("hour", [0, 4, 12, 21])
async def test_the_state_is_what_the_pipeline_would_have_left(postgres: Postgres, database: str, hour: int) -> None:
    """Recounts of every kind find no fault, at whatever time of the day it is seeded."""
    await seed(postgres, now=NOW.replace(hour=hour), password_hash=None)
    admin = await asyncpg.connect(database)
    try:
        assert await faults(admin) == {}
    finally:
        await admin.close()
    assert [finding.name for finding in await checks.check(postgres) if finding.faults] == []


async def test_the_log_replays_to_what_the_lists_show(postgres: Postgres) -> None:
    """Every fact of everybody can be read: all kinds are there, and the newest message of each conversation is its preview."""
    await seed(postgres, now=NOW, password_hash=None)
    users, log, conversations = UserStore(postgres), EventLog(postgres), ConversationStore(postgres)
    kinds: set[type[Fact]] = set()
    for username, _ in PEOPLE:
        viewer = await users.by_username(username)
        assert viewer is not None
        missed = await log.after(viewer.id, 0, 5_000)
        head, found = await log.count(viewer.id, 0)
        assert head == found == missed.upto
        hidden = username == BLOCK[1]  # the opening of the conversation that is hidden from them is left out
        assert len(missed.facts) == head - hidden
        kinds |= {type(fact) for fact in missed.facts}
        newest = {
            fact.message.conversation_id: fact.message.id for fact in missed.facts if isinstance(fact, MessageSent)
        }
        page = await conversations.page(viewer, None, 50)
        assert len(page.items) >= 5
        for item in page.items:
            assert item.last_message is not None
            assert newest[item.id] == item.last_message.id
        unread = await conversations.unread(viewer.id)
        assert unread.total == sum(item.unread_count for item in page.items)
    assert kinds == {MessageSent, MessagesRead, ConversationOpened, BlockChanged, SettingsChanged}


async def test_it_happened_in_the_last_weeks_and_not_in_the_future(postgres: Postgres) -> None:
    """Spread over four weeks, the last of it today."""
    await seed(postgres, now=NOW, password_hash=None)
    row = await postgres.fetchrow(
        "SELECT min(created_at) AS first, max(created_at) AS last, count(DISTINCT created_at::date) AS days FROM messages"
    )
    assert row is not None
    assert NOW - timedelta(weeks=WEEKS) < row["first"] < NOW - timedelta(weeks=WEEKS - 1)
    assert NOW - timedelta(days=1) < row["last"] < NOW
    assert row["days"] >= 20
    assert await postgres.fetchval("SELECT max(created_at) FROM user_events") < NOW


async def test_every_log_is_in_the_order_of_time(postgres: Postgres) -> None:
    """A later position is a later moment, across conversations."""
    await seed(postgres, now=NOW, password_hash=None)
    back = await postgres.fetchval(
        "SELECT count(*) FROM (SELECT created_at, lag(created_at) OVER (PARTITION BY user_id ORDER BY position) AS before "
        "FROM user_events) AS e WHERE before > created_at"
    )
    assert back == 0


async def test_people_talk_like_people() -> None:
    """Names are the other one's, no gap of a template is left, and nobody tells one person one thing twice."""
    world = tell(NOW)
    names = {display.split()[0] for _, display in PEOPLE}
    texts = [message.content or "" for message in world.messages]
    assert not any("{" in text or "}" in text for text in texts)
    assert sum(any(name in text for name in names) for text in texts) > 20
    assert len(set(texts)) > 300
    for chat in world.chats:
        assert {message.sender_id for message in chat.messages} <= set(chat.users)
        long = [message.content for message in chat.messages if len(message.content or "") > 25]
        assert len(long) == len(set(long))


async def test_the_same_moment_makes_the_same_world(
    postgres: Postgres, contents: Callable[[], Awaitable[Contents]]
) -> None:
    """Deterministic to the last id: emptied and seeded anew it is the same."""
    await seed(postgres, now=NOW, password_hash="a hash")
    first = await contents()
    await postgres.execute(f"TRUNCATE {', '.join(TABLES)}, sessions")
    assert (await seed(postgres, now=NOW, password_hash="a hash")).changed
    assert await contents() == first


async def test_seeding_again_changes_nothing_and_says_so(
    postgres: Postgres, make: Make, contents: Callable[[], Awaitable[Contents]]
) -> None:
    """Days later, and beside others' data."""
    stranger = await make.user()
    first = await seed(postgres, now=NOW, password_hash="a hash")
    before = await contents()
    again = await seed(postgres, now=NOW + timedelta(days=3), password_hash="another")
    assert (again.changed, again.usernames) == (False, first.usernames)
    assert (again.conversations, again.messages) == (first.conversations, first.messages)
    assert await contents() == before
    assert stranger.username not in again.usernames


async def test_two_seeds_at_once_are_one(postgres: Postgres) -> None:
    """One writes, the other finds it there."""
    both = await asyncio.gather(*(seed(postgres, now=NOW, password_hash=None) for _ in range(2)))
    assert sorted(seeded.changed for seeded in both) == [False, True]


async def test_a_name_that_is_taken_stops_the_seed(
    postgres: Postgres, make: Make, contents: Callable[[], Awaitable[Contents]]
) -> None:
    """Nobody's account is touched; the sentence names whose it is."""
    await make.user("Grace")
    before = await contents()
    with pytest.raises(Conflict, match="Grace"):
        await seed(postgres, now=NOW, password_hash="a hash")
    assert await contents() == before


@pytest.mark.parametrize("password_hash", ["a hash", None])
async def test_accounts_are_made_where_there_are_accounts(postgres: Postgres, password_hash: str | None) -> None:
    """Behind a platform the people have no password."""
    await seed(postgres, now=NOW, password_hash=password_hash)
    for username, display_name in PEOPLE:
        known = await AccountStore(postgres).credentials(username)
        assert (None if known is None else known.password_hash) == password_hash
        user = await UserStore(postgres).by_username(username)
        assert user is not None
        assert user.display_name == display_name
