"""Dialect B's error body (design part 5, Errors): the envelope of dialect A with names in snake_case."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from duologue.api.codes import Code, Seconds, whole_seconds


class ErrorInfo(Struct):
    """What went wrong, for programs. `retry_after` in whole seconds."""

    code: Code
    message: str
    request_id: str
    details: Mapping[str, object] | UnsetType = UNSET
    retry_after: Seconds | UnsetType = UNSET


class ErrorBody(Struct):
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
