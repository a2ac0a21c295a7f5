"""A line to a store that breaks in the middle of a file, and stays broken."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """Passes everything on to a port of this machine until `after` bytes were sent to it; then hangs up and lets nobody in."""

    def __init__(self, port: int, after: int) -> None:
        self._port = port
        self._after = after
        self._open: set[asyncio.StreamWriter] = set()
        self.passed = 0
        self.url = ""

    async def serve(self, near: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """One connection."""
        if self.passed > self._after:
            answers.transport.abort()
            return
        far, requests = await asyncio.open_connection("127.0.0.1", self._port)
        self._open |= {answers, requests}
        back = asyncio.create_task(_pass(far, answers))
        with suppress(ConnectionError):
            while data := await near.read(1 << 16):
                self.passed += len(data)
                if self.passed > self._after:
                    self.hang_up()
                    break
                requests.write(data)
                await requests.drain()
        requests.close()
        await back

    def hang_up(self) -> None:
        """End every connection, at both ends."""
        for writer in self._open:
            writer.transport.abort()


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    target.close()


@asynccontextmanager
async def cut(url: str, *, after: int) -> AsyncIterator[Line]:
    """Lay a line in front of the store of a STORAGE_URL; its `url` leads through it."""
    (port,) = re.findall(r"127\.0\.0\.1:(\d+)", url)
    line = Line(int(port), after)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.url = url.replace(f"127.0.0.1:{port}", f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield line
        line.hang_up()
