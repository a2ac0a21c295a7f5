"""What the command line does to users without a server: standing, copies and erasure, on the database itself (docs/decisions/0005)."""

import json
from collections.abc import AsyncIterator

import pytest
from tests.factories import Make

from duologue.app.admin import Acts, acts
from duologue.config import Config
from duologue.core.erasure import Fate
from duologue.core.errors import Conflict, NotFound
from duologue.core.model import UserState
from duologue.storage.postgres import Postgres


@pytest.fixture
async def acting(postgres: Postgres) -> AsyncIterator[Acts]:
    """Give the command line's acts."""
    async with acts(postgres, Config()) as acting:
        yield acting


async def test_a_user_is_meant_by_id_username_and_the_platforms_id(
    acting: Acts, make: Make, postgres: Postgres
) -> None:
    """Two who are meant by one word are none: the id says which."""
    ann, bob = await make.user("ann"), await make.user("bob")
    await postgres.execute("UPDATE users SET external_id = 'customer-7' WHERE id = $1", ann.id)
    for name in (str(ann.id), "ANN", "customer-7"):
        assert (await acting.known(name)).user.id == ann.id
    await postgres.execute("UPDATE users SET external_id = 'ann' WHERE id = $1", bob.id)
    with pytest.raises(Conflict):
        await acting.known("ann")
    for name in ("nobody", "ANN ", str(make.id())):
        with pytest.raises(NotFound):
            await acting.known(name)


async def test_deactivation_tells_the_partners_log(acting: Acts, make: Make, postgres: Postgres) -> None:
    """One fact for each, which a running server finds; reactivated there is a second one. The command line stands in the audit."""
    ann, partners = await make.user("ann"), [await make.user() for _ in range(3)]
    for partner in partners:
        await make.conversation(ann, partner)
    assert (await acting.deactivate("ann")).user.state is UserState.DEACTIVATED
    assert (await acting.reactivate("ann")).user.state is UserState.ACTIVE
    heads = await postgres.fetch("SELECT head FROM positions WHERE user_id <> $1", ann.id)
    assert [row["head"] for row in heads] == [2, 2, 2]
    assert await postgres.fetchval("SELECT told_to FROM users WHERE id = $1", ann.id) is None
    entries = await postgres.fetch("SELECT actor, action FROM audit ORDER BY at")
    assert [tuple(row) for row in entries] == [("command", "user.deactivate"), ("command", "user.reactivate")]


async def test_more_partners_than_a_chunk_are_told_once_each(acting: Acts, make: Make, postgres: Postgres) -> None:
    """1,203 of them, two of whom take no part themselves."""
    ann = await make.user("ann")
    await postgres.execute(
        """WITH partners AS (
            INSERT INTO users (id, username, username_key, state)
            SELECT gen_random_uuid(), 'p' || n, 'p' || n, CASE WHEN n <= 2 THEN 'deactivated' ELSE 'active' END
            FROM generate_series(1, 1203) n RETURNING id
        ), placed AS (INSERT INTO positions (user_id) SELECT id FROM partners), opened AS (
            INSERT INTO conversations (id, user1_id, user2_id, created_at, updated_at)
            SELECT gen_random_uuid(), least(id, $1), greatest(id, $1), now(), now() FROM partners RETURNING id, user1_id, user2_id
        )
        INSERT INTO conversation_participants (conversation_id, user_id)
        SELECT id, unnest(ARRAY[user1_id, user2_id]) FROM opened""",
        ann.id,
    )
    await acting.deactivate("ann")
    told = await postgres.fetch(
        "SELECT head, count(*) AS users FROM positions WHERE user_id <> $1 GROUP BY head ORDER BY 1", ann.id
    )
    assert [tuple(row) for row in told] == [(0, 2), (1, 1201)]
    assert (
        await postgres.fetchval(
            "SELECT count(*) FROM user_events WHERE kind = 10 AND data = $1", json.dumps({"o": str(ann.id)})
        )
        == 1201
    )


async def test_telling_that_was_cut_short_goes_on_where_it_was(acting: Acts, make: Make, postgres: Postgres) -> None:
    """Who was told before the crash is not told again by the next call; everybody else is."""
    ann = await make.user("ann")
    partners = sorted([await make.user() for _ in range(4)], key=lambda user: user.id)
    for partner in partners:
        await make.conversation(ann, partner)
    await postgres.execute("UPDATE users SET state = 'deactivated', told_to = $2 WHERE id = $1", ann.id, partners[1].id)
    await acting.deactivate("ann")
    heads = [
        await postgres.fetchval("SELECT head FROM positions WHERE user_id = $1", partner.id) for partner in partners
    ]
    assert heads == [0, 0, 1, 1]


async def test_erasure_and_copy_work_without_a_server(acting: Acts, make: Make, postgres: Postgres) -> None:
    """Messages go through a pipeline of the command's own."""
    ann, bob = await make.user("ann", display_name="Ann"), await make.user("bob")
    talk = await make.conversation(ann, bob)
    await make.message(talk, ann, content="words of ann")
    lines = b"".join([chunk async for chunk in await acting.export("ann")]).splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["user", "conversation", "message", "end"]
    await acting.erase(ann.id, Fate.REMOVE)
    assert (await acting.known(str(ann.id))).user.display_name == "Deleted account"
    assert [row["content"] for row in await postgres.fetch("SELECT content FROM messages")] == [""]
    assert await postgres.fetchval("SELECT unread_total FROM positions WHERE user_id = $1", bob.id) == 0
