"""HTTP below the framework: what uvicorn leaves open of it. Heads too long or too slow, answers that nobody reads, refusals.

Give it to uvicorn as `Config(http=BoundedHttp)`. WebSocket is transport.py's.
"""

import asyncio
from typing import Any, Final
from uuid import uuid4

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from duologue.api.camel.errors import error_body
from duologue.api.json import encode

MAX_HEAD: Final = 64 * 1024  # bytes of request line and headers
HEAD_TIMEOUT: Final = 30.0  # seconds for them to come, from the first byte or the connection

# Seconds in which a client must take some of what waits for it. Who takes nothing, and is there, would hold a file open for ever.
STALL_TIMEOUT: Final = 120.0

NOT_HTTP = "Not a valid HTTP request"
HEAD_TOO_LARGE = "The headers are too large"


class BoundedHttp(HttpToolsProtocol):
    """One HTTP connection. In the common case, a head that comes in one piece, nothing here costs anything."""

    head_timeout = HEAD_TIMEOUT
    stall_timeout = STALL_TIMEOUT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrowing
        """Wait for a first head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(self.head_timeout, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._stop_timer()
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; a head that is still not whole is measured."""
        super().data_received(data)
        if not self._in_head:
            if self._head_timer is not None:
                self._stop_timer()
        elif not self.transport.is_closing():
            self._head_size += len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(b"431 Request Header Fields Too Large", "PAYLOAD_TOO_LARGE", HEAD_TOO_LARGE)
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(self.head_timeout, self.transport.abort)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head, self._head_size = True, 0

    def on_headers_complete(self) -> None:
        """It ends."""
        self._in_head = False
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """More waits for the client than there is room for."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """It has taken most of it."""
        self._stop_watching()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  uvicorn's words
        """What came in is no HTTP."""
        self._refuse(b"400 Bad Request", "VALIDATION_ERROR", NOT_HTTP)

    def _refuse(self, status: bytes, code: str, message: str) -> None:
        """Answer in the envelope (design part 5, Errors), and close: where the next request begins nobody knows."""
        request_id = str(uuid4())
        body = encode(error_body(code, message, request_id=request_id))
        head = (
            b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nx-request-id: %b\r\n"
            b"cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head % (status, len(body), request_id.encode()) + body)
        self.transport.close()

    def _watch(self) -> None:
        self._stop_watching()
        waiting = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(self.stall_timeout, self._check_taken, waiting)

    def _check_taken(self, waiting: int) -> None:
        """End the connection of a client who has taken nothing meanwhile."""
        if self.transport.get_write_buffer_size() < waiting:
            self._watch()
        else:
            self.transport.abort()

    def _stop_watching(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
