"""The pool of PostgreSQL connections, and the one place where the driver's errors become the product's.

Works behind PgBouncer in transaction mode (1.21 or later with `max_prepared_statements`, its default since 1.24): statements
are prepared by name on the protocol level, which it carries from one server connection to the next; nothing else of a
session is relied on. At the start of a session only `application_name` and `timezone` are set, which it tracks, and the
planner is given hints that may get lost. A statement's time is bounded by the driver, which cancels it.

Times come out as aware UTC datetimes, `jsonb` as text. No SQL of the product lives here.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qs, urlsplit

import asyncpg

from duologue.core.errors import OutcomeUnknown, Unavailable
from duologue.storage.sql import load

if TYPE_CHECKING:  # generic in the stubs alone
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record]
    Pooled = PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

T = TypeVar("T")

_SQL = load("instance")

PATIENCE = 5.0  # seconds to wait for a free connection, or for one to be made
RETRY_AFTER = 1.0  # seconds, told to whom we refuse

_GONE = ("08", "57P")  # SQLSTATEs after which the connection is no more
_READ_ONLY = "25006"  # a promoted standby has taken over, and this connection still leads to the old primary
# Out of resources, cancelled, serialisation, deadlock, lock timeout, I/O; a database that is being restored refuses logins.
_AWAY = (*_GONE, _READ_ONLY, "53", "57014", "40001", "40P01", "55P03", "58", "28", "3D000")
# What a statement may raise; TimeoutError is an OSError. InternalClientError: the driver got the server's farewell while it
# was idle, and has not seen the end of the connection yet.
FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_WRITES = re.compile(r"\b(insert|update|delete|merge|create|alter|drop|truncate)\b", re.IGNORECASE)

# Hosted PostgreSQL may hide its log; then the timeline stays 0.
_UNTELLING = (asyncpg.FeatureNotSupportedError, asyncpg.InsufficientPrivilegeError)


class StoreUnreachable(Exception):
    """The database cannot be used; the sentence says which one (never a password) and why."""


def is_lost(error: BaseException) -> bool:
    """Tell whether an error means that its connection is gone, so that nobody knows what it did."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_GONE)
    if isinstance(error, asyncpg.InterfaceError):
        return "clos" in str(error)  # "connection is closed", "pool is closing": the driver has no class for it
    if isinstance(error, asyncpg.InternalClientError):
        return True
    return isinstance(error, OSError) and not isinstance(error, TimeoutError)


def is_unsent(error: BaseException) -> bool:
    """Tell whether the driver refused a lost connection before it sent anything: then even a write may be tried again."""
    return is_lost(error) and isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError)


def may_have_worked(error: BaseException | None) -> bool:
    """Tell whether a write that failed so may have been done all the same: its answer was lost, or not waited for."""
    return error is not None and (isinstance(error, TimeoutError) or (is_lost(error) and not is_unsent(error)))


