"""HTTP below the framework: what uvicorn leaves open of it. Long or slow heads, silent bodies, answers nobody reads, refusals.

Give it to uvicorn as `Config(http=BoundedHttp.refusing(...))`. WebSocket is transport.py's.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from duologue.api.handshake import fault, wants_socket
from duologue.api.refusing import Refusing

MAX_HEAD: Final = 64 * 1024  # bytes of request line and headers; of what frames a body too: chunk lines, trailers
CHUNK_ROOM: Final = 16  # bytes that frame a chunk and do not count, beside as many as it has; the rest adds up
HEAD_TIMEOUT: Final = 30.0  # seconds for them to come, from the first byte or the connection
BODY_TIMEOUT: Final = 30.0  # seconds without a byte of a body that is waited for; slow is no fault, silent is

# Seconds in which a client must take some of what waits for it. Who takes nothing, and is there, would hold a file open for ever.
STALL_TIMEOUT: Final = 120.0

NOT_HTTP = "Not a valid HTTP request"
HEAD_TOO_LARGE = "The headers are too large"
BODY_STALLED = "The request body did not arrive in time"


class _Flow(FlowControl):
    """Tells when the server begins to wait for bytes: the application asks for them, or there is room for them again."""

    def __init__(self, transport: asyncio.Transport, waiting: Callable[[], None]) -> None:
        super().__init__(transport)
        self._waiting = waiting

    def resume_reading(self) -> None:
        """Read."""
        super().resume_reading()
        self._waiting()


class BoundedHttp(Refusing, HttpToolsProtocol):
    """One HTTP connection. In the common case, a request that comes in one piece, nothing here costs anything."""

    head_timeout = HEAD_TIMEOUT
    stall_timeout = STALL_TIMEOUT
    body_timeout = BODY_TIMEOUT

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._stall_timer: asyncio.TimerHandle | None = None
        self._is_handshake = False
        self._in_body = False
        self._framing = 0
        self._silent_since = 0.0
        self._body_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own narrowing
        """Wait for a first head."""
        super().connection_made(transport)
        self.flow = _Flow(transport, self._wait_for_body)
        self._head_timer = self.loop.call_later(self.head_timeout, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._stop_timer()
        self._stop_watching()
        self._in_body = False
        if self._body_timer is not None:
            self._body_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; a head that is still not whole is measured, and so is what frames a body."""
        if self._in_body:
            self._framing += len(data)
        super().data_received(data)
        if not self._in_head:
            if self._head_timer is not None:
                self._stop_timer()
            if self._in_body and not self.transport.is_closing():
                self._wait_for_body()
                if self._framing > MAX_HEAD:
                    self._end_body(b"431 Request Header Fields Too Large", "PAYLOAD_TOO_LARGE", HEAD_TOO_LARGE)
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
        """It ends. What still comes by the name of header is a trailer, which the application does not ask for.

        It must not see it among the headers: whoever checks those, such as a proxy, has not checked it (RFC 9110, 6.5.1).
        """
        self._in_head = False
        asks = self.parser.should_upgrade() and super()._should_upgrade()
        self._is_handshake = asks and self._may_upgrade()
        super().on_headers_complete()
        if asks and not self._is_handshake:
            self.cycle.keep_alive = False  # what follows may be frames
        self.headers = []
        self._in_body, self._framing = True, 0

    def on_body(self, body: bytes) -> None:
        """A piece of a body, which makes room for its own framing and no more."""
        self._framing = max(0, self._framing - 2 * len(body) - CHUNK_ROOM)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The body ends, if there was one."""
        self._in_body = False
        super().on_message_complete()

    def _may_upgrade(self) -> bool:
        parser = self.parser
        return (
            parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"  # an older one knows no upgrade
            and wants_socket(self.headers)
            and fault(self.url, self.headers) is None
        )

    def _should_upgrade(self) -> bool:
        return self._is_handshake

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: a request that is served without the upgrade it asks for is none of the log's business."""

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
        refuse = self._end_body if self._in_body else self._refuse
        refuse(b"400 Bad Request", "VALIDATION_ERROR", NOT_HTTP)

    def _refuse(self, status: bytes, code: str, message: str) -> None:
        """Answer in the envelope (design part 5, Errors), and close: where the next request begins nobody knows."""
        known = (self.scope["path"], self.scope["headers"]) if self._in_body else ()
        headers, body = self.refusal(code, message, *known)
        lines = [b"%b: %b\r\n" % header for header in headers]
        self.transport.write(b"".join((b"HTTP/1.1 ", status, b"\r\n", *lines, b"\r\n", body)))
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # who does not read what it is told is not waited for
        else:
            self.transport.close()

    def _wait_for_body(self) -> None:
        """From now on. One timer serves the whole body: bytes only move the time that it looks at."""
        if self._in_body:
            self._silent_since = self.loop.time()
            if self._body_timer is None:
                self._body_timer = self.loop.call_later(self.body_timeout, self._check_body)

    def _check_body(self) -> None:
        self._body_timer = None
        if not self._in_body or self.transport.is_closing():
            return
        left = self._silent_since + self.body_timeout - self.loop.time()
        if self.flow.read_paused or self.pipeline or self.cycle.waiting_for_100_continue:
            left = self.body_timeout  # it is the client that waits; whatever ends that begins the time anew
        if left > 0:
            self._body_timer = self.loop.call_later(left, self._check_body)
        else:
            self._end_body(b"400 Bad Request", "VALIDATION_ERROR", BODY_STALLED)

    def _end_body(self, status: bytes, code: str, message: str) -> None:
        """Give a request up in its body. The application sees that the client is gone; what it still says is dropped."""
        if self.cycle.response_started or self.pipeline:  # an answer now would be taken for a part of another one
            self.transport.abort()
        else:
            self._refuse(status, code, message)

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
