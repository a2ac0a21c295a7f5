"""Brings the schema up and down: numbered `NNNN_name.up.sql` and `.down.sql`, each in a transaction of its own.

The version of the code is the number of the newest migration it carries. Each up file states in its first lines the oldest
code that works on the schema it makes (`oldest-code: N`), so an older node may go on while a newer one has already migrated.
Nodes that start together take turns by an advisory lock of the transaction, which works behind PgBouncer too. A lock on a
table is waited for only briefly at a time, so that a migration that waits does not hold up everybody who queues behind it.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from duologue.storage.postgres import PATIENCE, StoreUnreachable, unreachable
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from duologue.storage.postgres import Connection

    Work = Callable[[Connection, "Migration"], Awaitable[bool]]

MIGRATIONS = Path(__file__).with_name("migrations")

_SQL = load("migrations")
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.up\.sql")
_OLDEST = re.compile(r"oldest-code: (\d+)")
_HELD = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)


class MigrationError(Exception):
    """The schema cannot be brought where it should be; the sentence says why and what to do. Nothing was half done."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema, as its files say it."""

    version: int
    name: str
    up: str
    down: str
    oldest_code: int

    @property
    def title(self) -> str:
        """How its files are named."""
        return f"{self.version:04}_{self.name}"

    @property
    def checksum(self) -> str:
        """What tells whether the file was changed after it was applied."""
        return hashlib.sha256(self.up.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Step:
    """A migration in the database's eyes: `applied_at` is None while it is pending, `known` False if only newer code has it."""

    version: int
    name: str
    applied_at: datetime | None
    known: bool


def read(folder: Path) -> list[Migration]:
    """The migrations of a folder in order; `MigrationError` unless they count 1, 2, 3 and each can be undone."""
    migrations = [_read_one(path) for path in sorted(folder.glob("*.up.sql"))]
    if [migration.version for migration in migrations] != list(range(1, len(migrations) + 1)):
        raise MigrationError(f"The migrations in {folder} are not numbered 0001, 0002, 0003 and so on.")
    return migrations


def _read_one(path: Path) -> Migration:
    named = _FILE.fullmatch(path.name)
    down = path.with_name(path.name.replace(".up.", ".down."))
    up = path.read_text(encoding="utf-8")
    oldest = _OLDEST.search("\n".join(up.splitlines()[:5]))
    if named is None or oldest is None or not down.exists():
        raise MigrationError(f"{path.name} needs a name like 0002_word.up.sql, a .down.sql beside it and oldest-code.")
    return Migration(int(named[1]), named[2], up, down.read_text(encoding="utf-8"), int(oldest[1]))


class Migrator:
    """Migrates one database. `patience`: seconds to wait for others before giving up, `pause`: for one lock at a time."""

    def __init__(self, dsn: str, *, folder: Path = MIGRATIONS, patience: float = 300.0, pause: float = 2.0) -> None:
        self._dsn = dsn
        self._known = read(folder)
        self._patience = patience
        self._pause = pause

    @property
    def code_version(self) -> int:
        """The number of the newest migration this code carries."""
        return len(self._known)

    async def up(self) -> list[str]:
        """Apply what is pending; the titles of what was applied. A schema ahead of this code is left as it is."""
        async with self._connected() as connection:
            pending = self._pending(await _applied(connection))
            return [one.title for one in pending if await self._patiently(connection, one, self._apply)]

    async def down(self, count: int = 1) -> list[str]:
        """Undo the last `count` migrations, newest first; their titles."""
        async with self._connected() as connection:
            rows = await _applied(connection)
            self._check_unchanged(rows)
            if len(rows) > self.code_version:
                raise MigrationError("The newest migrations come from newer code; undo them with that code.")
            undone = self._known[max(0, len(rows) - count) : len(rows)][::-1]
            return [one.title for one in undone if await self._patiently(connection, one, self._undo)]

    async def status(self) -> list[Step]:
        """All migrations, applied, pending or of newer code."""
        async with self._connected() as connection:
            rows = await _applied(connection)
        steps = [
            Step(row["version"], row["name"], row["applied_at"], row["version"] <= self.code_version) for row in rows
        ]
        return steps + [Step(one.version, one.name, None, known=True) for one in self._known[len(rows) :]]

    async def check(self, code_version: int | None = None) -> None:
        """Raise `MigrationError` unless code of this version (default: ours) may run on the schema as it is."""
        code_version = self.code_version if code_version is None else code_version
        async with self._connected() as connection:
            pending = self._pending(await _applied(connection), code_version)
        if pending:
            names = ", ".join(one.title for one in pending)
            raise MigrationError(f"The schema lacks {names}; run `duologue migrate up`, or serve without --no-migrate.")

    def _pending(self, rows: "Sequence[asyncpg.Record]", code_version: int | None = None) -> list[Migration]:
        """What is to be applied, once it is sure that this code may work here."""
        self._check_unchanged(rows)
        code_version = self.code_version if code_version is None else code_version
        oldest = max((row["oldest_code"] for row in rows), default=0)
        if oldest > code_version:
            raise MigrationError(
                f"The schema needs code of version {oldest} or newer; this is version {code_version}. Install a newer Duologue."
            )
        return self._known[len(rows) : code_version]

    def _check_unchanged(self, rows: "Sequence[asyncpg.Record]") -> None:
        for number, row in enumerate(rows, start=1):
            if row["version"] != number:
                raise MigrationError(
                    f"Migration {number:04} was never applied, though later ones were; restore a backup."
                )
            if number <= self.code_version and row["checksum"] != self._known[number - 1].checksum:
                title = self._known[number - 1].title
                raise MigrationError(f"Migration {title} was changed after it was applied; put the original file back.")

    @asynccontextmanager
    async def _connected(self) -> "AsyncIterator[Connection]":
        settings = {"application_name": "duologue migrate", "timezone": "UTC"}
        try:
            connection = await asyncpg.connect(self._dsn, timeout=PATIENCE, server_settings=settings)
        except (asyncpg.PostgresError, OSError, ValueError) as error:
            raise StoreUnreachable(unreachable(self._dsn, error)) from error
        try:
            yield connection
        finally:
            await connection.close()

    async def _patiently(self, connection: "Connection", migration: Migration, work: "Work") -> bool:
        """Run one step in its transaction, again while somebody else holds a lock it needs; True if there was anything to do."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience
        while True:
            try:
                async with connection.transaction():
                    await connection.execute(_SQL["be_brief"], f"{int(self._pause * 1000)}ms")
                    await connection.execute(_SQL["take_turn"])
                    return await work(connection, migration)
            except _HELD as error:
                if loop.time() > deadline:
                    sentence = f"Migration {migration.title} waits for locks that others hold; end long transactions."
                    raise MigrationError(sentence) from error
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                raise MigrationError(f"Migration {migration.title} failed and left nothing: {error}.") from error
            await asyncio.sleep(self._pause / 4)

    async def _apply(self, connection: "Connection", migration: Migration) -> bool:
        await connection.execute(_SQL["create_table"])
        if await connection.fetchval(_SQL["is_applied"], migration.version):
            return False
        await connection.execute(migration.up)
        oldest = migration.oldest_code
        await connection.execute(_SQL["note"], migration.version, migration.name, migration.checksum, oldest)
        return True

    async def _undo(self, connection: "Connection", migration: Migration) -> bool:
        if not await connection.fetchval(_SQL["is_applied"], migration.version):
            return False
        await connection.execute(migration.down)
        await connection.execute(_SQL["forget"], migration.version)
        return True


async def _applied(connection: "Connection") -> "list[asyncpg.Record]":
    if not await connection.fetchval(_SQL["has_table"]):
        return []
    return await connection.fetch(_SQL["applied"])
