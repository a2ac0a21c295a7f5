"""The life of one socket: connecting, open, closed, and its frames in order. Commands are in `socket`."""

import asyncio
import logging
from enum import StrEnum
from types import TracebackType
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from duologue.client.codec import Frame, decode, encode
from duologue.client.errors import Disconnected, Overflow, ProtocolError, Unreachable, api_error
from duologue.client.frames import Hello
from duologue.client.options import SocketOptions
from duologue.client.paths import with_query

# At DEBUG the library would log every frame and the token.
_LOG = logging.getLogger("duologue.client.websocket")
_LOG.setLevel(logging.INFO)


class SocketState(StrEnum):
    """Open means authenticated: `connection.success` has come."""

    CONNECTING = "connecting"
    OPEN = "open"
    CLOSED = "closed"


class Connection:
    """Opens once, yields frames until it is closed; `close_code` and `close_reason` then say why."""

    def __init__(
        self,
        url: str,
        *,
        token: str,
        since: int | None = None,
        epoch: str | None = None,
        options: SocketOptions | None = None,
    ) -> None:
        self.state = SocketState.CONNECTING
        self.hello: Hello | None = None
        self.options = options or SocketOptions()
        self._url = with_query(url, since=since, epoch=epoch)
        self._token = token
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._opened = asyncio.Event()
        self._fault: ProtocolError | Overflow | None = None
        self._ws: ClientConnection
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        frame = await self._frames.get()
        if frame is not None:
            return frame
        self._frames.put_nowait(None)  # the end stays the end
        if self._fault is not None:
            raise self._fault
        raise StopAsyncIteration

    @property
    def close_code(self) -> int | None:
        """The code it was closed with; None while it is open, and when it never was."""
        return self._ws.close_code if self._reader is not None else None

    @property
    def close_reason(self) -> str:
        """The reason given with the code."""
        return (self._ws.close_reason or "") if self._reader is not None else ""

    async def open(self) -> None:
        """Connect and wait for `connection.success`.

        Raises:
            ApiError: the upgrade was refused with an HTTP status.
            Disconnected: the server closed instead, with its code (4001, 4500 ...).
            Unreachable: no connection, or no answer in time.
        """
        try:
            async with asyncio.timeout(self.options.open_timeout):
                self._ws = await self._connect()
                self._reader = asyncio.create_task(self._read(), name="duologue-socket")
                if self.options.carrier == "auth":
                    await self._write(encode("auth", {"token": self._token}))
                await self._opened.wait()
        except InvalidStatus as error:
            await self.close()
            raise api_error(
                error.response.status_code, error.response.headers, bytes(error.response.body or b"")
            ) from error
        except (WebSocketException, OSError, EOFError) as error:  # TimeoutError is an OSError
            await self.close()
            raise Unreachable(f"cannot open the socket: {type(error).__name__}: {error}") from error
        except BaseException:
            await self.close()
            raise
        if self.hello is None:
            raise self._fault or self._gone()

    async def close(self) -> None:
        """Close with 1000 and wait until the reader has ended; closing twice is nothing."""
        if self._reader is not None:
            await self._ws.close()
            await asyncio.wait({self._reader})
        self._end()

    def abort(self) -> None:
        """Cut the connection without a close frame, as a network does: when it is known to be gone, and in tests."""
        if self._reader is not None:
            self._ws.transport.abort()

    async def _connect(self) -> ClientConnection:
        options = self.options
        header = {"Authorization": f"Bearer {self._token}"} if options.carrier == "header" else {}
        query = {"token": self._token} if options.carrier == "query" else {}
        return await connect(
            with_query(self._url, **query),
            additional_headers=header,
            compression=None,
            open_timeout=None,
            ping_interval=options.ping_interval,
            ping_timeout=options.ping_timeout,
            close_timeout=2,
            max_size=options.max_frame,
            logger=_LOG,
        )

    async def _write(self, text: str) -> None:
        try:
            await self._ws.send(text)
        except ConnectionClosed as error:
            raise self._gone() from error

    async def _read(self) -> None:
        try:
            async for data in self._ws:
                self._receive(decode(data))
        except ConnectionClosed:
            pass
        except (ProtocolError, Overflow) as error:
            self._fault = error
            await self._ws.close(1002 if isinstance(error, ProtocolError) else 1000)
        finally:
            self._end()

    def _receive(self, frame: Frame) -> None:
        if self._frames.qsize() >= self.options.max_events:
            raise Overflow(f"{self.options.max_events} frames wait unread")
        self._frames.put_nowait(frame)
        if frame.type == "connection.success":
            self.hello = frame.payload
            self.state = SocketState.OPEN
            self._opened.set()

    def _end(self) -> None:
        if self.state is not SocketState.CLOSED:
            self.state = SocketState.CLOSED
            self._frames.put_nowait(None)
            self._opened.set()

    def _gone(self) -> Disconnected:
        return Disconnected(self.close_code, self.close_reason)
