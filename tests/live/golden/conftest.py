"""A stand-alone server that is an album."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.live.golden.album import Album

from duologue.app import Server
from duologue.config import Config

StartAlbum = Callable[[str], Awaitable[Album]]


@pytest.fixture
async def start_album(database: str, tmp_path: Path) -> AsyncIterator[StartAlbum]:
    """Give what starts an album of all below a prefix, on the test's own database; it is stopped after the test."""
    async with AsyncExitStack() as stack:

        async def start(prefix: str) -> Album:
            settings = {"RATE_LIMITS": "off", "LOG_LEVEL": "error", "DATABASE_URL": database}
            environ = {"HOST": "127.0.0.1", "PORT": "0", "DATA_DIR": str(tmp_path), **settings}
            server = Server(Config.load(environ, None, {}))
            album = Album(await server.start(), database, prefix)
            stack.push_async_callback(server.stop)
            stack.push_async_callback(album.close)
            await album.read_contract()
            return album

        yield start
