"""A proxy before PostgreSQL that cuts connections at a chosen moment: before a COMMIT is forwarded, or after it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit


class Cut(Enum):
    """When the next COMMIT loses its connection."""

    BEFORE = "before"  # PostgreSQL never sees it
    AFTER = "after"  # PostgreSQL commits, the answer is lost


class Proxy:
    """Forwards bytes; `cut` names what happens to the next COMMIT, `cuts` counts what happened."""

    def __init__(self, target: str) -> None:
        self._target = target
        self.cut: Cut | None = None
        self.cuts = 0
        self.thaw = asyncio.Event()  # cleared: connections stay, and nothing passes
        self.thaw.set()
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        task = asyncio.create_task(self._forward(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def end(self) -> None:
        """Cut what is still open, frozen or not."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(self._target)
        back = asyncio.create_task(_copy(upstream_reader, writer))
        try:
            while data := await reader.read(65_536):
                await self.thaw.wait()
                if self.cut and b"COMMIT\0" in data:
                    await self._cut(data, upstream_writer, back)
                    return
                upstream_writer.write(data)
        finally:
            back.cancel()
            upstream_writer.close()
            writer.close()

    async def _cut(self, data: bytes, upstream: asyncio.StreamWriter, back: "asyncio.Task[None]") -> None:
        how, self.cut = self.cut, None
        self.cuts += 1
        back.cancel()
        if how is Cut.AFTER:
            upstream.write(data)
            await upstream.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def before(dsn: str, folder: Path) -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before the server of a DSN that names a Unix socket; and the DSN that leads through it."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    port = query.get("port", ["5432"])[0]
    proxy = Proxy(f"{query['host'][0]}/.s.PGSQL.{port}")
    server = await asyncio.start_unix_server(proxy.serve, folder / f".s.PGSQL.{port}")
    try:
        through = urlencode({key: value[0] for key, value in (query | {"host": [str(folder)]}).items()})
        yield proxy, urlunsplit(parts._replace(query=through))
    finally:
        server.close()
        await proxy.end()
