"""Answers of HTTP: the envelope of a success, and the one way out to JSON. What stands in `data` is the dialects'."""

from typing import Any, Generic, Literal, TypeVar

from litestar import Response
from msgspec import Struct

from duologue.api.json import encode
from duologue.core.model import Caller

T = TypeVar("T")

REPLAYED = {"Idempotent-Replayed": "true"}


class Answer(Response[T]):
    """A body as JSON; bytes go out as they are."""

    def render(self, content: Any, media_type: str, enc_hook: object = None) -> bytes:  # noqa: ARG002  the framework's call
        """The body's bytes."""
        return content if isinstance(content, bytes) else encode(content)


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
