"""Codes of errors, their statuses, and the texts of sockets: alike in both dialects (ERR-01 to ERR-22, design part 5, Errors).

Bodies and frames are the dialects' (`camel/errors.py`, `snake/errors.py`), answers over HTTP are errors.py's.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from duologue.core.errors import Blocked, ChatError, Internal

# The HTTP status of each code.
STATUS: Mapping[str, int] = MappingProxyType(
    {
        "VALIDATION_ERROR": 400,
        "UNAUTHORIZED": 401,
        "FORBIDDEN": 403,
        "BLOCKED": 403,
        "NOT_FOUND": 404,
        "METHOD_NOT_ALLOWED": 405,
        "CONFLICT": 409,
        "PRECONDITION_FAILED": 412,
        "PAYLOAD_TOO_LARGE": 413,
        "UNSUPPORTED_MEDIA_TYPE": 415,
        "RANGE_NOT_SATISFIABLE": 416,
        "UPGRADE_REQUIRED": 426,
        "RATE_LIMITED": 429,
        "CHECKSUM_MISMATCH": 460,
        "INTERNAL_ERROR": 500,
        "UNAVAILABLE": 503,
        "STORAGE_FULL": 507,
    }
)

Code = Annotated[str, Meta(extra_json_schema={"enum": list(STATUS)})]
SocketCode = Annotated[str, Meta(extra_json_schema={"enum": [*STATUS, "INVALID_MESSAGE", "UNKNOWN_EVENT"]})]
Seconds = Annotated[int, Meta(description="Seconds to wait", extra_json_schema={"minimum": 1})]

# Socket texts, word for word.
UNKNOWN_TYPE = "Unknown event type: {}"  # ERR-15
SEND_BLOCKED = "Cannot send message: user is blocked"  # ERR-19
SEND_FAILED = "Failed to send message"  # ERR-20
READ_FAILED = "Failed to mark as read"  # ERR-21
INVALID_TOKEN = "Invalid token"  # noqa: S105  ERR-22: a text, no secret
COMMAND_FAILED = "Internal error"


class InvalidMessage(ChatError):
    """Invalid message format."""  # ERR-14

    code = "INVALID_MESSAGE"


class UnknownEvent(ChatError):
    """Unknown event type."""  # ERR-15

    code = "UNKNOWN_EVENT"


def whole_seconds(retry_after: float | None) -> int | UnsetType:
    """`retryAfter` and `Retry-After`: whole seconds, at least one; UNSET when there is nothing to wait for."""
    return UNSET if retry_after is None else max(1, math.ceil(retry_after))


def socket_text(error: ChatError, *, failed: str = COMMAND_FAILED) -> str:
    """What an `error` frame says; `failed` stands for what went wrong inside, which is not told (ERR-19 to ERR-21)."""
    if isinstance(error, Blocked) and failed == SEND_FAILED:
        return SEND_BLOCKED
    if isinstance(error, Internal) or type(error) is ChatError:
        return failed
    return error.message
