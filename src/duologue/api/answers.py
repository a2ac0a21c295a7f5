"""Answers of HTTP: the envelope of a success, the one way out to JSON, and files. What stands in `data` is the dialects'."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from typing import Any, Generic, Literal, TypeVar

from litestar import Response
from litestar.response import Stream
from msgspec import Struct

from duologue.api.exchange import App, Receive, Scope, Send
from duologue.api.json import encode
from duologue.core.downloads import leave
from duologue.core.errors import ChatError
from duologue.core.model import Caller

T = TypeVar("T")
NoContent = Response[None]  # an answer without a body

JSON_LINES = "application/x-ndjson"
REPLAYED = {"Idempotent-Replayed": "true"}


class Answer(Response[T]):
    """A body as JSON; bytes go out as they are."""

    def render(self, content: Any, media_type: str, enc_hook: object = None) -> bytes:  # noqa: ARG002  the framework's call
        """The body's bytes."""
        return content if isinstance(content, bytes) else encode(content)


class Lines(Stream, Generic[T]):
    """JSON lines as they are made (newline-delimited JSON), each of them a `T`. A fault on the way breaks the connection off."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__(chunks, media_type=JSON_LINES, status_code=200)


class FileAnswer(Response[None]):
    """A file's bytes as the store gives them; without `chunks` the head alone.

    Each piece is read when the one before has left for the client: one who reads slowly costs a piece of memory, not a file. Who leaves
    ends the reading. A store that fails on the way breaks the connection off, so that a part does not pass for the whole.
    """

    def __init__(self, status: int, headers: Mapping[str, str], chunks: AsyncIterator[bytes] | None = None) -> None:
        super().__init__(None, status_code=status)
        self._head = [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]
        self._chunks = chunks

    def to_asgi_response(self, *_: Any, **__: Any) -> App:  # type: ignore[override]  # an application of our own
        """What the framework calls."""
        return self._serve

    async def _serve(self, _scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code, "headers": self._head}
        if self._chunks is None:
            await send(start)
            await send({"type": "http.response.body"})
            return
        try:
            first = await anext(self._chunks, b"")  # a store that fails here is still answered in the envelope
            await send(start)
            await _first_of(self._send(first, self._chunks, send), _left(receive))
        finally:
            await leave(self._chunks)

    @staticmethod
    async def _send(first: bytes, chunks: AsyncIterator[bytes], send: Send) -> None:
        """All that there is; `send` returns when the connection takes more."""
        await send({"type": "http.response.body", "body": first, "more_body": True})
        try:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                await asyncio.sleep(0)  # to a client who has left the server sends without waiting: let that be noticed
        except ChatError:
            return  # the store has logged why; the server closes a connection whose answer is not complete
        await send({"type": "http.response.body"})


class Envelope(Struct, Generic[T]):
    """Every answer below status 400 (PATH-10)."""

    success: Literal[True]
    message: str
    data: T


def no_content(headers: Mapping[str, str]) -> NoContent:
    """Done, and nothing to say of it but in headers."""
    return NoContent(None, status_code=204, headers=dict(headers))


def ok(message: str, data: T, *, status: int = 200) -> Answer[Envelope[T]]:
    """An answer."""
    return Answer(Envelope(True, message, data), status_code=status)


def snapshot(message: str, data: T, caller: Caller) -> Answer[Envelope[T]]:
    """An answer that a client keeps: it holds every fact up to `Duologue-Position`, which was read before (design part 4)."""
    return Answer(Envelope(True, message, data), status_code=200, headers={"Duologue-Position": str(caller.head)})


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*works: Coroutine[Any, Any, None]) -> None:
    """Do these until one is done, and end the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
