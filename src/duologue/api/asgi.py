"""The socket as uvicorn and ASGI see it: from the request that upgrades to its answer, and the application's task (design part 1, Stack).

The library `websockets` does the handshake. permessage-deflate is never negotiated. No line of the log holds a query string: it may
hold a token. Bytes and frames of an open socket are transport.py's.
"""

import asyncio
import logging
import traceback
from abc import abstractmethod
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, cast

import structlog
from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from duologue.api.handshake import BAD_HEADERS
from duologue.api.refusing import Refusing
from duologue.core.errors import ChatError, Internal, ValidationFailed
from duologue.realtime.link import text_frames

LINK: Final = "duologue.link"  # the key in scope["extensions"]

_log = structlog.get_logger(__name__)
# The library logs the request line when it debugs, and headers that it refuses.
_SILENT = logging.Logger("websockets", logging.CRITICAL + 1)  # noqa: LOG001  outside the hierarchy: nobody can turn it on


class Inbound(Enum):
    """What comes in besides messages."""

    COUNTED = 1  # a control frame or a fragment: no message, but work that a flood is made of
    LOST = 2  # nothing will come any more


class _NoQueue:
    """In place of uvicorn's queue of ASGI events, which nobody reads here."""

    def put_nowait(self, event: object) -> None:
        """Drop it."""


class AsgiSocket(Refusing, WebSocketsSansIOProtocol):
    """One WebSocket connection, whose application finds it in its scope and may do without ASGI's events."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.conn.logger = _SILENT
        self.conn.debug = False
        self.conn.available_extensions = ()
        self.conn.reject = self._reject  # type: ignore[method-assign]
        self.queue = _NO_QUEUE
        self.request: Any = None
        self._asgi_scope: Any = None
        self._announced = False
        self._closing = False  # nothing is taken or given any more

    @abstractmethod
    async def next(self) -> bytes | Inbound:
        """The next message, UTF-8 text; `LOST` at the end, always again."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Send whole frames."""

    @abstractmethod
    def close(self, code: int, reason: str = "") -> None:
        """Close in order."""

    @abstractmethod
    def abort(self) -> None:
        """End at once."""

    def data_received(self, data: bytes) -> None:
        """The handshake's request, whole, as uvicorn's HTTP protocol hands it over."""
        super().data_received(data)
        if not self.handshake_initiated:  # handshake.py lets none through that the library does not take for a request
            self.transport.write(self._reject(HTTPStatus.BAD_REQUEST, "").serialize())
            self.transport.close()

    def _reject(self, status: int, text: str) -> Response:
        """In place of the library's answer: what it refuses, and an application that fails, has the envelope too."""
        del text
        error: ChatError = ValidationFailed(BAD_HEADERS)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            error = Internal()
        else:
            status = HTTPStatus.BAD_REQUEST
        path, asked = "", []
        if self.request is not None:  # the library took it for one
            path = self.request.path
            asked = [
                (name.lower().encode(), value.encode("latin-1")) for name, value in self.request.headers.raw_items()
            ]
        own, body = self.refusal(error.code, error.message, path, asked)
        headers = [(name.decode(), value.decode()) for name, value in own]
        return Response(status, HTTPStatus(status).phrase, Headers(headers), body)

    def handle_connect(self, event: Request) -> None:
        """Start the application, with this link in its scope; uvicorn's own lines are given a scope without the query string."""
        super().handle_connect(event)
        if self.response.status_code != 101:
            return
        self._asgi_scope = self.scope
        self._asgi_scope["extensions"][LINK] = self
        self.scope = cast("Any", {"client": self.client, "path": self.scope["path"], "query_string": b""})

    async def run_asgi(self) -> None:
        """Run the application; when it returns, so does the connection."""
        scope, self._asgi_scope = self._asgi_scope, None
        code = 1000
        try:
            await self.app(scope, self.receive, cast("Any", self.send))
        except ClientDisconnected:
            pass
        except asyncio.CancelledError:  # the server's patience is over
            self.abort()
            raise
        except Exception as error:  # noqa: BLE001  its words may quote what a client sent
            place = "".join(traceback.format_tb(error.__traceback__))
            _log.error("socket application failed", error=type(error).__name__, place=place)
            code = 1011
        if not self.handshake_complete:
            self.send_500_response()
            self.transport.close()
        elif self.initial_response is None:
            self.close(code)

    async def receive(self) -> Any:
        """What ASGI prescribes, for an application that does not know links."""
        if not self._announced:
            self._announced = True
            return {"type": "websocket.connect"}
        item: bytes | Inbound = Inbound.COUNTED
        while item is Inbound.COUNTED:
            item = await self.next()
        if isinstance(item, bytes):
            return {"type": "websocket.receive", "text": item.decode()}
        return {"type": "websocket.disconnect", "code": 1006}

    async def send(self, message: Any) -> None:
        """As ASGI prescribes; after the handshake everything goes the way of `write` and `close`."""
        kind = message["type"]
        if not self.handshake_complete or self.initial_response is not None:
            await super().send(message)
            if kind == "websocket.accept":
                self._forget_handshake()
        elif self._closing:
            raise ClientDisconnected
        elif kind == "websocket.close":
            self.close(message.get("code", 1000), message.get("reason") or "")
        else:
            self.write(text_frames(((message.get("text") or "").encode(),)))

    def _forget_handshake(self) -> None:
        """An idle connection keeps no headers: 10,000 of them would."""
        self.request = None
        self.response = cast("Any", None)
        del self.conn.reject  # a cycle, which only the collector of garbage would take away


_NO_QUEUE = cast("Any", _NoQueue())
