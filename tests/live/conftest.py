"""Servers to test from outside: a shared one without rate limits, and others with settings of their own."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import named, run
from tests.live.clock import without_marks
from tests.live.operator import TOKEN, Operator
from tests.live.people import SECRET, Person, Place

from duologue.app import Server
from duologue.config import Config

StartServer = Callable[..., Awaitable[Place]]
People = Callable[[int], Awaitable[list[Person]]]

_databases = count(1)


@asynccontextmanager
async def running(dsn: str, folder: Path, parts: dict[str, Any], settings: dict[str, str]) -> AsyncIterator[Place]:
    """Run a server with these settings, as an environment gives them; `parts` are a clock, ids and the like."""
    environ = {"HOST": "127.0.0.1", "PORT": "0", "DATABASE_URL": dsn, "DATA_DIR": str(folder), **settings}
    server = Server(Config.load(environ, None, {}), **parts)
    place = Place(await server.start(), dsn, folder)
    try:
        await place.read_contract()
        yield place
    finally:
        await place.close()
        await server.stop()


@asynccontextmanager
async def _shared(
    server: str, template: str, folders: pytest.TempPathFactory, parts: dict[str, Any]
) -> AsyncIterator[Place]:
    name = f"live_{os.getpid()}_{next(_databases)}"
    await run(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    settings = {"JWT_SECRET": SECRET, "RATE_LIMITS": "off", "LOG_LEVEL": "error", "ADMIN_TOKEN": TOKEN}
    async with running(named(server, name), folders.mktemp("live"), parts, settings) as place:
        yield place
    await run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
async def live(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give a server behind a platform, without rate limits, on a database that the tests of the session share."""
    async with _shared(server, template, tmp_path_factory, {}) as place:
        yield place


@pytest.fixture(scope="session")
async def still(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """Give another one that marks nothing as delivered: for tests that count every fact, however long they take."""
    async with _shared(server, template, tmp_path_factory, {"later": without_marks()}) as place:
        yield place


@pytest.fixture
def people(live: Place) -> People:
    """Make fresh users of the shared server."""
    return live.people


@pytest.fixture
def operator(live: Place) -> Operator:
    """Call the admin API of the shared server."""
    return Operator(live)


@pytest.fixture
async def pair(live: Place) -> tuple[Person, Person]:
    """Give two fresh users of the shared server."""
    one, other = await live.people(2)
    return one, other


@pytest.fixture
async def start_server(database: str, tmp_path: Path) -> AsyncIterator[StartServer]:
    """Give what starts servers on the test's own database; they are stopped after it.

    Names in capitals are settings, such as `PING_INTERVAL="100ms"`; the rest, such as `clock`, goes to the server. Behind a
    platform unless `JWT_SECRET=""` or another key says otherwise; with rate limits unless `RATE_LIMITS="off"`.
    """
    async with AsyncExitStack() as stack:

        async def start(**given: Any) -> Place:
            settings = {name: value for name, value in given.items() if name.isupper()}
            parts = {name: value for name, value in given.items() if not name.isupper()}
            if not settings.keys() & {"JWT_PUBLIC_KEY", "JWT_JWKS_URL"}:
                settings = {"JWT_SECRET": SECRET, **settings}
            dsn = settings.pop("DATABASE_URL", database)
            return await stack.enter_async_context(running(dsn, tmp_path, parts, {"LOG_LEVEL": "error", **settings}))

        yield start
