"""What all tests share: one PostgreSQL for the session, and for each test a database of its own, cloned from a migrated one.

`DUOLOGUE_TEST_POSTGRES` names another PostgreSQL to test on, by a role that may create databases; without it the
embedded one is started.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.factories import Make

from duologue.storage.embedded import EmbeddedPostgres
from duologue.storage.migrate import Migrator
from duologue.storage.postgres import Postgres

_numbers = count(1)
_MEMORY = Path("/dev/shm")  # noqa: S108 -- a database is cloned there in a tenth of the time; a private folder is made in it
_ROOM = 6 << 30  # bytes: a million messages, their log and some to spare


def named(dsn: str, database: str) -> str:
    """Return the DSN of another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def run(dsn: str, *statements: str) -> None:
    """Run statements on a connection of their own."""
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def new_folder() -> Path:
    """Make a folder for a database: in memory if there is room, with a short name, since a socket's name has 107 bytes."""
    in_memory = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM
    return Path(tempfile.mkdtemp(prefix="duologue-", dir=_MEMORY if in_memory else None))


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[str]:
    """Give the DSN of a PostgreSQL whose databases live as long as the session; it need not survive a power cut."""
    elsewhere = os.environ.get("DUOLOGUE_TEST_POSTGRES")
    if elsewhere:
        yield elsewhere
        return
    folder = new_folder()
    postgres = EmbeddedPostgres(folder)
    try:
        dsn = await postgres.start()
        owner = dsn.replace("postgresql://duologue@/duologue", "postgresql://postgres@/postgres")
        await run(owner, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield dsn
    finally:
        await postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def template(server: str) -> AsyncIterator[str]:
    """Give the name of a database that holds the schema and nothing else."""
    name = f"template_{os.getpid()}"
    await run(server, f"CREATE DATABASE {name}")
    await Migrator(named(server, name)).up()
    yield name
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_database(server: str) -> AsyncIterator[str]:
    """Give the DSN of a database without a schema."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await run(server, f"CREATE DATABASE {name}")
    yield named(server, name)
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(server: str, template: str) -> AsyncIterator[str]:
    """Give the DSN of a migrated, empty database for this test alone."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield named(server, name)
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def postgres(database: str) -> AsyncIterator[Postgres]:
    """Give an open pool on the test's database."""
    pool = Postgres(database, size=5)
    await pool.open()
    yield pool
    await pool.close()


@pytest.fixture
def make(postgres: Postgres) -> Make:
    """Give the factory of rows."""
    return Make(postgres)
