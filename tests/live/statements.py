"""Counts the statements that a server sends to PostgreSQL, by reading the protocol between the two (message formats: PostgreSQL, 54.7).

It sees what the database sees: one name for each statement that ran, whichever pool, connection or library sent it.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

NAME = re.compile(rb"/\* ([\w.]+) \*/")  # storage/sql.py puts it before each statement
TERMINATE, PARSE, BIND, EXECUTE, QUERY = b"XPBEQ"
STARTUP = 4  # bytes of length before a message without a type


def name_of(text: bytes) -> str:
    """Return what a statement is called: the name it carries, else its first word."""
    named = NAME.search(text)
    if named:
        return named[1].decode()
    return text.split()[0].decode().rstrip(";").upper() if text.strip() else "nothing"


class Messages:
    """The client's half of one connection, cut into messages; `seen` gets a name for each statement that is run."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen
        self._started = False
        self._buffer = bytearray()
        self._prepared: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def feed(self, data: bytes) -> None:
        """Take bytes as they come."""
        self._buffer += data
        if not self._started and len(self._buffer) >= STARTUP:
            length = int.from_bytes(self._buffer[:STARTUP])
            if len(self._buffer) < length:
                return
            del self._buffer[:length]
            self._started = True
        while self._started and len(self._buffer) > STARTUP:
            end = 1 + int.from_bytes(self._buffer[1 : 1 + STARTUP])
            if len(self._buffer) < end:
                return
            self._message(self._buffer[0], bytes(self._buffer[1 + STARTUP : end]))
            del self._buffer[:end]

    def _message(self, kind: int, body: bytes) -> None:
        if kind == PARSE:
            name, text, _ = body.split(b"\0", 2)
            self._prepared[name] = name_of(text)
        elif kind == BIND:
            portal, name, _ = body.split(b"\0", 2)
            self._portals[portal] = self._prepared[name]
        elif kind == EXECUTE:
            self._seen.append(self._portals[body.split(b"\0", 1)[0]])
        elif kind == QUERY:
            self._seen.append(name_of(body.rstrip(b"\0")))


class Counter:
    """A proxy before PostgreSQL; `seen` holds the names of the statements that ran, in order."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._serving: set[asyncio.Task[None]] = set()
        self.seen: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection, both ways."""
        task = asyncio.create_task(self._forward(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def end(self) -> None:
        """Cut what is still open: a connection that closes late must not outlive the loop."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_unix_connection(self._target)
        back = asyncio.create_task(_copy(upstream_reader, writer))
        messages = Messages(self.seen)
        try:
            with suppress(ConnectionError):
                while data := await reader.read(65_536):
                    messages.feed(data)
                    upstream_writer.write(data)
            upstream_writer.close()
            await back
        finally:
            back.cancel()
            upstream_writer.close()
            writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def counted(dsn: str, folder: Path) -> AsyncIterator[tuple[Counter, str]]:
    """Put a counter before the server of a DSN that names a Unix socket; it, and the DSN that leads through it."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    port = query.get("port", ["5432"])[0]
    counter = Counter(f"{query['host'][0]}/.s.PGSQL.{port}")
    server = await asyncio.start_unix_server(counter.serve, folder / f".s.PGSQL.{port}")
    through = {name: values[0] for name, values in query.items()} | {"host": str(folder)}
    try:
        yield counter, urlunsplit(parts._replace(query=urlencode(through)))
    finally:
        server.close()
        await counter.end()
