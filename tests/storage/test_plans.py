"""What a page costs does not depend on how much there is: pages of the database touched, counted, not timed."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
import pytest
from tests.factories import START, Chat, Make

from duologue.core.model import Cursor, User
from duologue.storage.pages import TOP
from duologue.storage.sql import load

if TYPE_CHECKING:
    from duologue.storage.postgres import Connection

FEW = 1_000
MANY = [pytest.param(200_000, id="200,000"), pytest.param(1_000_000, id="1,000,000", marks=pytest.mark.faults)]
MESSAGES = load("messages")

CONVERSATIONS = """
WITH partners AS (
    INSERT INTO users (id, username, username_key)
    SELECT overlay($1::uuid::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, 'u' || n, 'u' || n
    FROM generate_series($2::integer, $3::integer) n RETURNING id
), opened AS (
    INSERT INTO conversations (id, user1_id, user2_id, created_at, updated_at)
    SELECT gen_random_uuid(), least(id, $4), greatest(id, $4), now(), now() - random() * interval '1 day' FROM partners
    RETURNING id, user1_id, user2_id
)
INSERT INTO conversation_participants (conversation_id, user_id, unread_count)
SELECT id, unnest(ARRAY[user1_id, user2_id]), (random() < 0.01)::integer FROM opened
"""
SHORT_ONES = """
INSERT INTO messages (id, conversation_id, sender_id, receiver_id, content, created_at, updated_at)
SELECT gen_random_uuid(), md5((n % 2000)::text)::uuid, gen_random_uuid(), gen_random_uuid(), 'x', at, at
FROM generate_series(1, 50000) n, LATERAL (SELECT now() + n * interval '1 second' AS at) times
"""
# Every message has two pictures, a document and two links; where $1 is null, those of other conversations.
SHARED = """
WITH message AS (
    SELECT id, conversation_id, sender_id, created_at FROM messages AS m
    WHERE CASE WHEN $1::uuid IS NULL THEN true ELSE m.conversation_id = $1 END
    AND NOT EXISTS (SELECT FROM links AS l WHERE l.message_id = m.id)
), file AS (
    INSERT INTO attachments (id, owner_id, conversation_id, message_id, sent_at, place, kind, name, media_type, size, digest, key, flags,
        state, uploaded_at)
    SELECT gen_random_uuid(), sender_id, conversation_id, id, created_at, gen_random_uuid(), kind, 'n', 't', 1, '', 'k', '{}', 'clean',
        created_at
    FROM message, unnest(ARRAY['image', 'video', 'file']) AS kind
)
INSERT INTO links (id, conversation_id, message_id, sender_id, url, created_at)
SELECT gen_random_uuid(), conversation_id, id, sender_id, 'https://' || n, created_at FROM message, generate_series(1, 2) AS n
"""
EVENTS = """
INSERT INTO user_events (user_id, position, kind, conversation_id, message_id, created_at)
SELECT $1, n, 1, $2, (SELECT id FROM messages LIMIT 1), now() FROM generate_series($3::integer, $4::integer) n
"""


@pytest.fixture
async def connection(database: str) -> "AsyncIterator[Connection]":
    """Give a connection to explain on."""
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return a plan's nodes."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def literal(value: object) -> str:
    """Return a value as it stands in SQL."""
    return str(value) if isinstance(value, int) else f"'{value}'"


class Explainer:
    """Runs statements and tells what they touched."""

    def __init__(self, connection: "Connection", mode: str) -> None:
        self._connection = connection
        self._mode = mode

    async def settle(self) -> None:
        """Let the planner know what is there."""
        await self._connection.execute("VACUUM ANALYZE")

    async def buffers(self, statement: str, *arguments: object) -> int:
        """Return how many pages a statement touches; fail if it reads a large table from one end to the other."""
        await self._connection.execute(
            f"DISCARD PLANS; SET plan_cache_mode = {self._mode}; PREPARE asked AS {statement}"
        )
        explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked({', '.join(map(literal, arguments))})"
        await self._connection.fetchval(explain)  # the first one reads the catalog too
        [explained] = json.loads(await self._connection.fetchval(explain))
        await self._connection.execute("DEALLOCATE asked")
        for node in nodes(explained["Plan"]):
            assert node["Node Type"] != "Seq Scan" or node["Actual Rows"] < 100, node
        top = explained["Plan"]
        return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


@pytest.fixture(params=["force_generic_plan", "force_custom_plan"])
def explainer(connection: "Connection", request: pytest.FixtureRequest) -> Explainer:
    """Give the explainer, for plans that know the parameters and for plans that do not."""
    return Explainer(connection, request.param)


async def a_user_with(make: Make, messages: int) -> tuple[User, Chat]:
    """Return somebody who takes part in a conversation of so many messages."""
    ann, bob = await make.user(), await make.user()
    chat = await make.conversation(ann, bob)
    await make.messages(chat, ann, messages)
    return ann, chat


def middle(number: int) -> Cursor:
    """Return a place in the middle of so many messages."""
    return Cursor(START + timedelta(seconds=number // 2), UUID(int=0))


@pytest.mark.parametrize("many", MANY)
async def test_a_history_page_of_50_costs_the_same_out_of_many_as_out_of_few(
    make: Make, explainer: Explainer, connection: "Connection", many: int
) -> None:
    """First page, a page in the middle, newer ones, and the neighbours of a message (design part 7).

    Beside it lie many short conversations, from which the planner would conclude that this one is short too.
    """
    ann, chat = await a_user_with(make, FEW)
    await connection.execute(SHORT_ONES)

    async def costs(number: int) -> list[int]:
        await explainer.settle()
        place, newest = middle(number), make.id_of_message(chat, number // 2)
        return [
            await explainer.buffers(MESSAGES["before"], ann.id, chat.id, TOP.at, TOP.id, 51),
            await explainer.buffers(MESSAGES["before"], ann.id, chat.id, place.at, place.id, 51),
            await explainer.buffers(MESSAGES["after"], ann.id, chat.id, place.at, place.id, 51),
            await explainer.buffers(MESSAGES["context"], ann.id, newest, 21, 21),
            await explainer.buffers(MESSAGES["by_id"], ann.id, newest),
        ]

    few = await costs(FEW)
    await make.messages(chat, ann, many - FEW, first=FEW + 1)
    assert all(more <= 1.5 * less for more, less in zip(await costs(many), few, strict=True)), (few, await costs(many))


@pytest.mark.parametrize("many", MANY)
async def test_a_page_of_a_gallery_costs_the_same_out_of_many_as_out_of_few(
    make: Make, explainer: Explainer, connection: "Connection", many: int
) -> None:
    """Media, links, files, and the messages that hold them: the first page, and one in the middle.

    They walk the indexes made for them, beside many short conversations that hold as much; with statistics and without.
    """
    ann, chat = await a_user_with(make, FEW)
    await connection.execute(SHORT_ONES)
    await connection.execute(SHARED, None, timeout=300)

    async def costs(number: int) -> list[int]:
        await explainer.settle()
        return [
            await explainer.buffers(MESSAGES[name], ann.id, chat.id, place.at, place.id, 51)
            for name in ("media", "links", "files", "with_media", "with_links", "with_files")
            for place in (TOP, middle(number))
        ]

    few = await costs(FEW)
    await make.messages(chat, ann, many - FEW, first=FEW + 1)
    await connection.execute(SHARED, chat.id, timeout=300)
    assert all(more <= 1.5 * less for more, less in zip(await costs(many), few, strict=True)), (few, await costs(many))


async def test_a_page_of_the_list_costs_the_same_out_of_10000_as_out_of_1000(
    make: Make, explainer: Explainer, connection: "Connection"
) -> None:
    """From both sides of the pair; so do the totals and the partners, as far as they are limited."""
    middle_id = UUID("80000000-0000-7000-8000-000000000000")
    viewer = await make.user(user_id=middle_id)
    statements = load("conversations")

    async def add(first: int, last: int) -> None:
        for prefix in ("10000000-0000-7000-8000-000000000000", "90000000-0000-7000-8000-000000000000"):
            await connection.execute(
                CONVERSATIONS.replace("'u'", f"'{prefix[:1]}u'"), UUID(prefix), first, last, viewer.id
            )

    async def costs() -> list[int]:
        await explainer.settle()
        return [
            await explainer.buffers(statements["page"], viewer.id, TOP.at, TOP.id, 51),
            await explainer.buffers(statements["partners"], viewer.id, 50),
        ]

    await add(1, 500)
    few = await costs()
    await add(501, 5_000)
    assert all(more <= 1.5 * less for more, less in zip(await costs(), few, strict=True)), (few, await costs())


async def test_a_page_of_the_log_costs_the_same_out_of_100000_as_out_of_1000(
    make: Make, explainer: Explainer, connection: "Connection"
) -> None:
    """Replay reads what it answers, wherever it begins; so do counting, up to its limit, and what is to be marked as delivered."""
    ann, chat = await a_user_with(make, FEW)
    statements = load("events")

    async def costs(head: int) -> list[int]:
        await connection.execute("UPDATE positions SET delivered_to = $2 WHERE user_id = $1", ann.id, head - 200)
        await explainer.settle()
        return [
            await explainer.buffers(statements["after"], ann.id, 0, 200),
            await explainer.buffers(statements["after"], ann.id, head - 200, 200),
            await explainer.buffers(statements["count"], ann.id, head - 200, 5_001),
            await explainer.buffers(statements["unmarked"], ann.id, head, 100),
            await explainer.buffers(statements["marked"], ann.id, head - 200),
        ]

    await connection.execute(EVENTS, ann.id, chat.id, 1, 1_000)
    few = await costs(1_000)
    await connection.execute(EVENTS, ann.id, chat.id, 1_001, 100_000)
    assert all(more <= 1.5 * less for more, less in zip(await costs(100_000), few, strict=True)), (
        few,
        await costs(100_000),
    )


@pytest.mark.parametrize("analysed", [True, False])
async def test_nothing_is_guessed_on_a_fresh_database(
    *, make: Make, explainer: Explainer, connection: "Connection", analysed: bool
) -> None:
    """Without statistics the same indexes serve: a server that was just filled answers like one that ran for a year."""
    await connection.execute("ALTER TABLE messages SET (autovacuum_enabled = off)")
    ann, chat = await a_user_with(make, 20_000)
    if analysed:
        await explainer.settle()
    place = middle(20_000)
    assert await explainer.buffers(MESSAGES["before"], ann.id, chat.id, place.at, place.id, 51) < 60
    assert await explainer.buffers(MESSAGES["after"], ann.id, chat.id, place.at, place.id, 51) < 60


@pytest.mark.parametrize("analysed", [True, False])
async def test_nothing_is_guessed_of_galleries_on_a_fresh_database(
    *, make: Make, explainer: Explainer, connection: "Connection", analysed: bool
) -> None:
    """A page touches what it shows: an index entry, a file and its message for each of 51, of messages at most three each."""
    for table in ("messages", "attachments", "links"):
        await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    ann, chat = await a_user_with(make, 20_000)
    await connection.execute(SHARED, chat.id, timeout=300)
    if analysed:
        await explainer.settle()
    place = middle(20_000)
    found = {
        name: await explainer.buffers(MESSAGES[name], ann.id, chat.id, place.at, place.id, 51)
        for name in ("media", "links", "files", "with_media", "with_links", "with_files")
    }
    assert all(cost < 600 for cost in found.values()), found


@pytest.mark.parametrize("analysed", [True, False])
async def test_a_fetch_of_files_touches_those_files_alone(
    *, make: Make, explainer: Explainer, connection: "Connection", analysed: bool
) -> None:
    """One by its id, and fifty for links: a handful of pages each, however many there are and whatever is known of them."""
    for table in ("messages", "attachments"):
        await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    ann, chat = await a_user_with(make, 20_000)
    await connection.execute(SHARED, chat.id, timeout=300)
    if analysed:
        await explainer.settle()
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM attachments ORDER BY id LIMIT 50")]
    shown = load("attachments")["shown"]
    assert await explainer.buffers(shown, ann.id, f"{{{ids[0]}}}") < 20
    assert await explainer.buffers(shown, ann.id, f"{{{','.join(map(str, ids))}}}") < 20 * len(ids)


AUDIT = """
INSERT INTO audit (id, at, actor, action, target_ids, details)
SELECT gen_random_uuid(), $1::timestamptz + n * interval '1 second', 'api', 'user.get', ARRAY[gen_random_uuid()], '{}'
FROM generate_series($2::integer, $3::integer) n
"""
STRANGERS = """
WITH strangers AS (
    INSERT INTO users (id, username, username_key) SELECT gen_random_uuid(), 's' || n, 's' || n
    FROM generate_series($1::integer, $2::integer) n RETURNING id
), signed AS (
    INSERT INTO sessions (id, user_id, expires_at, ended_at)
    SELECT gen_random_uuid(), id, now(), CASE WHEN random() < 0.5 THEN now() END FROM strangers
)
INSERT INTO follows (follower_id, followed_id)
SELECT id, lead(id, 1, $3) OVER () FROM strangers
"""


async def test_erasure_copy_and_audit_cost_the_same_among_many_as_among_few(
    make: Make, explainer: Explainer, connection: "Connection"
) -> None:
    """A chunk of the walk over somebody's messages, what is forgotten of them, a page of the log."""
    ann, chat = await a_user_with(make, FEW)
    erasure, export = load("erasure"), load("export")
    page = load("audit")["page"]
    await connection.execute("UPDATE messages SET deleted_at = created_at")

    async def costs(number: int) -> list[int]:
        await explainer.settle()
        place, ids = middle(number), f"{{{make.id_of_message(chat, number // 2)}}}"
        return [
            await explainer.buffers(erasure["written"], ann.id, chat.id, place.at, place.id, 100),
            await explainer.buffers(erasure["unlink"], chat.id, ids),
            await explainer.buffers(erasure["blocked"], ann.id, 100),
            *[await explainer.buffers(erasure[part], ann.id, 100) for part in ("sessions", "follows", "keys", "facts")],
            await explainer.buffers(export["messages"], ann.id, chat.id, place.at, place.id, 100),
            await explainer.buffers(export["sessions"], ann.id, UUID(int=0), 100),
            await explainer.buffers(export["followers"], ann.id, UUID(int=0), 100),
            await explainer.buffers(export["following"], ann.id, UUID(int=0), 100),
            await explainer.buffers(page, TOP.at, TOP.id, 51),
            await explainer.buffers(load("upserts")["involved"], f"{{{ann.id}}}", "{customer-1}", "{ann}"),
            await explainer.buffers(load("events")["heads"], f"{{{ann.id}}}"),
        ]

    await connection.execute(AUDIT, START, 1, FEW)
    await connection.execute(STRANGERS, 1, FEW, ann.id)
    few = await costs(FEW)
    await make.messages(chat, ann, 50_000 - FEW, first=FEW + 1)
    await connection.execute(AUDIT, START, FEW + 1, 50_000)
    await connection.execute(STRANGERS, FEW + 1, 50_000, (await make.user()).id)
    many = await costs(50_000)
    assert all(more <= 1.5 * less + 4 for more, less in zip(many, few, strict=True)), (few, many)


STORED = """
INSERT INTO attachments (
    id, owner_id, conversation_id, message_id, sent_at, place, kind, name, media_type, size, digest, key, flags, state, uploaded_at
)
SELECT gen_random_uuid(), md5((n % 500)::text)::uuid, sent.id, sent.id, sent.at, sent.id, 'file', 'x', 'x', 1, '', 'x', '{}',
    CASE WHEN n % 4 = 1 THEN 'pending' ELSE 'clean' END, $1::timestamptz + n * interval '1 second'
FROM generate_series(1, $2::integer) n
CROSS JOIN LATERAL (SELECT CASE WHEN n % 2 = 0 THEN gen_random_uuid() END AS id, CASE WHEN n % 2 = 0 THEN now() END AS at) AS sent
"""


@pytest.mark.parametrize("analysed", [True, False])
async def test_keeping_house_of_files_touches_what_it_is_about(
    *, make: Make, explainer: Explainer, connection: "Connection", analysed: bool
) -> None:
    """Of 100,000 files, sent and unsent, scanned and not: the oldest, somebody's, or a message's, whatever is known of them."""
    await connection.execute("ALTER TABLE attachments SET (autovacuum_enabled = off)")
    ann, chat = await a_user_with(make, 1)
    await connection.execute(STORED, START, 100_000, timeout=60)
    await connection.execute("INSERT INTO storage_use SELECT owner_id, count(*), sum(size) FROM attachments GROUP BY 1")
    if analysed:
        await explainer.settle()
    house, erasure, export = load("housekeeping"), load("erasure"), load("export")
    nobody, late = UUID(int=0), START + timedelta(seconds=50_000)
    ids = [row["id"] for row in await connection.fetch("SELECT id FROM attachments LIMIT 50")]
    some = f"{{{','.join(map(str, ids))}}}"
    found = {
        "nothing old": await explainer.buffers(house["remove_unsent"], START, 500),
        "the oldest": await explainer.buffers(house["remove_unsent"], late, 10),
        "first pending": await explainer.buffers(house["pending"], START, nobody, 20),
        "later pending": await explainer.buffers(house["pending"], late, nobody, 20),
        "blobs": await explainer.buffers(house["strays"], some, f"{{{','.join(f'{START:%Y-%m-%d}' for _ in ids)}}}"),
        "records": await explainer.buffers(house["recorded"], nobody, late, 50),
        "a message's": await explainer.buffers(erasure["files"], f"{{{make.id_of_message(chat, 1)}}}", 500),
        "somebody's": await explainer.buffers(erasure["unsent"], ann.id, 500),
        "somebody's copy": await explainer.buffers(export["unsent"], ann.id, nobody, 500),
    }
    assert all(cost < 400 for cost in found.values()), found
