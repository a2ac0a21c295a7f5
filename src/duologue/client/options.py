"""What a socket and a session may be told to do otherwise: every number once. No I/O."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """Times in seconds, `max_frame` in bytes.

    `max_events`: unread frames before the socket is given up. `carrier`: how the token travels; a query may end up in a proxy's
    log.
    """

    open_timeout: float = 10.0
    reply_timeout: float = 30.0
    ping_interval: float | None = 20.0
    ping_timeout: float | None = 20.0
    max_events: int = 10_000
    max_frame: int = 2**20
    carrier: Literal["header", "query", "auth"] = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """Times in seconds.

    `poll_after`: failed openings in a row before polling begins; `poll_for`: how long before a socket is tried again, `poll_wait`
    how long one poll waits. `stable_after`: a connection that lived so long starts the backoff anew. `window`: sends on their way
    at once (the server reads no further than 32). `max_events`, `max_sends`: how many may wait unread, unacknowledged.
    `renew_before`: a token is renewed this long before it expires, or at four fifths of a shorter life.
    """

    poll_after: int = 3
    poll_for: float = 60.0
    poll_wait: int = 25
    stable_after: float = 10.0
    window: int = 8
    max_events: int = 10_000
    max_sends: int = 1000
    renew_before: float = 60.0
    backoff_base: float = 0.5
    backoff_cap: float = 30.0
    socket: SocketOptions = field(default_factory=SocketOptions)
