"""What a session needs of the socket below it, and the framing of text for it (RFC 6455, 5.2). The socket itself: api/transport.py."""

import struct
from collections.abc import Sequence
from typing import Protocol

_SHORT = tuple(bytes((0x81, length)) for length in range(126))  # a final text frame of so many bytes
_MEDIUM = struct.Struct("!BBH").pack
_LONG = struct.Struct("!BBQ").pack


class Link(Protocol):
    """One open socket. Nothing here blocks or raises; on a socket that is gone nothing happens."""

    heard: bool  # something came in since somebody last set this to False

    @property
    def is_full(self) -> bool:
        """More is waiting to be sent than the transport's high-water mark; `Listener.writable` follows."""
        ...

    @property
    def is_deaf(self) -> bool:
        """Nothing is being read, because what came in has not been dealt with."""
        ...

    def write(self, data: bytes) -> None:
        """Send whole frames."""
        ...

    def ping(self) -> None:
        """Send a ping frame."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Send a close frame and end the connection, by force if it cannot be written within 2 s."""
        ...

    def abort(self) -> None:
        """End the connection at once; what was not sent is dropped."""
        ...


class Listener(Protocol):
    """What a link tells the one above it."""

    def writable(self) -> None:
        """The link is no longer full."""
        ...

    def lost(self) -> None:
        """The connection is gone."""
        ...

    def drain(self, reason: str) -> None:
        """The server stops: answer what is under way, then close with 1001 and this reason."""
        ...


def text_frames(payloads: Sequence[bytes]) -> bytes:
    """Whole text frames, unmasked, as a server sends them, one after the other. Made once, shared by all devices."""
    parts: list[bytes] = []
    for payload in payloads:
        length = len(payload)
        if length < 126:
            parts.append(_SHORT[length])
        elif length < 65_536:
            parts.append(_MEDIUM(0x81, 126, length))
        else:
            parts.append(_LONG(0x81, 127, length))
        parts.append(payload)
    return b"".join(parts)
