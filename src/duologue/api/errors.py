"""From what went wrong to an HTTP answer, for every route and dialect: statuses, envelope, headers, the log of our own faults.

Codes and bodies are the dialects' (`camel/errors.py`, `snake/errors.py`); which one answers follows from the path (design part 5).
"""

import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import structlog
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from duologue.api.answers import Answer
from duologue.api.bodies import NOT_JSON, UnsupportedMediaType
from duologue.api.exchange import Exchange, Scope
from duologue.api.json import encode
from duologue.core.errors import ChatError, Internal, RateLimited, Unauthorized, Unavailable
from duologue.core.ports import Charge

_log = structlog.get_logger(__name__)
_AnyRequest = Request[Any, Any, Any]

SOON = 1.0  # seconds: when to try again if nobody knows better

# What the framework refuses by itself: status -> code, text. Its own texts may quote the request.
_REFUSALS: Mapping[int, tuple[str, str]] = {
    400: ("VALIDATION_ERROR", "Invalid request"),
    404: ("NOT_FOUND", "No such route"),
    405: ("METHOD_NOT_ALLOWED", "Method not allowed"),
    412: ("PRECONDITION_FAILED", "Another version of tus is spoken here: see Tus-Version"),
    413: ("PAYLOAD_TOO_LARGE", "The body is too large"),
    415: ("UNSUPPORTED_MEDIA_TYPE", NOT_JSON),
    416: ("RANGE_NOT_SATISFIABLE", "The range begins behind the end of the file"),
    426: ("UPGRADE_REQUIRED", "This address speaks WebSocket, version 13: send Upgrade: websocket"),
    431: ("PAYLOAD_TOO_LARGE", "The headers are too large"),
}


class ErrorBodies(Protocol):
    """A dialect's way to write an error."""

    def __call__(
        self,
        code: str,
        message: str,
        *,
        request_id: str,
        details: Mapping[str, object] | None = None,
        retry_after: float | None = None,
    ) -> object:
        """The body."""
        ...


class Errors:
    """Turns exceptions into answers. `bodies`: path -> its dialect's; `status`: code -> HTTP status."""

    def __init__(self, bodies: Callable[[str], ErrorBodies], status: Mapping[str, int]) -> None:
        self._bodies = bodies
        self._status = status

    @property
    def handlers(self) -> ExceptionHandlersMap:
        """For the framework."""
        return {ChatError: self._refused, HTTPException: self._unserved, Exception: self._failed}

    def refusal(self, scope: Scope, status: int) -> bytes:
        """The body for a status of the framework that came with another one."""
        code, message = _REFUSALS.get(status, _REFUSALS[400])
        return encode(self._body(scope, code, message))

    def _refused(self, request: _AnyRequest, error: ChatError) -> Answer[Any]:
        """What the core refused."""
        status = self._status.get(error.code, 500)
        if status == 500:
            return self._failed(request, error)
        headers = {}
        retry_after = error.retry_after
        if isinstance(error, Unauthorized):
            headers["WWW-Authenticate"] = _challenge(request)
        elif isinstance(error, Unavailable):
            retry_after = retry_after or SOON
        elif isinstance(error, RateLimited):
            _note(request, error)
        body = self._body(request.scope, error.code, error.message, details=error.details, retry_after=retry_after)
        if retry_after is not None:
            headers["Retry-After"] = str(max(1, -int(-retry_after // 1)))
        return Answer(body, status_code=status, headers=headers)

    def _unserved(self, request: _AnyRequest, error: HTTPException) -> Answer[Any]:
        """What the framework refused before anybody was asked."""
        if error.status_code not in _REFUSALS:
            return self._failed(request, error)
        code, message = _REFUSALS[error.status_code]
        if isinstance(error, UnsupportedMediaType):
            message = error.sentence
        body = self._body(request.scope, code, message)
        return Answer(body, status_code=error.status_code, headers=dict(error.headers or {}))

    def _failed(self, request: _AnyRequest, error: Exception) -> Answer[Any]:
        """A fault of ours: logged once, with where it arose and without what it says, which may quote a text or a token."""
        scope = request.scope
        _log.error(
            "request_failed",
            request_id=Exchange.of(scope).request_id,
            method=scope["method"],
            route=scope.get("path_template"),
            causes=[_cause(each) for each in _chain(error)],
        )
        return Answer(self._body(request.scope, Internal.code, Internal().message), status_code=500)

    def _body(self, scope: Any, code: str, message: str, **more: Any) -> object:
        return self._bodies(scope["path"])(code, message, request_id=Exchange.of(scope).request_id, **more)


def _challenge(request: _AnyRequest) -> str:
    """RFC 6750, 3: without a token no error is named."""
    return 'Bearer error="invalid_token"' if "authorization" in request.headers else "Bearer"


def _note(request: _AnyRequest, error: RateLimited) -> None:
    """A limit whose charge nobody noted is announced all the same."""
    charges = Exchange.of(request.scope).charges
    if not charges:
        charges[""] = Charge(False, error.limit, 0, error.retry_after or SOON, error.reset_at, None)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it arose from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _cause(error: BaseException) -> dict[str, object]:
    """Kind and traceback; SQLSTATE where there is one. `tb` holds lines of our source, no values."""
    cause: dict[str, object] = {"kind": type(error).__qualname__, "trace": traceback.format_tb(error.__traceback__)}
    sqlstate = getattr(error, "sqlstate", None)
    return cause if sqlstate is None else cause | {"sqlstate": sqlstate}
