"""The pool: what it tells when the database is away, and how it comes back by itself."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from tests.conftest import new_folder

from duologue.core.errors import OutcomeUnknown, Unavailable
from duologue.storage.embedded import EmbeddedPostgres
from duologue.storage.embedded.cluster import Cluster
from duologue.storage.migrate import Migrator
from duologue.storage.postgres import Postgres, StoreUnreachable

SECRET = "s3cret"
KILL_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'duologue'
"""


@asynccontextmanager
async def dedicated(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Give a connection that is no part of any pool."""
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


async def warm(postgres: Postgres, number: int) -> None:
    """Let the pool make so many connections."""
    barrier = asyncio.Barrier(number)

    async def use() -> None:
        async with postgres.acquire() as connection:
            await barrier.wait()
            await connection.execute("SELECT 1")

    await asyncio.gather(*(use() for _ in range(number)))


@pytest.mark.parametrize(
    ("dsn", "sentence"),
    [
        (f"postgresql://me:{SECRET}@127.0.0.1:1/chat", r"The database chat at 127\.0\.0\.1:1 cannot be reached"),
        (f"postgresql://me:{SECRET}@/chat?host=/nowhere&port=7", "The database chat at /nowhere:7 cannot be reached"),
        (f"postgresql://me:{SECRET}/{SECRET}@db/chat", "The database address cannot be understood"),
        (f"postgresql://me:1/{SECRET}@nowhere.invalid/chat", "The database cannot be reached"),
        ("elsewhere", "The database address cannot be understood"),
    ],
)
async def test_a_database_that_is_down_gives_a_sentence_without_the_password(dsn: str, sentence: str) -> None:
    """Host, port and name as far as they are known; never a piece of the password."""
    with pytest.raises(StoreUnreachable, match=sentence) as raised:
        await Postgres(dsn).open()
    assert SECRET not in str(raised.value)


async def test_a_database_without_our_schema_gives_a_sentence(empty_database: str) -> None:
    """It says what to do."""
    with pytest.raises(StoreUnreachable, match="holds no Duologue schema; run `duologue migrate up`"):
        await Postgres(empty_database).open()


async def test_the_epoch_is_the_databases_own_and_its_timeline(postgres: Postgres, database: str) -> None:
    """Two pools on one database agree, and a new epoch is seen by the next look."""
    kept = await postgres.fetchval("SELECT epoch FROM instance")
    assert postgres.epoch == f"{kept}-1"
    await postgres.execute("UPDATE instance SET epoch = 'another'")
    other = Postgres(database)
    await other.open()
    await other.close()
    assert other.epoch == "another-1"
    await postgres.ping()
    assert postgres.epoch == "another-1"


async def test_a_standby_is_refused_and_its_promotion_names_the_log_anew() -> None:
    """On the new timeline positions may be given out a second time, so no client may go on from the old ones.

    A connection to the standby would outlive the promotion: there must be none.
    """
    folder = new_folder()
    server = EmbeddedPostgres(folder)
    try:
        dsn = await server.start()
        await Migrator(dsn).up()
        postgres = Postgres(dsn)
        await postgres.open()
        before = postgres.epoch
        await server.stop()
        (Cluster(folder).data / "standby.signal").touch(mode=0o600)
        await server.start()
        for look in (postgres.fetchval("SELECT 1"), postgres.ping()):
            with pytest.raises(Unavailable):
                await look
        with pytest.raises(StoreUnreachable, match="it is a standby, or has not recovered yet"):
            await Postgres(dsn).open()
        async with dedicated(dsn.replace("postgresql://duologue@/", "postgresql://postgres@/")) as owner:
            assert await owner.fetchval("SELECT pg_promote()")
        assert await postgres.fetchval("SELECT 1") == 1
        assert postgres.epoch == before.removesuffix("-1") + "-2"
        await postgres.close()
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def test_sessions_speak_utc_and_name_themselves(postgres: Postgres) -> None:
    """Whatever the server's own time zone is."""
    assert await postgres.fetchval("SHOW timezone") == "UTC"
    assert await postgres.fetchval("SELECT current_setting('application_name')") == "duologue"


async def test_a_statement_is_planned_once_for_a_session(postgres: Postgres) -> None:
    """Planning costs more than reading a page, so it is not done again for each set of parameters."""
    statement = "SELECT count(*) FROM users WHERE username_key = $1"
    async with postgres.acquire() as connection:
        for name in ("a", "b", "c"):
            await connection.fetchval(statement, name)
        plans = await connection.fetchrow(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1", statement
        )
        assert plans is not None
        assert tuple(plans) == (3, 0)
        assert await connection.fetchval("SHOW jit") == "off"


async def test_reads_do_not_notice_that_all_connections_died(postgres: Postgres, database: str) -> None:
    """A restart of the database costs no read that had not reached it."""
    await warm(postgres, 5)
    async with dedicated(database) as other:
        assert len(await other.fetch(KILL_OTHERS)) == 5
    assert await asyncio.gather(*(postgres.fetchval("SELECT 1") for _ in range(10))) == [1] * 10


async def test_a_read_cut_off_at_work_is_tried_once_more(postgres: Postgres, database: str) -> None:
    """The caller sees the answer, not the cut."""
    read = asyncio.create_task(postgres.fetchval("SELECT count(*) FROM users WHERE pg_sleep(0) IS NOT NULL"))
    assert await read == 0
    async with dedicated(database) as other:
        await other.execute("BEGIN; LOCK TABLE users")
        read = asyncio.create_task(postgres.fetchval("SELECT count(*) FROM users"))
        await _waits_for_lock(other)
        await other.fetch(KILL_OTHERS)
        await other.execute("ROLLBACK")
    assert await read == 0


@pytest.mark.parametrize("method", ["execute", "fetchval"])
async def test_a_write_cut_off_at_work_is_never_repeated(postgres: Postgres, database: str, method: str) -> None:
    """Nobody knows what became of it: the caller is told so, whichever method it took."""
    async with dedicated(database) as other:
        await other.execute("BEGIN; LOCK TABLE users")
        write = asyncio.create_task(getattr(postgres, method)("UPDATE users SET username = 'x' RETURNING 1"))
        await _waits_for_lock(other)
        await other.fetch(KILL_OTHERS)
        await other.execute("ROLLBACK")
    with pytest.raises(OutcomeUnknown) as raised:
        await write
    assert raised.value.retry_after == 1


async def _waits_for_lock(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Return as soon as a session of ours waits for a lock."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'duologue' AND wait_event_type = 'Lock' "
        "AND datname = current_database() AND pg_stat_clear_snapshot() IS NOT NULL"
    )
    async with asyncio.timeout(5):
        while True:
            if await connection.fetchval(waiting):
                return
            await asyncio.sleep(0)


async def test_a_read_only_database_is_unavailable_and_its_connections_are_dropped(
    postgres: Postgres, database: str
) -> None:
    """After a failover the old primary refuses writes: new connections are made, which may lead elsewhere."""
    await warm(postgres, 2)
    name = await postgres.fetchval("SELECT current_database()")
    async with dedicated(database) as other:
        await other.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await postgres.ping()  # sessions keep what they started with
        await other.fetch(KILL_OTHERS)
        with pytest.raises(Unavailable):
            await postgres.ping()
        with pytest.raises(Unavailable):
            await postgres.execute("UPDATE instance SET epoch = 'x'")
        await other.execute(
            f"SET default_transaction_read_only = off; ALTER DATABASE {name} RESET default_transaction_read_only"
        )
    async with asyncio.timeout(5):
        while True:  # connections are dropped at most once a second
            try:
                await postgres.ping()
                break
            except Unavailable:
                await asyncio.sleep(0)
    assert await postgres.execute("UPDATE instance SET epoch = 'x'") == "UPDATE 1"


async def test_a_statement_that_takes_too_long_is_unavailable(database: str) -> None:
    """It is cancelled, and the pool goes on."""
    postgres = Postgres(database, size=1, statement_timeout=0.05)
    await postgres.open()
    with pytest.raises(Unavailable):
        await postgres.fetch("SELECT pg_sleep(10)")
    assert await postgres.fetchval("SELECT 1") == 1
    await postgres.close()


async def test_a_write_that_found_no_connection_was_not_done(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor one that the database refused: only where the answer was lost may it have been."""
    monkeypatch.setattr("duologue.storage.postgres.PATIENCE", 0.05)
    postgres = Postgres(database, size=1)
    await postgres.open()
    write = "UPDATE users SET username = 'x'"
    async with postgres.acquire():
        with pytest.raises(Unavailable) as none_free:
            await postgres.execute(write)
    await postgres.execute("SET default_transaction_read_only = on")
    with pytest.raises(Unavailable) as read_only:
        await postgres.execute(write)
    assert not isinstance(none_free.value, OutcomeUnknown)
    assert not isinstance(read_only.value, OutcomeUnknown)
    await postgres.close()


async def test_a_caller_waits_only_so_long_for_a_connection(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is used up refuses instead of piling up."""
    monkeypatch.setattr("duologue.storage.postgres.PATIENCE", 0.05)
    postgres = Postgres(database, size=1)
    await postgres.open()
    async with postgres.acquire():
        with pytest.raises(Unavailable):
            await postgres.fetchval("SELECT 1")
    assert await postgres.fetchval("SELECT 1") == 1
    await postgres.close()


@pytest.mark.parametrize(
    "sqlstate", ["08006", "53100", "53300", "57P01", "57P03", "25006", "40001", "40P01", "55P03", "57014"]
)
async def test_what_means_not_now_is_unavailable(postgres: Postgres, sqlstate: str) -> None:
    """Lost, out of resources, shutting down, read-only, serialisation, deadlock, lock timeout, cancelled."""
    with pytest.raises(Unavailable):
        await postgres.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$")
    assert await postgres.fetchval("SELECT 1") == 1


@pytest.mark.parametrize("sqlstate", ["22001", "23505", "42P01", "XX000"])
async def test_what_is_the_statements_fault_is_not(postgres: Postgres, sqlstate: str) -> None:
    """A defect is not hidden behind "try again"."""
    with pytest.raises(asyncpg.PostgresError) as raised:
        await postgres.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{sqlstate}'; END $$")
    assert raised.value.sqlstate == sqlstate


async def test_a_connection_of_its_own_fails_alike(database: str) -> None:
    """A dedicated connection is made outside the pool, and refused as `Unavailable` when the database is down."""
    postgres = Postgres(database)
    connection = await postgres.connect()
    assert await connection.fetchval("SHOW timezone") == "UTC"
    await connection.close()
    with pytest.raises(Unavailable):
        await Postgres("postgresql://127.0.0.1:1/chat").connect()


async def test_a_closed_pool_is_unavailable(database: str) -> None:
    """Also one that was never opened, and one closed twice."""
    postgres = Postgres(database)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await postgres.fetchval("SELECT 1")
        await postgres.open()
        await postgres.close()
        await postgres.close()


async def test_the_pool_survives_a_stop_and_a_start_of_the_database() -> None:
    """While it is down every call is refused at once; when it is back they work, without anybody's help."""
    folder = new_folder()
    server = EmbeddedPostgres(folder)
    try:
        dsn = await server.start()
        await Migrator(dsn).up()
        postgres = Postgres(dsn, size=3)
        await postgres.open()
        await warm(postgres, 3)
        epoch = postgres.epoch
        await server.stop()
        for _ in range(3):
            with pytest.raises(Unavailable):
                await postgres.fetchval("SELECT 1")
            with pytest.raises(Unavailable):
                await postgres.ping()
        assert await server.start() == dsn
        assert (
            await asyncio.gather(*(postgres.execute("UPDATE instance SET epoch = epoch") for _ in range(6)))
            == ["UPDATE 1"] * 6
        )
        assert postgres.epoch == epoch
        await postgres.close()
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)
