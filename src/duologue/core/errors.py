"""Everything the product refuses, each with a stable code; no HTTP status and no close code stands here.

    ChatError
    |-- ValidationFailed      VALIDATION_ERROR
    |-- Unauthorized          UNAUTHORIZED
    |   `-- TokenHasExpired   UNAUTHORIZED
    |-- Forbidden             FORBIDDEN
    |   |-- NotParticipant    FORBIDDEN
    |   |-- PrivacyRefused    FORBIDDEN
    |   `-- FileRejected      FORBIDDEN
    |-- Blocked               BLOCKED
    |-- NotFound              NOT_FOUND
    |-- Conflict              CONFLICT
    |-- ChecksumMismatch      CHECKSUM_MISMATCH
    |-- PayloadTooLarge       PAYLOAD_TOO_LARGE
    |-- StorageFull           STORAGE_FULL
    |-- RateLimited           RATE_LIMITED
    |-- Unavailable           UNAVAILABLE
    |   `-- OutcomeUnknown    UNAVAILABLE
    `-- Internal              INTERNAL_ERROR

The docstring of a class is its default message, without the full stop. Each dialect has one table from here to its statuses and texts.
"""

from collections.abc import Mapping
from typing import ClassVar


class ChatError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init__(
        self, message: str = "", *, details: Mapping[str, object] | None = None, retry_after: float | None = None
    ) -> None:
        self.message = message or (type(self).__doc__ or "").rstrip(".")
        self.details = details
        self.retry_after = retry_after
        super().__init__(self.message)


class ValidationFailed(ChatError):
    """Invalid request."""

    code = "VALIDATION_ERROR"


class Unauthorized(ChatError):
    """Authentication required."""

    code = "UNAUTHORIZED"


class TokenHasExpired(Unauthorized):
    """Token expired."""


class Forbidden(ChatError):
    """Not allowed."""

    code = "FORBIDDEN"


class NotParticipant(Forbidden):
    """Not a participant."""


class PrivacyRefused(Forbidden):
    """User does not accept messages."""


class FileRejected(Forbidden):
    """File rejected: Security scan failed."""  # ERR-11


class Blocked(ChatError):
    """Cannot send message to this user."""

    code = "BLOCKED"


class NotFound(ChatError):
    """Not found."""

    code = "NOT_FOUND"


class Conflict(ChatError):
    """Conflict."""

    code = "CONFLICT"


class ChecksumMismatch(ChatError):
    """The bytes that came are not those that were sent."""

    code = "CHECKSUM_MISMATCH"


class PayloadTooLarge(ChatError):
    """The body is too large."""

    code = "PAYLOAD_TOO_LARGE"


class StorageFull(ChatError):
    """Server storage limit reached. Please try again later."""

    code = "STORAGE_FULL"

    def __init__(self, *, details: Mapping[str, object] | None = None) -> None:
        """The text of ERR-12 is two sentences, and keeps its full stop."""
        super().__init__(type(self).__doc__ or "", details=details)


class RateLimited(ChatError):
    """Too many requests."""

    code = "RATE_LIMITED"

    def __init__(self, message: str = "", *, retry_after: float, limit: int, reset_at: float) -> None:
        """`retry_after` in seconds, `reset_at` in Unix seconds, `limit` uses per window."""
        super().__init__(message, retry_after=retry_after)
        self.limit = limit
        self.reset_at = reset_at


class Unavailable(ChatError):
    """Temporarily unavailable, please try again."""

    code = "UNAVAILABLE"


class OutcomeUnknown(Unavailable):
    """Temporarily unavailable, please try again."""  # whether it was done, nobody knows


class Internal(ChatError):
    """Internal error."""

    code = "INTERNAL_ERROR"
