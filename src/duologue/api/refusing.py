"""What is refused below the application: where uvicorn makes the objects and takes only their class, what they need stands there."""

from collections.abc import Callable
from typing import ClassVar, Self, cast

from duologue.api.errors import ErrorBodies
from duologue.api.exchange import RawHeaders, request_id
from duologue.api.headers import refusal_headers
from duologue.api.json import encode
from duologue.core.ports import Ids


class Refusing:
    """A protocol of uvicorn's that refuses in the envelope (design part 5, Errors). Give uvicorn `refusing(...)` of it."""

    ids: ClassVar[Ids]
    bodies: ClassVar[Callable[[str], ErrorBodies]]

    @classmethod
    def refusing(cls, bodies: Callable[[str], ErrorBodies], ids: Ids) -> type[Self]:
        """The same, with these bodies, by path, and ids for what the client did not name."""
        members = {"bodies": staticmethod(bodies), "ids": staticmethod(ids)}
        return cast("type[Self]", type(cls.__name__, (cls,), members))

    @classmethod
    def refusal(cls, code: str, message: str, path: str = "", asked: RawHeaders = ()) -> tuple[RawHeaders, bytes]:
        """Headers and body; `path` and `asked`, the request's headers, where they are known."""
        name = request_id(asked, cls.ids)
        body = encode(cls.bodies(path)(code, message, request_id=name))
        return [*refusal_headers(body, name), (b"connection", b"close")], body
