"""A network between clients and a server that the test holds in its hand: it is slow, cuts, swallows or refuses, when told.

Bytes are never changed or reordered: below TCP everything is lost or late, above it only late or cut.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Flag, auto
from urllib.parse import urlsplit

CHUNK = 65_536


class Swallow(Flag):
    """What gets lost while connections stay open."""

    NOTHING = 0
    REQUESTS = auto()
    ANSWERS = auto()
    ALL = REQUESTS | ANSWERS


@dataclass(slots=True, eq=False)
class Connection:
    """One connection: the client's side and the server's."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def cut(self) -> None:
        """Reset both sides."""
        for task in self.tasks:
            task.cancel()
        for writer in (self.client, self.server):
            writer.transport.abort()


class Network:
    """`latency`: up to so many seconds per piece; `piece`: at most so many bytes at once; `refusing`: nobody gets through.

    `no_sockets`: WebSocket upgrades are cut, as by a proxy of the last century.
    """

    def __init__(self, url: str, dice: random.Random) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._dice = dice
        self._connections: set[Connection] = set()
        self.url = ""
        self.latency = 0.0
        self.piece = CHUNK
        self.swallow = Swallow.NOTHING
        self.refusing = False
        self.no_sockets = False
        self.cuts = 0
        self.swallowed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side or the test ends it."""
        first = b"" if self.refusing else await reader.read(CHUNK)
        if self.refusing or not first or (self.no_sockets and b"upgrade: websocket" in first.lower()):
            writer.transport.abort()
            return
        server_reader, server = await asyncio.open_connection(*self._target)
        connection = Connection(writer, server)
        self._connections.add(connection)
        loop = asyncio.get_running_loop()
        connection.tasks = [
            loop.create_task(self._carry(reader, server, Swallow.REQUESTS, first)),
            loop.create_task(self._carry(server_reader, writer, Swallow.ANSWERS)),
        ]
        await asyncio.wait(connection.tasks, return_when=asyncio.FIRST_COMPLETED)
        connection.cut()
        self._connections.discard(connection)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Swallow, data: bytes = b""
    ) -> None:
        """One direction; what is swallowed once makes the rest worthless, so that goes the same way."""
        lost = False
        with suppress(ConnectionError):
            while data := data or await reader.read(CHUNK):
                piece, data = data[: self.piece], data[self.piece :]
                if self.latency:
                    await asyncio.sleep(self._dice.random() * self.latency)
                lost = lost or way in self.swallow
                if lost:
                    self.swallowed += len(piece)
                else:
                    writer.write(piece)
                    await writer.drain()
        if lost:  # the end of it is not seen either
            await asyncio.Event().wait()

    def cut(self) -> None:
        """Reset all connections, in the middle of whatever they carry."""
        self.cuts += len(self._connections)
        for connection in self._connections:
            connection.cut()

    def refuse(self) -> None:
        """Let nobody through, and end who is there."""
        self.refusing = True
        self.cut()

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be done over it."""
        return self.refusing or self.swallow is not Swallow.NOTHING

    def heal(self) -> None:
        """Be a good network again; connections that lost something are no more."""
        if self.swallow is not Swallow.NOTHING:
            self.cut()
        self.latency, self.piece, self.swallow = 0.0, CHUNK, Swallow.NOTHING
        self.refusing = self.no_sockets = False


@asynccontextmanager
async def network(url: str, dice: random.Random) -> AsyncIterator[Network]:
    """A network before a server; `url` of it is where clients go."""
    made = Network(url, dice)
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        listener.close()
        made.cut()
