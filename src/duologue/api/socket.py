"""The socket endpoint of both dialects: upgrade, token, reading, floods (WSC-01 to WSC-03, AUTH-03 to 05). What a command does: `ws.py`.

A connection is one ASGI task that reads; everything else happens through its session.
"""

from collections.abc import Sequence
from typing import Any, Protocol, cast
from urllib.parse import parse_qs

from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.types import Receive, Scope, Send

from duologue.api.asgi import LINK, Inbound
from duologue.api.bearer import Callers, bearer_token
from duologue.api.errors import ErrorBodies
from duologue.api.exchange import request_id
from duologue.api.handshake import fault, upgrade_required, wants_socket
from duologue.api.headers import refusal_headers
from duologue.api.json import encode
from duologue.api.transport import SocketLink
from duologue.core.errors import ChatError, Forbidden, RateLimited, TokenHasExpired, Unauthorized, Unavailable
from duologue.core.model import Caller
from duologue.core.ports import Charge, Ids, Limiter
from duologue.realtime.arrivals import Arrivals
from duologue.realtime.closing import CloseCode
from duologue.realtime.codec import Codec, CommandId
from duologue.realtime.hub import Hub
from duologue.realtime.link import text_frames
from duologue.realtime.session import Session

INVALID_TOKEN = "Invalid token"  # noqa: S105  a text, no secret
RETRY_FULL = 5.0  # seconds: a server that is full will be so for a while


class Commands(Protocol):
    """A dialect's commands."""

    @property
    def codec(self) -> Codec:
        """The dialect's frames."""
        ...

    async def handle(self, session: Session, data: bytes) -> None:
        """Do what a message asks for, or answer an error. Never raises for the message's sake."""
        ...

    def limited(self, session: Session, error: RateLimited, data: bytes | None) -> None:
        """Answer that there were too many frames; `data` is the message that is not dealt with."""
        ...


class Admission:
    """Lets a token in on a session, or says why not."""

    def __init__(self, *, callers: Callers, arrivals: Arrivals) -> None:
        self._callers = callers
        self._arrivals = arrivals

    async def caller(self, token: str) -> Caller:
        """Whose token it is; raises as `Callers` does."""
        if not token.isascii():
            raise Unauthorized(INVALID_TOKEN)
        return await self._callers.caller(token)

    async def admit(self, session: Session, token: str, command_id: CommandId = None) -> None:
        """The first token of a connection. A bad one: `auth_failed`, then a close code that says whether to try again (C-24).

        When the database fails half-way the connection is closed, to come back: it would be told nothing any more.
        """
        try:
            caller = await self.caller(token)
        except (Unauthorized, Forbidden) as error:
            session.send(text_frames((session.codec.auth_failed(error, command_id),)))
            session.close(_close_code(error))
            return
        try:
            await self._arrivals.join(session, caller, command_id)
        except ChatError as error:
            session.send(text_frames((session.codec.error(error, command_id),)))
            session.close(CloseCode.INTERNAL_ERROR)

    async def renew(self, session: Session, caller: Caller) -> None:
        """A fresh token of the same user."""
        await self._arrivals.renew(session, caller)


def _close_code(error: Unauthorized | Forbidden) -> CloseCode:
    if isinstance(error, TokenHasExpired):
        return CloseCode.TOKEN_EXPIRED
    return CloseCode.DEACTIVATED if isinstance(error, Forbidden) else CloseCode.INVALID_TOKEN


class SocketEndpoint:
    """An ASGI application for the socket's paths."""

    def __init__(
        self, *, hub: Hub, admission: Admission, commands: Commands, limiter: Limiter, bodies: ErrorBodies, ids: Ids
    ) -> None:
        """`bodies` and `ids` are for an upgrade that is refused: its envelope, and what names it."""
        self._hub = hub
        self._admission = admission
        self._commands = commands
        self._limiter = limiter
        self._bodies = bodies
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; a plain request is told to upgrade."""
        if scope["type"] == ScopeType.HTTP:
            _refuse_plain(scope)
        elif self._hub.is_full:
            await self._refuse_upgrade(scope, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        link: SocketLink = cast("Any", scope)["extensions"][LINK]
        session = self._hub.open(link, self._commands.codec)
        link.listen(session)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        session.asked = (_first(query.get("since")), _first(query.get("epoch")))
        token = _first(query.get("token")) or _header_token(scope)
        try:
            await receive()
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            if token:
                await self._admit(session, token)
            await self._read(session, link)
        finally:
            self._hub.remove(session)

    async def _admit(self, session: Session, token: str) -> None:
        try:
            await self._admission.admit(session, token)
        except ChatError as error:  # the database or the platform's keys are away: come back
            session.send(text_frames((session.codec.error(error),)))
            session.close(CloseCode.INTERNAL_ERROR)

    async def _read(self, session: Session, link: SocketLink) -> None:
        """One message after another, in order, until the connection ends; with 32 commands outstanding it is not read."""
        while (item := await link.next()) is not Inbound.LOST:
            if session.drain_reason is not None:
                continue
            charge = await self._limiter.charge("frames", session.name)
            if not charge.allowed:
                self._limited(session, item, charge)
            elif isinstance(item, bytes):
                if not session.has_room:
                    await session.until(lambda: session.has_room or session.drain_reason is not None)
                await self._commands.handle(session, item)

    def _limited(self, session: Session, item: bytes | Inbound, charge: Charge) -> None:
        error = RateLimited(retry_after=charge.retry_after, limit=charge.limit, reset_at=charge.reset_at)
        self._commands.limited(session, error, item if isinstance(item, bytes) else None)

    async def _refuse_upgrade(self, scope: Scope, send: Send) -> None:
        """MAX_CONNECTIONS are open, or the server is stopping: 503, with the headers of every answer."""
        name = request_id(scope["headers"], self._ids)
        body = encode(self._bodies(Unavailable.code, Unavailable().message, request_id=name, retry_after=RETRY_FULL))
        headers = [*refusal_headers(body, name), (b"retry-after", b"%d" % RETRY_FULL)]
        answer = cast("Any", send)  # an extension of ASGI that the framework's types do not know
        await answer({"type": "websocket.http.response.start", "status": 503, "headers": headers})
        await answer({"type": "websocket.http.response.body", "body": body})


def _refuse_plain(scope: Scope) -> None:
    """What was wrong with a handshake; otherwise 401 without a token, 426 with one (design part 5, Commands)."""
    request = cast("Any", scope)
    if request["method"] not in ("GET", "HEAD"):
        raise MethodNotAllowedException(headers={"Allow": "GET"})
    if wants_socket(request["headers"]):
        error = fault(request["raw_path"] + b"?" + request["query_string"], request["headers"])
        if error is not None:
            raise error
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if not (_first(query.get("token")) or _header_token(scope)):
        raise Unauthorized
    raise upgrade_required()


def _header_token(scope: Scope) -> str | None:
    """The header's token, if the query has none (AUTH-04)."""
    try:
        return bearer_token(scope["headers"])
    except Unauthorized:
        return None


def _first(values: Sequence[str] | None) -> str | None:
    return values[0] if values else None
