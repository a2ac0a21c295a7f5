"""Users: look-ups, search, settings, follows, last seen."""

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from tests.factories import Make

from duologue.core.errors import NotFound
from duologue.core.events import Kind
from duologue.core.model import User, UserState, WhoCanMessage
from duologue.core.users import username_key
from duologue.storage.postgres import Postgres
from duologue.storage.users import UserStore

if TYPE_CHECKING:
    from tests.storage.conftest import CountingPostgres

    from duologue.core import ports


@pytest.fixture
def store(postgres: Postgres) -> "ports.UserStore":
    """Give the store, as the core knows it."""
    return UserStore(postgres)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann", "aNN", True),
        ("STRASSE", "straße", True),
        ("Ž", "z\u030c", True),
        ("ΟΔΟΣ", "οδος", True),
        ("ann", "anna", False),
        ("x2", "x²", False),
        ("résumé", "resume", False),
    ],
)
def test_usernames_are_compared_without_case(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    """And whichever way their accents are encoded; different characters stay different names."""
    assert (username_key(one) == username_key(other)) is same


async def test_a_user_is_found_by_name_without_case_and_by_id(store: "ports.UserStore", make: Make) -> None:
    """With settings and state; None for nobody."""
    ann = await make.user(
        "Ann", display_name="A", who_can_message="followers", show_last_seen=False, state="deactivated"
    )
    found = await store.by_username("aNN")
    assert found is not None
    assert (found.id, found.username, found.display_name) == (ann.id, "Ann", "A")
    assert (found.who_can_message, found.show_last_seen, found.send_read_receipts) == (
        WhoCanMessage.FOLLOWERS,
        False,
        True,
    )
    assert found.state is UserState.DEACTIVATED
    assert await store.get(ann.id) == found
    assert await store.by_username("an") is None
    assert await store.get(make.id()) is None


@pytest.mark.parametrize("name", ["", "nul\0", "\ud800", "x" * 100_000, "%", "'; --"])
async def test_names_that_nobody_can_have_are_nobody(store: "ports.UserStore", make: Make, name: str) -> None:
    """What PostgreSQL cannot hold is not found, instead of an error."""
    ann = await make.user("ann")
    assert await store.by_username(name) is None
    if name:
        assert await store.search(name, 5, except_id=ann.id) == []


async def test_search_finds_active_users_by_prefix_in_order(store: "ports.UserStore", make: Make) -> None:
    """Without case, without the searcher, without blocks of either direction, cut at the limit."""
    me = await make.user("anna0")
    for name in ("Anna3", "anna1", "ANNA2", "ann", "bob", "anna_x", "annb"):
        await make.user(name)
    await make.user("anna4", state="deactivated")
    blocker, blocked = await make.user("anna5"), await make.user("anna6")
    await make.block(blocker, me)
    await make.block(me, blocked)
    assert [user.username for user in await store.search("aNNa", 10, except_id=me.id)] == [
        "anna1",
        "ANNA2",
        "Anna3",
        "anna_x",
    ]
    assert [user.username for user in await store.search("anna", 2, except_id=me.id)] == ["anna1", "ANNA2"]
    assert [user.username for user in await store.search("anna_", 5, except_id=me.id)] == ["anna_x"]
    assert await store.search("anna%", 5, except_id=me.id) == []


async def test_search_finds_names_beyond_ascii(store: "ports.UserStore", make: Make) -> None:
    """Up to the last character there is."""
    me = await make.user("me")
    for name in ("ж", "жук", "ж\U0010ffff", "з"):
        await make.user(name)
    assert [user.username for user in await store.search("Ж", 10, except_id=me.id)] == ["ж", "жук", "ж\U0010ffff"]


async def test_a_change_is_written_with_its_fact(store: "ports.UserStore", make: Make, postgres: Postgres) -> None:
    """What is named changes, the rest stays; the user's log has one more row."""
    ann = await make.user("ann", display_name="Ann")
    await make.event(ann, Kind.SETTINGS_CHANGED)
    changed, position, unread = await store.update(
        ann.id, {"send_read_receipts": False, "who_can_message": WhoCanMessage.NONE}
    )
    assert (changed.display_name, changed.send_read_receipts, changed.who_can_message) == (
        "Ann",
        False,
        WhoCanMessage.NONE,
    )
    assert (position, unread) == (2, 0)
    changed, position, _ = await store.update(ann.id, {"display_name": None, "avatar_url": "https://x/a.png"})
    assert (changed.display_name, changed.avatar_url, changed.send_read_receipts) == (None, "https://x/a.png", False)
    assert changed == await store.get(ann.id)
    rows = await postgres.fetch(
        "SELECT position, kind, conversation_id, data FROM user_events WHERE user_id = $1", ann.id
    )
    assert [tuple(row) for row in rows] == [(n, Kind.SETTINGS_CHANGED, None, None) for n in (1, 2, 3)]
    assert await postgres.fetchval("SELECT head FROM positions WHERE user_id = $1", ann.id) == position == 3


async def test_a_change_of_nobody_is_not_found_and_of_anything_else_a_defect(
    store: "ports.UserStore", make: Make
) -> None:
    """Only profile fields and settings can be changed this way."""
    with pytest.raises(NotFound, match=r"^User not found$"):
        await store.update(make.id(), {"show_last_seen": False})
    ann = await make.user()
    with pytest.raises(ValueError, match="state"):
        await store.update(ann.id, {"state": "erased"})


async def test_changes_at_the_same_time_have_positions_of_their_own(store: "ports.UserStore", make: Make) -> None:
    """The position row is the user's lock: dense, none twice, none lost."""
    ann = await make.user()
    settings: list[dict[str, Any]] = [{"display_name": str(number)} for number in range(20)]
    results = await asyncio.gather(*(store.update(ann.id, change) for change in settings))
    assert sorted(position for _, position, _ in results) == list(range(1, 21))


async def test_a_change_waits_for_the_users_lock(store: "ports.UserStore", make: Make, database: str) -> None:
    """Who holds the position row is not overtaken, so facts stand in the log in the order of their commits."""
    ann = await make.user()
    holder = await asyncpg.connect(database)
    await holder.execute("BEGIN")
    await holder.execute("SELECT head FROM positions WHERE user_id = $1 FOR NO KEY UPDATE", ann.id)
    change = asyncio.create_task(store.update(ann.id, {"display_name": "late"}))
    async with asyncio.timeout(5):
        while True:
            if await holder.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
                break
    assert not change.done()
    await holder.execute("UPDATE positions SET head = head + 1 WHERE user_id = $1", ann.id)
    await holder.execute("COMMIT")
    _, position, _ = await change
    assert position == 2
    await holder.close()


async def test_follow_and_unfollow_may_be_repeated(store: "ports.UserStore", make: Make, postgres: Postgres) -> None:
    """The second time changes nothing."""
    ann, bob = await make.user(), await make.user()
    for _ in range(2):
        await store.follow(ann.id, bob.id)
    assert [tuple(row) for row in await postgres.fetch("SELECT follower_id, followed_id FROM follows")] == [
        (ann.id, bob.id)
    ]
    await store.unfollow(bob.id, ann.id)
    assert await postgres.fetchval("SELECT count(*) FROM follows") == 1
    for _ in range(2):
        await store.unfollow(ann.id, bob.id)
    assert await postgres.fetchval("SELECT count(*) FROM follows") == 0


async def test_reach_tells_what_stands_between_two(store: "ports.UserStore", make: Make) -> None:
    """Blocks by side, following by direction, and messages rather than the conversation (B-37)."""
    ann, bob = await make.user(who_can_message="followers"), await make.user()

    async def facts(one: User, other: User) -> tuple[bool, bool, bool, bool]:
        found = await store.reach(one.id, other.id)
        assert found is not None
        assert found.other == other
        return found.is_blocking, found.is_blocked_by, found.follows, found.has_messages

    assert await facts(bob, ann) == (False, False, False, False)
    chat = await make.conversation(ann, bob)
    await store.follow(bob.id, ann.id)
    await make.block(ann, bob)
    assert await facts(bob, ann) == (False, True, True, False)
    assert await facts(ann, bob) == (True, False, False, False)
    await make.message(chat, ann)
    assert await facts(bob, ann) == (False, True, True, True)
    assert await store.reach(bob.id, make.id()) is None


async def test_last_seen_goes_forward_only(store: "ports.UserStore", make: Make) -> None:
    """Many users at once, and a report that comes late changes nothing."""
    users = [await make.user() for _ in range(3)]
    await store.seen([user.id for user in users[:2]], make.at(50))
    await store.seen([user.id for user in users], make.at(40))
    seen = [await store.get(user.id) for user in users]
    assert [user and user.last_seen_at for user in seen] == [make.at(50), make.at(50), make.at(40)]


async def test_last_seen_of_two_nodes_at_once_does_not_deadlock(store: "ports.UserStore", make: Make) -> None:
    """Rows are locked in the order of ids, whatever order they were named in."""
    ids = [(await make.user()).id for _ in range(40)]
    await asyncio.gather(*(store.seen(ids[:: 1 if number % 2 else -1], make.at()) for number in range(20)))


async def test_statements_per_method(counting: "CountingPostgres", make: Make) -> None:
    """One each; a change of settings takes begin, lock, write and commit."""
    ann, bob = await make.user("ann"), await make.user("bob")
    store = UserStore(counting)
    counting.taken()
    await store.by_username("ann")
    assert counting.taken() == 1
    await store.get(ann.id)
    assert counting.taken() == 1
    await store.reach(ann.id, bob.id)
    assert counting.taken() == 1
    await store.search("a", 20, except_id=bob.id)
    assert counting.taken() == 1
    await store.follow(ann.id, bob.id)
    assert counting.taken() == 1
    await store.unfollow(ann.id, bob.id)
    assert counting.taken() == 1
    await store.seen([ann.id], make.at())  # a connection's first array makes the driver ask what an array is
    counting.taken()
    await store.seen([ann.id, bob.id], make.at())
    assert counting.taken() == 1
    await store.update(ann.id, {"show_last_seen": False})
    assert counting.taken() == 4
