"""Who was shut out meanwhile: what was under way for them is refused or waits, so that an erasure finds all (docs/decisions/0005)."""

import asyncio
from datetime import UTC, datetime

import pytest
from tests.factories import Make
from tests.storage.waiting import lock_is_waited_for

from duologue.core.audit import Action, Actor, Entry
from duologue.core.errors import Conflict, Forbidden, NotFound
from duologue.core.model import UserState
from duologue.storage.audit import AuditStore
from duologue.storage.conversations import ConversationStore
from duologue.storage.erasure import ErasureStore
from duologue.storage.postgres import Postgres
from duologue.storage.standing import StandingStore
from duologue.storage.users import UserStore

SHUT_OUT = ["deactivated", "erased"]


def entry(make: Make, action: Action = Action.USER_DEACTIVATE) -> Entry:
    """Return an entry for the audit."""
    return Entry(make.id(), Actor.COMMAND, action)


@pytest.mark.parametrize("state", SHUT_OUT)
async def test_settings_of_who_was_shut_out_are_not_changed(make: Make, postgres: Postgres, state: str) -> None:
    """`Forbidden`, no fact, no gap in the log."""
    ann = await make.user("ann", state=state)
    with pytest.raises(Forbidden):
        await UserStore(postgres).update(ann.id, {"display_name": "Ann"})
    assert await postgres.fetchval("SELECT display_name FROM users") is None
    assert await postgres.fetchval("SELECT head FROM positions") == 0


@pytest.mark.parametrize("state", SHUT_OUT)
async def test_nobody_follows_who_was_shut_out_nor_do_they(make: Make, postgres: Postgres, state: str) -> None:
    """In neither direction, however late the request is."""
    ann, bob = await make.user("ann", state=state), await make.user("bob")
    await UserStore(postgres).follow(ann.id, bob.id)
    await UserStore(postgres).follow(bob.id, ann.id)
    assert await postgres.fetchval("SELECT count(*) FROM follows") == 0


async def test_a_follow_waits_for_an_erasure_under_way_and_finds_it_done(make: Make, postgres: Postgres) -> None:
    """It began before the erasure committed, and leaves nothing behind it."""
    ann, bob = await make.user("ann"), await make.user("bob")
    async with postgres.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE users SET state = 'erased' WHERE id = $1", ann.id)
        follow = asyncio.create_task(UserStore(postgres).follow(bob.id, ann.id))
        await lock_is_waited_for(postgres)
        await transaction.commit()
    await follow
    assert await postgres.fetchval("SELECT count(*) FROM follows") == 0


async def test_last_seen_is_written_of_the_deactivated_but_not_of_the_erased(make: Make, postgres: Postgres) -> None:
    """The end of a deactivated user's socket is when they were last seen."""
    users = [await make.user(state=state) for state in ("active", *SHUT_OUT)]
    await UserStore(postgres).seen([user.id for user in users], datetime.now(UTC))
    seen = [
        await postgres.fetchval("SELECT last_seen_at IS NOT NULL FROM users WHERE id = $1", user.id) for user in users
    ]
    assert seen == [True, True, False]


@pytest.mark.parametrize("state", SHUT_OUT)
async def test_typing_to_who_was_shut_out_is_forbidden(make: Make, postgres: Postgres, state: str) -> None:
    """Across a block it goes nowhere, in silence as ever."""
    ann, bob = await make.user(state=state), await make.user()
    talk = await make.conversation(ann, bob)
    store = ConversationStore(postgres)
    with pytest.raises(Forbidden):
        await store.may_signal(bob.id, talk.id)
    await make.block(ann, bob)
    assert await store.may_signal(bob.id, talk.id) is None


async def test_a_state_is_changed_with_its_entry_or_not_at_all(make: Make, postgres: Postgres) -> None:
    """Nobody: `NotFound`; erased: `Conflict`; neither leaves an entry."""
    gone, store = await make.user(state="erased"), StandingStore(postgres)
    with pytest.raises(NotFound):
        await store.change(make.id(), UserState.DEACTIVATED, entry(make))
    with pytest.raises(Conflict):
        await store.change(gone.id, UserState.ACTIVE, entry(make))
    assert (await AuditStore(postgres).page(None, 5)).items == []


async def test_two_who_tell_at_once_do_not_tell_twice(make: Make, postgres: Postgres) -> None:
    """The second one finds that the first has moved on."""
    ann, bob, eve = await make.user(), await make.user(), await make.user()
    for partner in (bob, eve):
        await make.conversation(ann, partner)
    store = StandingStore(postgres)
    await store.change(ann.id, UserState.DEACTIVATED, entry(make))
    untold = await store.untold(ann.id)
    assert untold is not None
    assert set(untold.partner_ids) == {bob.id, eve.id}
    told = [await store.tell(ann.id, untold.after, untold.partner_ids) for _ in range(2)]
    assert told[0] is not None
    assert len(told[0]) == 2
    assert told[1] is None
    await store.finish(ann.id, untold.after)  # not the last any more
    assert await store.untold(ann.id) is not None
    await store.finish(ann.id, untold.partner_ids[-1])
    assert await store.untold(ann.id) is None


async def test_a_change_waits_for_the_users_lock(make: Make, postgres: Postgres) -> None:
    """Whoever holds the position row, such as a send that commits, goes first."""
    ann = await make.user()
    async with postgres.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("SELECT FROM positions WHERE user_id = $1 FOR NO KEY UPDATE", ann.id)
        change = asyncio.create_task(StandingStore(postgres).change(ann.id, UserState.DEACTIVATED, entry(make)))
        await lock_is_waited_for(postgres)
        assert await postgres.fetchval("SELECT state FROM users") == "active"
        await transaction.commit()
    assert (await change).state is UserState.DEACTIVATED


async def test_an_erased_user_gets_a_name_that_is_free(make: Make, postgres: Postgres) -> None:
    """Of several one: names that somebody has are passed over; with all taken new ones are drawn."""
    ann = await make.user("ann")
    ids = [make.id() for _ in range(24)]
    for number in range(12):
        await make.user(f"deleted-{ids[number].hex[-8:]}")
    drawn = iter(ids)
    await ErasureStore(postgres, lambda: next(drawn)).shut_out(ann.id, entry(make, Action.USER_ERASE))
    row = await postgres.fetchrow("SELECT username, display_name, avatar_url, state FROM users WHERE id = $1", ann.id)
    assert row is not None
    assert tuple(row) == (f"deleted-{ids[12].hex[-8:]}", "Deleted account", None, "erased")
