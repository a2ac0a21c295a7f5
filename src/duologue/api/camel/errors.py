"""Dialect A's error body, and the socket texts that are its own (ERR-14 to ERR-21, design part 5, Errors). Codes are codes.py's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from duologue.api.codes import COMMAND_FAILED, READ_FAILED, SEND_FAILED, Code, Seconds, socket_text, whole_seconds
from duologue.core.errors import ChatError

# Socket texts of this dialect alone, word for word.
CONVERSATION_REQUIRED = "conversationId is required"  # ERR-16
INVALID_CONVERSATION = "Invalid conversationId"  # ERR-18

_FAILED = MappingProxyType({"message.send": SEND_FAILED, "message.read": READ_FAILED})


class ErrorInfo(Struct, rename="camel"):
    """What went wrong, for programs. `retryAfter` in whole seconds."""

    code: Code
    message: str
    request_id: str
    details: Mapping[str, object] | UnsetType = UNSET
    retry_after: Seconds | UnsetType = UNSET


class ErrorBody(Struct, rename="camel"):
    """Every body from status 400 up."""

    success: Literal[False]
    message: str
    error: ErrorInfo


def error_body(
    code: str,
    message: str,
    *,
    request_id: str,
    details: Mapping[str, object] | None = None,
    retry_after: float | None = None,
) -> ErrorBody:
    """The body of an answer that is an error."""
    info = ErrorInfo(
        code,
        message,
        request_id,
        UNSET if details is None else details,
        whole_seconds(retry_after),
    )
    return ErrorBody(False, message, info)


def command_text(command: str, error: ChatError) -> str:
    """What an `error` frame says of a failed command (ERR-19 to ERR-21)."""
    return socket_text(error, failed=_FAILED.get(command, COMMAND_FAILED))
