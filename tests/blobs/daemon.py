"""A virus scanner that speaks clamd's protocol: INSTREAM and PING, over TCP or a Unix socket."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# The test virus of EICAR, in two halves so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


class Daemon:
    """What it was sent, and how it behaves: `limit` bytes of a stream, `is_silent` never answers."""

    def __init__(self) -> None:
        self.streams: list[bytes] = []
        self.limit = 1 << 30
        self.is_silent = False
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one command."""
        try:
            command = await reader.readuntil(b"\0")
            writer.write(b"PONG\0" if command == b"zPING\0" else await self._scan(reader))
            if self.is_silent:
                await reader.read()
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _scan(self, reader: asyncio.StreamReader) -> bytes:
        stream = bytearray()
        while size := struct.unpack("!I", await reader.readexactly(4))[0]:
            stream += await reader.readexactly(size)
            if len(stream) > self.limit:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.streams.append(bytes(stream))
        if self.is_silent:
            return b""
        return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in stream else b"stream: OK\0"


@asynccontextmanager
async def daemon(path: Path | None = None) -> AsyncIterator[Daemon]:
    """A running scanner; on a Unix socket if there is a path."""
    scanner = Daemon()
    if path is None:
        server = await asyncio.start_server(scanner.serve, "127.0.0.1", 0)
        scanner.url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(scanner.serve, path)
        scanner.url = f"unix://{path}"
    async with server:
        yield scanner
