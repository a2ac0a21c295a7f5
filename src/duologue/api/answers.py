"""Answers of HTTP: bodies go out by the one way to JSON. What stands in them is the dialects'."""

from typing import Any, TypeVar

from litestar import Response

from duologue.api.json import encode

T = TypeVar("T")


class Answer(Response[T]):
    """A body as JSON; bytes go out as they are."""

    def render(self, content: Any, media_type: str, enc_hook: object = None) -> bytes:  # noqa: ARG002  the framework's call
        """The body's bytes."""
        return content if isinstance(content, bytes) else encode(content)
