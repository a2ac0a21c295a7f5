"""Why a socket is closed: the codes of design part 5. Below 4500 a client reconnects, from there it stops."""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from duologue.core.events import EndReason


class CloseCode(IntEnum):
    """Close codes that the server sends; 1002, 1007 and 1009 come from below, from the framing itself."""

    GOING_AWAY = 1001  # drain; the reason is `retry=<ms>`
    UNSUPPORTED_DATA = 1003  # a binary message
    INTERNAL_ERROR = 1011
    SLOW = 4000
    TOKEN_EXPIRED = 4001
    FLOOD = 4002
    INVALID_TOKEN = 4500
    NO_AUTH = 4501
    DEACTIVATED = 4502
    TOO_MANY_CONNECTIONS = 4503
    SIGNED_OUT = 4504


CODES: Mapping[EndReason, CloseCode] = MappingProxyType(
    {EndReason.SIGNED_OUT: CloseCode.SIGNED_OUT, EndReason.DEACTIVATED: CloseCode.DEACTIVATED}
)
