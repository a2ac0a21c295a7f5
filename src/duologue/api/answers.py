"""Answers of HTTP: the envelope of a success, and the one way out to JSON. What stands in `data` is the dialects'."""

from collections.abc import AsyncIterator
from typing import Any, Generic, Literal, TypeVar

from litestar import Response
from litestar.response import Stream
from msgspec import Struct

from duologue.api.json import encode
from duologue.core.model import Caller

T = TypeVar("T")

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


class Envelope(Struct, Generic[T]):
    """Every answer below status 400 (PATH-10)."""

    success: Literal[True]
    message: str
    data: T


def ok(message: str, data: T, *, status: int = 200) -> Answer[Envelope[T]]:
    """An answer."""
    return Answer(Envelope(True, message, data), status_code=status)


def snapshot(message: str, data: T, caller: Caller) -> Answer[Envelope[T]]:
    """An answer that a client keeps: it holds every fact up to `Duologue-Position`, which was read before (design part 4)."""
    return Answer(Envelope(True, message, data), status_code=200, headers={"Duologue-Position": str(caller.head)})
