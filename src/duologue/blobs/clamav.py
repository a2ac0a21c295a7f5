"""The virus scanner: a ClamAV daemon, spoken to by INSTREAM over TCP or a Unix socket (FST-32, FST-33).

A daemon that is away, slow or unwilling is no verdict: the answer is pending, and somebody has to ask again.
"""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from duologue.core.files import ScanState

_log = structlog.get_logger(__name__)

_LENGTH = struct.Struct("!I")
_PIECE = 1 << 16
_LONGEST_ANSWER = 4096
PORT = 3310


class Scanner(Protocol):
    """Says whether bytes are harmful."""

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanState:
        """Read to the end, judge."""
        ...


class ClamAV:
    """A daemon at `tcp://host[:3310]` or `unix:///path/to/clamd.ctl`.

    Args:
        url: where it listens.
        timeout: seconds for one file; longer is pending.
        at_once: files scanned at a time; the rest wait.

    Raises:
        ValueError: the URL is neither.
    """

    def __init__(self, url: str, *, timeout: float = 60.0, at_once: int = 4) -> None:
        parts = urlsplit(url)
        if parts.scheme == "tcp" and parts.hostname:
            self._host, self._port, self._path = parts.hostname, parts.port or PORT, ""
        elif parts.scheme == "unix" and parts.path:
            self._host, self._port, self._path = "", 0, unquote(parts.path)
        else:
            raise ValueError("CLAMAV_URL must look like tcp://host:3310 or unix:///run/clamav/clamd.ctl")
        self._timeout = timeout
        self._places = asyncio.Semaphore(at_once)

    async def scan(self, chunks: AsyncIterator[bytes]) -> ScanState:
        """Send the bytes, wait for the verdict."""
        try:
            async with self._places, asyncio.timeout(self._timeout):
                return _verdict(await self._ask(chunks))
        except (OSError, TimeoutError, EOFError) as error:
            _log.warning("virus_scanner_away", error=type(error).__qualname__)
            return ScanState.PENDING

    async def ping(self) -> bool:
        """Whether the daemon answers."""
        with contextlib.suppress(OSError, TimeoutError, EOFError):
            async with asyncio.timeout(self._timeout), self._connected() as (reader, writer):
                writer.write(b"zPING\0")
                return await reader.readuntil(b"\0") == b"PONG\0"
        return False

    async def _ask(self, chunks: AsyncIterator[bytes]) -> bytes:
        """Send and listen at once: a daemon that has enough answers and hangs up while we still send."""
        async with self._connected() as (reader, writer):
            answer = asyncio.create_task(reader.readuntil(b"\0"))
            try:
                with contextlib.suppress(ConnectionError):
                    await _send(chunks, writer, until=answer)
                return await answer
            finally:
                answer.cancel()

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        if self._path:
            reader, writer = await asyncio.open_unix_connection(self._path, limit=_LONGEST_ANSWER)
        else:
            reader, writer = await asyncio.open_connection(self._host, self._port, limit=_LONGEST_ANSWER)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _send(chunks: AsyncIterator[bytes], writer: asyncio.StreamWriter, *, until: asyncio.Task[bytes]) -> None:
    writer.write(b"zINSTREAM\0")
    async for chunk in chunks:
        for at in range(0, len(chunk), _PIECE):
            if until.done():
                return
            piece = chunk[at : at + _PIECE]
            writer.write(_LENGTH.pack(len(piece)) + piece)
            await writer.drain()
    writer.write(_LENGTH.pack(0))
    await writer.drain()


def _verdict(answer: bytes) -> ScanState:
    """`stream: OK`, `stream: <name> FOUND`, or an error such as the size limit of the daemon."""
    said = answer.rstrip(b"\0").decode(errors="replace")
    if said.endswith(" FOUND"):
        _log.warning("virus_found", signature=said.removeprefix("stream: ").removesuffix(" FOUND"))
        return ScanState.INFECTED
    if said == "stream: OK":
        return ScanState.CLEAN
    _log.error("virus_scanner_refused", answer=said)
    return ScanState.PENDING
