"""Everything the client raises. No I/O.

DuologueError
|-- Refused            the server said no: stable `code`, nothing was changed
|   |-- ApiError       over REST, with the HTTP status (ERR, G-01)
|   `-- CommandError   over a socket, the `error` frame (WSA-19)
|-- Unreachable        no answer: what became of the request is unknown
|   `-- Disconnected   the socket ended, with its close code
|-- SessionStopped     a session ended and will not come back by itself
|-- Overflow           more events waited than the reader allowed
`-- ProtocolError      the server said something this client cannot read
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from duologue.client.codes import describe


class DuologueError(Exception):
    """What all errors of this client share."""


class Refused(DuologueError):
    """The server refused. `retry_after` is in seconds; `details` is as the server wrote it."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: Any = None,
        retry_after: float | None = None,
        request_id: str | None = None,
    ) -> None:
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after
        self.request_id = request_id
        super().__init__(f"{code}: {message}")


class ApiError(Refused):
    """A REST answer from 400 up, or a refused socket upgrade."""

    def __init__(self, status: int, code: str, message: str, **fields: Any) -> None:
        self.status = status
        super().__init__(code, message, **fields)
        self.args = (f"HTTP {status} {code}: {message}",)


class CommandError(Refused):
    """The `error` frame that answered a command."""


class Unreachable(DuologueError):
    """The server gave no answer; the request may or may not have been carried out."""


class Disconnected(Unreachable):
    """The socket is closed. `code` is the close code (1006: no close frame), None when it was never open."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"socket closed: {describe(code)} {reason}".rstrip())


class SessionStopped(DuologueError):
    """The session ended for good: a close code from 4500 up, an expired token nobody renews, or `close()` (None)."""

    def __init__(self, code: int | None, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(f"session stopped: {describe(code) if code else 'closed'} {reason}".rstrip())


class Overflow(DuologueError):
    """Events came faster than they were read, and the bound was reached."""


class ProtocolError(DuologueError):
    """An answer or frame that does not fit the protocol."""


class _Error(msgspec.Struct, rename="camel"):
    code: str = ""
    message: str = ""
    details: Any = None
    retry_after: float | None = None
    request_id: str | None = None


class _Envelope(msgspec.Struct):
    error: _Error = msgspec.field(default_factory=_Error)
    message: str = ""


def api_error(status: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error that an HTTP answer holds; what no Duologue wrote (a proxy's page) gets the code `HTTP_<status>`."""
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except msgspec.MsgspecError:
        envelope = _Envelope()
    error = envelope.error
    return ApiError(
        status,
        error.code or f"HTTP_{status}",
        envelope.message or error.message or f"HTTP status {status}",
        details=error.details,
        retry_after=_seconds(headers.get("Retry-After"), error.retry_after),
        request_id=error.request_id,
    )


def _seconds(header: str | None, field: float | None) -> float | None:
    """The header wins over the body; a date (RFC 9110) is left to the caller's own backoff."""
    return float(header) if header and header.isascii() and header.isdigit() else field