def is_away(error: BaseException) -> bool:
    """Tell whether an error is the database's state, not the statement's fault."""
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_AWAY)
    return is_lost(error) or isinstance(error, TimeoutError)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what means "not now" into `Unavailable`; everything else is a defect and passes."""
    try:
        yield
    except FAULTS as error:
        if is_away(error):
            raise Unavailable(retry_after=RETRY_AFTER) from error
        raise


class Postgres:
    """A pool of at most `size` connections. `statement_timeout`: seconds a statement may take. All methods raise `Unavailable`."""

    def __init__(self, dsn: str, *, size: int = 25, statement_timeout: float = 10.0) -> None:
        self._dsn = dsn
        self._size = size
        self._settings: dict[str, Any] = {
            "timeout": PATIENCE,
            "command_timeout": statement_timeout,
            "server_settings": {"application_name": "duologue", "timezone": "UTC"},
        }
        self._pool: Pool | None = None
        self._refused_at = float("-inf")
        self.epoch = ""  # the name of the log of events: what the database keeps and its timeline (design part 4)

    async def open(self) -> None:
        """Connect once to see that the database answers and holds our schema; `StoreUnreachable` otherwise."""
        try:
            self._pool = await asyncpg.create_pool(
                self._dsn, min_size=0, max_size=self._size, init=self._greet, reset=_leave_as_is, **self._settings
            )
            async with self._pool.acquire(timeout=PATIENCE):
                pass
        except asyncpg.UndefinedTableError as error:
            await self.close()
            sentence = f"{place(self._dsn)} holds no Duologue schema; run `duologue migrate up`."
            raise StoreUnreachable(sentence) from error
        except (*FAULTS, ValueError) as error:
            await self.close()
            raise StoreUnreachable(unreachable(self._dsn, error)) from error

    async def close(self) -> None:
        """Close all connections; those still at work after a few seconds are cut."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            await asyncio.wait_for(pool.close(), PATIENCE)
        except FAULTS:
            pool.terminate()

    async def fetch(self, query: str, *args: object) -> "list[asyncpg.Record]":
        """All rows of one statement.

        Here and in the next four: a pure read that loses its connection is tried once more, a write only if nothing was sent.
        """
        return await self._run(query, lambda connection: connection.fetch(query, *args))

    async def fetch_named(self, query: str, *args: object) -> "tuple[str, list[asyncpg.Record]]":
        """(epoch, all rows of one read): the epoch is read anew, from the same server and after them."""

        async def work(connection: "Pooled") -> "tuple[str, list[asyncpg.Record]]":
            found = await connection.fetch(query, *args)
            await self._identify(connection)
            return self.epoch, found

        return await self._run(query, work)

    async def fetchrow(self, query: str, *args: object) -> "asyncpg.Record | None":
        """The first row of one statement."""
        return await self._run(query, lambda connection: connection.fetchrow(query, *args))

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first field of the first row of one statement."""
        return await self._run(query, lambda connection: connection.fetchval(query, *args))

    async def execute(self, query: str, *args: object) -> str:
        """Run one statement; its status, such as `UPDATE 1`."""
        return await self._run(query, lambda connection: connection.execute(query, *args))

    @asynccontextmanager
    async def acquire(self) -> "AsyncIterator[Pooled]":
        """A pooled connection, for transactions."""
        with translated():
            try:
                async with self._opened().acquire(timeout=PATIENCE) as connection:
                    with _cut_if_lost(connection):
                        yield connection
            except FAULTS as error:
                await self._drop_stale(error)
                raise

    async def connect(self) -> "Connection":
        """A connection of its own, outside the pool; the caller closes it."""
        with translated():
            return await asyncpg.connect(self._dsn, **self._settings)

    async def ping(self) -> None:
        """Return if the database takes writes, else raise `Unavailable`. The epoch is read anew."""
        async with self.acquire() as connection:
            if await self._identify(connection):
                raise asyncpg.ReadOnlySQLTransactionError("the database is read-only")

    async def _run(self, query: str, work: "Callable[[Pooled], Awaitable[T]]") -> T:
        was_given = False
        try:
            async with self.acquire() as connection:
                was_given = True
                return await work(connection)
        except Unavailable as error:
            fault = error.__cause__
            if was_given and _WRITES.search(query) and may_have_worked(fault):
                raise OutcomeUnknown(retry_after=RETRY_AFTER) from fault
            if fault is None or not is_lost(fault) or (_WRITES.search(query) and not is_unsent(fault)):
                raise
        async with self.acquire() as connection:
            return await work(connection)

    async def _drop_stale(self, error: BaseException) -> None:
        """After a restart or a failover no pooled connection is of use: make new ones; for a read-only database not all the time."""
        now = asyncio.get_running_loop().time()
        refused = isinstance(error, asyncpg.ReadOnlySQLTransactionError) and now - self._refused_at > 1
        if self._pool is not None and (refused or is_lost(error)):
            self._refused_at = now
            await self._pool.expire_connections()

    async def _greet(self, connection: "Connection | Pooled") -> None:
        await self._identify(connection)

    async def _identify(self, connection: "Connection | Pooled") -> bool:
        """Read the epoch; True when the database is read-only.

        A database in recovery is refused: a connection made now would outlive the promotion, and with it the old epoch.
        """
        row = await connection.fetchrow(_SQL["identity"])
        if row is None:
            raise asyncpg.UndefinedTableError("instance has no row")
        if row["in_recovery"]:
            raise asyncpg.ReadOnlySQLTransactionError("it is a standby, or has not recovered yet")
        try:
            timeline = await connection.fetchval(_SQL["timeline"])
        except _UNTELLING:
            timeline = "0"
        self.epoch = f"{row['epoch']}-{int(timeline, 16)}"
        return bool(row["read_only"])

    def _opened(self) -> "Pool":
        if self._pool is None:
            raise asyncpg.InterfaceError("the pool is closed")
        return self._pool


@contextmanager
def _cut_if_lost(connection: "Pooled") -> Iterator[None]:
    """A connection that failed once must not go back to the pool, even if its end has not been seen yet."""
    try:
        yield
    except FAULTS as error:
        if is_lost(error):
            with suppress(asyncpg.InterfaceError):  # the pool has seen it too, and let go of it
                connection.terminate()
        raise


async def _leave_as_is(connection: "Connection | Pooled") -> None:
    """Give a connection back without a round trip: no statement of ours leaves anything behind in a session."""


def place(dsn: str) -> str:
    """Name a database in a sentence: host, port and database, never user or password."""
    try:
        parts = urlsplit(dsn)
        query = parse_qs(parts.query)
        host = parts.hostname or query.get("host", ["localhost"])[0]
        port = parts.port or query.get("port", ["5432"])[0]
        name = parts.path.lstrip("/") or query.get("dbname", query.get("database", ["of the user's name"]))[0]
    except ValueError:
        return "The database"
    if "@" in name:  # an unescaped slash in the password: what follows may be part of it
        return "The database"
    return f"The database {name} at {host}:{port}"


def unreachable(dsn: str, error: BaseException) -> str:
    """Say in a sentence why a database cannot be used."""
    if isinstance(error, ValueError):  # its text may quote pieces of the password
        return "The database address cannot be understood; expected postgresql://user:password@host:port/name."
    reason = "it does not answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
    return f"{place(dsn)} cannot be reached: {reason.rstrip('.')}."
