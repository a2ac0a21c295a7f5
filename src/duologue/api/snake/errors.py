"""Dialect B's error body (design part 5, Errors): the envelope of dialect A with names in snake_case."""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from duologue.api.codes import Code, Seconds, whole_seconds


class ErrorDetail(Struct):
    """What went wrong, for programs. `retry_after` in whole seconds."""

    code: Code
    message: str
    request_id: str
    details: Mapping[str, object] | UnsetType = UNSET
    retry_after: Seconds | UnsetType = UNSET


class ErrorResponse(Struct):
    """Every body from status 400 up."""

    success: Literal[False]
    message: str
    error: ErrorDetail


def error_body(
    code: str,
    message: str,
    *,
    request_id: str,
    details: Mapping[str, object] | None = None,
    retry_after: float | None = None,
) -> ErrorResponse:
    """The body of an answer that is an error."""
    info = ErrorDetail(
        code,
        message,
        request_id,
        UNSET if details is None else details,
        whole_seconds(retry_after),
    )
    return ErrorResponse(False, message, info)
