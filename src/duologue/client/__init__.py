"""The Python client (asyncio): `Rest`, `Socket` (one connection), `Session` (one that stays), `Inbox` (what facts add up to).

Speaks dialect A and imports nothing of the server.
"""

from duologue.client.codec import Frame
from duologue.client.codes import CLOSE_CODES, CloseCode, reconnects
from duologue.client.connection import SocketState
from duologue.client.errors import (
    ApiError,
    CommandError,
    Disconnected,
    DuologueError,
    Overflow,
    ProtocolError,
    Refused,
    SessionStopped,
    Unreachable,
)
from duologue.client.feed import Reset
from duologue.client.files import File
from duologue.client.keeper import SessionState
from duologue.client.options import SessionOptions, SocketOptions
from duologue.client.pages import every, pages
from duologue.client.rest import EventPage, Rest
from duologue.client.session import Session
from duologue.client.signin import SignIn
from duologue.client.snapshot import load, take
from duologue.client.socket import Socket
from duologue.client.state import Inbox, Snapshot
from duologue.client.timing import Timing
from duologue.client.tokens import FixedToken, TokenProvider
from duologue.client.wire import Page, Sent

__all__ = [
    "CLOSE_CODES",
    "ApiError",
    "CloseCode",
    "CommandError",
    "Disconnected",
    "DuologueError",
    "EventPage",
    "File",
    "FixedToken",
    "Frame",
    "Inbox",
    "Overflow",
    "Page",
    "ProtocolError",
    "Refused",
    "Reset",
    "Rest",
    "Sent",
    "Session",
    "SessionOptions",
    "SessionState",
    "SessionStopped",
    "SignIn",
    "Snapshot",
    "Socket",
    "SocketOptions",
    "SocketState",
    "Timing",
    "TokenProvider",
    "Unreachable",
    "every",
    "load",
    "pages",
    "reconnects",
    "take",
]
