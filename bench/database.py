"""The PostgreSQL below the server, seen from outside: where it is, rows written, transactions committed."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg

FLUSH_SECONDS = 10.5


@dataclass(frozen=True)
class Database:
    """An embedded PostgreSQL, known by its postmaster.pid."""

    postmaster: int
    directory: str
    port: int

    async def connect(self, name: str = "duologue") -> asyncpg.Connection:
        """Connect over the unix socket, as the server itself does."""
        return await asyncpg.connect(host=self.directory, port=self.port, user="duologue", database=name)

    async def rows(self) -> int:
        """Count the stored messages."""
        connection = await self.connect()
        try:
            return int(await connection.fetchval("SELECT count(*) FROM messages"))
        finally:
            await connection.close()

    async def commits(self) -> int:
        """Return the transactions committed so far in the server's database, read from another one.

        A backend reports its counters when it has been idle for 10 s at the latest, so this waits as long first;
        call it while nobody sends.
        """
        await asyncio.sleep(FLUSH_SECONDS)
        connection = await self.connect("postgres")
        try:
            query = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'duologue'"
            return int(await connection.fetchval(query))
        finally:
            await connection.close()


def find(data: Path) -> Database:
    """Return the database of a server's data folder.

    Raises:
        FileNotFoundError: no PostgreSQL runs below the folder.
    """
    files = sorted((data / "postgres").rglob("postmaster.pid"))
    if not files:
        raise FileNotFoundError(f"No postmaster.pid below {data / 'postgres'}: no embedded PostgreSQL runs there.")
    lines = files[0].read_text(encoding="utf-8").splitlines()
    return Database(postmaster=int(lines[0]), directory=lines[4], port=int(lines[3]))
