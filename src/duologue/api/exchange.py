"""One HTTP request and its answer: its id, its headers on the way out, what it counts as. No route, no rule, no body.

The entrance stands before the framework, so what the framework refuses by itself (unknown routes, methods) passes it too.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Protocol

from duologue.core.ports import Charge, Clock, Ids

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
RawHeaders = Sequence[tuple[bytes, bytes]]

KEY = "duologue.exchange"
_JOINED = (
    "//"  # the framework takes it for one slash, where a proxy that guards by path sees another path: it leads nowhere
)
_SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Exchange:
    """`request_id` names it in answers and logs; `charges` is what limits answered meanwhile: limit's name -> charge.

    A refusal of a limit that has no name for the caller stands under "". `is_head`: the answer's head alone is wanted.
    """

    __slots__ = ("charges", "is_head", "request_id", "started")

    def __init__(self, request_id: str, started: float, *, is_head: bool = False) -> None:
        """`started` in monotonic seconds."""
        self.request_id = request_id
        self.started = started
        self.is_head = is_head
        self.charges: dict[str, Charge] = {}

    @staticmethod
    def of(scope: Any) -> "Exchange":
        """The exchange that a scope belongs to."""
        exchange: Exchange = scope[KEY]
        return exchange


class Counting(Protocol):
    """Whoever counts answers."""

    def answered(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """An answer has begun; `route` is the template, None for an unknown one."""
        ...


class Entrance:
    """An ASGI application around another one. Sockets go to their own at once: what they raise is theirs to answer."""

    def __init__(
        self,
        app: App,
        *,
        headers: Callable[[Exchange, RawHeaders], RawHeaders],
        refusal: Callable[[Scope, int], bytes],
        counting: Counting,
        clock: Clock,
        ids: Ids,
        sockets: Mapping[str, App],
    ) -> None:
        """`headers` gives what is added to an answer's own headers, `refusal` the JSON for a status that came without."""
        self._app = app
        self._sockets = sockets
        self._headers = headers
        self._refusal = refusal
        self._counting = counting
        self._clock = clock
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            path = scope["path"]
            socket = None if _JOINED in path else self._sockets.get(path.rstrip("/"))
            await (socket or self._refuse_upgrade)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _refuse_upgrade(self, scope: Scope, receive: Receive, send: Send) -> None:
        """No socket is spoken here: 404, as for any route that is none."""
        del receive
        exchange = self._exchange(scope)
        body = self._refusal({**scope, KEY: exchange}, 404)
        own = _with_json([], body)
        headers = [*own, *self._headers(exchange, own)]
        self._counting.answered("GET", None, 404, self._clock.monotonic() - exchange.started)
        await send({"type": "websocket.http.response.start", "status": 404, "headers": headers})
        await send({"type": "websocket.http.response.body", "body": body})

    def _exchange(self, scope: Scope) -> Exchange:
        named = request_id(scope["headers"], self._ids)
        return Exchange(named, self._clock.monotonic(), is_head=scope.get("method") == "HEAD")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        exchange = self._exchange(scope)
        # HEAD is GET without a body (RFC 9110, 9.3.2); a copy, because the server below looks at its own scope.
        scope = {**scope, KEY: exchange, "method": "GET" if exchange.is_head else method}

        body: bytes | None = b"" if exchange.is_head else None  # in place of what the application says

        async def answer(message: Message) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                own, status = message["headers"], message["status"]
                if status >= 400 and (b"content-type", b"application/json") not in own:
                    refusal = self._refusal(scope, status)
                    own = _with_json(own, refusal)
                    body = refusal if body is None else body
                message["headers"] = [*own, *self._headers(exchange, own)]
                seconds = self._clock.monotonic() - exchange.started
                self._counting.answered(method, scope.get("path_template"), status, seconds)
            elif body is not None:
                message["body"] = body
            await send(message)

        if _JOINED in scope["path"]:
            await answer({"type": "http.response.start", "status": 404, "headers": []})
            await answer({"type": "http.response.body"})
        else:
            await self._app(scope, receive, answer)


def request_id(headers: Iterable[tuple[bytes, bytes]], ids: Ids) -> str:
    """The client's, if it is short and plain, else a new one."""
    for name, value in headers:
        if name == b"x-request-id" and _SANE.fullmatch(value):
            return value.decode("ascii")
    return str(ids())


def _with_json(headers: RawHeaders, body: bytes) -> RawHeaders:
    """Headers of an answer whose body is replaced by JSON: every refusal has the envelope (design part 5, Errors)."""
    kept = [header for header in headers if header[0] not in (b"content-type", b"content-length")]
    return [*kept, (b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
