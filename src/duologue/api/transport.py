"""The socket itself: bytes and frames, as a session needs them (design part 1, Stack). Up to the handshake's answer it is asgi.py's.

A session writes framed bytes, is handed whole text messages, pings, closes within a bounded time and aborts, which ASGI cannot.
The library `websockets` does every frame out of the ordinary; a whole, short text frame is taken apart here, at a tenth of the cost.

Give it to uvicorn as `Config(ws=SocketLink.refusing(...), ws_max_size=MAX_FRAME, ws_ping_interval=None)`; the link is in the scope as
`scope["extensions"]["duologue.link"]`.
"""

import asyncio
import random
from collections import deque
from typing import Any, ClassVar, cast

import structlog
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.speedups import apply_mask

from duologue.api.asgi import AsgiSocket, Inbound
from duologue.realtime.link import Listener

MAX_INBOX = 32  # messages; beyond, the socket is not read
MAX_RETRY_MS = 10_000  # how far the returns of clients are spread when the server stops

_TEXT = 0x81  # a whole text message in one frame
_PING = b"\x89\x00"
_ALIVE = (State.OPEN, State.CLOSING)

_log = structlog.get_logger(__name__)


class SocketLink(AsgiSocket):
    """One WebSocket connection: a `realtime.link.Link`, and the source of its messages."""

    write_timeout: ClassVar[float] = 2.0  # seconds in which a close frame must be written (design part 5, Close codes)
    answer_timeout: ClassVar[float] = 3.0  # further seconds for the other side to answer it

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.heard = False
        self.is_full = False
        self.is_deaf = False
        self._max_size: int = config.ws_max_size
        self._listener: Listener | None = None
        self._pinged = False
        self._waiter: asyncio.Future[bytes | Inbound] | None = None
        self._inbox: deque[bytes | Inbound] | None = None
        self._partial: bytearray | None = None  # the beginning of a frame
        self._needed = 0  # how long it must be to go on
        self._message: bytearray | None = None  # the fragments of a message

    # -- what a session calls ---------------------------------------------------------------------------------------------

    def listen(self, listener: Listener) -> None:
        """Tell `listener` from now on."""
        self._listener = listener

    async def next(self) -> bytes | Inbound:
        """The next message, UTF-8 text; `LOST` at the end, always again."""
        if self._inbox:
            item = self._inbox.popleft()
            if self.is_deaf and len(self._inbox) <= MAX_INBOX // 2:
                self._hear()
            return item
        if self._closing:
            return Inbound.LOST
        self._waiter = self.loop.create_future()
        return await self._waiter

    def write(self, data: bytes) -> None:
        """Send whole frames."""
        if not self._closing:
            self.transport.write(data)

    def ping(self) -> None:
        """Send a ping frame."""
        if not self._closing:
            self._pinged = True
            self.transport.write(_PING)

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame; if it cannot be written within 2 s, or is not answered, the transport is aborted."""
        if self._closing:
            return
        self._stop()
        if self.conn.state is not State.OPEN:
            self.transport.abort()
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.is_deaf:
            self._hear()
        self.close_timer = self.loop.call_later(self.write_timeout, self._check_written)

    def abort(self) -> None:
        """End at once."""
        self._stop()
        self.transport.abort()

    # -- transport callbacks ----------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take frames apart; the first call is the handshake's request, as uvicorn's HTTP protocol hands it over."""
        self.heard = True
        if not self.handshake_initiated:
            super().data_received(data)
            return
        if not self.handshake_complete:
            self.transport.abort()  # no client may send before it is let in (RFC 6455, 4.1)
            return
        if self.conn.parser_exc is not None or self.conn.state not in _ALIVE:
            return  # after a failure everything is discarded
        if self._partial is not None:
            self._partial += data
            if len(self._partial) < self._needed:
                return
            data, self._partial = bytes(self._partial), None
        self._parse(data)

    def pause_writing(self) -> None:
        """More waits than the high-water mark."""
        self.is_full = True

    def resume_writing(self) -> None:
        """The transport takes more."""
        self.is_full = False
        if self._listener is not None:
            self._listener.writable()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  asyncio's signature
        """Nothing comes or goes any more."""
        self.connections.discard(self)
        if self.close_timer is not None:
            self.close_timer.cancel()
            self.close_timer = None
        self.handshake_complete = True
        self.disconnected = True
        self._stop(keep_inbox=True)
        if self._listener is not None:
            self._listener.lost()
            self._listener = None

    def shutdown(self) -> None:
        """The server stops: the session ends in order; clients come back spread over some seconds (design part 5, 1001)."""
        spread = min(MAX_RETRY_MS, 1_000 + len(self.connections))
        reason = f"retry={random.randint(100, spread)}"  # noqa: S311  spread, not a secret
        if self._listener is not None:
            self._listener.drain(reason)
        elif self.handshake_complete:
            self.close(1001, reason)
        else:
            self.send_500_response()
            self.transport.close()

    # -- frames -----------------------------------------------------------------------------------------------------------

    def _parse(self, data: bytes) -> None:
        """Whole text frames are messages; the library sees every other frame whole, or its head if that must be refused."""
        start, end = 0, len(data)
        needed = 2
        while end - start >= needed:
            length = data[start + 1] & 0x7F
            body = start + 6
            if length >= 126:
                body += 2 if length == 126 else 8
                needed = body - start - 4
                if end - start < needed:
                    break
                length = int.from_bytes(data[start + 2 : body - 4], "big")
            if length > self._max_size or data[start + 1] < 0x80:
                self._uncommon(data[start:])
                return
            needed = body - start + length
            if end - start < needed:
                break
            stop = start + needed
            if data[start] == _TEXT and self._message is None:
                self._receive(apply_mask(data[body:stop], data[body - 4 : body]))
            else:
                self._uncommon(data[start:stop])
                if self.conn.parser_exc is not None:
                    return
            start, needed = stop, 2
        if start < end:
            self._partial, self._needed = bytearray(data[start:]), needed

    def _uncommon(self, data: bytes) -> None:
        self.conn.receive_data(data)
        for frame in self.conn.events_received():
            self._take(cast("Frame", frame))
        if self.conn.parser_exc is not None:
            self._fail(self.conn.parser_exc)

    def _take(self, frame: Frame) -> None:
        """A fragment, a control frame or a binary message."""
        if frame.opcode is Opcode.CLOSE:
            self._closed_by_client()
        elif frame.opcode is Opcode.BINARY:
            self.close(1003)
        elif frame.opcode is Opcode.PONG and self._pinged:
            self._pinged = False
        else:
            if frame.opcode is Opcode.PING:
                pong = b"".join(self.conn.data_to_send())
                if not self.is_full:  # who does not read what it asks for gets no more of it
                    self.write(pong)
            elif frame.opcode is Opcode.TEXT:
                self._message = bytearray(frame.data)
            elif frame.opcode is Opcode.CONT and self._message is not None:
                self._message += frame.data
            self._put(Inbound.COUNTED)
            if frame.opcode is Opcode.CONT and frame.fin and self._message is not None:
                message, self._message = bytes(self._message), None
                self._receive(message)

    def _receive(self, message: bytes) -> None:
        if not message.isascii():
            try:
                message.decode()
            except UnicodeDecodeError:
                self.close(1007)
                return
        self._put(message)

    def _put(self, item: bytes | Inbound) -> None:
        if self._closing:
            return
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            if not waiter.done():
                waiter.set_result(item)
                return
        if self._inbox is None:
            self._inbox = deque()
        self._inbox.append(item)
        if len(self._inbox) > MAX_INBOX and not self.is_deaf and not self.transport.is_closing():
            self.is_deaf = True
            self.transport.pause_reading()

    def _hear(self) -> None:
        self.is_deaf = False
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # -- the end ----------------------------------------------------------------------------------------------------------

    def _stop(self, *, keep_inbox: bool = False) -> None:
        """Take and give nothing any more; what the client sent before it left is still dealt with."""
        self._closing = True
        self._partial = self._message = None
        if not keep_inbox:
            self._inbox = None
        if self._waiter is not None:
            waiter, self._waiter = self._waiter, None
            if not waiter.done():
                waiter.set_result(Inbound.LOST)

    def _closed_by_client(self) -> None:
        self._stop(keep_inbox=True)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.close()
        self._abort_later()

    def _fail(self, error: Exception) -> None:
        """The library refused a frame and made a close frame that says why (1002, 1009). What still comes in is discarded.

        Closing at once would reset the connection under a client that is still sending, and it would never learn why.
        """
        if not isinstance(error, ProtocolError | PayloadTooBig):
            _log.error("frame parser failed", error=type(error).__name__)
        self._stop()
        self.close_sent = True
        self.transport.write(b"".join(self.conn.data_to_send()))
        if self.is_deaf:
            self._hear()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()
        self._abort_later()

    def _check_written(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.close_timer = self.loop.call_later(self.answer_timeout, self.transport.abort)

    def _abort_later(self) -> None:
        if self.close_timer is not None:
            self.close_timer.cancel()
        self.close_timer = self.loop.call_later(self.write_timeout, self.transport.abort)
