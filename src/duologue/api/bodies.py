"""Bodies of HTTP requests: size, content type, and the framework's seam to the strict reading of json.py.

A handler takes its body as `data: JSONBody[SomeStruct]` and is registered with `dto=JsonBody.of(SomeStruct)`. No body at
all says as much as `{}`.
"""

from collections.abc import AsyncIterator
from typing import Any, ClassVar, Final, Self, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.dto import AbstractDTO
from litestar.exceptions import ClientException, HTTPException, InternalServerException

from duologue.api.json import decode

T = TypeVar("T")

MAX_BODY: Final = 256 * 1024  # bytes
NOT_JSON: Final = "The body must be JSON: Content-Type: application/json"
FORM_DATA: Final = "multipart/form-data"
FORM: Final = "form"  # of a route that takes forms beside JSON, in its `opt`


class UnsupportedMediaType(HTTPException):
    """A body that is not what the route takes; `sentence` says what that is."""

    status_code = 415

    def __init__(self, sentence: str = NOT_JSON) -> None:
        super().__init__()
        self.sentence = sentence


def is_form(request: Request[Any, Any, State]) -> bool:
    """Whether it says that it holds a form."""
    return request.content_type[0] == FORM_DATA


async def chunks_of(request: Request[Any, Any, State]) -> AsyncIterator[bytes]:
    """A body's bytes as they come, for who does not want it whole."""
    try:
        async for chunk in request.stream():
            if chunk:
                yield chunk
    except InternalServerException as error:  # the client went away in the middle: nobody's fault here
        raise ClientException from error


class JsonRequest(Request[Any, Any, State]):
    """A request whose body, if it has one, is JSON; or a form, which its handler reads part by part."""

    async def body(self) -> bytes:
        """The whole body; `{}` in place of none, or of a form. More than the route's limit is 413, another type than JSON 415."""
        if is_form(self) and FORM in self.route_handler.opt:
            return b"{}"
        try:
            body = await super().body()
        except InternalServerException as error:  # the client went away in the middle: nobody's fault here
            raise ClientException from error
        if not body:
            return b"{}"
        self._check_type()
        return body

    def _check_type(self) -> None:
        kind, options = self.content_type
        is_json = kind in ("", "application/json") or (kind.startswith("application/") and kind.endswith("+json"))
        if not is_json or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMediaType


class JsonBody(AbstractDTO[T]):
    """Decodes a body into a struct, strictly; `ValidationFailed` names what is wrong."""

    _decoder: ClassVar[msgspec.json.Decoder[Any]]

    @classmethod
    def of(cls, struct: type[Any]) -> type[Self]:
        """For this struct."""
        return cls.__class_getitem__(struct)

    @classmethod
    def create_for_field_definition(cls, *_: Any, **__: Any) -> None:
        """Get ready for a route. Litestar would build a transfer model here; a struct needs none."""
        cls._decoder = msgspec.json.Decoder(cls.model_type)

    def decode_bytes(self, value: bytes) -> T:
        """The struct."""
        body: T = decode(self._decoder, value)
        return body
