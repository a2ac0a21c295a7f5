"""What connecting sockets need: heads and partners of many users in one statement."""

from tests.factories import Make

from duologue.storage.connects import ConnectStore
from duologue.storage.postgres import Postgres


async def test_partners_come_newest_first_without_those_across_a_block(make: Make, postgres: Postgres) -> None:
    """C-09, PRS-11: presence crosses a block in neither direction; last seen only between two who show it."""
    me, old, new, blocked, blocking = [await make.user() for _ in range(5)]
    shy = await make.user(show_last_seen=False)
    for other in (old, blocked, blocking, shy, new):
        await make.conversation(me, other)
    await make.block(me, blocked)
    await make.block(blocking, me)

    found = await ConnectStore(postgres).load([me.id, old.id])

    assert list(found[me.id].partners) == [new.id, shy.id, old.id]
    assert found[me.id].last_seen_to == {new.id, old.id}
    assert list(found[old.id].partners) == [me.id]


async def test_the_head_is_that_of_the_log_and_unknown_users_are_left_out(make: Make, postgres: Postgres) -> None:
    """A connection goes live after its user's head."""
    me = await make.user()
    await postgres.execute("UPDATE positions SET head = 7 WHERE user_id = $1", me.id)

    found = await ConnectStore(postgres).load([me.id, make.id()])

    assert {user_id: connect.head for user_id, connect in found.items()} == {me.id: 7}
    assert list(found[me.id].partners) == []
