"""Whether a request that asks for WebSocket may have it (RFC 6455, 4.2.1), before anybody looks at its path or token.

One that may not is served as what it is besides, an HTTP request: so its refusal has the dialect, the id and the headers of all others.
"""

import binascii
from base64 import b64decode
from collections.abc import Sequence

from litestar.exceptions import HTTPException
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS

from duologue.api.exchange import RawHeaders
from duologue.core.errors import ValidationFailed

VERSION = b"13"
BAD_KEY = "Sec-WebSocket-Key must be 16 bytes in base64"
BAD_HEADERS = "The headers are no WebSocket handshake"
HAS_BODY = "A WebSocket handshake has no body"

_REQUEST_LINE = len(b"GET  HTTP/1.1\r\n")
_HEADER_LINE = len(b": \r\n")
_KEY = 16  # bytes


def upgrade_required() -> HTTPException:
    """426, with what would be right (RFC 6455, 4.4)."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": VERSION.decode()}
    return HTTPException(status_code=426, headers=headers)


def wants_socket(headers: RawHeaders) -> bool:
    """It asks for an upgrade to WebSocket and to nothing else."""
    return [value.lower() for value in _values(headers, b"upgrade")] == [b"websocket"]


def fault(target: bytes, headers: RawHeaders) -> Exception | None:
    """What is wrong with a GET that asks for WebSocket, ready to be raised; None when it may have it.

    What the library refuses beyond that (two origins, a protocol that is none) is `BAD_HEADERS`, by asgi.py.
    """
    longest = max(len(name) + len(value) for name, value in headers) + _HEADER_LINE
    if len(headers) > MAX_NUM_HEADERS or max(longest, len(target) + _REQUEST_LINE) > MAX_LINE_LENGTH:
        return HTTPException(status_code=431)
    if _values(headers, b"sec-websocket-version") != [VERSION]:
        return upgrade_required()
    if not _is_key(_values(headers, b"sec-websocket-key")):
        return ValidationFailed(BAD_KEY)
    if _values(headers, b"transfer-encoding") or _values(headers, b"content-length") not in ([], [b"0"]):
        return ValidationFailed(HAS_BODY)
    return None


def _values(headers: RawHeaders, wanted: bytes) -> Sequence[bytes]:
    return [value for name, value in headers if name == wanted]


def _is_key(keys: Sequence[bytes]) -> bool:
    try:
        return [len(b64decode(key, validate=True)) for key in keys] == [_KEY]
    except binascii.Error:
        return False
