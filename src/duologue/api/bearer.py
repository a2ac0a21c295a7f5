"""Who calls: the bearer token of an HTTP request becomes a `Caller` (RFC 6750, 2.1). What a token means is auth's and caller.py's."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Protocol

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from duologue.api.exchange import Exchange
from duologue.core.errors import Unauthorized
from duologue.core.model import Caller

INVALID_TOKEN = "Invalid token"  # noqa: S105  a text, no secret

Call = Request[Caller, None, State]  # a request of somebody: `call.user` is the caller


class Callers(Protocol):
    """Whoever knows what a token stands for."""

    async def caller(self, token: str) -> Caller:
        """The token's user. Raises `Unauthorized`, `TokenHasExpired`, `Forbidden`, `Unavailable`."""
        ...


class SignedIn:
    """The guard of every route that is somebody's: it puts the caller into the request, or raises `Unauthorized`."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    async def guard(self, connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        """Litestar's guard: it runs before parameters and body are looked at."""
        caller = await self._callers.caller(bearer_token(connection.scope["headers"]))
        connection.scope["user"] = replace(caller, charges=Exchange.of(connection.scope).charges)


def bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The token of the header `Authorization`; `Unauthorized` without one."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() != b"bearer" or not token.strip():
                raise Unauthorized
            try:
                return token.strip().decode("ascii")
            except UnicodeDecodeError as error:
                raise Unauthorized(INVALID_TOKEN) from error
    raise Unauthorized
